//! Tenants' data keys, made and opened by KMS. The tenant is the encryption context: KMS itself refuses to open
//! a key for another.
//!
//! Open keys stay in memory for five minutes: a busy tenant costs one call in that time.

use async_trait::async_trait;
use aws_sdk_kms::{primitives::Blob, types::DataKeySpec};
use domain::{TenantId, Timestamp};
use flows::{Clock, DataKey, FlowError, KeyWrap};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{Clients, failure::Failure};

const KEPT_SECONDS: i64 = 5 * 60;
/// About 300 bytes each: less than 0.2 MB of a function's memory.
const KEPT_MAX: usize = 500;
const CONTEXT: &str = "tenant";

pub struct KmsKeys {
    clients: Clients,
    key_id: String,
    clock: Arc<dyn Clock>,
    open: Mutex<HashMap<Wrapped, Opened>>,
}

/// Whose, and what is stored.
type Wrapped = (TenantId, Vec<u8>);

struct Opened {
    key: DataKey,
    at_second: i64,
}

impl KmsKeys {
    /// `key_id`: an id, an alias or an ARN.
    pub fn new(clients: Clients, key_id: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { clients, key_id: key_id.into(), clock, open: Mutex::default() }
    }

    fn kept(&self, wrapped: &Wrapped, now: Timestamp) -> Option<DataKey> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(wrapped).filter(|opened| opened.is_fresh(now)).map(|opened| opened.key.clone())
    }

    /// When there is no room, the one that was opened first goes.
    fn keep(&self, wrapped: Wrapped, key: DataKey, now: Timestamp) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, opened| opened.is_fresh(now));
        if open.len() >= KEPT_MAX {
            let oldest = open.iter().min_by_key(|(_, opened)| opened.at_second);
            if let Some(oldest) = oldest.map(|(wrapped, _)| wrapped.clone()) {
                open.remove(&oldest);
            }
        }
        open.insert(wrapped, Opened { key, at_second: now.as_second() });
    }
}

impl Opened {
    fn is_fresh(&self, now: Timestamp) -> bool {
        (0..KEPT_SECONDS).contains(&(now.as_second() - self.at_second))
    }
}

#[async_trait]
impl KeyWrap for KmsKeys {
    async fn generate(&self, tenant: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        let asked = (self.clients.kms().generate_data_key())
            .key_id(&self.key_id)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context(CONTEXT, tenant.to_string());
        let made = asked.send().await.map_err(|error| of(Failure::of("KMS", &error)))?;
        let key = data_key(made.plaintext)?;
        let wrapped = made.ciphertext_blob.ok_or_else(no_key)?.into_inner();
        self.keep((tenant, wrapped.clone()), key.clone(), self.clock.now());
        Ok((key, wrapped))
    }

    async fn unwrap(&self, tenant: TenantId, wrapped: &[u8]) -> Result<DataKey, FlowError> {
        let stored = (tenant, wrapped.to_vec());
        let now = self.clock.now();
        if let Some(key) = self.kept(&stored, now) {
            return Ok(key);
        }
        let asked = (self.clients.kms().decrypt())
            .key_id(&self.key_id)
            .ciphertext_blob(Blob::new(wrapped))
            .encryption_context(CONTEXT, tenant.to_string());
        let opened = asked.send().await.map_err(|error| of(Failure::of("KMS", &error)))?;
        let key = data_key(opened.plaintext)?;
        self.keep(stored, key.clone(), now);
        Ok(key)
    }
}

fn data_key(plain: Option<Blob>) -> Result<DataKey, FlowError> {
    plain.and_then(|plain| plain.into_inner().try_into().ok()).map(DataKey).ok_or_else(no_key)
}

fn no_key() -> FlowError {
    FlowError::broken("KMS answered without a key of 32 bytes")
}

/// What does not open never will. All else (a disabled key, a missing permission) can be put right by people
/// while the work waits.
fn of(failure: Failure) -> FlowError {
    if failure.is(&["InvalidCiphertextException", "IncorrectKeyException"]) || failure.is_refused() {
        FlowError::broken(failure)
    } else {
        failure.unavailable()
    }
}
