//! HMAC-SHA-256 over an instant and a body, for providers that sign with a shared secret: the instant stands in the
//! header, so that what was heard once cannot be told again for ever.

use aws_lc_rs::{constant_time, hmac};
use domain::Timestamp;

/// How old, or how far ahead of our clock, a signature may be.
pub const AGE_SECONDS_MAX: i64 = 300;

/// Why something is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    #[error("it is not signed")]
    Missing,
    #[error("its signature is not of the form that is expected")]
    Form,
    #[error("it was signed by somebody else, or changed on its way")]
    Wrong,
    #[error("it was signed too long ago, or is ahead of our clock")]
    Time,
}

/// `t=<seconds>,v1=<hex>`.
pub fn sign(key: &[u8], now: Timestamp, body: &[u8]) -> String {
    let seconds = now.as_second();
    let tag = mac(key, &seconds.to_string(), body);
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

/// Whether one of the keys signed that body, lately.
pub fn verify<'a>(
    keys: impl IntoIterator<Item = &'a [u8]>,
    header: Option<&str>,
    body: &[u8],
    now: Timestamp,
) -> Result<(), BadSignature> {
    let header = header.ok_or(BadSignature::Missing)?;
    let (time, tag) = header.split_once(',').ok_or(BadSignature::Form)?;
    let seconds = time.strip_prefix("t=").ok_or(BadSignature::Form)?;
    let told = tag.strip_prefix("v1=").and_then(bytes_of).ok_or(BadSignature::Form)?;
    let is_by = |key: &[u8]| same(mac(key, seconds, body).as_ref(), &told);
    // All are tried: how long it takes tells nothing.
    let is_right = keys.into_iter().fold(false, |found, key| is_by(key) | found);
    if !is_right {
        return Err(BadSignature::Wrong);
    }
    fresh(seconds, now)
}

/// Whether an instant that was signed is near ours.
pub(crate) fn fresh(seconds: &str, now: Timestamp) -> Result<(), BadSignature> {
    let seconds: i64 = seconds.parse().map_err(|_| BadSignature::Form)?;
    let is_near = seconds.abs_diff(now.as_second()) <= AGE_SECONDS_MAX.unsigned_abs();
    if is_near { Ok(()) } else { Err(BadSignature::Time) }
}

pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(one, other).is_ok()
}

fn mac(key: &[u8], seconds: &str, body: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    context.update(seconds.as_bytes());
    context.update(b".");
    context.update(body);
    context.sign()
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| (byte as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"whsec_test_secret";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_signature_is_what_others_make_of_the_same() {
        // printf '1614556800.{"messageId":"m-1"}' | openssl dgst -sha256 -hmac whsec_test_secret
        let expected = "t=1614556800,v1=ad43292d274dbc1b417a87e206a6eef76408189b717badd673423451d974b245";
        assert_eq!(sign(KEY, at(1_614_556_800), br#"{"messageId":"m-1"}"#), expected);
    }

    #[test]
    fn it_holds_for_its_body_and_key_and_a_while() {
        let header = sign(KEY, at(1_000), b"body");
        let check = |key: &[u8], header: Option<&str>, body: &[u8], now: i64, expected| {
            assert_eq!(verify([b"old".as_slice(), key], header, body, at(now)), expected, "{header:?} {now}");
        };
        for now in [1_000, 1_300, 700] {
            check(KEY, Some(&header), b"body", now, Ok(()));
        }
        for now in [1_301, 699] {
            check(KEY, Some(&header), b"body", now, Err(BadSignature::Time));
        }
        check(b"another", Some(&header), b"body", 1_000, Err(BadSignature::Wrong));
        check(KEY, Some(&header), b"Body", 1_000, Err(BadSignature::Wrong));
        check(KEY, None, b"body", 1_000, Err(BadSignature::Missing));
        let later = header.replace("t=1000", "t=1001");
        check(KEY, Some(&later), b"body", 1_000, Err(BadSignature::Wrong));
        for cut in ["", "t=1000", "t=1000,v1=", "t=1000,v1=0", "t=1000,v1=zz", "v1=00,t=1000"] {
            assert!(verify([KEY], Some(cut), b"body", at(1_000)).is_err(), "{cut:?}");
        }
    }
}
