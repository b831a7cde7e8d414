//! The session token with which App Bridge says, within Shopify's admin, which shop and which of its people are there.
//!
//! Signed with the app's secret by HS256 and nothing else, and good for a minute. The shop is the token's word, never a
//! parameter's.

use domain::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::{App, Secret, ShopDomain};

const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// How far Shopify's clock may be from ours: as its own libraries have it.
const LEEWAY_SECONDS: i64 = 10;

/// What a token proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionToken {
    pub shop: ShopDomain,
    /// Shopify's number of the person.
    pub user: String,
    pub ends_at: Timestamp,
}

/// Why it proves nothing. A page asks App Bridge for another when it is answered 401 with the header `RETRY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSessionToken {
    #[error("it is no token of Shopify's, or was made with another secret")]
    Signature,
    #[error("it is for another app")]
    Audience,
    #[error("who made it and whom it is about are not one shop")]
    Shop,
    #[error("whom it is about has no number of Shopify's")]
    Person,
    #[error("it does not hold now")]
    Time,
}

/// The header, and its value, that makes App Bridge try once more with a new token.
pub const RETRY: (&str, &str) = ("X-Shopify-Retry-Invalid-Session-Request", "1");

#[derive(Deserialize)]
struct Claims {
    iss: String,
    dest: String,
    /// A text; a list would name others beside us.
    aud: String,
    sub: String,
    exp: i64,
    nbf: i64,
    iat: Option<i64>,
}

impl SessionToken {
    pub fn read(token: &str, app: &App, now: Timestamp) -> Result<Self, BadSessionToken> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(BadSessionToken::Signature);
        }
        let claims =
            app.secrets().find_map(|secret| decoded(token, secret)).ok_or(BadSessionToken::Signature)?;
        if claims.aud != app.client_id {
            return Err(BadSessionToken::Audience);
        }
        let host = |url: &str| url.strip_prefix("https://")?.parse::<ShopDomain>().ok();
        let shop = host(&claims.dest).ok_or(BadSessionToken::Shop)?;
        if claims.iss.strip_suffix("/admin").and_then(host).as_ref() != Some(&shop) {
            return Err(BadSessionToken::Shop);
        }
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if !(1..=64).contains(&claims.sub.len()) || !claims.sub.bytes().all(is_plain) {
            return Err(BadSessionToken::Person);
        }
        let now = now.as_second();
        let begins = claims.nbf.max(claims.iat.unwrap_or(claims.nbf));
        let is_now =
            claims.exp.saturating_add(LEEWAY_SECONDS) > now && begins.saturating_sub(LEEWAY_SECONDS) <= now;
        let ends_at = Timestamp::from_second(claims.exp).map_err(|_| BadSessionToken::Time)?;
        if is_now { Ok(Self { shop, user: claims.sub, ends_at }) } else { Err(BadSessionToken::Time) }
    }
}

fn decoded(token: &str, secret: &Secret) -> Option<Claims> {
    // The algorithm is ours to say, not the token's. Times are compared with our own clock.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_secret(secret.expose().as_bytes());
    jsonwebtoken::decode(token, &key, &validation).ok().map(|token| token.claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::app;
    use jsonwebtoken::{EncodingKey, Header};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const NOW: i64 = 1_795_000_000;

    fn claims() -> Value {
        json!({"iss": "https://nordlicht.myshopify.com/admin", "dest": "https://nordlicht.myshopify.com",
            "aud": "client", "sub": "42", "exp": NOW + 60, "nbf": NOW, "iat": NOW, "jti": "1", "sid": "2"})
    }

    fn token(claims: &Value, by: &str, algorithm: Algorithm) -> String {
        jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(by.as_bytes()))
            .unwrap()
    }

    fn read(token: &str, second: i64) -> Result<SessionToken, BadSessionToken> {
        SessionToken::read(token, &app(), Timestamp::from_second(second).unwrap())
    }

    #[test]
    fn a_token_says_who_is_there() {
        for secret in ["hush", "hushed before"] {
            let told = read(&token(&claims(), secret, Algorithm::HS256), NOW).unwrap();
            assert_eq!((told.shop.name(), told.user.as_str()), ("nordlicht", "42"));
        }
        let right = token(&claims(), "hush", Algorithm::HS256);
        for second in [NOW - 10, NOW + 69] {
            assert!(read(&right, second).is_ok());
        }
        for second in [NOW - 11, NOW + 70] {
            assert_eq!(read(&right, second), Err(BadSessionToken::Time));
        }
    }

    #[test]
    fn another_token_proves_nothing() {
        use BadSessionToken::{Audience, Shop, Signature, Time};
        let check = |name: &str, value: Value, expected: BadSessionToken| {
            let mut claims = claims();
            claims[name] = value;
            assert_eq!(read(&token(&claims, "hush", Algorithm::HS256), NOW), Err(expected), "{claims}");
        };
        check("aud", json!("another"), Audience);
        check("aud", json!(["client", "another"]), Signature);
        check("iss", json!("https://other.myshopify.com/admin"), Shop);
        check("iss", json!("https://nordlicht.myshopify.com"), Shop);
        check("dest", json!("https://nordlicht.myshopify.com.evil.com"), Shop);
        check("dest", json!("http://nordlicht.myshopify.com"), Shop);
        check("dest", json!("nordlicht.myshopify.com"), Shop);
        check("sub", json!(""), BadSessionToken::Person);
        check("sub", json!("4#2"), BadSessionToken::Person);
        check("exp", Value::Null, Signature);
        check("exp", json!(NOW - 10), Time);
        check("exp", json!(i64::MAX), Time);
        check("nbf", json!(NOW + 11), Time);
        check("iat", json!(NOW + 11), Time);
        assert_eq!(read(&token(&claims(), "another's", Algorithm::HS256), NOW), Err(Signature));
        assert_eq!(read(&token(&claims(), "hush", Algorithm::HS512), NOW), Err(Signature));
        // {"alg":"none"}, without a signature.
        let right = token(&claims(), "hush", Algorithm::HS256);
        let body = right.split('.').nth(1).unwrap();
        assert_eq!(read(&format!("eyJhbGciOiJub25lIn0.{body}."), NOW), Err(Signature));
        let nobody = App { secret: Secret::new(""), old_secret: None, ..app() };
        let by_nobody = token(&claims(), "", Algorithm::HS256);
        let now = Timestamp::from_second(NOW).unwrap();
        assert_eq!(SessionToken::read(&by_nobody, &nobody, now), Err(Signature));
    }

    proptest! {
        #[test]
        fn an_altered_token_is_refused(at in 0..300_usize, letter in "[A-Za-z0-9_.-]") {
            let right = token(&claims(), "hush", Algorithm::HS256);
            let at = at % right.len();
            let mut other = right.clone();
            other.replace_range(at..=at, &letter);
            // The last letter has bits that mean nothing.
            prop_assume!(other != right && at + 1 < right.len());
            prop_assert!(read(&other, NOW).is_err());
        }

        #[test]
        fn no_text_is_too_strange_to_refuse(text in ".{0,60}") {
            prop_assert!(read(&text, NOW).is_err());
        }
    }
}
