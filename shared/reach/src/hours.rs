//! From when on somebody may be written to, by the clocks where they are.

use domain::{Timestamp, Zone, campaign::Quiet, campaign::schedule::in_zone};
use jiff::civil::DateTime;
use std::time::Duration;

use crate::laws::Hours;

/// Quiet hours begin and end with a quarter of an hour anywhere: no zone's clocks are apart by less.
const STEP: Duration = Duration::from_mins(15);
/// Where it is always quiet somewhere, nobody may ever be written to. A week has each of its days.
const LOOKED_FOR: u32 = 4 * 24 * 8;

/// A clock by which somebody may live, and what the law says of its hours, if it says anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    pub zone: Zone,
    pub hours: Option<Hours>,
}

/// The first instant from `now` on at which it is `local` or later, not quiet, and allowed, on all of these clocks. `None`: there
/// is none within eight days.
pub fn next_allowed(
    clocks: &[Clock],
    quiet: Option<Quiet>,
    local: Option<DateTime>,
    now: Timestamp,
) -> Option<Timestamp> {
    // A time that all clocks show at once comes first to some of them: the last of those waits the longest.
    let due = local.and_then(|local| clocks.iter().filter_map(|clock| in_zone(local, &clock.zone)).max());
    let from = due.map_or(now, |due| due.max(now));
    let is_loud = |at: Timestamp| {
        clocks.iter().all(|Clock { zone, hours }| {
            let is_quiet = quiet.is_some_and(|quiet| is_quiet(zone, quiet, at));
            !is_quiet && hours.is_none_or(|hours| hours.allow(zone, at))
        })
    };
    if is_loud(from) {
        return Some(from);
    }
    let millis = i64::try_from(STEP.as_millis()).unwrap_or(i64::MAX);
    let first = Timestamp::from_millisecond((from.as_millisecond() / millis + 1) * millis).ok()?;
    (0..LOOKED_FOR).map(|step| first + STEP * step).find(|at| is_loud(*at))
}

fn is_quiet(zone: &Zone, quiet: Quiet, at: Timestamp) -> bool {
    let hour = u8::try_from(at.to_zoned(zone.time_zone().clone()).hour()).unwrap_or(0);
    if quiet.from <= quiet.to {
        (quiet.from..quiet.to).contains(&hour)
    } else {
        hour >= quiet.from || hour < quiet.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clocks_of, laws::lawful_clocks};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn without_law(zones: &[Zone]) -> Vec<Clock> {
        zones.iter().map(|zone| Clock { zone: zone.clone(), hours: None }).collect()
    }

    #[test]
    fn it_must_be_loud_on_all_clocks_of_a_country() {
        let quiet = Some(Quiet { from: 21, to: 8 });
        let check = |country: &str, now: &str, expected: Option<&str>| {
            let clocks = without_law(clocks_of(country).unwrap());
            assert_eq!(next_allowed(&clocks, quiet, None, at(now)), expected.map(at), "{country} at {now}");
        };
        check("DE", "2026-11-22T12:00:00Z", Some("2026-11-22T12:00:00Z"));
        check("DE", "2026-11-22T20:00:00Z", Some("2026-11-23T07:00:00Z"));
        check("DE", "2026-11-22T06:59:59Z", Some("2026-11-22T07:00:00Z"));
        // In Honolulu it is eight when it is one in New York.
        check("US", "2026-11-22T14:00:00Z", Some("2026-11-22T18:00:00Z"));
        check("NP", "2026-11-22T00:00:00Z", Some("2026-11-22T02:15:00Z"));
    }

    #[test]
    fn the_same_hour_of_all_clocks_is_the_last_of_them_and_waits_for_loud_hours() {
        let berlin = without_law(&[Zone::UTC, "Europe/Berlin".parse().unwrap()]);
        let local = Some("2026-11-25T09:00".parse().unwrap());
        let now = at("2026-11-24T19:00:00Z");
        assert_eq!(next_allowed(&berlin, None, local, now), Some(at("2026-11-25T09:00:00Z")));
        assert_eq!(
            next_allowed(&berlin, None, local, at("2026-11-26T00:00:00Z")),
            Some(at("2026-11-26T00:00:00Z"))
        );
        let early = Quiet { from: 0, to: 12 };
        assert_eq!(next_allowed(&berlin, Some(early), local, now), Some(at("2026-11-25T12:00:00Z")));
    }

    #[test]
    fn where_it_is_always_quiet_somewhere_nobody_is_written_to() {
        let apart = without_law(&[Zone::UTC, "Pacific/Auckland".parse().unwrap()]);
        assert_eq!(
            next_allowed(&apart, Some(Quiet { from: 18, to: 14 }), None, at("2026-11-22T00:00:00Z")),
            None
        );
    }

    #[test]
    fn what_the_law_forbids_is_waited_for_and_a_shops_own_quiet_hours_besides() {
        let check = |country: &str, quiet: Option<Quiet>, now: &str, expected: &str| {
            let clocks: Vec<_> = lawful_clocks(country).collect();
            assert_eq!(next_allowed(&clocks, quiet, None, at(now)), Some(at(expected)), "{country} at {now}");
        };
        // 2026-11-21 is a Saturday: nothing on a Sunday in France.
        check("FR", None, "2026-11-21T21:30:00Z", "2026-11-23T07:00:00Z");
        check("FR", Some(Quiet { from: 18, to: 10 }), "2026-11-21T21:30:00Z", "2026-11-23T09:00:00Z");
        check("IN", None, "2026-11-22T20:00:00Z", "2026-11-23T04:30:00Z");
        // From nine in Honolulu to eight in New York, in winter.
        check("US", None, "2026-11-23T02:00:00Z", "2026-11-23T19:00:00Z");
    }
}
