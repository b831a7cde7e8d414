//! When advertising may come to telephones, by the country that they are in. `laws.txt` is the table, with its sources, and
//! `calling.txt` says which countries a number may be of.

use domain::{Timestamp, Zone};
use std::{collections::BTreeMap, sync::LazyLock};

use crate::{hours::Clock, places::clocks_of};

/// From which hour to which, for Monday to Friday, Saturday and Sunday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours([(u8, u8); 3]);

static LAWS: LazyLock<BTreeMap<&str, Hours>> = LazyLock::new(|| {
    let lines = include_str!("laws.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(place, told)| Some((place, read(told)?)))
        .collect()
});

static CALLING: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let lines = include_str!("calling.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).map(|(code, of)| (code, of.split(' ').collect())).collect()
});

const CODE_DIGITS_MAX: usize = 4;

/// Those of a country, or the strictest where none are known.
pub(crate) fn hours_of(country: Option<&str>) -> Hours {
    let known = country.and_then(|country| LAWS.get(country)).or_else(|| LAWS.get("*"));
    // The table has a line for anywhere: a test reads it.
    known.copied().unwrap_or(Hours([(0, 0); 3]))
}

/// The countries that a number with its country, `+14155552671`, may be of. None: nobody knows.
pub(crate) fn countries_of(phone: &str) -> &'static [&'static str] {
    let digits = phone.trim_start_matches('+');
    let longest = digits.len().min(CODE_DIGITS_MAX);
    let found = (1..=longest).rev().find_map(|length| CALLING.get(digits.get(..length)?));
    found.map_or(&[], Vec::as_slice)
}

impl Hours {
    pub fn allow(&self, zone: &Zone, at: Timestamp) -> bool {
        let local = at.to_zoned(zone.time_zone().clone());
        let (from, to) = match local.weekday().to_monday_one_offset() {
            6 => self.0[1],
            7 => self.0[2],
            _ => self.0[0],
        };
        u8::try_from(local.hour()).is_ok_and(|hour| (from..to).contains(&hour))
    }
}

/// The clocks of a country, and what holds by them. None: it is no country that is known.
pub(crate) fn lawful_clocks(country: &str) -> impl Iterator<Item = Clock> {
    let hours = Some(hours_of(Some(country)));
    clocks_of(country).unwrap_or_default().iter().map(move |zone| Clock { zone: zone.clone(), hours })
}

fn read(told: &str) -> Option<Hours> {
    let of = |span: &str| -> Option<(u8, u8)> {
        if span == "-" {
            return Some((0, 0));
        }
        let (from, to) = span.split_once('-')?;
        let (from, to) = (from.parse().ok()?, to.parse().ok()?);
        (from < to && to <= 24).then_some((from, to))
    };
    let spans: Vec<_> = told.split(' ').map(of).collect::<Option<_>>()?;
    Some(Hours(spans.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_anywhere_else_is_the_strictest_of_all() {
        let told = include_str!("laws.txt").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(LAWS.len(), told.count());
        let anywhere = hours_of(None);
        for (place, Hours(days)) in LAWS.iter() {
            for (kind, (from, to)) in anywhere.0.iter().enumerate() {
                let is_within = from == to || (days[kind].0 <= *from && *to <= days[kind].1);
                assert!(is_within, "{place} forbids what is allowed anywhere");
            }
            assert!(*place == "*" || clocks_of(place).is_some(), "{place}");
        }
        assert_eq!((hours_of(Some("NZ")), hours_of(Some("??"))), (anywhere, anywhere));
    }

    #[test]
    fn every_code_is_of_countries_that_are_known() {
        let told = include_str!("calling.txt").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(CALLING.len(), told.count(), "no code twice");
        for (code, countries) in CALLING.iter() {
            assert!(code.len() <= CODE_DIGITS_MAX, "{code}");
            assert!(countries.iter().all(|country| clocks_of(country).is_some()), "{code}");
        }
        let check = |phone: &str, expected: &[&str]| assert_eq!(countries_of(phone), expected, "{phone}");
        check("+14155552671", &["US", "CA"]);
        check("+18765551234", &["JM"]);
        check("+4915112345678", &["DE"]);
        check("+35312345678", &["IE"]);
        check("+999123", &[]);
        check("", &[]);
    }

    #[test]
    fn the_day_counts_as_well_as_the_hour() {
        let check = |country: &str, zone: &str, at: &str, expected: bool| {
            let (zone, at) = (zone.parse().unwrap(), at.parse().unwrap());
            assert_eq!(hours_of(Some(country)).allow(&zone, at), expected, "{country} at {at}");
        };
        // 2026-11-21 is a Saturday.
        check("FR", "Europe/Paris", "2026-11-21T20:59:59Z", true);
        check("FR", "Europe/Paris", "2026-11-21T21:00:00Z", false);
        check("FR", "Europe/Paris", "2026-11-22T12:00:00Z", false);
        check("US", "America/New_York", "2026-11-22T16:59:59Z", false);
        check("US", "America/New_York", "2026-11-22T17:00:00Z", true);
        check("IN", "Asia/Kolkata", "2026-11-23T04:29:59Z", false);
        check("IN", "Asia/Kolkata", "2026-11-23T04:30:00Z", true);
    }
}
