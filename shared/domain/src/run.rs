//! A run: what a shop has is brought here, a page at a time, and what became of it.
//!
//! It only goes on: an ended run never begins again, its counts never shrink, and neither does its percentage. One is open
//! at a time in a tenant. Where the next one begins is said by watermarks, which move only where all parts have succeeded.

mod part;
mod syncing;

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

pub use part::{CutOff, InList, PageEnd, Part, PartState, Place, Resource, Tally};
pub use syncing::{FailureUntold, INCREMENTAL_EACH, OrdersHere, Syncing};

use crate::{RunId, TenantId, Timestamp};

/// A run that has not moved for so long since its next message was to come is asked for again.
pub const STALLED: SignedDuration = SignedDuration::from_mins(5);
/// A run that nobody has begun by then is asked for again.
const LOST: SignedDuration = SignedDuration::from_mins(1);
/// How long an ended run is remembered.
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// Watchers are told no sooner than so long after they were told last, unless it begins or ends: so that with its end they
/// hear of it twice in any second, and no more.
pub const TOLD_EACH: SignedDuration = SignedDuration::from_secs(1);
/// A run that has not come a step further for so long is over, however politely it is asked to wait.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(2);
/// Of all that cannot be kept, so much is told with the run.
pub const REFUSED_TOLD: usize = 50;
/// Of all that webhooks missed, so much is told with the run.
pub const MISSED_TOLD: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: RunId,
    pub tenant: TenantId,
    pub mode: Mode,
    /// One after the other.
    pub parts: Vec<Part>,
    pub state: RunState,
    /// Raised by each commit that moves the run: a message of an earlier step is of no use any more.
    pub step: u32,
    /// How often in a row the step has failed.
    pub attempts: u32,
    /// Since when no step has come to its end: it failed, or Shopify asked us to wait.
    pub stuck_since: Option<Timestamp>,
    /// The first of what cannot be kept.
    pub refused: Vec<RefusedRow>,
    /// The first of what webhooks missed: "customer s1".
    pub missed: Vec<String>,
    /// Shards of the audience that do not show yet who was laid down.
    pub shards: BTreeSet<u32>,
    /// See `percent`: it never shrinks.
    pub reached: u8,
    pub created_at: Timestamp,
    /// When it was last moved on.
    pub updated_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// When the clock asks for it again, in case the message that asked was lost.
    pub due_at: Timestamp,
    /// When watchers were last told.
    pub told_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Everything.
    Full,
    /// What has changed since the last run.
    Incremental,
    /// What has changed for some time, and what was deleted: finds what webhooks missed.
    Reconciliation,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RunState {
    /// Nobody has begun.
    Queued,
    Running,
    Completed,
    Failed {
        why: String,
    },
}

/// Something of the shop's that cannot be kept as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// "order s7001"
    pub what: String,
    pub why: String,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Incremental => "incremental",
            Self::Reconciliation => "reconciliation",
        }
    }
}

impl RunState {
    pub fn is_end(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed { .. })
    }
}

impl Run {
    /// A run whose first message is about to be left.
    pub fn new(id: RunId, tenant: TenantId, mode: Mode, parts: Vec<Part>, now: Timestamp) -> Self {
        Self {
            id,
            tenant,
            mode,
            parts,
            state: RunState::Queued,
            step: 0,
            attempts: 0,
            stuck_since: None,
            refused: Vec::new(),
            missed: Vec::new(),
            shards: BTreeSet::new(),
            reached: 0,
            created_at: now,
            updated_at: now,
            ended_at: None,
            due_at: later(now, LOST),
            told_at: None,
        }
    }

    pub fn is_open(&self) -> bool {
        !self.state.is_end()
    }

    /// The part that is being read, by its place among them.
    pub fn reading(&self) -> Option<usize> {
        self.parts.iter().position(|part| !part.state.is_end())
    }

    /// Of the whole run. Only what is completed is a hundred, and only what shows is more than 95.
    pub fn percent(&self) -> u8 {
        if self.state == RunState::Completed {
            return 100;
        }
        let so_far = if self.state == RunState::Queued { 0 } else { self.so_far() };
        self.reached.max(so_far)
    }

    fn so_far(&self) -> u8 {
        let whole: u64 = self.parts.iter().map(Part::weight).sum();
        let done: u64 = self.parts.iter().map(Part::weight_done).sum();
        let percent = u128::from(done) * 95 / u128::from(whole.max(1));
        u8::try_from(percent).unwrap_or(95).min(95)
    }

    /// What it is at, in words.
    pub fn step_name(&self) -> String {
        match &self.state {
            RunState::Queued => "Initializing…".to_owned(),
            RunState::Completed => "Completed".to_owned(),
            RunState::Failed { .. } => "Failed".to_owned(),
            RunState::Running => match self.reading() {
                Some(at) => self.parts[at].step_name(),
                None => "Updating customer statistics…".to_owned(),
            },
        }
    }

    /// What became of all rows so far.
    pub fn tally(&self) -> Tally {
        self.parts.iter().fold(Tally::default(), |sum, part| sum.and(&part.tally))
    }

    /// How many rows there are, where that is known of all parts that are asked for. What comes besides is few.
    pub fn total(&self) -> Option<u64> {
        let of = |part: &Part| part.total.or((!Resource::ALL.contains(&part.of)).then_some(0));
        self.parts.iter().map(of).sum()
    }

    /// Whether all that was asked for is here and shows, whatever became of what comes besides.
    pub fn has_brought_all(&self) -> bool {
        let asked = self.parts.iter().filter(|part| Resource::ALL.contains(&part.of));
        self.shards.is_empty()
            && self.reading().is_none()
            && asked.into_iter().all(|part| part.state == PartState::Done)
    }

    /// After a step: the messages of the one before are of no use any more. The next message comes after `delay`.
    #[must_use]
    pub fn moved(self, now: Timestamp, delay: SignedDuration) -> Self {
        let run = Self { attempts: 0, stuck_since: None, ..self.put_off(now, delay) };
        Self { reached: run.percent(), ..run }
    }

    /// Shopify asks us to wait: the step is to be done again after `delay`.
    #[must_use]
    pub fn put_off(self, now: Timestamp, delay: SignedDuration) -> Self {
        let due_at = later(later(now, delay), STALLED);
        let stuck_since = self.stuck_since.or(Some(now));
        Self { step: self.step + 1, updated_at: now, due_at, stuck_since, ..self }
    }

    /// The step has failed once more, and is to be done again after `delay`.
    #[must_use]
    pub fn failed_once(self, now: Timestamp, delay: SignedDuration) -> Self {
        let attempts = self.attempts + 1;
        Self { attempts, ..self.put_off(now, delay) }
    }

    /// Nobody waits any longer.
    pub fn is_stuck(&self, now: Timestamp) -> bool {
        self.stuck_since.is_some_and(|since| now.duration_since(since) >= PATIENCE)
    }

    /// The clock has asked for it.
    #[must_use]
    pub fn asked_again(self, now: Timestamp) -> Self {
        Self { due_at: later(now, STALLED), ..self }
    }

    #[must_use]
    pub fn ended(self, state: RunState, now: Timestamp) -> Self {
        let run = Self { state, step: self.step + 1, updated_at: now, ended_at: Some(now), ..self };
        Self { reached: run.percent(), ..run }
    }

    /// Whether Shopify is writing a file for it: whoever hears that it is there need not wait longer.
    pub fn waits_for_file(&self) -> bool {
        let is_waiting =
            |part: &Part| matches!(part.state, PartState::Reading(Place::Bulk { offset: 0, .. }));
        self.is_open() && self.parts.iter().any(is_waiting)
    }

    /// A message that comes sooner is to wait.
    pub fn resumes_at(&self) -> Timestamp {
        self.due_at.saturating_sub(STALLED).unwrap_or(Timestamp::MIN)
    }

    /// Whether watchers are to be told of what the run is now.
    pub fn is_to_tell(&self, now: Timestamp) -> bool {
        !self.is_open() || self.told_at.is_none_or(|told| now.duration_since(told) >= TOLD_EACH)
    }

    /// When it is forgotten.
    pub fn forgotten_at(&self) -> Option<Timestamp> {
        self.ended_at.map(|at| later(at, REMEMBERED))
    }

    /// Counts something that cannot be kept.
    pub fn refuse(&mut self, refused: impl IntoIterator<Item = RefusedRow>) {
        let room = REFUSED_TOLD.saturating_sub(self.refused.len());
        self.refused.extend(refused.into_iter().take(room));
    }

    /// Names something that webhooks missed, once.
    pub fn miss(&mut self, missed: impl IntoIterator<Item = String>) {
        for name in missed {
            if self.missed.len() < MISSED_TOLD && !self.missed.contains(&name) {
                self.missed.push(name);
            }
        }
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
