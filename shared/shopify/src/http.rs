//! What an answer of HTTP says beside its body.

use jiff::SignedDuration;

/// Nobody waits longer than an hour, whatever is told.
const WAIT_SECONDS_MAX: f64 = 3_600.0;
const CODE_BYTES_MAX: usize = 64;

/// `Retry-After` in seconds. Shopify writes "2.0", too; a date is not among what it sends.
pub(crate) fn retry_after(told: Option<&str>) -> Option<SignedDuration> {
    let seconds: f64 = told?.trim().parse().ok()?;
    let is_told = seconds.is_finite() && seconds >= 0.0;
    is_told.then(|| SignedDuration::from_secs_f64(seconds.min(WAIT_SECONDS_MAX)))
}

/// A word for machines, fit for a log: what is not plain is left out.
pub(crate) fn code(told: &str) -> String {
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    told.chars().filter(is_plain).take(CODE_BYTES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_told_in_seconds() {
        let check = |told: &str, millis: Option<i64>| {
            assert_eq!(retry_after(Some(told)), millis.map(SignedDuration::from_millis), "{told:?}");
        };
        check("2", Some(2_000));
        check("2.0", Some(2_000));
        check(" 0.5", Some(500));
        check("86400", Some(3_600_000));
        for wrong in ["", "-1", "NaN", "inf", "Sat, 21 Nov 2026 17:00:00 GMT"] {
            check(wrong, None);
        }
        assert_eq!(retry_after(None), None);
        assert_eq!(code("invalid_grant <b>\n"), "invalid_grantb");
    }
}
