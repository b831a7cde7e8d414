//! Amounts and instants in the forms in which Shopify writes them: one in GraphQL, another in webhooks.

use jiff::{Timestamp, tz::TimeZone};

/// As GraphQL has it, without fixed digits: `231.1`, `0.0`.
pub(crate) fn decimal(cents: i64) -> String {
    let fixed = money(cents);
    match fixed.strip_suffix('0') {
        Some(shorter) => shorter.to_owned(),
        None => fixed,
    }
}

/// As webhooks have it: `231.10`.
pub(crate) fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// As GraphQL has it: `2026-04-25T01:24:48Z`.
pub(crate) fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// As some webhooks have it: `2026-04-25T01:24:48.000Z`.
pub(crate) fn utc_millis(at: Timestamp) -> String {
    format!("{}.{:03}Z", at.strftime("%Y-%m-%dT%H:%M:%S"), at.as_millisecond().rem_euclid(1_000))
}

/// As most webhooks have it, with the shop's offset: `2026-04-25T03:24:48+02:00`.
pub(crate) fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_digits_that_shopify_writes() {
        for (cents, in_graphql, in_webhooks) in [
            (23_110, "231.1", "231.10"),
            (0, "0.0", "0.00"),
            (1_188_490, "11884.9", "11884.90"),
            (5, "0.05", "0.05"),
            (-50, "-0.5", "-0.50"),
        ] {
            assert_eq!((decimal(cents).as_str(), money(cents).as_str()), (in_graphql, in_webhooks));
        }
    }

    #[test]
    fn instants_have_the_shops_offset_in_webhooks_only() {
        let at: Timestamp = "2026-04-25T01:24:48.25Z".parse().unwrap();
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(utc(at), "2026-04-25T01:24:48Z");
        assert_eq!(utc_millis(at), "2026-04-25T01:24:48.250Z");
        assert_eq!(local(at, &zone), "2026-04-25T03:24:48+02:00");
    }
}
