//! The provider's public keys, fetched when needed and kept as long as the provider allows.
//!
//! A key that is not there makes us ask again, at most once a minute: forged tokens must not make us hammer the
//! provider. While the provider is down, keys that are held go on verifying.

use domain::Timestamp;
use flows::{Denial, FlowError, web::Ask};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{Jwk, JwkSet, KeyAlgorithm},
};
use std::collections::HashMap;
use tokio::sync::Mutex;

use super::{Google, good};

const ASK_AGAIN_SECONDS: i64 = 60;
const KEEP_SECONDS_MAX: i64 = 24 * 3_600;

#[derive(Clone)]
pub(super) struct Key {
    pub(super) key: DecodingKey,
    pub(super) algorithm: Algorithm,
}

/// Locked while a fetch is under way: one at a time.
#[derive(Default)]
pub(super) struct Keys(Mutex<Held>);

#[derive(Default)]
struct Held {
    keys: HashMap<String, Key>,
    asked_at: Option<i64>,
    fresh_until: i64,
}

impl Keys {
    pub(super) async fn find(&self, kid: &str, google: &Google, now: Timestamp) -> Result<Key, FlowError> {
        let mut held = self.0.lock().await;
        let now = now.as_second();
        let is_known = held.keys.contains_key(kid);
        let may_ask = held.asked_at.is_none_or(|asked_at| now - asked_at >= ASK_AGAIN_SECONDS);
        if (!is_known || now >= held.fresh_until) && may_ask {
            held.asked_at = Some(now);
            match fetched(google).await {
                Ok((keys, seconds)) => (held.keys, held.fresh_until) = (keys, now + seconds),
                Err(error) if !is_known => {
                    held.asked_at = None;
                    return Err(error);
                }
                // Known still, and better than nothing.
                Err(_) => {}
            }
        }
        held.keys.get(kid).cloned().ok_or(FlowError::Denied(Denial::Unauthenticated))
    }
}

async fn fetched(google: &Google) -> Result<(HashMap<String, Key>, i64), FlowError> {
    let told = google.web.ask(Ask { url: google.endpoints.keys_url.clone(), form: None }).await?;
    let set: JwkSet = serde_json::from_slice(good(&told)?).map_err(FlowError::unavailable)?;
    let seconds =
        max_age(told.cache_control.as_deref().unwrap_or_default()).clamp(ASK_AGAIN_SECONDS, KEEP_SECONDS_MAX);
    Ok((set.keys.iter().filter_map(usable).collect(), seconds))
}

/// Only the two algorithms that such tokens are signed with; what else is in the set is none of ours.
fn usable(jwk: &Jwk) -> Option<(String, Key)> {
    let algorithm = match jwk.common.key_algorithm {
        Some(KeyAlgorithm::RS256) => Algorithm::RS256,
        Some(KeyAlgorithm::ES256) => Algorithm::ES256,
        _ => return None,
    };
    let key = DecodingKey::from_jwk(jwk).ok()?;
    Some((jwk.common.key_id.clone()?, Key { key, algorithm }))
}

fn max_age(cache_control: &str) -> i64 {
    let seconds =
        cache_control.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse().ok());
    seconds.unwrap_or(ASK_AGAIN_SECONDS)
}
