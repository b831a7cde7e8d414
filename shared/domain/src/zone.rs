//! Where a shop's days begin and end.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

use crate::days;

/// A time zone of the IANA database: "Europe/Berlin". The database is in the program: a machine's own may lack it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a time zone: one of the IANA database is expected, Europe/Berlin for one")]
pub struct BadZone;

impl Zone {
    pub const UTC: Self = Self(TimeZone::UTC);

    pub fn time_zone(&self) -> &TimeZone {
        &self.0
    }

    /// The first second of a day: 00:00, or what follows where the clocks pass over it. `None`: beyond all that can be told.
    pub fn start_of(&self, day: Date) -> Option<Timestamp> {
        let midnight = day.to_datetime(Time::midnight());
        let first = midnight.to_zoned(self.0.clone()).and_then(|first| {
            // Where the clocks pass over midnight, this is as far behind it as they jump.
            if first.datetime() == midnight { Ok(first) } else { first.start_of_day() }
        });
        first.ok().map(|first| first.timestamp())
    }

    /// As `start_of`, in seconds. Beyond all that can be told: the end of it.
    pub fn first_second(&self, day: Date) -> i64 {
        let end = if day < days::EPOCH { Timestamp::MIN } else { Timestamp::MAX };
        self.start_of(day).unwrap_or(end).as_second()
    }

    /// The last day that has begun. Where the clocks go back over midnight, they show the one before it again.
    pub fn day_of(&self, at: Timestamp) -> Date {
        let mut day = at.to_zoned(self.0.clone()).date();
        while let Ok(next) = day.tomorrow()
            && self.start_of(next).is_some_and(|start| start <= at)
        {
            day = next;
        }
        day
    }

    /// As `day_of`, of an instant in seconds: of one beyond all that can be told, the end of it.
    pub fn day_of_second(&self, second: i64) -> Date {
        let end = if second < 0 { Timestamp::MIN } else { Timestamp::MAX };
        self.day_of(Timestamp::from_second(second).unwrap_or(end))
    }

    /// The first second of the day that begins next.
    pub fn next_day(&self, at: Timestamp) -> Timestamp {
        let next = self.day_of(at).tomorrow().ok();
        next.and_then(|next| self.start_of(next)).unwrap_or(Timestamp::MAX)
    }
}

impl FromStr for Zone {
    type Err = BadZone;

    fn from_str(text: &str) -> Result<Self, BadZone> {
        // Offsets have no names, and days of the shop need more than an offset.
        TimeZone::get(text).ok().filter(|zone| zone.iana_name().is_some()).map(Self).ok_or(BadZone)
    }
}

impl TryFrom<String> for Zone {
    type Error = BadZone;

    fn try_from(text: String) -> Result<Self, BadZone> {
        text.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.to_string()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_once_whatever_the_clocks_do() {
        let check = |zone: &str, at: &str, expected: &str| {
            let zone: Zone = zone.parse().unwrap();
            let next = zone.next_day(at.parse().unwrap());
            assert_eq!(next, expected.parse::<Timestamp>().unwrap(), "{zone} after {at}");
        };
        check("UTC", "2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z");
        check("America/New_York", "2026-03-07T23:59:59-05:00", "2026-03-08T00:00:00-05:00");
        check("America/New_York", "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00");
        // In Santiago the clocks pass over midnight, in Havana they go back over it to 00:00 twice an hour apart.
        check("America/Santiago", "2026-09-05T12:00:00-04:00", "2026-09-06T01:00:00-03:00");
        check("America/Havana", "2026-10-31T12:00:00-04:00", "2026-11-01T00:00:00-04:00");
        check("America/Havana", "2026-11-01T00:30:00-05:00", "2026-11-02T00:00:00-05:00");
        // In Asuncion they went back at midnight, into the day before.
        check("America/Asuncion", "2024-03-23T23:30:00-04:00", "2024-03-24T00:00:00-04:00");
        assert_eq!(Zone::UTC.next_day(Timestamp::MAX), Timestamp::MAX);
    }

    #[test]
    fn seconds_that_the_clocks_show_again_belong_to_the_day_that_has_begun() {
        let check = |zone: &str, at: &str, expected: &str| {
            let (zone, at): (Zone, Timestamp) = (zone.parse().unwrap(), at.parse().unwrap());
            let on: Date = expected.parse().unwrap();
            assert_eq!((zone.day_of(at), zone.day_of_second(at.as_second())), (on, on), "{zone} at {at}");
            assert!(zone.first_second(on) <= at.as_second(), "{zone} at {at}: it has begun");
        };
        // At 00:01 it was 23:01 again.
        check("America/St_Johns", "2010-11-07T02:29:59Z", "2010-11-06");
        check("America/St_Johns", "2010-11-07T02:30:00Z", "2010-11-07");
        check("America/St_Johns", "2010-11-07T02:45:00Z", "2010-11-07");
        check("America/St_Johns", "2010-11-08T03:30:00Z", "2010-11-08");
        // At 24:00 it was 23:00 again: the next day had not begun.
        check("America/Asuncion", "2024-03-23T23:30:00-04:00", "2024-03-23");
        // A day was left out.
        check("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31");
        let ends = (Timestamp::MIN, Timestamp::MAX);
        assert_eq!(Zone::UTC.day_of_second(i64::MIN), Zone::UTC.day_of(ends.0));
        assert_eq!(Zone::UTC.day_of_second(i64::MAX), Zone::UTC.day_of(ends.1));
        let seconds = [Date::MIN, Date::MAX].map(|day| Zone::UTC.first_second(day));
        assert_eq!(seconds, [ends.0.as_second(), ends.1.as_second()], "no further than can be told");
    }

    #[test]
    fn a_zone_is_one_of_the_database() {
        for name in ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata"] {
            assert_eq!(name.parse::<Zone>().unwrap().to_string(), name);
        }
        for wrong in ["", "Berlin", "+02:00", "Mars/Olympus", "../etc/passwd"] {
            assert_eq!(wrong.parse::<Zone>(), Err(BadZone), "{wrong:?}");
        }
    }
}
