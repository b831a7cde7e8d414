//! What comes in by webhook: proven to be Shopify's before a byte of it is understood.
//!
//! The signature is over the body as it came, byte by byte: whoever hands it on decodes what a gateway has encoded, and
//! nothing else. Headers are not signed: the shop in them is Shopify's word only as far as the address to which it was
//! sent is not known to others.

mod bridge;
mod headers;

pub use bridge::{BadEvent, Bridged};
pub use headers::{Delivery, MissingHeader};

use crate::{App, signature};

/// Why something is not taken for Shopify's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("webhooks are posted")]
    NotPost,
    #[error("there is no signature")]
    NoSignature,
    #[error("there is no body")]
    NoBody,
    #[error("the signature is not that of this body")]
    BadSignature,
    #[error(transparent)]
    Header(#[from] MissingHeader),
}

impl Refused {
    /// As Shopify's own libraries answer. A 401 is what the app store looks for.
    pub fn status(self) -> u16 {
        match self {
            Self::NotPost => 405,
            Self::NoSignature | Self::NoBody | Self::Header(_) => 400,
            Self::BadSignature => 401,
        }
    }
}

/// What was delivered, if Shopify signed it. `header` finds one by its name in small letters.
pub fn verified<'h>(
    method: &str,
    header: impl Fn(&str) -> Option<&'h str>,
    body: &[u8],
    app: &App,
) -> Result<Delivery, Refused> {
    if method != "POST" {
        return Err(Refused::NotPost);
    }
    let (family, told) = headers::signed(&header).ok_or(Refused::NoSignature)?;
    if !signature::is_by(app, told, |secret| signature::base64(secret, body)) {
        return Err(Refused::BadSignature);
    }
    if body.is_empty() {
        return Err(Refused::NoBody);
    }
    Ok(Delivery::of(family, &header)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ApiVersion, Secret, Topic, app::tests::app};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Headers = BTreeMap<String, String>;

    const BODY: &[u8] = br#"{"id":1}"#;

    fn signed(by: &str, prefix: &str) -> Headers {
        let pairs = [
            ("hmac-sha256", signature::base64(&Secret::new(by), BODY)),
            ("topic", "orders/create".to_owned()),
            ("shop-domain", "Nordlicht.myshopify.com".to_owned()),
            ("api-version", "2026-10".to_owned()),
            ("webhook-id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043".to_owned()),
            ("triggered-at", "2026-11-20T10:00:00.123456789Z".to_owned()),
        ];
        pairs.into_iter().map(|(name, value)| (format!("{prefix}shopify-{name}"), value)).collect()
    }

    fn verify(method: &str, headers: &Headers, body: &[u8]) -> Result<Delivery, Refused> {
        verified(method, |name| headers.get(name).map(String::as_str), body, &app())
    }

    #[test]
    fn what_shopify_signed_is_taken_under_both_secrets_and_both_names_of_headers() {
        for (secret, prefix) in [("hush", "x-"), ("hushed before", "x-"), ("hush", ""), ("hushed before", "")]
        {
            let delivery = verify("POST", &signed(secret, prefix), BODY).unwrap();
            assert_eq!(delivery.topic, Topic::OrdersCreate);
            assert_eq!(delivery.shop.as_str(), "nordlicht.myshopify.com");
            assert_eq!(delivery.version, ApiVersion::PINNED);
            assert_eq!(delivery.triggered_at.unwrap().to_string(), "2026-11-20T10:00:00.123456789Z");
            assert_eq!(delivery.event_id, None);
        }
    }

    #[test]
    fn what_is_not_shopifys_is_refused_as_shopifys_libraries_refuse_it() {
        let check =
            |method: &str, change: &dyn Fn(&mut Headers), body: &[u8], expected: Refused, status: u16| {
                let mut headers = signed("hush", "x-");
                change(&mut headers);
                assert_eq!(verify(method, &headers, body), Err(expected));
                assert_eq!(expected.status(), status);
            };
        let without = |name: &'static str| {
            move |headers: &mut Headers| {
                headers.remove(name);
            }
        };
        let with = |name: &'static str, value: &'static str| {
            move |headers: &mut Headers| {
                headers.insert(name.to_owned(), value.to_owned());
            }
        };
        let hmac = "x-shopify-hmac-sha256";
        check("GET", &|_| {}, BODY, Refused::NotPost, 405);
        check("POST", &without(hmac), BODY, Refused::NoSignature, 400);
        check("POST", &with(hmac, ""), BODY, Refused::NoSignature, 400);
        check("POST", &with(hmac, "bm8="), BODY, Refused::BadSignature, 401);
        check("POST", &|_| {}, br#"{"id":2}"#, Refused::BadSignature, 401);
        check("POST", &|_| {}, b"", Refused::BadSignature, 401);
        check("POST", &|headers| *headers = signed("another's", "x-"), BODY, Refused::BadSignature, 401);
        check("POST", &|headers| *headers = signed("", "x-"), BODY, Refused::BadSignature, 401);
        for (name, wrong) in [
            ("x-shopify-topic", "orders create"),
            ("x-shopify-shop-domain", "evil.com"),
            ("x-shopify-api-version", "soon"),
            ("x-shopify-webhook-id", "a#b"),
            ("x-shopify-webhook-id", ""),
        ] {
            check("POST", &with(name, wrong), BODY, Refused::Header(MissingHeader(&name[10..])), 400);
            check("POST", &without(name), BODY, Refused::Header(MissingHeader(&name[10..])), 400);
        }
        let empty = signature::base64(&Secret::new("hush"), b"");
        let emptied = |headers: &mut Headers| {
            headers.insert(hmac.to_owned(), empty.clone());
        };
        check("POST", &emptied, b"", Refused::NoBody, 400);
    }

    #[test]
    fn headers_of_two_families_are_not_mixed() {
        let mut headers = signed("hush", "x-");
        headers.remove("x-shopify-topic");
        headers.insert("shopify-topic".to_owned(), "shop/redact".to_owned());
        assert_eq!(verify("POST", &headers, BODY), Err(Refused::Header(MissingHeader("topic"))));
    }

    proptest! {
        #[test]
        fn an_altered_body_is_refused(at in 0..BODY.len(), by in 1..=255_u8) {
            let mut body = BODY.to_vec();
            body[at] ^= by;
            prop_assert_eq!(verify("POST", &signed("hush", "x-"), &body), Err(Refused::BadSignature));
        }

        #[test]
        fn an_altered_signature_is_refused(at in 0..44_usize, letter in "[A-Za-z0-9+/=]") {
            let mut headers = signed("hush", "x-");
            let told = headers.get_mut("x-shopify-hmac-sha256").unwrap();
            let before = told.clone();
            told.replace_range(at..=at, &letter);
            prop_assume!(*told != before);
            prop_assert_eq!(verify("POST", &headers, BODY), Err(Refused::BadSignature));
        }
    }
}
