//! Where a shop's days begin and end.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

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
    fn a_zone_is_one_of_the_database() {
        for name in ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata"] {
            assert_eq!(name.parse::<Zone>().unwrap().to_string(), name);
        }
        for wrong in ["", "Berlin", "+02:00", "Mars/Olympus", "../etc/passwd"] {
            assert_eq!(wrong.parse::<Zone>(), Err(BadZone), "{wrong:?}");
        }
    }
}
