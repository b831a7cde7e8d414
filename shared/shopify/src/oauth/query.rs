//! The query of an address that Shopify sends somebody to us with, signed.
//!
//! What is signed are all pairs but the signature, sorted by their names and encoded as a form: as Shopify's own
//! libraries do it. Encoded, because decoded pairs can be cut in more than one way: `a=1&b=2` may be two pairs or one.

use domain::Timestamp;
use form_urlencoded::{byte_serialize, parse};

use crate::{App, Secret, signature};

const QUERY_BYTES_MAX: usize = 8 * 1024;
/// How long ago Shopify may have signed it, and how far our clocks may be apart: as its own libraries have it.
const AGE_SECONDS_MAX: u64 = 90;

/// A query that Shopify signed just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedQuery {
    /// Decoded, without the signature, sorted by their names.
    pairs: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadQuery {
    #[error("the query is longer than any of Shopify's")]
    TooLong,
    /// Which of the two counts could be read in two ways.
    #[error("a name stands in the query twice")]
    Twice,
    #[error("the query is not signed")]
    NoSignature,
    #[error("the signature is not that of this query")]
    BadSignature,
    #[error("the query does not say when it was signed")]
    NoTime,
    #[error("the query was not signed just now")]
    Stale,
}

impl SignedQuery {
    /// `raw` is what stands behind the `?`, as it came.
    pub fn read(raw: &str, app: &App, now: Timestamp) -> Result<Self, BadQuery> {
        if raw.len() > QUERY_BYTES_MAX {
            return Err(BadQuery::TooLong);
        }
        let mut pairs: Vec<(String, String)> = parse(raw.as_bytes()).into_owned().collect();
        // Stable: what is told of a list keeps its order.
        pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
        let is_list = |name: &str| name.ends_with("[]");
        if pairs.windows(2).any(|two| two[0].0 == two[1].0 && !is_list(&two[0].0)) {
            return Err(BadQuery::Twice);
        }
        let place = pairs.iter().position(|(name, _)| name == "hmac").ok_or(BadQuery::NoSignature)?;
        let (_, told) = pairs.remove(place);
        if !signature::is_by(app, &told, |secret| sign(secret, &pairs)) {
            return Err(BadQuery::BadSignature);
        }
        let query = Self { pairs };
        let at = query.get("timestamp").filter(|at| at.bytes().all(|byte| byte.is_ascii_digit()));
        let at: i64 = at.and_then(|at| at.parse().ok()).ok_or(BadQuery::NoTime)?;
        let is_now = now.as_second().abs_diff(at) <= AGE_SECONDS_MAX;
        if is_now { Ok(query) } else { Err(BadQuery::Stale) }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn sign(secret: &Secret, pairs: &[(String, String)]) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let all: Vec<_> =
        pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    signature::hex(secret, all.join("&").as_bytes())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::app::tests::app;
    use proptest::prelude::*;

    pub(in crate::oauth) const NOW: i64 = 1_795_000_000;

    pub(in crate::oauth) fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    /// What Shopify sends; the pairs are sorted, and need no encoding.
    pub(in crate::oauth) fn signed(pairs: &str, by: &str) -> String {
        let hmac = signature::hex(&Secret::new(by), pairs.as_bytes());
        format!("hmac={hmac}&{pairs}")
    }

    fn pairs() -> String {
        format!("code=0907a61c&host=YWRtaW4&shop=nordlicht.myshopify.com&state=abc&timestamp={NOW}")
    }

    #[test]
    fn a_query_is_believed_that_shopify_signed_just_now() {
        for secret in ["hush", "hushed before"] {
            let query = SignedQuery::read(&signed(&pairs(), secret), &app(), now()).unwrap();
            assert_eq!(query.get("code"), Some("0907a61c"));
            assert_eq!(query.get("hmac"), None);
        }
        // However they are ordered, and with a list.
        let listed = format!("ids%5B%5D=2&ids%5B%5D=1&shop=nordlicht.myshopify.com&timestamp={NOW}");
        assert!(SignedQuery::read(&signed(&listed, "hush"), &app(), now()).is_ok());
        let hmac = signature::hex(&Secret::new("hush"), listed.as_bytes());
        let turned = format!("timestamp={NOW}&hmac={hmac}&ids[]=2&shop=nordlicht.myshopify.com&ids[]=1");
        assert!(SignedQuery::read(&turned, &app(), now()).is_ok());
        let other = format!("timestamp={NOW}&hmac={hmac}&ids[]=1&shop=nordlicht.myshopify.com&ids[]=2");
        assert_eq!(SignedQuery::read(&other, &app(), now()), Err(BadQuery::BadSignature));
    }

    #[test]
    fn any_other_query_is_not() {
        let check = |raw: &str, second: i64, expected: BadQuery| {
            let now = Timestamp::from_second(second).unwrap();
            assert_eq!(SignedQuery::read(raw, &app(), now), Err(expected), "{raw}");
        };
        let right = signed(&pairs(), "hush");
        check("", NOW, BadQuery::NoSignature);
        check(&pairs(), NOW, BadQuery::NoSignature);
        check(&signed(&pairs(), "another's"), NOW, BadQuery::BadSignature);
        check(&right.to_uppercase(), NOW, BadQuery::NoSignature);
        check(&format!("{right}&more=1"), NOW, BadQuery::BadSignature);
        check(&format!("{right}&shop=other.myshopify.com"), NOW, BadQuery::Twice);
        check(&right.replace("nordlicht", "other"), NOW, BadQuery::BadSignature);
        check(&format!("{right}&{}", "a".repeat(9_000)), NOW, BadQuery::TooLong);
        check(&right, NOW + 91, BadQuery::Stale);
        check(&right, NOW - 91, BadQuery::Stale);
        assert!(SignedQuery::read(&right, &app(), Timestamp::from_second(NOW + 90).unwrap()).is_ok());
        check(&signed("shop=nordlicht.myshopify.com", "hush"), NOW, BadQuery::NoTime);
        for wrong in ["", "-1", "1e9", "99999999999999999999"] {
            check(&signed(&format!("timestamp={wrong}"), "hush"), NOW, BadQuery::NoTime);
        }
        // The signed text of two pairs is not that of one which looks like them.
        let folded = right.replace("&state=abc", "%26state%3Dabc");
        check(&folded, NOW, BadQuery::BadSignature);
    }

    proptest! {
        #[test]
        fn an_altered_query_is_refused(at in 0..140_usize, letter in "[a-z0-9&=]") {
            let right = signed(&pairs(), "hush");
            let mut raw = right.clone();
            raw.replace_range(at..=at, &letter);
            // Pairs that are only in another order, or empty ones, say the same.
            prop_assume!(raw != right);
            if let Ok(query) = SignedQuery::read(&raw, &app(), now()) {
                prop_assert_eq!(query, SignedQuery::read(&right, &app(), now()).unwrap());
            }
        }

        #[test]
        fn no_query_is_too_strange_to_refuse(raw in ".{0,100}") {
            prop_assert!(SignedQuery::read(&raw, &app(), now()).is_err());
        }
    }
}
