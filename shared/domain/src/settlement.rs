//! Who is in the segments of a shop, as far as that is settled: shard by shard, and for the shop as a whole.
//!
//! A settlement says of a shard that every row that is no changed row has been asked by every segment that it names. What
//! has changed since is found by comparing it with the shop's days, the shard's blocks and how often segments changed.

use crate::{Segment, SegmentId, Timestamp, Zone, segment::Turns};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Of one shard of the audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// When all of the shard was last asked whatever time alone changes.
    pub as_of: Timestamp,
    /// By whose days.
    pub zone: Zone,
    /// Of the shard's blocks: another means that rows came or went past their changed rows.
    pub epoch: u64,
    /// Of the shop's segments, how often any had changed.
    pub changes: u64,
    /// By which they were asked.
    pub by: Editions,
    /// Of each segment that was asked by what stands beside customers, the print of that.
    pub prints: BTreeMap<SegmentId, u64>,
    /// There were too many tags to ask by: whoever was in a segment that names any has stayed.
    pub has_too_many_tags: bool,
    pub segments: BTreeMap<SegmentId, Settled>,
}

/// How often that has changed which rules ask of besides customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Editions {
    /// What was worked out of the shop's customers.
    pub scores: u64,
    /// What products are tagged with, and what became of messages. 0 where no rule asks for either.
    pub beside: u64,
}

/// A segment in one shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settled {
    /// Whom it meant then.
    pub era: u32,
    pub members: u32,
    /// Somebody was put on it or taken off by hand since those were asked that name it.
    pub is_moved: bool,
}

/// What must be asked of the whole shard once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// What has another answer with each turn of at least this kind.
    Turned(Turns),
    Everything,
}

impl Settlement {
    /// Before anything was settled.
    pub fn none() -> Self {
        Self {
            as_of: Timestamp::UNIX_EPOCH,
            zone: Zone::UTC,
            epoch: u64::MAX,
            changes: 0,
            by: Editions::default(),
            prints: BTreeMap::new(),
            has_too_many_tags: false,
            segments: BTreeMap::new(),
        }
    }

    pub fn due(&self, zone: &Zone, epoch: u64, now: Timestamp) -> Option<Due> {
        if self.zone != *zone || self.epoch != epoch {
            Some(Due::Everything)
        } else if zone.next_day(self.as_of) <= now {
            Some(Due::Turned(Turns::Daily))
        } else if next_hour(self.as_of) <= now {
            Some(Due::Turned(Turns::Hourly))
        } else {
            None
        }
    }
}

impl Due {
    /// Whether a rule that turns so must be asked again.
    pub fn is_of(self, turns: Turns) -> bool {
        match self {
            Self::Everything => true,
            Self::Turned(at_least) => turns >= at_least,
        }
    }
}

/// Of a shop: when its shards are looked at next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settling {
    /// How often any segment was made, changed or deleted.
    pub changes: u64,
    /// Somebody may join or leave one.
    pub is_any: bool,
    /// Time alone changes one within the day.
    pub is_hourly: bool,
    /// What stands beside customers changes one.
    pub asks_beside: bool,
    /// `None`: there is nothing to look at.
    pub due_at: Option<Timestamp>,
    /// Since when the clock looks: it looks still, or has died over it. Whatever is due stays so meanwhile.
    pub claimed_at: Option<Timestamp>,
    /// When the shop's next day begins, with which all are settled. `None`: nobody has looked yet, or there are none.
    pub day_at: Option<Timestamp>,
    /// While that day is being settled: how many places there were before.
    pub before: Option<u64>,
}

/// How a shop's shards stand at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    pub is_settled: bool,
    pub shards: u32,
    pub segments: u32,
    /// In all segments together.
    pub places: u64,
    /// When the last of them was settled.
    pub settled_at: Option<Timestamp>,
}

/// That a day of the shop's began, and all segments were settled with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// When that day began: no two have the same.
    pub wanted_at: Timestamp,
    /// When the last shard was settled.
    pub ended_at: Timestamp,
    pub segments: u32,
    pub shards: u32,
    /// Places in all segments together, as the day began and as it was settled.
    pub before: u64,
    pub after: u64,
}

/// So long it is remembered what was done.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Sweep {
    pub fn forgotten_at(&self) -> Timestamp {
        self.ended_at + REMEMBERED
    }
}

/// A look that should have been over by now is taken again: whoever was to settle a shard was not told, or has died.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);
/// So long whoever was told of a change has before the clock asks.
const TOLD: SignedDuration = SignedDuration::from_mins(1);

impl Settling {
    /// After a change, with these segments.
    #[must_use]
    pub fn changed<'a>(&self, segments: impl Iterator<Item = &'a Segment>, now: Timestamp) -> Self {
        let (mut is_any, mut is_hourly, mut asks_beside) = (false, false, false);
        for segment in segments {
            is_any = true;
            is_hourly |= segment.is_kept() && segment.turns == Turns::Hourly;
            asks_beside |= segment.is_kept() && segment.asks_beside;
        }
        let day_at = self.day_at.filter(|_| is_any);
        Self {
            changes: self.changes + 1,
            is_any,
            is_hourly,
            asks_beside,
            due_at: Some(now + TOLD),
            claimed_at: None,
            day_at,
            before: self.before,
        }
    }

    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due_at.is_some_and(|due_at| due_at <= now)
    }

    /// The clock begins to look: this is said before anything is read that it looks at, so that a change of tags that it may
    /// not have seen is known by that (`told_beside`). Whoever dies over it leaves it due.
    #[must_use]
    pub fn claimed(self, now: Timestamp) -> Self {
        Self { claimed_at: Some(now), ..self }
    }

    /// The clock has looked: some shards are not settled yet, or all are.
    #[must_use]
    pub fn looked(self, look: &Look, zone: &Zone, now: Timestamp) -> Self {
        let due_at = match (look.is_settled, self.is_any) {
            (false, _) => Some(now + AGAIN),
            (true, false) => None,
            (true, true) if self.is_hourly => Some(next_hour(now).min(zone.next_day(now))),
            (true, true) => Some(zone.next_day(now)),
        };
        let is_over = look.is_settled && self.day_at.is_none_or(|day_at| day_at <= now);
        let day_at = if is_over { self.is_any.then(|| zone.next_day(now)) } else { self.day_at };
        let has_begun = !look.is_settled && self.day_at.is_some_and(|day_at| day_at <= now);
        let before = if has_begun { self.before.or(Some(look.places)) } else { None };
        Self { due_at, claimed_at: None, day_at, before, ..self }
    }

    /// What a day did that has begun and is settled: told once, with the look that found it so.
    pub fn swept(&self, look: &Look, now: Timestamp) -> Option<Sweep> {
        let day_at = self.day_at.filter(|day_at| look.is_settled && self.is_any && *day_at <= now)?;
        Some(Sweep {
            wanted_at: day_at,
            ended_at: look.settled_at.unwrap_or(now).max(day_at),
            segments: look.segments,
            shards: look.shards,
            before: self.before.unwrap_or(look.places),
            after: look.places,
        })
    }

    /// A product is tagged with something else, or something became of messages: whoever is told of it is asked by the clock, at
    /// once. `None`: it will be, if this is still so as that is committed, because nobody has begun to look at what is due.
    pub fn told_beside(&self, now: Timestamp) -> Option<Self> {
        let will_be_seen = self.is_due(now) && self.claimed_at.is_none();
        (!will_be_seen).then(|| Self { due_at: Some(now), claimed_at: None, ..self.clone() })
    }

    /// What was worked out of customers is another: whoever is told of it is asked by the clock, at once.
    #[must_use]
    pub fn rescored(self, now: Timestamp) -> Self {
        let due_at = if self.is_any { Some(now) } else { self.due_at };
        Self { due_at, ..self }
    }

    /// The shop's days are others: all shards are to be asked anew, and the clock sees to it at once. A day that has begun
    /// and is not settled yet stays to be told.
    #[must_use]
    pub fn rezoned(self, zone: &Zone, now: Timestamp) -> Self {
        let due_at = if self.is_any { Some(now) } else { self.due_at };
        let day_at = self.day_at.map(|day_at| if day_at <= now { day_at } else { zone.next_day(now) });
        Self { due_at, day_at, ..self }
    }

    /// Whether a shard has nothing to settle but its changed rows. `by`: what it should have been asked by.
    pub fn is_settled(
        &self,
        shard: &Settlement,
        zone: &Zone,
        epoch: u64,
        by: Editions,
        now: Timestamp,
    ) -> bool {
        let due = shard.due(zone, epoch, now);
        let is_timely = match due {
            None => true,
            Some(Due::Turned(Turns::Hourly)) => !self.is_hourly,
            Some(_) => !self.is_any,
        };
        let is_by_these = (!self.is_any || shard.by.scores == by.scores)
            && (!self.asks_beside || shard.by.beside == by.beside);
        shard.changes == self.changes && is_timely && is_by_these
    }
}

/// The first second of the next hour.
fn next_hour(at: Timestamp) -> Timestamp {
    let hour = at.as_second().div_euclid(3_600) + 1;
    Timestamp::from_second(hour * 3_600).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn settlement(as_of: &str) -> Settlement {
        let zone = "America/New_York".parse().unwrap();
        let by = Editions { scores: 2, beside: 5 };
        Settlement { as_of: at(as_of), zone, epoch: 3, changes: 7, by, ..Settlement::none() }
    }

    #[test]
    fn other_days_are_settled_at_once_and_begin_with_their_own_midnight() {
        let (now, tokyo) = (at("2026-03-07T12:00:00Z"), "Asia/Tokyo".parse().unwrap());
        let midnight = at("2026-03-08T00:00:00-05:00");
        let held =
            Settling { is_any: true, due_at: Some(midnight), day_at: Some(midnight), ..Settling::default() };
        let theirs = at("2026-03-08T00:00:00+09:00");
        let other = held.clone().rezoned(&tokyo, now);
        assert_eq!((other.due_at, other.day_at), (Some(now), Some(theirs)));
        // One that has begun is settled first.
        let begun = held.rezoned(&tokyo, midnight);
        assert_eq!((begun.due_at, begun.day_at), (Some(midnight), Some(midnight)));
        assert_eq!(Settling::default().rezoned(&tokyo, now), Settling::default());
    }

    #[test]
    fn a_shard_is_asked_again_with_the_shops_day_and_within_it_with_the_hour() {
        // The clocks of New York go forward on 8 March.
        let settled = settlement("2026-03-07T20:30:00-05:00");
        let check = |now: &str, expected: Option<Due>| {
            assert_eq!(settled.due(&settled.zone, 3, at(now)), expected, "{now}");
        };
        check("2026-03-07T20:59:59-05:00", None);
        check("2026-03-07T21:00:00-05:00", Some(Due::Turned(Turns::Hourly)));
        check("2026-03-07T23:59:59-05:00", Some(Due::Turned(Turns::Hourly)));
        check("2026-03-08T00:00:00-05:00", Some(Due::Turned(Turns::Daily)));
        assert_eq!(settled.due(&Zone::UTC, 3, settled.as_of), Some(Due::Everything), "other days");
        assert_eq!(settled.due(&settled.zone, 4, settled.as_of), Some(Due::Everything), "other blocks");
        assert!(
            Due::Turned(Turns::Daily).is_of(Turns::Hourly) && !Due::Turned(Turns::Hourly).is_of(Turns::Daily)
        );
        assert!(!Due::Turned(Turns::Hourly).is_of(Turns::Never) && Due::Everything.is_of(Turns::Never));
    }

    #[test]
    fn the_clock_looks_when_something_may_turn() {
        let zone: Zone = "America/New_York".parse().unwrap();
        let now = at("2026-03-07T20:30:00-05:00");
        let check = |is_any, is_hourly, is_settled, expected: Option<&str>| {
            let settling =
                Settling { changes: 7, is_any, is_hourly, due_at: Some(now), ..Settling::default() };
            assert!(settling.is_due(now) && !settling.is_due(now - SignedDuration::from_secs(1)));
            let look = Look { is_settled, ..Look::default() };
            assert_eq!(settling.looked(&look, &zone, now).due_at, expected.map(at));
        };
        check(true, false, true, Some("2026-03-08T00:00:00-05:00"));
        check(true, true, true, Some("2026-03-07T21:00:00-05:00"));
        check(true, true, false, Some("2026-03-07T20:40:00-05:00"));
        check(false, false, false, Some("2026-03-07T20:40:00-05:00"));
        check(false, false, true, None);
    }

    #[test]
    fn other_tags_are_seen_by_whoever_has_not_begun_to_look_and_have_all_others_look_again() {
        let (now, sooner) = (at("2026-03-07T12:00:00Z"), at("2026-03-07T11:59:00Z"));
        let due = Settling { is_any: true, due_at: Some(now), ..Settling::default() };
        let claimed = due.clone().claimed(now);
        let looked = claimed.clone().looked(&Look { is_settled: true, ..Look::default() }, &Zone::UTC, now);
        assert!(claimed.is_due(now) && looked.claimed_at.is_none(), "whoever dies over it leaves it due");
        assert_eq!(due.told_beside(now), None, "whoever looks will see it");
        for (settling, at) in [(due, sooner), (claimed, now), (looked, now)] {
            let asked = Settling { due_at: Some(at), claimed_at: None, ..settling.clone() };
            assert_eq!(settling.told_beside(at), Some(asked));
        }
    }

    #[test]
    fn a_shard_is_settled_as_long_as_nothing_turns_that_is_asked() {
        let settled = settlement("2026-03-07T20:30:00-05:00");
        let check = |changes, is_any, is_hourly, now: &str, expected: bool| {
            let settling = Settling { changes, is_any, is_hourly, ..Settling::default() };
            let asking = Settling { asks_beside: true, ..settling.clone() };
            let is_settled = |settling: &Settling, scores, beside| {
                settling.is_settled(&settled, &settled.zone, 3, Editions { scores, beside }, at(now))
            };
            assert_eq!(is_settled(&settling, 2, 5), expected, "{settling:?} {now}");
            let by_others = is_settled(&settling, 3, 5);
            assert_eq!(by_others, expected && !is_any, "{settling:?} {now}, by other scores");
            // Other tags are nothing to those that ask for none.
            assert_eq!(is_settled(&settling, 2, 6), expected, "{settling:?} {now}, by other tags");
            let by_tags = (is_settled(&asking, 2, 5), is_settled(&asking, 2, 6));
            assert_eq!(by_tags, (expected, false), "{asking:?} {now}");
        };
        check(7, true, true, "2026-03-07T20:59:59-05:00", true);
        check(8, true, true, "2026-03-07T20:59:59-05:00", false);
        check(7, true, true, "2026-03-07T21:00:00-05:00", false);
        check(7, true, false, "2026-03-07T21:00:00-05:00", true);
        check(7, true, false, "2026-03-08T00:00:00-05:00", false);
        check(7, false, false, "2026-03-08T00:00:00-05:00", true);
    }

    #[test]
    fn a_day_that_was_settled_is_told_once_with_what_it_did() {
        let zone: Zone = "America/New_York".parse().unwrap();
        let (evening, midnight) = (at("2026-03-07T20:30:00-05:00"), at("2026-03-08T00:00:00-05:00"));
        let settled =
            |places, settled_at| Look { is_settled: true, shards: 1, segments: 2, places, settled_at };
        let open = |places| Look { places, ..Look::default() };
        let new = Settling { changes: 1, is_any: true, due_at: Some(evening), ..Settling::default() };
        assert_eq!(new.swept(&settled(5, None), evening), None, "it is not of a day");
        let known = new.looked(&settled(5, None), &zone, evening);
        assert_eq!((known.day_at, known.swept(&settled(5, None), evening)), (Some(midnight), None));
        // Found unsettled as the day begins, and again; then it is done.
        let late = midnight + SignedDuration::from_mins(10);
        assert_eq!(known.swept(&open(5), midnight), None);
        let begun = known.looked(&open(5), &zone, midnight).looked(&open(6), &zone, late);
        let done = settled(7, Some(midnight + SignedDuration::from_secs(3)));
        let told = begun.swept(&done, late).unwrap();
        assert_eq!((told.wanted_at, told.before, told.after, told.segments), (midnight, 5, 7, 2));
        assert_eq!(told.ended_at, midnight + SignedDuration::from_secs(3));
        let after = begun.looked(&done, &zone, late);
        assert_eq!((after.day_at, after.before), (Some(at("2026-03-09T00:00:00-04:00")), None));
        assert_eq!(after.swept(&done, late), None, "it was told");
        let none = after.changed(std::iter::empty(), late).looked(&done, &zone, late);
        assert_eq!((none.day_at, none.due_at), (None, None), "there is nothing to settle any more");
    }
}
