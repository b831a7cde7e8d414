//! The provider's public keys, fetched when needed and kept as long as the provider allows.
//!
//! A key that is not there makes us ask again, at most once a minute, whatever the last answer was: forged tokens must
//! not make us hammer the provider, least of all while it is down. Keys that are held go on verifying meanwhile; of
//! others nobody can tell.

use domain::Timestamp;
use flows::{Denial, FlowError};
use jsonwebtoken::{
    DecodingKey,
    jwk::{Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};
use std::collections::HashMap;
use tokio::sync::Mutex;

use super::{Google, good};

const ASK_AGAIN_SECONDS: i64 = 60;
const KEEP_SECONDS_MAX: i64 = 24 * 3_600;

/// Locked while a fetch is under way: one at a time.
#[derive(Default)]
pub(super) struct Keys(Mutex<Held>);

#[derive(Default)]
struct Held {
    keys: HashMap<String, DecodingKey>,
    asked_at: Option<i64>,
    fresh_until: i64,
    /// Why the last question was not answered.
    trouble: Option<FlowError>,
}

impl Keys {
    pub(super) async fn find(
        &self,
        kid: &str,
        google: &Google,
        now: Timestamp,
    ) -> Result<DecodingKey, FlowError> {
        let mut held = self.0.lock().await;
        let now = now.as_second();
        let is_known = held.keys.contains_key(kid);
        let may_ask = held.asked_at.is_none_or(|asked_at| now - asked_at >= ASK_AGAIN_SECONDS);
        if (!is_known || now >= held.fresh_until) && may_ask {
            held.asked_at = Some(now);
            // Stands if whoever asks is cut off.
            held.trouble = Some(FlowError::unavailable("the sign-in provider was not heard out"));
            match fetched(google).await {
                Ok((keys, seconds)) => {
                    *held = Held { keys, asked_at: Some(now), fresh_until: now + seconds, trouble: None };
                }
                Err(error) => held.trouble = Some(error),
            }
        }
        let unknown = || held.trouble.clone().unwrap_or(FlowError::Denied(Denial::Unauthenticated));
        held.keys.get(kid).cloned().ok_or_else(unknown)
    }
}

async fn fetched(google: &Google) -> Result<(HashMap<String, DecodingKey>, i64), FlowError> {
    let told = google.ask(&google.endpoints.keys_url, None).await?;
    let seconds = kept_seconds(told.header("cache-control").unwrap_or_default());
    let set: JwkSet = serde_json::from_slice(good(&told)?).map_err(FlowError::unavailable)?;
    Ok((set.keys.iter().filter_map(usable).collect(), seconds))
}

/// RS256 is all that the provider signs with; what else is in the set is none of ours.
fn usable(jwk: &Jwk) -> Option<(String, DecodingKey)> {
    let is_for_signing = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    if jwk.common.key_algorithm != Some(KeyAlgorithm::RS256) || !is_for_signing {
        return None;
    }
    Some((jwk.common.key_id.clone()?, DecodingKey::from_jwk(jwk).ok()?))
}

/// As long as the answer says, but at least until we may ask again and at most a day.
fn kept_seconds(cache_control: &str) -> i64 {
    let told = cache_control.to_ascii_lowercase();
    let seconds = told.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse().ok());
    seconds.unwrap_or(ASK_AGAIN_SECONDS).clamp(ASK_AGAIN_SECONDS, KEEP_SECONDS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_key_for_signing_by_rs256_is_one_of_ours() {
        let check = |member: &str, value: serde_json::Value, is_ours: bool| {
            let mut jwk =
                json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "a", "n": "AQAB", "e": "AQAB"});
            jwk[member] = value.clone();
            let jwk = serde_json::from_value(jwk).expect("a JWK");
            assert_eq!(usable(&jwk).map(|(kid, _)| kid), is_ours.then(|| "a".to_owned()), "{member} {value}");
        };
        check("use", json!("sig"), true);
        check("use", json!(null), true);
        check("use", json!("enc"), false);
        check("alg", json!("RS512"), false);
        check("alg", json!("HS256"), false);
        check("alg", json!("ES256"), false);
        check("alg", json!(null), false);
        check("kid", json!(null), false);
    }

    #[test]
    fn keys_are_kept_as_long_as_told_within_a_minute_and_a_day() {
        let check = |told: &'static str, seconds: i64| {
            assert_eq!(kept_seconds(told), seconds, "{told:?}");
        };
        check("public, max-age=3600, must-revalidate", 3_600);
        check("Max-Age=3600", 3_600);
        check("max-age=60", 60);
        check("max-age=59", 60);
        check("max-age=0", 60);
        check("max-age=-1", 60);
        check("max-age=86400", 86_400);
        check("max-age=86401", 86_400);
        check("max-age=9223372036854775807", 86_400);
        check("max-age=99999999999999999999", 60);
        check("max-age=soon", 60);
        check("no-store", 60);
        check("", 60);
    }
}
