//! What a shop's connection needs whether anybody works or not: somebody who looks after it from time to time, and a word
//! to the merchant when it is over.
//!
//! A token that renews ends after ninety days, and a shop that is looked after each week never comes near that.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{Timestamp, invitation};

/// From one look to the next.
const EACH: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Who was asked to look and has not by then is asked again.
const ASKED_AGAIN: SignedDuration = SignedDuration::from_hours(6);
/// Whoever connects asks at once; if that is lost, the clock asks.
const FIRST: SignedDuration = SignedDuration::from_mins(10);
/// A shop that is closed for a while, as one that has not been paid for.
const PUT_OFF: SignedDuration = SignedDuration::from_hours(24);

/// When a connection is looked after next, and what was seen the last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upkeep {
    /// `None`: the connection is not open.
    pub due_at: Option<Timestamp>,
    pub looked_at: Option<Timestamp>,
    /// What the shop does not tell us.
    pub lacking: Vec<Lack>,
}

/// A topic that a shop does not tell us of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lack {
    /// By Shopify's name: "orders/create".
    pub topic: String,
    pub why: LackReason,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LackReason {
    /// The merchant has not allowed this: "`read_orders`".
    NotGranted(String),
    /// Shopify did not take the subscription.
    Refused,
}

impl Upkeep {
    /// The shop was connected, and somebody was asked to look.
    pub fn begun(now: Timestamp) -> Self {
        Self { due_at: Some(now + FIRST), looked_at: None, lacking: Vec::new() }
    }

    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due_at.is_some_and(|due_at| due_at <= now)
    }

    /// Somebody was asked to look.
    #[must_use]
    pub fn asked(self, now: Timestamp) -> Self {
        Self { due_at: Some(now + ASKED_AGAIN), ..self }
    }

    /// Something has changed of which it depends what the shop tells: it is looked after at once.
    #[must_use]
    pub fn hurried(self, now: Timestamp) -> Self {
        Self { due_at: self.due_at.map(|_| now), ..self }
    }

    #[must_use]
    pub fn looked(lacking: Vec<Lack>, now: Timestamp) -> Self {
        Self { due_at: Some(now + EACH), looked_at: Some(now), lacking }
    }

    /// The shop does not answer us for a while, for a reason of its own.
    #[must_use]
    pub fn put_off(self, now: Timestamp) -> Self {
        Self { due_at: Some(now + PUT_OFF), ..self }
    }

    /// Nobody may ask the shop: whoever connects it again begins anew.
    #[must_use]
    pub fn rested(self) -> Self {
        Self { due_at: None, ..self }
    }
}

/// The merchant is to be told that Shopify does not let us in any more: once for each time that it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub since: Timestamp,
    pub due_at: Timestamp,
    pub told_at: Option<Timestamp>,
    /// Somebody mails it until then.
    pub claimed_until: Option<Timestamp>,
}

impl Notice {
    pub fn of(since: Timestamp) -> Self {
        Self { since, due_at: since, told_at: None, claimed_until: None }
    }

    pub fn is_due(&self, now: Timestamp) -> bool {
        self.told_at.is_none() && self.due_at <= now && self.claimed_until.is_none_or(|until| until <= now)
    }

    /// Somebody was asked to mail it.
    #[must_use]
    pub fn asked(self, now: Timestamp) -> Self {
        Self { due_at: invitation::next_due(self.since, now), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_is_looked_after_long_before_its_token_ends() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        assert!(EACH + ASKED_AGAIN + PUT_OFF < SignedDuration::from_hours(30 * 24));
        let begun = Upkeep::begun(now);
        assert!(!begun.is_due(now) && begun.is_due(now + FIRST));
        assert!(!begun.clone().asked(now + FIRST).is_due(now + FIRST));
        assert!(!begun.clone().rested().is_due(now + SignedDuration::from_hours(9_000)));
        assert!(begun.clone().hurried(now).is_due(now) && !begun.rested().hurried(now).is_due(now));
        let looked = Upkeep::looked(Vec::new(), now);
        assert_eq!((looked.looked_at, looked.is_due(now + EACH)), (Some(now), true));
        assert!(looked.put_off(now).is_due(now + PUT_OFF));
    }

    #[test]
    fn a_notice_is_asked_for_until_it_is_told() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let notice = Notice::of(now);
        assert!(notice.is_due(now) && !notice.clone().asked(now).is_due(now));
        assert!(!Notice { claimed_until: Some(now + FIRST), ..notice.clone() }.is_due(now));
        assert!(!Notice { told_at: Some(now), ..notice }.is_due(now + EACH));
    }
}
