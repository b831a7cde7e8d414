//! From when on somebody may be written to, by the clocks where they are.

use domain::{Timestamp, Zone, campaign::Quiet, campaign::schedule::in_zone};
use jiff::civil::DateTime;
use std::time::Duration;

/// Quiet hours begin and end with a quarter of an hour anywhere: no zone's clocks are apart by less.
const STEP: Duration = Duration::from_mins(15);
/// Where it is always quiet somewhere, nobody may ever be written to.
const LOOKED_FOR: u32 = 4 * 24 * 3;

/// The first instant from `now` on at which it is `local` or later, and not quiet, on all of these clocks. `None`: there is
/// none within three days.
pub fn next_allowed(
    clocks: &[Zone],
    quiet: Option<Quiet>,
    local: Option<DateTime>,
    now: Timestamp,
) -> Option<Timestamp> {
    // A time that all clocks show at once comes first to some of them: the last of those waits the longest.
    let due = local.and_then(|local| clocks.iter().filter_map(|zone| in_zone(local, zone)).max());
    let from = due.map_or(now, |due| due.max(now));
    let Some(quiet) = quiet else { return Some(from) };
    if clocks.iter().all(|zone| !is_quiet(zone, quiet, from)) {
        return Some(from);
    }
    let millis = i64::try_from(STEP.as_millis()).unwrap_or(i64::MAX);
    let first = Timestamp::from_millisecond((from.as_millisecond() / millis + 1) * millis).ok()?;
    (0..LOOKED_FOR)
        .map(|step| first + STEP * step)
        .find(|at| clocks.iter().all(|zone| !is_quiet(zone, quiet, *at)))
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
    use crate::clocks_of;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn it_must_be_loud_on_all_clocks_of_a_country() {
        let quiet = Some(Quiet { from: 21, to: 8 });
        let check = |country: &str, now: &str, expected: Option<&str>| {
            let clocks = clocks_of(country).unwrap();
            assert_eq!(next_allowed(clocks, quiet, None, at(now)), expected.map(at), "{country} at {now}");
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
        let berlin = [Zone::UTC, "Europe/Berlin".parse().unwrap()];
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
        let apart = [Zone::UTC, "Pacific/Auckland".parse().unwrap()];
        assert_eq!(
            next_allowed(&apart, Some(Quiet { from: 18, to: 14 }), None, at("2026-11-22T00:00:00Z")),
            None
        );
    }
}
