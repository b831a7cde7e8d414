//! What became of messages, as rules ask for it: each kind of event once of each message, so what is counted are messages.
//!
//! It stands with the campaigns, by slot, and in no row. So whoever asks reads of those campaigns alone that a rule leaves, and a
//! leaf is whoever is found there. Of one customer nothing else is looked at.

use columns::{Members, Print, Slot, Span, Test};
use domain::{
    CampaignId,
    campaign::{Upshot, Written},
    template::Channel,
};
use rules::{Clause, Comparison, Condition, Event, Leaf, Param, Rule, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    clock::{Clock, Counts},
    compile::{Compiler, not},
    refused::{Found, misfit, refused},
    scene::{Outcomes, Scene, Told},
    texts,
};

const NAME: &str = "campaign_events";
/// So many events are looked through for one condition: each is held in 8 bytes.
pub const OUTCOMES_MAX: u64 = 5_000_000;
pub const TOO_MANY_OUTCOMES: &str = "the campaigns that are asked about have more than 5,000,000 messages, each counted once for each \
                                     type: too many to look through; name campaigns, types, or later days";
const UNDATED: &str =
    "when somebody complained or unsubscribed, or a machine opened or clicked something, is not kept";
/// By the places of `Channel`.
const CHANNELS: [&str; 2] = ["EMAIL", "SMS"];

/// Whether who is meant hangs on what became of messages.
pub fn names_outcomes(rule: &Rule) -> bool {
    rule.leaves().into_iter().any(|leaf| clauses(leaf).is_some())
}

fn clauses(leaf: &Leaf) -> Option<&[Clause]> {
    match leaf {
        Leaf::Event { event: Event::Campaign, each, .. } => Some(each),
        _ => None,
    }
}

/// Of which campaigns what must be read, for the rule to be asked now. Of leaves that ask for too much: nothing.
pub fn outcomes_asked(rule: &Rule, scene: &Scene<'_>, written: &[Written]) -> BTreeSet<(CampaignId, Upshot)> {
    let clock = Clock::of(scene);
    let leaves = rule.leaves().into_iter().filter_map(clauses);
    let asked = leaves.filter_map(|each| Asked::of(&clock, each).ok());
    asked.filter(|asked| !asked.is_too_much(written)).flat_map(|asked| asked.all(written)).collect()
}

/// Some condition of the rule asks for more than is looked through.
pub fn asks_too_many_outcomes(rule: &Rule, scene: &Scene<'_>, written: &[Written]) -> bool {
    let clock = Clock::of(scene);
    let leaves = rule.leaves().into_iter().filter_map(clauses);
    leaves.filter_map(|each| Asked::of(&clock, each).ok()).any(|asked| asked.is_too_much(written))
}

/// Of what became of the messages that the rule asks about: another number, when anything else has.
pub(crate) fn print_of_outcomes(rule: &Rule, scene: &Scene<'_>, print: &mut Print) {
    let Some(outcomes) = &scene.given.outcomes else { return };
    let asked = outcomes_asked(rule, scene, &outcomes.written);
    let asked: BTreeSet<CampaignId> = asked.into_iter().map(|(campaign, _)| campaign).collect();
    for it in outcomes.written.iter().filter(|it| asked.contains(&it.campaign)) {
        print.add(it.campaign.to_string().as_bytes());
        print.add(&it.edition.to_le_bytes());
    }
}

/// What the conditions on each event leave, before any is looked at.
struct Asked<'r> {
    each: &'r [Clause],
    outcomes: Vec<(Upshot, Option<bool>)>,
    /// Each of the conditions on when it was.
    dates: Vec<Span>,
}

impl<'r> Asked<'r> {
    fn of(clock: &Clock, each: &'r [Clause]) -> Found<Self> {
        let all = Upshot::ALL.into_iter().flat_map(|it| it.by().iter().map(move |by| (it, *by)));
        let mut outcomes = Vec::new();
        for (outcome, by_person) in all {
            let mut fits = true;
            for clause in each {
                fits &= match clause.param {
                    Param::Type => is_type(clause, outcome)?,
                    Param::Human => is_by(clause, by_person)?,
                    _ => true,
                };
            }
            if fits {
                outcomes.push((outcome, by_person));
            }
        }
        let mut dates = Vec::new();
        for clause in each.iter().filter(|clause| is_dated(clause)) {
            dates.push(clock.span("date", &clause.condition, Counts::Seconds)?);
        }
        let is_never = !outcomes.iter().any(|(outcome, by_person)| outcome.is_dated(*by_person));
        if !dates.is_empty() && is_never && !outcomes.is_empty() {
            return refused("campaign_events.date", UNDATED);
        }
        Ok(Self { each, outcomes, dates })
    }

    /// Whether anything of the campaign may fit.
    fn leaves(&self, it: &Written) -> bool {
        let may_be =
            |span: &Span| span.least <= it.last_at.as_second() && it.launched_at.as_second() <= span.most;
        let fits = |clause: &Clause| match clause.param {
            Param::Channel => is_channel(clause, it.channel).unwrap_or(false),
            Param::CampaignId => is_campaign(clause, it.campaign).unwrap_or(false),
            _ => true,
        };
        self.dates.iter().all(may_be) && self.each.iter().all(fits)
    }

    fn all<'a>(&'a self, written: &'a [Written]) -> impl Iterator<Item = (CampaignId, Upshot)> + use<'r> {
        let kinds: BTreeSet<Upshot> = self.outcomes.iter().map(|(outcome, _)| *outcome).collect();
        let left: Vec<CampaignId> =
            written.iter().filter(|it| self.leaves(it)).map(|it| it.campaign).collect();
        left.into_iter().flat_map(move |id| kinds.clone().into_iter().map(move |kind| (id, kind)))
    }

    fn is_too_much(&self, written: &[Written]) -> bool {
        let kinds: BTreeSet<Upshot> = self.outcomes.iter().map(|(outcome, _)| *outcome).collect();
        let messages: u64 = written.iter().filter(|it| self.leaves(it)).map(|it| it.messages).sum();
        messages.saturating_mul(kinds.len() as u64) > OUTCOMES_MAX
    }

    fn fits(&self, told: &Told) -> Found<bool> {
        if !self.outcomes.contains(&(told.outcome, told.by_person)) {
            return Ok(false);
        }
        for clause in self.each {
            let fits = match clause.param {
                // They are among those already; when it was is another's of each.
                Param::Type | Param::Human | Param::Date => true,
                Param::Channel => is_channel(clause, told.channel)?,
                Param::CampaignId => is_campaign(clause, told.campaign)?,
                Param::Reason => is_reason(clause, told)?,
                _ => return misfit(clause.param.name()),
            };
            if !fits {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Who has so many, or one where nothing is asked of all.
pub(crate) fn matched(it: &Compiler<'_>, each: &[Clause], count: Span) -> Found<Test> {
    let found = counted(it, each)?;
    // Of whom nothing is told, that is none.
    let has_none = count.has(0);
    let differs = found.into_iter().filter(|(_, found)| count.has(*found) != has_none);
    let differs: Members = differs.map(|(slot, _)| slot).collect();
    let test = Test::Members(Arc::new(differs));
    Ok(if has_none { not(test) } else { test })
}

fn counted(it: &Compiler<'_>, each: &[Clause]) -> Found<BTreeMap<Slot, i64>> {
    let asked = Asked::of(&it.clock, each)?;
    let outcomes = looked_up(it)?;
    if asked.is_too_much(&outcomes.written) {
        return refused(NAME, TOO_MANY_OUTCOMES);
    }
    let mut dates = Vec::new();
    for clause in each.iter().filter(|clause| clause.param == Param::Date) {
        let span = match &clause.condition {
            Condition::Null => None,
            condition => Some(it.clock.span("date", condition, Counts::Seconds)?),
        };
        dates.push((span, clause.is_not));
    }
    let in_time = |second: Option<u32>| {
        let is_in = |span: &Option<Span>| match (span, second) {
            (None, second) => second.is_none(),
            (Some(_), None) => false,
            (Some(span), Some(second)) => span.has(second.into()),
        };
        dates.iter().all(|(span, is_not)| is_in(span) != *is_not)
    };
    let mut found = BTreeMap::new();
    for told in &outcomes.told {
        if !asked.fits(told)? {
            continue;
        }
        match it.only {
            Some(slot) => {
                if told.whom.get(slot).is_some_and(in_time) {
                    *found.entry(slot).or_default() += 1;
                }
            }
            None => {
                for (slot, _) in told.whom.iter().filter(|(_, second)| in_time(*second)) {
                    *found.entry(slot).or_default() += 1;
                }
            }
        }
    }
    Ok(found)
}

fn looked_up<'a>(it: &Compiler<'a>) -> Found<&'a Outcomes> {
    match &it.scene.given.outcomes {
        Some(outcomes) => Ok(outcomes),
        None => refused(NAME, "it was not looked up what became of messages"),
    }
}

/// Nothing has ever become of a message of these campaigns, of these types.
pub(crate) fn never(it: &Compiler<'_>, each: &[Clause]) -> Found<Test> {
    let of_campaigns =
        |clause: &&Clause| matches!(clause.param, Param::Type | Param::Channel | Param::CampaignId);
    let each: Vec<Clause> = each.iter().filter(of_campaigns).cloned().collect();
    matched(it, &each, Span::only(0))
}

/// When anything became of a message to them.
pub(crate) fn seconds_of(outcomes: Option<&Outcomes>, slot: Slot) -> Vec<i64> {
    let told = outcomes.into_iter().flat_map(|outcomes| &outcomes.told);
    let seconds = told.filter_map(|told| told.whom.get(slot).flatten());
    seconds.map(i64::from).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Passes nothing of which it is not known when.
fn is_dated(clause: &Clause) -> bool {
    clause.param == Param::Date && !clause.is_not && clause.condition != Condition::Null
}

fn is_type(clause: &Clause, outcome: Upshot) -> Found<bool> {
    let bits = texts::bits("type", &clause.condition, &Upshot::NAMES)?;
    Ok((bits >> outcome.code() & 1 == 1) != clause.is_not)
}

fn is_by(clause: &Clause, by_person: Option<bool>) -> Found<bool> {
    let fits = match &clause.condition {
        Condition::Null => by_person.is_none(),
        Condition::Is(Comparison::Equal, Value::Yes(yes)) => by_person == Some(*yes),
        _ => return misfit("human"),
    };
    Ok(fits != clause.is_not)
}

fn is_channel(clause: &Clause, channel: Channel) -> Found<bool> {
    let bits = texts::bits("channel", &clause.condition, &CHANNELS)?;
    let place = match channel {
        Channel::Email => 0,
        Channel::Sms => 1,
    };
    Ok((bits >> place & 1 == 1) != clause.is_not)
}

fn is_campaign(clause: &Clause, campaign: CampaignId) -> Found<bool> {
    let is_one = match &clause.condition {
        Condition::Null => false,
        condition => texts::values("campaign_id", condition)?.contains(&campaign.to_string().as_str()),
    };
    Ok(is_one != clause.is_not)
}

fn is_reason(clause: &Clause, told: &Told) -> Found<bool> {
    let fits = match &clause.condition {
        Condition::Null => told.why.is_none(),
        condition => {
            let like = texts::like("reason", condition)?;
            like.zip(told.why).is_some_and(|(like, why)| like.has(why.name()))
        }
    };
    Ok(fits != clause.is_not)
}
