//! What is kept so that a reader of the table learns nothing: AES-256-GCM under a key of the tenant's own, with
//! the tenant and the use as associated data.
//!
//! A sealed value moved to another tenant, or to another use, does not open.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hmac,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::TenantId;
use std::sync::{Arc, Mutex, PoisonError};
use store::{StoreError, TenantStore};

use crate::{DataKey, Dice, FlowError, KeyWrap};

/// The first byte of every sealed value: how it was sealed.
const FORM: u8 = 1;
const NONCE_BYTES: usize = 12;
/// Enough that no two words of a tenant ever share a tag.
const TAG_BYTES: usize = 18;

/// Seals under a key that the caller holds. `what` is bound to the value: it opens for the same words only.
pub fn seal(key: &DataKey, what: &str, plain: &[u8], dice: &dyn Dice) -> Result<Vec<u8>, FlowError> {
    let mut nonce = [0; NONCE_BYTES];
    dice.fill(&mut nonce);
    let mut body = plain.to_vec();
    let nonce_used = Nonce::assume_unique_for_key(nonce);
    cipher(key)?
        .seal_in_place_append_tag(nonce_used, Aad::from(what.as_bytes()), &mut body)
        .map_err(FlowError::broken)?;
    Ok([&[FORM], &nonce[..], &body[..]].concat())
}

/// Opens what was sealed with the same key and words. What does not open is broken or not ours.
pub fn open(key: &DataKey, what: &str, sealed: &[u8]) -> Result<Vec<u8>, FlowError> {
    let broken = || FlowError::broken("a sealed value does not open");
    let (form, rest) = sealed.split_first().ok_or_else(broken)?;
    let (nonce, body) = rest.split_at_checked(NONCE_BYTES).ok_or_else(broken)?;
    if *form != FORM {
        return Err(broken());
    }
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
    let mut body = body.to_vec();
    let aad = Aad::from(what.as_bytes());
    let plain = cipher(key)?.open_in_place(nonce, aad, &mut body).map_err(|_| broken())?;
    Ok(plain.to_vec())
}

fn cipher(key: &DataKey) -> Result<LessSafeKey, FlowError> {
    UnboundKey::new(&AES_256_GCM, &key.0).map(LessSafeKey::new).map_err(FlowError::broken)
}

/// The seals of tenants: each has a data key, made on first use and stored wrapped.
#[derive(Clone)]
pub struct Seals {
    keys: Arc<dyn KeyWrap>,
    dice: Arc<dyn Dice>,
    /// The key that was opened last. Seals are made for one request: it goes with it.
    opened: Arc<Mutex<Option<(TenantId, DataKey)>>>,
}

impl Seals {
    pub fn new(keys: Arc<dyn KeyWrap>, dice: Arc<dyn Dice>) -> Self {
        Self { keys, dice, opened: Arc::default() }
    }

    pub async fn seal(&self, store: &TenantStore, what: &str, plain: &[u8]) -> Result<Vec<u8>, FlowError> {
        let key = self.key_of(store).await?;
        seal(&key, &bound(store.id(), what), plain, &*self.dice)
    }

    pub async fn open(&self, store: &TenantStore, what: &str, sealed: &[u8]) -> Result<Vec<u8>, FlowError> {
        let key = self.key_of(store).await?;
        open(&key, &bound(store.id(), what), sealed)
    }

    /// What a word looks like to whoever does not hold the tenant's key: the same each time, and nothing to learn from.
    pub async fn tag(&self, store: &TenantStore, what: &str, word: &str) -> Result<String, FlowError> {
        let key = self.key_of(store).await?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key.0);
        let tag = hmac::sign(&key, format!("{what}\n{word}").as_bytes());
        Ok(URL_SAFE_NO_PAD.encode(&tag.as_ref()[..TAG_BYTES]))
    }

    async fn key_of(&self, store: &TenantStore) -> Result<DataKey, FlowError> {
        let opened = |opened: &mut Option<(TenantId, DataKey)>| {
            opened.as_ref().filter(|(tenant, _)| *tenant == store.id()).map(|(_, key)| key.clone())
        };
        if let Some(key) = opened(&mut self.opened.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(key);
        }
        let key = self.key_stored(store).await?;
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some((store.id(), key.clone()));
        Ok(key)
    }

    /// Two that make the tenant's first key at once end with the same one: the first to be stored.
    async fn key_stored(&self, store: &TenantStore) -> Result<DataKey, FlowError> {
        if let Some(wrapped) = store.wrapped_data_key().await? {
            return self.keys.unwrap(store.id(), &wrapped).await;
        }
        let (key, wrapped) = self.keys.generate(store.id()).await?;
        match store.commit(vec![store.data_key_made(wrapped)]).await {
            Ok(()) => Ok(key),
            Err(StoreError::Conflict(_)) => {
                let wrapped = store.wrapped_data_key().await?;
                let wrapped =
                    wrapped.ok_or_else(|| FlowError::broken("a data key that was there is gone"))?;
                self.keys.unwrap(store.id(), &wrapped).await
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn bound(tenant: TenantId, what: &str) -> String {
    format!("{tenant}#{what}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemDice;

    #[test]
    fn a_sealed_value_opens_for_its_key_and_use_only() {
        let (key, other) = (DataKey([1; 32]), DataKey([2; 32]));
        let sealed = seal(&key, "t1#token", b"secret", &SystemDice).unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(open(&key, "t1#token", &sealed).unwrap(), b"secret");
        assert!(open(&other, "t1#token", &sealed).is_err());
        assert!(open(&key, "t2#token", &sealed).is_err());
        for place in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[place] ^= 1;
            assert!(open(&key, "t1#token", &bent).is_err(), "byte {place}");
            assert!(open(&key, "t1#token", &sealed[..place]).is_err(), "cut at {place}");
        }
    }

    #[test]
    fn the_same_value_never_looks_the_same() {
        let key = DataKey([1; 32]);
        assert_ne!(seal(&key, "a", b"x", &SystemDice).unwrap(), seal(&key, "a", b"x", &SystemDice).unwrap());
    }
}
