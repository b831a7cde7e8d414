//! Which day of the shop an instant is in, for millions of them: a day is looked up, not computed.

use jiff::{Span, civil::date, tz::TimeZone};

/// A stretch of days. Each lasts until the next begins, be it 23, 24 or 25 hours, or none at all where a zone left one out.
#[derive(Debug, Clone)]
pub struct ShopDays {
    first: i32,
    /// The second that each begins with, and the one after the last.
    begins: Vec<i64>,
}

/// A hundred years.
const DAYS_MAX: u32 = 36_600;
const SECONDS_A_DAY: i64 = 86_400;

impl ShopDays {
    /// From one day until before another. `None`: that is no stretch, or too long, or beyond the calendar.
    pub fn new(zone: &TimeZone, from: i32, until: i32) -> Option<Self> {
        if until <= from || until.abs_diff(from) > DAYS_MAX {
            return None;
        }
        let begins = (from..=until).map(|day| {
            let days = Span::new().try_days(day).ok()?;
            let midnight = date(1970, 1, 1).checked_add(days).ok()?.at(0, 0, 0, 0);
            let first = midnight.to_zoned(zone.clone()).ok()?;
            // Where there is no midnight, the day begins with what comes instead of it.
            let begin = if first.datetime() == midnight { first } else { first.start_of_day().ok()? };
            Some(begin.timestamp().as_second())
        });
        Some(Self { first: from, begins: begins.collect::<Option<_>>()? })
    }

    /// Of an instant in seconds. `None`: before or after the stretch.
    #[inline]
    pub fn day_of(&self, second: i64) -> Option<i32> {
        let (begin, end) = (*self.begins.first()?, *self.begins.last()?);
        if !(begin..end).contains(&second) {
            return None;
        }
        // An hour more or less, or a day that was left out, is all that a day can lie beside it.
        let mut place = usize::try_from((second - begin) / SECONDS_A_DAY).ok()?.min(self.begins.len() - 2);
        while self.begins[place] > second {
            place -= 1;
        }
        while self.begins[place + 1] <= second {
            place += 1;
        }
        Some(self.first + i32::try_from(place).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn calendar(zone: &TimeZone, second: i64) -> i32 {
        let on = zone.to_datetime(Timestamp::from_second(second).unwrap()).date();
        (on - date(1970, 1, 1)).get_days()
    }

    /// 2011, when Samoa left out a day, to 2026; clocks change at midnight in Havana, Santiago and Beirut, by half an hour on Lord Howe.
    #[test]
    fn instants_are_in_the_day_that_the_calendar_says() {
        for name in [
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "America/Havana",
            "America/Santiago",
            "Asia/Beirut",
            "Pacific/Apia",
            "Pacific/Kiritimati",
            "Australia/Lord_Howe",
            "Asia/Kolkata",
            "Africa/Casablanca",
        ] {
            let zone = TimeZone::get(name).unwrap();
            let (from, until) = (14_980, 20_500);
            let days = ShopDays::new(&zone, from, until).unwrap();
            let (begin, end) = (days.begins[0], days.begins[days.begins.len() - 1]);
            for second in (begin..end).step_by(11_003) {
                assert_eq!(days.day_of(second), Some(calendar(&zone, second)), "{name}, {second}");
            }
            for edge in &days.begins[..days.begins.len() - 1] {
                for second in [*edge, edge - 1].into_iter().filter(|second| *second >= begin) {
                    assert_eq!(days.day_of(second), Some(calendar(&zone, second)), "{name}, {second}");
                }
            }
            assert_eq!((days.day_of(begin - 1), days.day_of(end)), (None, None));
        }
    }

    #[test]
    fn seconds_that_the_clocks_show_again_belong_to_the_day_that_has_begun() {
        let zone = TimeZone::get("America/St_Johns").unwrap();
        let days = ShopDays::new(&zone, 14_900, 14_930).unwrap();
        let day_of = |at: &str| days.day_of(at.parse::<Timestamp>().unwrap().as_second());
        // At 00:01 of 7 November 2010, which is day 14,920, it was 23:01 again.
        let (before, begun) = (day_of("2010-11-07T02:29:59Z"), day_of("2010-11-07T02:30:00Z"));
        assert_eq!(
            (before, begun, day_of("2010-11-07T02:45:00Z")),
            (Some(14_919), Some(14_920), Some(14_920))
        );
    }

    #[test]
    fn what_is_no_stretch_has_no_days() {
        for (from, until) in [(5, 5), (6, 5), (0, 40_000), (i32::MIN, i32::MAX), (i32::MAX - 9, i32::MAX)] {
            assert!(ShopDays::new(&TimeZone::UTC, from, until).is_none(), "{from} {until}");
        }
    }
}
