//! What an ID token must be before it is believed: signed with the key it names, by RS256 and nothing else, from the
//! issuer, for us alone, in its time, and with the nonce of the sign-in that it belongs to.

use domain::Timestamp;
use flows::{Denial, FlowError, Identity, sign::same};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// How far the provider's clock may be from ours.
const LEEWAY_SECONDS: i64 = 60;
const SUBJECT_BYTES_MAX: usize = 255;

pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
    pub(super) nonce: Option<&'a str>,
    pub(super) now: Timestamp,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    /// A text; a list would name others beside us.
    aud: String,
    sub: String,
    exp: i64,
    iat: i64,
    nonce: Option<String>,
    #[serde(default)]
    email: String,
    #[serde(default)]
    email_verified: Value,
    name: Option<String>,
}

/// Which key signed it, as it says.
pub(super) fn kid(id_token: &str) -> Result<String, FlowError> {
    if id_token.len() > TOKEN_BYTES_MAX {
        return Err(denied());
    }
    jsonwebtoken::decode_header(id_token).ok().and_then(|header| header.kid).ok_or_else(denied)
}

pub(super) fn identity(
    id_token: &str,
    key: &DecodingKey,
    expected: &Expected<'_>,
) -> Result<Identity, FlowError> {
    // The algorithm is ours to say, not the token's. Times are compared with our own clock below.
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let token = jsonwebtoken::decode::<Claims>(id_token, key, &validation).map_err(|_| denied())?;
    let claims = token.claims;
    let now = expected.now.as_second();
    let is_from_issuer = claims.iss == expected.issuer
        || (expected.issuer == "https://accounts.google.com" && claims.iss == "accounts.google.com");
    let expires_at = claims.exp.saturating_add(LEEWAY_SECONDS);
    let is_in_time = now < expires_at && claims.iat.saturating_sub(LEEWAY_SECONDS) <= now;
    let expires_at = Timestamp::from_second(expires_at).map_err(|_| denied())?;
    let nonce = claims.nonce.unwrap_or_default();
    let is_asked_for = expected.nonce.is_none_or(|expected| same(expected.as_bytes(), nonce.as_bytes()));
    let has_subject = (1..=SUBJECT_BYTES_MAX).contains(&claims.sub.len()) && !claims.sub.contains('#');
    if !(is_from_issuer && claims.aud == expected.audience && is_in_time && is_asked_for && has_subject) {
        return Err(denied());
    }
    // A boolean, as documented; the text is what some of the provider's older endpoints write.
    let email_verified = claims.email_verified == Value::Bool(true) || claims.email_verified == "true";
    Ok(Identity { subject: claims.sub, email: claims.email, email_verified, name: claims.name, expires_at })
}

fn denied() -> FlowError {
    FlowError::Denied(Denial::Unauthenticated)
}
