//! Settles who is in the segments of a shard: what changed is asked by all of them in one pass, and the whole shard by those
//! that are new, that were edited, or whose time has come.
//!
//! A segment that names others is asked after them. Changed rows stay where they are, so whoever dies in between leaves
//! everything to the next; coming twice changes nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use asking::outcomes_of;
use columns::{Batch, Family, Members, Number, Program, ShardNumber, Slot, Tagged, Test, Text, View};
use domain::{
    CustomerId, Segment, SegmentId, Tenant, Timestamp,
    own::OwnColumns,
    segment::Turns,
    settlement::{Due, Editions, Settlement},
};
use flows::joining::{Move, Shelf};
use insight::Nightly;
use rules::{Known, Rule, Shop};
use segments::{
    Given, Outcomes, Scene, asks_beside, asks_orders, asks_too_many_outcomes, compile, names_tags,
    print_beside, scores_in, untold,
};
use store::{SegmentList, Shard, StoreError, TenantStore};

use crate::Deps;

/// Overtaken by somebody else, it is begun anew so often before the message comes again.
const TRIES: usize = 4;

/// How it was left.
pub(crate) struct Settled {
    /// As it was settled: its changed rows may be folded now.
    pub(crate) shard: Shard,
    /// Any segment has more in it, or fewer.
    pub(crate) is_moved: bool,
    /// When the shop's scores are worked out is known.
    pub(crate) is_scored: bool,
}

pub(crate) async fn settled(
    deps: &Deps,
    store: &TenantStore,
    number: ShardNumber,
    anew: Option<SegmentId>,
) -> Result<Settled, StoreError> {
    let mut tried = 0;
    loop {
        tried += 1;
        match tried_once(deps, store, number, anew).await {
            Err(StoreError::Conflict(_)) if tried < TRIES => {}
            done => return done,
        }
    }
}

async fn tried_once(
    deps: &Deps,
    store: &TenantStore,
    number: ShardNumber,
    anew: Option<SegmentId>,
) -> Result<Settled, StoreError> {
    let now = deps.clock.now();
    // What is settled first: of a segment that it names and that is not there afterwards, nothing is left to settle.
    let shelf = Shelf::read(store, number, now).await?;
    let list = store.segments().await?;
    let scores = store.scores().await?;
    let is_scored = scores.is_some();
    let shard = store.shard(number).await?;
    if list.is_empty() && shelf.segments().is_empty() && shelf.settlement().changes == list.changes() {
        return Ok(Settled { shard, is_moved: false, is_scored });
    }
    let Some(team) = store.tenant().await? else {
        return Ok(Settled { shard, is_moved: false, is_scored });
    };
    let nightly = scores.as_ref().and_then(|held| held.nightly.as_deref());
    let own = store.own_columns().await?;
    let asking = list.iter().filter(|segment| segment.is_kept() && segment.asks_beside);
    let shop = segments::shop(team.currency, &own);
    let rules: Vec<Rule> =
        asking.filter_map(|segment| Rule::parse(&segment.rule.as_ref()?.text, &shop).ok()).collect();
    // How often it has changed is read before what it is.
    let beside = if rules.is_empty() { 0 } else { store.changes_beside().await? };
    let asks_tags = rules.iter().any(names_tags);
    let tagged = if asks_tags { store.tagged().await?.1 } else { None };
    let nobody = Given::default();
    let scene = Scene { tenant: store.id(), currency: team.currency, zone: &team.zone, now, given: &nobody };
    let outcomes = outcomes_of(store, rules.iter(), &scene, &[number]).await?.map(Arc::new);
    let by = Editions { scores: scores.as_ref().map_or(0, |held| held.scoring.edition), beside };
    let has_too_many_tags = asks_tags && tagged.is_none();
    let told = Told { by, nightly, tagged, outcomes, has_too_many_tags };
    let given = Given { tagged: told.tagged.clone(), outcomes: told.outcomes.clone(), ..Given::default() };
    let pass =
        Pass { store, team: &team, shard: &shard, list: &list, own: &own, shelf, now, told, anew, given };
    let is_moved = pass.done().await?;
    Ok(Settled { shard, is_moved, is_scored })
}

/// One look at one shard.
struct Pass<'a> {
    store: &'a TenantStore,
    team: &'a Tenant,
    shard: &'a Shard,
    list: &'a SegmentList,
    own: &'a OwnColumns,
    shelf: Shelf<'a>,
    now: Timestamp,
    told: Told<'a>,
    /// Of which all of the shard is asked, whether or not anything is due.
    anew: Option<SegmentId>,
    /// Who is in the segments that were asked already.
    given: Given,
}

/// What is known besides the customers.
struct Told<'a> {
    by: Editions,
    /// What was worked out of them.
    nightly: Option<&'a Nightly>,
    /// What products are tagged with, if anybody asks. `None`: or there is too much of it.
    tagged: Option<Arc<Tagged>>,
    /// What became of messages to those in this shard, if anybody asks.
    outcomes: Option<Arc<Outcomes>>,
    has_too_many_tags: bool,
}

/// A segment, and how it is asked.
struct Asked<'a> {
    segment: &'a Segment,
    /// `None`: nothing but hands decides who is in it, or it is paused.
    rule: Option<Rule>,
    /// All of the shard, and not its changed rows alone.
    is_whole: bool,
    /// Nobody has joined or left it by being found so.
    is_quiet: bool,
    /// Of what it asks for beside customers.
    print: Option<u64>,
}

impl Asked<'_> {
    fn is_named_by(&self, rule: Option<&Rule>) -> bool {
        let own = self.segment.id.to_string();
        rule.is_some_and(|rule| named(rule).any(|id| id == own))
    }
}

/// The shard as far as it is read.
struct Seen {
    whole: Option<View>,
    /// The changed rows, whole as far as anybody asks.
    changed: View,
}

impl<'a> Pass<'a> {
    async fn done(mut self) -> Result<bool, StoreError> {
        let before = self.shelf.settlement();
        let (zone, epoch) = (&self.team.zone, self.shard.head().epoch);
        let due = before.due(zone, epoch, self.now).filter(|due| {
            let turns_hourly = |segment: &Segment| segment.is_kept() && segment.turns == Turns::Hourly;
            *due != Due::Turned(Turns::Hourly) || self.list.iter().any(|held| turns_hourly(held))
        });
        let blank = self.blank();
        let asked = self.asked(&before, due, &blank)?;
        let seen = self.seen(&asked, &blank).await?;
        self.foretell(&asked, &seen)?;
        for one in &asked {
            self.ask(one, &seen).await?;
        }
        for id in self.shelf.segments() {
            if self.list.get(id).is_none() {
                self.shelf.ended(id).await?;
            }
        }
        let after = Settlement {
            as_of: if due.is_some() { self.now } else { before.as_of },
            zone: zone.clone(),
            epoch,
            changes: self.list.changes(),
            by: self.told.by,
            prints: asked.iter().filter_map(|one| Some((one.segment.id, one.print?))).collect(),
            has_too_many_tags: self.told.has_too_many_tags,
            segments: before.segments.clone(),
        };
        let segments = asked.iter().map(|one| (one.segment.id, one.segment.era));
        self.shelf.closed(segments, after).await?;
        let counts = |settlement: &Settlement| -> Vec<_> {
            settlement.segments.iter().map(|(id, settled)| (*id, settled.members)).collect()
        };
        Ok(counts(&before) != counts(&self.shelf.settlement()))
    }

    /// All segments, each after those that it names.
    fn asked(
        &self,
        before: &Settlement,
        due: Option<Due>,
        blank: &Given,
    ) -> Result<Vec<Asked<'a>>, StoreError> {
        let shop = segments::shop(self.team.currency, self.own);
        let mut rest = Vec::new();
        for segment in self.list.iter() {
            rest.push((&**segment, self.readable(segment, &shop, blank)));
        }
        let mut asked: Vec<Asked<'_>> = Vec::new();
        while !rest.is_empty() {
            let waiting: BTreeSet<String> = rest.iter().map(|(segment, _)| segment.id.to_string()).collect();
            let is_ready = |rule: &Option<Rule>| !rule.iter().flat_map(named).any(|id| waiting.contains(id));
            let (ready, later): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(_, rule)| is_ready(rule));
            if ready.is_empty() {
                return Err(StoreError::Broken("segments name each other in a circle".to_owned()));
            }
            for (segment, rule) in ready {
                let settled = before.segments.get(&segment.id);
                let is_new = settled.is_none_or(|settled| settled.era != segment.era);
                let others: Vec<&Asked<'_>> =
                    asked.iter().filter(|one| one.is_named_by(rule.as_ref())).collect();
                let is_moved = |one: &&Asked<'_>| {
                    before.segments.get(&one.segment.id).is_some_and(|settled| settled.is_moved)
                };
                let names_others = others.iter().any(|one| one.is_whole || is_moved(one));
                let turns = if rule.is_some() { segment.turns } else { Turns::Never };
                let is_rescored = before.by.scores != self.told.by.scores
                    && rule.as_ref().is_some_and(|rule| !scores_in(rule).is_empty());
                // What others ask for, or nobody, is nothing to it.
                let print = rule.as_ref().filter(|rule| asks_beside(rule));
                let print = print.map(|rule| print_beside(rule, &self.scene(blank)));
                let is_retold = print.is_some() && print.as_ref() != before.prints.get(&segment.id);
                let is_refreshed = self.anew == Some(segment.id);
                let is_other = is_new || is_refreshed || names_others || is_rescored || is_retold;
                let is_whole = (rule.is_some() && is_other) || due.is_some_and(|due| due.is_of(turns));
                // By an edit, or in an audience that was made anew, nobody has come or gone.
                let is_quiet =
                    is_new || due == Some(Due::Everything) || others.iter().any(|one| one.is_quiet);
                asked.push(Asked { segment, rule, is_whole, is_quiet, print });
            }
            rest = later;
        }
        Ok(asked)
    }

    /// What was stored can be read and asked: one that cannot keeps whoever is in it, and keeps no other waiting.
    fn readable(&self, segment: &Segment, shop: &Shop, blank: &Given) -> Option<Rule> {
        let told = segment.rule.as_ref().filter(|_| segment.is_kept())?;
        let rule = Rule::parse(&told.text, shop).ok();
        // A night that tells too little moves nobody: who is in it stays, until a night tells it again.
        // And so do tags and messages that are too many.
        let is_silent = |rule: &Rule| {
            let written = self.told.outcomes.as_ref().map_or(&[][..], |outcomes| &outcomes.written);
            untold(self.told.nightly, rule).is_some()
                || names_tags(rule) && self.told.tagged.is_none()
                || asks_too_many_outcomes(rule, &self.scene(blank), written)
        };
        if rule.as_ref().is_some_and(is_silent) {
            return None;
        }
        let readable = rule.filter(|rule| self.program(rule, blank).is_ok());
        if readable.is_none() {
            tracing::error!(tenant = %self.store.id(), segment = %segment.id, "a segment's rule cannot be asked");
        }
        readable
    }

    /// Reads the shard as far as it is asked. Rows that changed are whole but for their orders.
    async fn seen(&self, asked: &[Asked<'_>], blank: &Given) -> Result<Seen, StoreError> {
        let mut families = BTreeSet::new();
        let mut asks_all = false;
        for one in asked {
            asks_all |= one.is_whole;
            let Some(rule) = &one.rule else { continue };
            let of_rule: BTreeSet<_> = self.program(rule, blank)?.families().collect();
            families.extend(of_rule);
            if asks_orders(&scores_in(rule)) {
                families.insert(Family::Orders);
            }
        }
        let reads_orders = families.contains(&Family::Orders) || families.contains(&Family::Lines);
        asks_all |= reads_orders && self.shard.changed() > 0;
        if !asks_all {
            return Ok(Seen { whole: None, changed: self.shard.changed_rows()? });
        }
        let whole = self.view(families).await?;
        let rows = self.shard.changed_slots().filter_map(|slot| Some((slot, whole.row(slot)?)));
        let batch = Batch::of(&rows.collect::<Vec<_>>()).map_err(broken)?;
        Ok(Seen { whole: Some(whole), changed: View::of([batch]) })
    }

    async fn view(&self, families: BTreeSet<Family>) -> Result<View, StoreError> {
        // Gone: there is a newer head, and everything is read anew.
        self.store.shard_under(self.shard, &families).await?.ok_or(StoreError::Conflict(0))
    }

    /// What is expected of those who are seen, as far as any rule asks it.
    fn foretell(&mut self, asked: &[Asked<'_>], seen: &Seen) -> Result<(), StoreError> {
        let Some(nightly) = self.told.nightly else { return Ok(()) };
        let rules = asked.iter().filter_map(|one| one.rule.as_ref());
        let fields: BTreeSet<Known> = rules.flat_map(scores_in).collect();
        self.given.may_ask(nightly, &fields);
        let view = seen.whole.as_ref().unwrap_or(&seen.changed);
        self.given.foretell(nightly, view, &self.team.zone).map_err(broken)
    }

    async fn ask(&mut self, one: &Asked<'_>, seen: &Seen) -> Result<(), StoreError> {
        let id = one.segment.id;
        let old = self.shelf.members(id);
        let new = if let Some(whole) = seen.whole.as_ref().filter(|_| one.is_whole) {
            self.meant(one, whole, &old)?
        } else {
            let changed: Members = self.shard.changed_slots().collect();
            old.without(&changed).or(&self.meant(one, &seen.changed, &old)?)
        };
        let named = Arc::new(new.clone());
        self.given.segments.insert(id.to_string().into(), named.clone());
        if one.segment.rule.is_none() {
            self.given.lists.insert(id.to_string().into(), named);
        }
        let mut slots: Vec<Slot> = old.without(&new).or(&new.without(&old)).iter().collect();
        if one.is_quiet {
            slots.retain(|slot| new.has(*slot) && is_newer(*slot, one.segment, &seen.changed));
        }
        if !slots.is_empty() {
            let rows = if one.is_whole { Some(self.view([Family::Name].into()).await?) } else { None };
            let rows = rows.as_ref().unwrap_or(&seen.changed);
            let moves: Vec<Move> =
                slots.into_iter().map(|slot| self.one_move(slot, one.is_whole, rows)).collect();
            self.shelf.moved(one.segment, &moves, false).await?;
        }
        self.shelf.found(id, new).await
    }

    /// Of a row that is nobody's any more no timeline tells.
    fn one_move(&self, slot: Slot, is_whole: bool, rows: &View) -> Move {
        let row = rows.row(slot).filter(|row| row[Number::Added].is_some());
        let customer = row.and_then(|row| row[Text::Id].as_deref()?.parse::<CustomerId>().ok());
        let version = self.shard.version_of(slot).filter(|_| !is_whole);
        Move { slot, customer, row: version }
    }

    /// Whom it means of those that are seen. Where no rule decides, whoever was in it stays as long as they are somebody.
    fn meant(&self, one: &Asked<'_>, seen: &View, old: &Members) -> Result<Members, StoreError> {
        let program = match &one.rule {
            Some(rule) => self.program(rule, &self.given)?,
            None => Program::new(Test::Members(Arc::new(old.clone()))),
        };
        Ok(seen.select(&program).map_err(broken)?.members())
    }

    fn program(&self, rule: &Rule, given: &Given) -> Result<Program, StoreError> {
        let test = compile(rule, &self.scene(given));
        test.map(Program::new)
            .map_err(|wrong| StoreError::Broken(format!("a rule cannot be asked: {wrong:?}")))
    }

    fn scene<'s>(&'s self, given: &'s Given) -> Scene<'s> {
        let Tenant { currency, zone, .. } = self.team;
        Scene { tenant: self.store.id(), currency: *currency, zone, now: self.now, given }
    }

    /// Nobody in any segment: enough to know what must be read.
    fn blank(&self) -> Given {
        let ids = self.list.iter().map(|segment| (segment.id.to_string().into(), Arc::default()));
        let segments: BTreeMap<Box<str>, Arc<Members>> = ids.collect();
        let tagged = self.told.tagged.clone();
        // To nobody anything happened.
        let written = self.told.outcomes.as_ref().map(|outcomes| outcomes.written.clone());
        let outcomes = written.map(|written| Arc::new(Outcomes { written, told: Vec::new() }));
        let mut given = Given { lists: segments.clone(), segments, tagged, outcomes, ..Given::default() };
        if let Some(nightly) = self.told.nightly {
            given.may_ask(nightly, &Known::ALL.iter().copied().collect());
        }
        given
    }
}

/// Whoever is newer than the segment as it is has joined it, however it was found.
fn is_newer(slot: Slot, segment: &Segment, changed: &View) -> bool {
    let added = changed.row(slot).and_then(|row| row[Number::Added]);
    added.is_some_and(|added| added > segment.updated_at.as_second())
}

fn named(rule: &Rule) -> impl Iterator<Item = &str> {
    rule.segments().chain(rule.lists())
}

fn broken(wrong: impl std::fmt::Display) -> StoreError {
    StoreError::Broken(wrong.to_string())
}
