//! What a tenant's runs have to do with each other: which is open, from where the next one goes on, and when that is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::{Mode, Part, PartState, Resource, Run, RunState, later};
use crate::{RunId, Timestamp, Zone, cart::CART_DAYS, connection::DAYS_SHOWN};

/// A connected shop is asked so often what has changed.
pub const INCREMENTAL_EACH: SignedDuration = SignedDuration::from_mins(10);
/// Shopify's lists lag behind: what changed so long before the watermark is asked for again.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);
/// The first hours of a shop's day: most sleep then.
const NIGHT_HOURS: std::ops::Range<i8> = 1..5;
/// A shop that was away at night is looked through as soon as it is there again.
const LATE: SignedDuration = SignedDuration::from_hours(30);
/// A reconciliation looks so much further back than the one before it began.
const WIDER: SignedDuration = SignedDuration::from_hours(1);
/// Baskets are asked for by when they were begun, and may change for so long.
const BASKETS_OPEN: SignedDuration = SignedDuration::from_hours(24);
/// Where runs fail, the clock asks half as often after each, as far as this many times.
const HALVED_MAX: u32 = 5;

/// How far back the shop's orders are here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OrdersHere {
    /// As far as Shopify shows them to everybody: see `connection::DAYS_SHOWN`.
    #[default]
    Lately,
    /// All of them are shown since then, and are still to be brought.
    Owed(Timestamp),
    All,
}

/// A failure of which the owners have still to be told: the first of some in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureUntold {
    pub run: RunId,
    /// Somebody mails it until then.
    pub claimed_until: Option<Timestamp>,
}

/// A tenant's syncs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Syncing {
    /// The one run that is under way.
    pub open: Option<RunId>,
    /// When the last run began that brought all that it was to bring, by what it brought.
    pub watermarks: BTreeMap<Resource, Timestamp>,
    /// What was brought when it said less than it does now, and is to be brought once more.
    pub owed: BTreeSet<Resource>,
    /// When the last run began that looked through everything: `None` before the first.
    pub reconciled_at: Option<Timestamp>,
    pub orders: OrdersHere,
    /// Orders of before then are not here, unless they have changed since. `None`: nothing is missing.
    pub orders_from: Option<Timestamp>,
    /// When the last run ended well.
    pub synced_at: Option<Timestamp>,
    /// How many runs in a row have failed.
    pub failures: u32,
    pub untold: Option<FailureUntold>,
    /// When the clock asks for the next run. `None`: there is no shop to ask.
    pub next_at: Option<Timestamp>,
}

impl Syncing {
    /// The shop is connected, just now or again: it is asked at once. What it shows reaches back so many days; orders of
    /// before then are here still, if none can be missing in between.
    #[must_use]
    pub fn connected(self, now: Timestamp) -> Self {
        let shown_from = earlier(now, SignedDuration::from_hours(24 * i64::from(DAYS_SHOWN)));
        let is_followed = self.watermarks.get(&Resource::Orders).is_some_and(|last| *last >= shown_from);
        let known_from = self.orders_from.map(|from| from.min(shown_from));
        let orders_from = if is_followed { known_from } else { Some(shown_from) };
        Self { orders_from, next_at: Some(now), ..self }
    }

    /// Whether Shopify shows us all orders by now. Where it did not before, they are brought next.
    #[must_use]
    pub fn shown(self, all: bool, now: Timestamp) -> Self {
        match (self.orders, all) {
            (OrdersHere::Lately, true) => {
                Self { orders: OrdersHere::Owed(now), next_at: self.next_at.map(|_| now), ..self }
            }
            (_, false) => Self { orders: OrdersHere::Lately, ..self },
            (OrdersHere::Owed(_) | OrdersHere::All, true) => self,
        }
    }

    /// Of what the clock asks for it: of everything, but of orders alone where everything else is here.
    pub fn resources_due(&self) -> &'static [Resource] {
        let owes = matches!(self.orders, OrdersHere::Owed(_));
        if owes && self.reconciled_at.is_some() { &[Resource::Orders] } else { &Resource::ALL }
    }

    /// What the clock asks for: everything at first, at night what webhooks missed, and else what has changed.
    pub fn mode_due(&self, zone: &Zone, now: Timestamp) -> Mode {
        let Some(last) = self.reconciled_at else { return Mode::Full };
        if matches!(self.orders, OrdersHere::Owed(_)) {
            return Mode::Full;
        }
        let here = |at: Timestamp| at.to_zoned(zone.time_zone().clone());
        let is_night = here(last).date() < here(now).date() && NIGHT_HOURS.contains(&here(now).hour());
        let is_late = now.duration_since(last) >= LATE;
        if is_night || is_late { Mode::Reconciliation } else { Mode::Incremental }
    }

    /// The parts of a run, each with what it asks for. Without a watermark, everything that is kept.
    pub fn parts(&self, resources: &[Resource], mode: Mode, now: Timestamp) -> Vec<Part> {
        let since = |of: Resource| {
            let known = *self.watermarks.get(&of)?;
            match mode {
                _ if self.owed.contains(&of) => None,
                Mode::Full => None,
                Mode::Incremental => Some(earlier(known, OVERLAP)),
                Mode::Reconciliation => Some(earlier(self.reconciled_at?.min(known), WIDER)),
            }
        };
        let mut parts: Vec<_> = resources.iter().map(|of| Part::new(*of, since(*of))).collect();
        // Nobody sees in lists of what is there what is not there any more.
        let is_whole = Resource::ALL.iter().all(|of| resources.contains(of));
        if !is_whole || mode == Mode::Incremental {
            return parts;
        }
        if let Some(last) = self.watermarks.get(&Resource::Deletions).copied().or(self.reconciled_at) {
            parts.push(Part::new(Resource::Deletions, Some(earlier(last, WIDER))));
        }
        // A basket is kept for so long since it last changed, and asked for by when it was begun: so at first all are.
        let kept_from = earlier(now, SignedDuration::from_hours(24 * CART_DAYS));
        let last = self.watermarks.get(&Resource::Checkouts).map(|last| (*last).max(kept_from));
        parts.push(Part::new(Resource::Checkouts, last.map(|last| earlier(last, BASKETS_OPEN))));
        parts
    }

    /// The shop says more of these than it did: all of them are brought once more.
    #[must_use]
    pub fn owing(mut self, of: Resource) -> Self {
        self.owed.insert(of);
        self
    }

    /// The run is under way.
    #[must_use]
    pub fn begun(self, run: &Run, now: Timestamp) -> Self {
        let next_at = self.next_at.map(|_| later(now, INCREMENTAL_EACH));
        Self { open: Some(run.id), next_at, ..self }
    }

    /// The run is over. The next one of each kind begins where it began.
    #[must_use]
    pub fn ended(mut self, run: &Run, now: Timestamp) -> Self {
        if self.open != Some(run.id) {
            return self;
        }
        self.open = None;
        let is_completed = run.state == RunState::Completed;
        if !is_completed {
            self.failures += 1;
            if self.failures == 1 {
                self.untold = Some(FailureUntold { run: run.id, claimed_until: None });
            }
            let wait = INCREMENTAL_EACH * (1 << self.failures.min(HALVED_MAX));
            self.next_at = self.next_at.map(|_| later(now, wait));
        }
        // Where only what comes besides has failed, it alone is asked for from where it was.
        if !is_completed && !run.has_brought_all() {
            return self;
        }
        for part in run.parts.iter().filter(|part| part.state == PartState::Done) {
            let watermark = self.watermarks.entry(part.of).or_insert(run.created_at);
            *watermark = run.created_at.max(*watermark);
            if part.since.is_none() {
                self.owed.remove(&part.of);
            }
        }
        let is_whole = Resource::ALL.iter().all(|of| run.parts.iter().any(|part| part.of == *of));
        if is_whole && run.mode != Mode::Incremental {
            self.reconciled_at = Some(run.created_at);
        }
        let has_all = run.parts.iter().any(|part| part.of == Resource::Orders && part.since.is_none());
        match self.orders {
            OrdersHere::Owed(since) if has_all && run.created_at >= since => {
                self.orders = OrdersHere::All;
                self.orders_from = None;
            }
            // They could be seen only after it had begun.
            OrdersHere::Owed(_) => self.next_at = self.next_at.map(|_| now),
            OrdersHere::Lately | OrdersHere::All => {}
        }
        if is_completed {
            self.failures = 0;
            self.untold = None;
            self.synced_at = Some(now);
        }
        self
    }

    /// The clock has asked, and there was nothing to begin.
    #[must_use]
    pub fn passed(self, now: Timestamp) -> Self {
        Self { next_at: Some(later(now, INCREMENTAL_EACH)), ..self }
    }

    /// There is no shop to ask any more.
    #[must_use]
    pub fn stopped(self) -> Self {
        Self { next_at: None, ..self }
    }
}

fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_sub(by).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests;
