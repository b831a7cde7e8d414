//! Where the days of a shop begin, and to which one a second belongs.
//!
//! A day begins with its first second: 00:00, or what follows where the clocks pass over it. It lasts until the next one
//! begins, whatever the clocks show in between; so days and seconds rise together.

use domain::{
    Zone,
    days::{EPOCH, date_of, number_of},
};
use jiff::{
    Span, Timestamp,
    civil::{Date, DateTime},
};
use rules::{Moment, Offset, Unit};

#[derive(Debug, Clone)]
pub(crate) struct Calendar(Zone);

/// A step of months ends at most so many days before the day that was counted from.
const CLAMPED_DAYS_MAX: i32 = 3;

impl Calendar {
    pub(crate) fn of(zone: &Zone) -> Self {
        Self(zone.clone())
    }

    /// Its first second. Beyond all that can be told: the end of it.
    pub(crate) fn start(&self, day: Date) -> i64 {
        self.0.first_second(day)
    }

    /// The first second behind it.
    pub(crate) fn end(&self, day: Date) -> i64 {
        day.tomorrow().map_or(i64::MAX, |next| self.start(next))
    }

    /// The last day that has begun.
    pub(crate) fn day(&self, second: i64) -> Date {
        self.0.day_of_second(second)
    }

    /// By the clocks of the shop. What they show twice is the first time; what they pass over is as much later.
    pub(crate) fn second(&self, time: DateTime) -> i64 {
        let end = if time.date() < EPOCH { Timestamp::MIN } else { Timestamp::MAX };
        time.to_zoned(self.0.time_zone().clone()).map_or(end, |time| time.timestamp()).as_second()
    }
}

/// Since 1970-01-01, as columns count them.
pub(crate) fn number(day: Date) -> i64 {
    number_of(day).into()
}

pub(crate) fn day_of_number(number: i64) -> Option<Date> {
    date_of(i32::try_from(number).ok()?)
}

/// The day that is meant where it is today; of a moment that is told in days.
pub(crate) fn meant(moment: Moment, today: Date) -> Date {
    match moment {
        Moment::Yesterday => today.saturating_sub(days(1)),
        Moment::Day(day) => day,
        Moment::Offset(offset) => today.saturating_add(span(offset)),
        Moment::Today | Moment::Now | Moment::At(_) => today,
    }
}

/// The first day on which `meant` gives this one or a later one. `None`: it never changes, or is out of reach.
pub(crate) fn first_meaning(moment: Moment, day: Date) -> Option<Date> {
    match moment {
        Moment::Today => Some(day),
        Moment::Yesterday => day.tomorrow().ok(),
        Moment::Offset(offset) => {
            let back = day.checked_sub(span(offset)).ok()?;
            let first = back.checked_sub(days(1 + CLAMPED_DAYS_MAX)).ok()?;
            // Both steps may have been clamped.
            let near = (0..=3 * CLAMPED_DAYS_MAX + 1).filter_map(|later| first.checked_add(days(later)).ok());
            near.into_iter().find(|today| meant(moment, *today) >= day)
        }
        Moment::Day(_) | Moment::Now | Moment::At(_) => None,
    }
}

fn days(number: i32) -> Span {
    Span::new().days(number)
}

/// Of months and years, as the calendar has them: into a shorter month no further than to its end.
fn span(offset: Offset) -> Span {
    let span = Span::new();
    match offset.unit {
        Unit::Hour => span.hours(offset.number),
        Unit::Day => span.days(offset.number),
        Unit::Week => span.weeks(offset.number),
        Unit::Month => span.months(offset.number),
        Unit::Year => span.years(offset.number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_with_its_first_instant() {
        let check = |zone: &str, on: &str, first: &str| {
            let calendar = Calendar::of(&zone.parse().unwrap());
            let second = first.parse::<Timestamp>().unwrap().as_second();
            assert_eq!(calendar.start(day(on)), second, "{on} in {zone}");
            let before = day(on).yesterday().unwrap();
            assert_eq!(calendar.end(before), second, "the day before {on} in {zone}");
            assert_eq!((calendar.day(second), calendar.day(second - 1) < day(on)), (day(on), true), "{on}");
        };
        check("America/New_York", "2026-03-08", "2026-03-08T05:00:00Z");
        check("America/New_York", "2026-03-09", "2026-03-09T04:00:00Z");
        // There was no midnight.
        check("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z");
        check("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z");
        // It was midnight twice.
        check("America/Havana", "2025-11-02", "2025-11-02T04:00:00Z");
        check("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z");
    }

    #[test]
    fn seconds_that_the_clocks_show_again_belong_to_the_day_that_has_begun() {
        let calendar = Calendar::of(&"America/St_Johns".parse().unwrap());
        // At 00:01 it was 23:01 again.
        let again: Timestamp = "2010-11-07T02:45:00Z".parse().unwrap();
        assert_eq!(calendar.day(again.as_second()), day("2010-11-07"));
    }

    #[test]
    fn a_day_that_was_left_out_is_nobodys() {
        let calendar = Calendar::of(&"Pacific/Apia".parse().unwrap());
        assert_eq!(calendar.start(day("2011-12-30")), calendar.start(day("2011-12-31")));
        assert_eq!(calendar.day(calendar.start(day("2011-12-30"))), day("2011-12-31"));
    }

    #[test]
    fn months_end_with_their_last_day() {
        let check = |moment: &str, today: &str, expected: &str| {
            let moment = Moment::parse(moment).unwrap();
            assert_eq!(meant(moment, day(today)), day(expected), "{moment} on {today}");
        };
        check("-1m", "2026-03-31", "2026-02-28");
        check("-1m", "2028-03-31", "2028-02-29");
        check("-1y", "2028-02-29", "2027-02-28");
        check("-2w", "2026-03-09", "2026-02-23");
        check("yesterday", "2026-03-01", "2026-02-28");
        check("+1m", "2026-01-31", "2026-02-28");
    }

    #[test]
    fn the_first_day_that_means_another_is_found() {
        for text in ["today", "yesterday", "-1d", "+3d", "-2w", "-1m", "+1m", "-12m", "-1y", "+1y", "-13m"] {
            let moment = Moment::parse(text).unwrap();
            let mut target = day("2023-12-20");
            while target < day("2028-04-02") {
                let first = first_meaning(moment, target).unwrap();
                assert!(meant(moment, first) >= target, "{text} {target}");
                assert!(meant(moment, first.yesterday().unwrap()) < target, "{text} {target}");
                target = target.tomorrow().unwrap();
            }
        }
        assert_eq!(first_meaning(Moment::Day(day("2026-01-01")), day("2026-01-01")), None);
    }

    #[test]
    fn days_are_counted_from_1970() {
        for (on, expected) in
            [("1970-01-01", 0), ("1969-12-31", -1), ("0001-01-01", -719_162), ("2026-03-09", 20_521)]
        {
            assert_eq!((number(day(on)), day_of_number(expected)), (expected, Some(day(on))));
        }
        assert_eq!([i64::MAX, 10_000_000].map(day_of_number), [None, None]);
    }
}
