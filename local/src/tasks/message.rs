//! A message as it is kept, and as its receiver has it.

use domain::Timestamp;
use flows::DeadLetter;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) group: String,
    pub(super) body: String,
    /// Milliseconds since 1970. What was left before this was kept has none.
    #[serde(default)]
    pub(super) left_at: Option<i64>,
    /// Milliseconds since 1970.
    pub(super) visible_at: i64,
    pub(super) attempts: u32,
    /// Of the newest reception.
    pub(super) receipt: u64,
    pub(super) is_dead: bool,
    /// What was said of the last attempt.
    pub(super) why: Option<String>,
}

/// A message that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub body: String,
    pub attempts: u32,
    pub(super) id: u64,
    pub(super) receipt: u64,
}

impl Message {
    pub(super) fn new(group: String, body: String, now: i64, delay_seconds: u32) -> Self {
        let visible_at = now + i64::from(delay_seconds) * 1_000;
        Self {
            group,
            body,
            left_at: Some(now),
            visible_at,
            attempts: 0,
            receipt: 0,
            is_dead: false,
            why: None,
        }
    }

    pub(super) fn taken(&self, id: u64) -> Taken {
        Taken { body: self.body.clone(), attempts: self.attempts, id, receipt: self.receipt }
    }

    pub(super) fn left_at(&self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.left_at?).ok()
    }

    /// Whether that receiver is still the one who has it.
    pub(super) fn is_held(&self, taken: &Taken) -> bool {
        self.receipt == taken.receipt && self.attempts == taken.attempts && !self.is_dead
    }

    pub(super) fn dead_letter(self, id: u64) -> DeadLetter {
        let left_at = self.left_at();
        DeadLetter { id: id.to_string(), body: self.body, attempts: self.attempts, why: self.why, left_at }
    }
}
