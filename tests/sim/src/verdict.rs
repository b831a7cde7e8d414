//! What must hold when everything has come to its end, and what is counted where it does not.

use domain::{
    Campaign, Customer,
    campaign::{Care, Chunk, Counts, Fate, Message, MessageId, State, Why},
    receipt::{Bounce, Happened},
    timeline::Event,
};
use std::{collections::BTreeMap, sync::Arc};
use store::{Held, TenantStore};

use crate::{
    naive::Protocol,
    outside::Outside,
    run::at_once,
    scene::{Deed, How, Scene},
    shop,
    witness::Acceptance,
};

/// What is written down in the end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Books {
    campaign: State,
    chunks: BTreeMap<u32, Held<Chunk>>,
    /// Who was chosen, and which message is theirs.
    chosen: Vec<(u32, MessageId)>,
    audience: u64,
    left_out: u64,
    acceptances: usize,
}

/// How a run ended.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Whatever may not be.
    pub failures: Vec<String>,
    pub tally: Tally,
    /// The steps of its functions.
    pub steps: u64,
}

/// Messages, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub chosen: u64,
    /// What the provider took more often than once, where it must not.
    pub doubles: u64,
    /// What is said to be sent, and never was.
    pub losses: u64,
    /// What was sent and is said not to be, or never came to an end.
    pub unaccounted: u64,
    /// To somebody who had withdrawn before it was begun.
    pub late: u64,
    /// Said to be unknown: the provider's answer was lost, or its sender died.
    pub unknown: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.chosen += more.chosen;
        self.doubles += more.doubles;
        self.losses += more.losses;
        self.unaccounted += more.unaccounted;
        self.late += more.late;
        self.unknown += more.unknown;
    }
}

impl Books {
    pub(crate) fn read(store: &TenantStore, outside: &Arc<Outside>) -> Self {
        at_once(async {
            let campaign =
                store.campaign(shop::campaign()).await.expect("memory holds").expect("it was made");
            let planned = store.plan(campaign.id).await.expect("memory holds");
            let chunks = store.all_campaign_chunks(campaign.id).await.expect("memory holds");
            let mut chosen = Vec::new();
            let plan = planned.as_ref().map(|planned| planned.plan.clone()).unwrap_or_default();
            for chunk in 0..plan.chunks() {
                let (Some(stretch), Some(planned)) = (plan.stretch(chunk), &planned) else { continue };
                let slots = store.people_of(campaign.id, planned, &stretch).await.expect("memory holds");
                chosen.extend(slots.into_iter().zip(0..).map(|(slot, place)| {
                    let (tenant, campaign) = (shop::tenant(), shop::campaign());
                    (slot.0, MessageId { tenant, campaign, chunk, place })
                }));
            }
            Self {
                campaign: campaign.state.clone(),
                chunks,
                chosen,
                audience: plan.audience,
                left_out: plan.left_out.iter().map(|(_, count)| count).sum(),
                acceptances: outside.state().witness.acceptances.len(),
            }
        })
    }

    /// As the merchant is told: with a cancelled campaign nobody begins any more.
    fn message(&self, id: MessageId) -> Message {
        let begun = self.chunks.get(&id.chunk).and_then(|chunk| chunk.messages.get(usize::from(id.place)));
        begun.cloned().unwrap_or_else(|| {
            let is_cancelled = self.campaign == State::Cancelled;
            let (fate, why) =
                if is_cancelled { (Fate::Skipped, Some(Why::Cancelled)) } else { (Fate::Planned, None) };
            Message { fate, why, ..Message::default() }
        })
    }
}

/// All that is asked of one run.
struct Judge<'a> {
    scene: &'a Scene,
    protocol: Protocol,
    books: &'a Books,
    outside: &'a Outside,
    outcome: Outcome,
}

pub(crate) fn judged(
    scene: &Scene,
    protocol: Protocol,
    books: &Books,
    outside: &Arc<Outside>,
    failures: Vec<String>,
    steps: u64,
) -> Outcome {
    let outcome = Outcome { failures, tally: Tally::default(), steps };
    let mut judge = Judge { scene, protocol, books, outside, outcome };
    let broken = std::mem::take(&mut outside.state().witness.broken);
    judge.outcome.failures.extend(broken);
    judge.plan();
    for (person, id) in &books.chosen {
        judge.message(*person, *id);
    }
    let store = shop::store_of(outside.memory.clone());
    judge.counts(&store);
    judge.words(&store);
    judge.people(&store);
    judge.outcome
}

impl Judge<'_> {
    fn wrong(&mut self, what: String) {
        self.outcome.failures.push(what);
    }

    /// Everybody is chosen or left out, once; nobody else is written to.
    fn plan(&mut self) {
        let books = self.books;
        let mut people: Vec<_> = books.chosen.iter().map(|(person, _)| *person).collect();
        people.sort_unstable();
        let chosen = people.len() as u64;
        people.dedup();
        if people.len() as u64 != chosen {
            self.wrong("somebody was chosen twice".to_owned());
        }
        if books.audience != books.left_out + chosen {
            self.wrong(format!("{} are {chosen} chosen and {} left out", books.audience, books.left_out));
        }
        let strangers: Vec<_> = {
            let state = self.outside.state();
            let all = state.witness.acceptances.iter();
            all.filter(|one| !books.chosen.contains(&(one.person, one.message)))
                .map(|one| one.person)
                .collect()
        };
        for person in strangers {
            self.wrong(format!("{person} was not chosen, and was written to"));
        }
        let is_ended = match &books.campaign {
            State::Sent | State::Cancelled => true,
            State::Failed { .. } => chosen == 0,
            _ => false,
        };
        if !is_ended {
            self.wrong(format!("it ended as {:?}", books.campaign));
        }
    }

    fn message(&mut self, person: u32, id: MessageId) {
        let message = self.books.message(id);
        let (acceptances, withdrawn, told) = {
            let state = self.outside.state();
            let witness = &state.witness;
            let acceptances: Vec<Acceptance> = witness.acceptances_of(person).copied().collect();
            let told: Vec<Happened> = witness.told_of(id).cloned().collect();
            (acceptances, witness.withdrawn.get(&person).copied(), told)
        };
        let is_erased = self.is_erased(person);
        let count = acceptances.len();
        self.outcome.tally.chosen += 1;
        if self.scene.rules.care == Care::NeverTwice && count > 1 {
            self.outcome.tally.doubles += count as u64 - 1;
            self.wrong(format!("{person} was written to {count} times"));
        }
        let is_said = matches!(message.fate, Fate::Sent | Fate::Bounced | Fate::Delivered);
        if is_said && count == 0 {
            self.outcome.tally.losses += 1;
            self.wrong(format!("{person} is said to be {:?}, and nothing was sent", message.fate));
        }
        let is_nobodys = message.fate == Fate::Skipped && message.why == Some(Why::Gone) && is_erased;
        let is_denied = matches!(message.fate, Fate::Skipped | Fate::Failed) && count > 0 && !is_nobodys;
        if is_denied || !message.fate.is_over() {
            self.outcome.tally.unaccounted += 1;
            self.wrong(format!("{person} was written to {count} times, and is said to be {message:?}"));
        }
        self.outcome.tally.unknown += u64::from(message.fate == Fate::Unknown);
        let late = acceptances.iter().filter(|one| withdrawn.is_some_and(|at| at < self.begun(one)));
        let late = late.count() as u64;
        if late > 0 && self.bars(person) {
            self.outcome.tally.late += late;
            self.wrong(format!("{person} had withdrawn before, and was written to"));
        }
        if self.protocol == Protocol::Ours {
            self.reason(person, &message, count);
            if !is_erased {
                self.lattice(person, &message, &told);
            }
        }
    }

    /// When the claim was there; where nothing says before that it is begun, when the provider took it.
    fn begun(&self, one: &Acceptance) -> u64 {
        match self.protocol {
            Protocol::SendThenMark => one.at,
            _ => one.claimed.unwrap_or(one.at),
        }
    }

    /// Why somebody gets nothing is true.
    fn reason(&mut self, person: u32, message: &Message, count: usize) {
        let is_withdrawn = self.ways(person).next().is_some();
        let is_true = match (message.fate, message.why) {
            (Fate::Skipped, Some(Why::Cancelled)) => self.books.campaign == State::Cancelled,
            // Whoever complained about the first of two wants no second.
            (Fate::Skipped, Some(Why::Unsubscribed | Why::Suppressed | Why::Gone | Why::NoConsent)) => {
                is_withdrawn || (self.scene.rules.care == Care::NeverZero && count > 0)
            }
            (Fate::Skipped, Some(Why::Declined)) => self.ways(person).any(|how| how == How::OfItsTopic),
            (Fate::Skipped, _) => false,
            (Fate::Failed, Some(Why::BadAddress)) => self.scene.people[person as usize].is_refused,
            (Fate::Unknown, why) => matches!(why, Some(Why::NoAnswer | Why::Interrupted)),
            _ => true,
        };
        if !is_true {
            self.wrong(format!("{person}: that it is {message:?} is not so"));
        }
    }

    /// What was told holds, in whatever order it came, and nothing else does.
    fn lattice(&mut self, person: u32, message: &Message, told: &[Happened]) {
        let fate = |what: &Happened| match what {
            Happened::Accepted | Happened::Delayed { .. } => Fate::Sent,
            Happened::Bounced { .. } | Happened::Failed { .. } => Fate::Bounced,
            _ => Fate::Delivered,
        };
        let heard = told.iter().map(fate).max();
        let is_so = match heard {
            Some(heard) => message.fate == heard,
            None => !matches!(message.fate, Fate::Bounced | Fate::Delivered),
        };
        if !is_so {
            self.wrong(format!("{person} was told to be {heard:?}, and is {message:?}"));
        }
    }

    fn ways(&self, person: u32) -> impl Iterator<Item = How> {
        self.scene.deeds.iter().filter_map(move |(_, deed)| match deed {
            Deed::Withdraw(who, how) if *who == person => Some(*how),
            _ => None,
        })
    }

    fn is_erased(&self, person: u32) -> bool {
        self.ways(person).any(|how| how == How::Erased)
    }

    /// A message about something that they did needs no consent; the list and the law stand above that. What a first word of
    /// several was is not asked: it bars only if all of them would.
    fn bars(&self, person: u32) -> bool {
        self.scene.kind.needs_consent()
            || self.ways(person).all(|how| matches!(how, How::Erased | How::OnTheList))
    }

    /// What was counted last is what there is.
    fn counts(&mut self, store: &TenantStore) {
        let held = at_once(store.campaign(shop::campaign())).ok().flatten();
        let plan = at_once(store.plan(shop::campaign())).ok().flatten();
        let (Some(held), Some(planned)) = (held, plan) else { return };
        let is_cancelled = held.state == State::Cancelled;
        let counts = Counts::of_all(&planned.plan, &self.books.chunks, is_cancelled);
        if counts.fates.values().sum::<u64>() != planned.plan.chosen() {
            self.wrong(format!("{counts:?} are not the {} who were chosen", planned.plan.chosen()));
        }
        let counted = Campaign::clone(&held).counted.map(|(_, counts)| counts);
        let is_begun = !self.books.chunks.is_empty();
        if is_begun && counted.as_ref() != Some(&counts) {
            self.wrong(format!("{counted:?} was counted last, and it is {counts:?}"));
        }
    }

    /// Each was written to in the words of their part; whoever waited, in those that won, and not before there were any.
    fn words(&mut self, store: &TenantStore) {
        let held = at_once(store.campaign(shop::campaign())).ok().flatten();
        let plan = at_once(store.plan(shop::campaign())).ok().flatten();
        let (Some(held), Some(planned)) = (held, plan) else { return };
        let said = self.outside.state().witness.said.clone();
        for (message, arm) in said {
            let part = planned.plan.stretch(message.chunk).map(|stretch| stretch.part);
            let expected = part.and_then(|part| held.says_to(part.arm));
            if expected != Some(arm) {
                self.wrong(format!("{message} was written in {arm}, and {expected:?} is theirs"));
            }
        }
    }

    /// Nothing is left of who was erased, and whose address came back, or who complained, is on the list.
    fn people(&mut self, store: &TenantStore) {
        for person in (0..).take(self.scene.people.len()) {
            let id = shop::person(person);
            let Some(customer) = at_once(store.customer(id)).ok().flatten() else { continue };
            if customer.is_gone() {
                let events = at_once(store.events(id, 50, None)).map(|read| read.events).unwrap_or_default();
                if events.iter().any(|(_, event)| matches!(event, Event::Written(_))) {
                    self.wrong(format!("{person} was erased, and that they were written to stands there"));
                }
                continue;
            }
            let Some((_, message)) = self.books.chosen.iter().find(|(chosen, _)| *chosen == person) else {
                continue;
            };
            let is_listed = self.outside.state().witness.told_of(*message).any(|what| {
                let hard = matches!(what, Happened::Bounced { bounce: Bounce::Hard, .. });
                hard || matches!(what, Happened::Complained { .. } | Happened::Unsubscribed)
            });
            if is_listed && self.protocol == Protocol::Ours && !self.is_suppressed(&customer) {
                self.wrong(format!("{person} came back or complained, and is not on the list"));
            }
        }
    }

    fn is_suppressed(&self, customer: &Customer) -> bool {
        match self.scene.channel {
            domain::template::Channel::Email => customer.suppressed.email,
            domain::template::Channel::Sms => customer.suppressed.sms,
        }
    }
}
