//! When a shop's scores are worked out: with each day of the shop's, and when somebody asks for it.
//!
//! What is wanted is wanted until it is done: a message that comes twice, or too early, finds nothing to do.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{Timestamp, Zone};

/// Whoever was asked and has not done it by then is asked again.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);
/// Whoever asks by hand leaves a message; if that is lost, the clock asks.
const TOLD: SignedDuration = SignedDuration::from_mins(1);
/// So long it is remembered what was done.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(90 * 24);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scoring {
    /// From when on the next is wanted.
    pub wanted_at: Timestamp,
    pub cause: Cause,
    /// When the clock asks next.
    pub due_at: Timestamp,
    /// How often anything was worked out. What was asked by an earlier one is asked again.
    pub edition: u64,
    pub made_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A day of the shop's has begun.
    Night,
    /// Somebody has asked for it.
    Hand,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoringRun {
    /// Since when it was wanted: no two have the same.
    pub wanted_at: Timestamp,
    pub cause: Cause,
    pub ended_at: Timestamp,
    pub edition: u64,
    /// All who have ordered.
    pub customers: u64,
    /// Why nothing can be said of what customers will do: for programs, and as a sentence.
    pub silence: Option<(String, String)>,
}

impl Scoring {
    /// Of a shop that has its first customers.
    pub fn begun(zone: &Zone, now: Timestamp) -> Self {
        let wanted_at = zone.next_day(now);
        Self { wanted_at, cause: Cause::Night, due_at: wanted_at, edition: 0, made_at: None }
    }

    pub fn is_wanted(&self, now: Timestamp) -> bool {
        self.wanted_at <= now
    }

    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due_at <= now
    }

    /// The clock has asked somebody.
    #[must_use]
    pub fn asked(self, now: Timestamp) -> Self {
        Self { due_at: now + AGAIN, ..self }
    }

    /// Somebody wants it now. Whoever wants what is wanted already has nothing to add.
    #[must_use]
    pub fn wanted(self, now: Timestamp) -> Self {
        if self.is_wanted(now) {
            return self;
        }
        Self { wanted_at: now, cause: Cause::Hand, due_at: now + TOLD, ..self }
    }

    /// The shop's days are others. What is wanted already stays so.
    #[must_use]
    pub fn rezoned(self, zone: &Zone, now: Timestamp) -> Self {
        if self.is_wanted(now) { self } else { self.passed(zone, now) }
    }

    #[must_use]
    pub fn made(self, zone: &Zone, now: Timestamp) -> Self {
        Self { edition: self.edition + 1, made_at: Some(now), ..self.passed(zone, now) }
    }

    /// Of a shop that is closed nothing is worked out; the next day is another.
    #[must_use]
    pub fn passed(self, zone: &Zone, now: Timestamp) -> Self {
        let wanted_at = zone.next_day(now);
        Self { wanted_at, cause: Cause::Night, due_at: wanted_at, ..self }
    }
}

impl Cause {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Night => "night",
            Self::Hand => "hand",
        }
    }
}

impl ScoringRun {
    pub fn forgotten_at(&self) -> Timestamp {
        self.ended_at + REMEMBERED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn it_is_wanted_with_each_day_of_the_shops_and_once() {
        let zone: Zone = "America/New_York".parse().unwrap();
        let begun = Scoring::begun(&zone, at("2026-03-07T12:00:00-05:00"));
        assert_eq!((begun.wanted_at, begun.edition), (at("2026-03-08T00:00:00-05:00"), 0));
        let midnight = begun.wanted_at;
        assert!(!begun.is_wanted(at("2026-03-07T23:59:59-05:00")) && begun.is_wanted(midnight));
        let asked = begun.asked(midnight);
        assert!(asked.is_wanted(midnight) && !asked.is_due(midnight) && asked.is_due(midnight + AGAIN));
        let made = asked.made(&zone, midnight);
        assert_eq!((made.edition, made.made_at), (1, Some(midnight)));
        assert!(!made.is_wanted(midnight) && !made.is_due(midnight));
        // The clocks of New York go forward on that day.
        assert_eq!(made.wanted_at, at("2026-03-09T00:00:00-04:00"));
        // Where it stood still for days, it is done once.
        assert_eq!(
            made.made(&zone, at("2026-03-12T08:00:00-04:00")).wanted_at,
            at("2026-03-13T00:00:00-04:00")
        );
    }

    #[test]
    fn other_days_begin_with_their_own_midnight() {
        let (now, tokyo) = (at("2026-03-07T12:00:00Z"), "Asia/Tokyo".parse().unwrap());
        let other = Scoring::begun(&Zone::UTC, now).rezoned(&tokyo, now);
        let midnight = at("2026-03-08T00:00:00+09:00");
        assert_eq!((other.wanted_at, other.due_at), (midnight, midnight));
        let wanted = Scoring::begun(&Zone::UTC, now).wanted(now);
        assert_eq!(wanted.clone().rezoned(&tokyo, now), wanted);
    }

    #[test]
    fn who_wants_what_is_wanted_adds_nothing() {
        let now = at("2026-03-07T12:00:00Z");
        let begun = Scoring::begun(&Zone::UTC, now);
        let wanted = begun.clone().wanted(now);
        assert!(wanted.is_wanted(now) && wanted.cause == Cause::Hand && wanted.is_due(now + TOLD));
        assert_eq!(wanted.clone().wanted(now + TOLD), wanted);
        assert_eq!(wanted.passed(&Zone::UTC, now), begun);
    }
}
