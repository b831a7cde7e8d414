//! What must happen at most once: requests with an `Idempotency-Key`, and tokens that are good for one use.
//!
//! An answer is kept in the very step that does the work. So there is no moment at which the work is done and
//! the answer is not kept, nor the other way round.

use domain::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, Store, StoreError, keys,
    record::{Entry, read},
};

/// An answer that was given before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// A digest of the request that it answered.
    pub request: String,
    /// The answer, sealed.
    pub sealed: Vec<u8>,
    pub expires_at: Timestamp,
}

impl Store {
    /// The answer kept under a digest of who asked, what, and their key. It may have expired.
    pub async fn kept_answer(
        &self,
        tenant: Option<TenantId>,
        digest: &str,
    ) -> Result<Option<Held<KeptAnswer>>, StoreError> {
        let Some(item) = self.get(keys::answer(tenant, digest)).await? else { return Ok(None) };
        let expires_at = item.expires_at.and_then(|second| Timestamp::from_second(second).ok());
        let held = read::<AnswerRecord>(item)?;
        let version = held.version;
        let AnswerRecord { request, sealed } = held.into_inner();
        let expires_at = expires_at.unwrap_or(Timestamp::MIN);
        Ok(Some(Held::new(KeptAnswer { request, sealed, expires_at }, version)))
    }

    /// `Conflict` if an answer is kept there already, other than a `stale` one that was read before.
    pub fn answer_kept(
        tenant: Option<TenantId>,
        digest: &str,
        answer: &KeptAnswer,
        stale: Option<&Held<KeptAnswer>>,
    ) -> Step {
        let record = AnswerRecord { request: answer.request.clone(), sealed: answer.sealed.clone() };
        let entry = Entry::new(keys::answer(tenant, digest), &record).expiring(answer.expires_at);
        Step(vec![match stale {
            None => entry.create(),
            Some(stale) => entry.replace(stale.version),
        }])
    }

    /// Whether somebody has used it, as far as is known: `used_once` alone settles it.
    pub async fn is_used(&self, digest: &str) -> Result<bool, StoreError> {
        Ok(self.get(keys::used(digest)).await?.is_some())
    }

    /// `Conflict` if it has been used before. `expires_at` is when it would be refused for its age.
    pub fn used_once(digest: &str, expires_at: Timestamp) -> Step {
        Step(vec![Entry::new(keys::used(digest), &UsedRecord {}).expiring(expires_at).create()])
    }
}

#[derive(Serialize, Deserialize)]
struct AnswerRecord {
    request: String,
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct UsedRecord {}
