//! A consent that somebody has told us and their shop does not know yet.

use crate::{CustomerId, Timestamp, invitation::next_due, timeline::Channel};

/// Of one customer and one channel: whatever they want last is what their shop is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    pub customer: CustomerId,
    pub channel: Channel,
    pub since: Timestamp,
    /// When it is asked for again that the shop be told.
    pub due_at: Timestamp,
}

impl Untold {
    pub fn of(customer: CustomerId, channel: Channel, now: Timestamp) -> Self {
        Self { customer, channel, since: now, due_at: next_due(now, now) }
    }

    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due_at <= now
    }

    /// Each time twice as late.
    #[must_use]
    pub fn asked(self, now: Timestamp) -> Self {
        Self { due_at: next_due(self.since, now), ..self }
    }
}
