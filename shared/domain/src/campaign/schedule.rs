//! When a campaign begins: once, or again and again, at a time of the shop's clocks or of those whom it is for.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Time},
};
use serde::{Deserialize, Serialize};

use crate::Zone;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    pub each: Each,
    pub time: Time,
    /// Its first day, or the day itself.
    pub from: Date,
    /// Its last day, that one included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// The shop's, as it was when this was said.
    pub zone: Zone,
    /// Each gets it when it is that time where they are: the first of them up to a day before the shop's clocks say so.
    pub is_recipients_time: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Each {
    Once,
    Day,
    /// On these days of the week, by their ISO numbers: 1 is Monday.
    Week(Vec<i8>),
    /// On that day; where a month is shorter, on its last.
    Month(i8),
}

/// The place where a day begins first is so far before any other's.
const EARLIEST_HOURS: i64 = 14;

impl Schedule {
    /// The first time after that instant at which somebody is due. A time that the clocks pass over is when they have.
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        let today = now.to_zoned(self.zone.time_zone().clone()).date();
        let mut day = self.from.max(today.yesterday().unwrap_or(today));
        // Two months hold a day of each kind.
        for _ in 0..64 {
            if self.until.is_some_and(|until| day > until) {
                return None;
            }
            if self.is_on(day)
                && let Some(at) = self.begins_on(day)
                && at > now
            {
                return Some(at);
            }
            day = day.tomorrow().ok()?;
        }
        None
    }

    /// When the first of those whom it is for are due on that day.
    fn begins_on(&self, day: Date) -> Option<Timestamp> {
        let local = day.to_datetime(self.time);
        if self.is_recipients_time {
            let utc = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
            return utc.checked_sub(EARLIEST_HOURS.hours()).ok().map(|at| at.timestamp());
        }
        in_zone(local, &self.zone)
    }

    fn is_on(&self, day: Date) -> bool {
        match &self.each {
            Each::Once => day == self.from,
            Each::Day => true,
            Each::Week(days) => days.contains(&day.weekday().to_monday_one_offset()),
            Each::Month(on) => day.day() == (*on).min(day.days_in_month()),
        }
    }

    /// The local time at which everybody is due whose campaign began at that instant. `None`: at once.
    pub fn local_of(&self, begun_at: Timestamp) -> Option<DateTime> {
        if !self.is_recipients_time {
            return None;
        }
        let utc = begun_at.to_zoned(jiff::tz::TimeZone::UTC).checked_add(EARLIEST_HOURS.hours()).ok()?;
        Some(utc.date().to_datetime(self.time))
    }

    pub fn is_repeated(&self) -> bool {
        self.each != Each::Once
    }
}

/// Where the clocks pass over it, it is when they have; where they show it twice, the first time.
pub fn in_zone(local: DateTime, zone: &Zone) -> Option<Timestamp> {
    local.to_zoned(zone.time_zone().clone()).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(each: Each, time: &str, from: &str, zone: &str) -> Schedule {
        Schedule {
            each,
            time: time.parse().unwrap(),
            from: from.parse().unwrap(),
            until: None,
            zone: zone.parse().unwrap(),
            is_recipients_time: false,
        }
    }

    #[test]
    fn the_next_time_is_by_the_shops_clocks() {
        let check = |schedule: &Schedule, now: &str, expected: Option<&str>| {
            let next = schedule.next_after(now.parse().unwrap());
            assert_eq!(next, expected.map(|text| text.parse().unwrap()), "{schedule:?} after {now}");
        };
        let once = schedule(Each::Once, "09:00", "2026-11-25", "Europe/Berlin");
        check(&once, "2026-11-22T00:00:00Z", Some("2026-11-25T08:00:00Z"));
        check(&once, "2026-11-25T07:59:59Z", Some("2026-11-25T08:00:00Z"));
        check(&once, "2026-11-25T08:00:00Z", None);
        let daily = schedule(Each::Day, "02:30", "2026-03-01", "Europe/Berlin");
        check(&daily, "2026-03-28T12:00:00Z", Some("2026-03-29T01:30:00Z"));
        check(&daily, "2026-10-24T12:00:00Z", Some("2026-10-25T00:30:00Z"));
        check(&daily, "2026-10-25T00:30:00Z", Some("2026-10-26T01:30:00Z"));
        let weekly = schedule(Each::Week(vec![1, 5]), "18:00", "2026-11-22", "America/New_York");
        check(&weekly, "2026-11-22T12:00:00Z", Some("2026-11-23T23:00:00Z"));
        check(&weekly, "2026-11-23T23:00:00Z", Some("2026-11-27T23:00:00Z"));
        let monthly = schedule(Each::Month(31), "08:00", "2026-01-01", "UTC");
        check(&monthly, "2026-01-31T08:00:00Z", Some("2026-02-28T08:00:00Z"));
        let until = Schedule { until: Some("2026-11-23".parse().unwrap()), ..daily };
        check(&until, "2026-11-23T01:30:00Z", None);
    }

    #[test]
    fn by_the_recipients_clocks_it_begins_where_the_day_does_first() {
        let once =
            Schedule { is_recipients_time: true, ..schedule(Each::Once, "09:00", "2026-11-25", "UTC") };
        let begins: Timestamp = "2026-11-24T19:00:00Z".parse().unwrap();
        assert_eq!(once.next_after("2026-11-22T00:00:00Z".parse().unwrap()), Some(begins));
        assert_eq!(once.local_of(begins), Some("2026-11-25T09:00".parse().unwrap()));
        assert_eq!(schedule(Each::Day, "09:00", "2026-11-25", "UTC").local_of(begins), None);
    }
}
