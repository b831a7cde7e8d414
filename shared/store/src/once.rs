//! What must happen at most once: requests with an `Idempotency-Key`, and tokens that are good for one use.
//!
//! An answer is kept in the very step that does the work. So there is no moment at which the work is done and
//! the answer is not kept, nor the other way round.

use domain::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, Store, StoreError, TenantStore, keys,
    record::{Entry, read},
    table::{Item, Position, Range, Sort, Within},
};

/// An answer that was given before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// A digest of the request that it answered.
    pub request: String,
    /// The answer, sealed. `None`: it spoke of somebody who has been forgotten since.
    pub sealed: Option<Vec<u8>>,
    pub expires_at: Timestamp,
}

impl Store {
    /// The answer kept under a digest of who asked, what, and their key. It may have expired.
    pub async fn kept_answer(
        &self,
        tenant: Option<TenantId>,
        digest: &str,
    ) -> Result<Option<Held<KeptAnswer>>, StoreError> {
        self.get(keys::answer(tenant, digest)).await?.map(answer_in).transpose()
    }

    /// `Conflict` if an answer is kept there already, other than a `stale` one that was read before.
    pub fn answer_kept(
        tenant: Option<TenantId>,
        digest: &str,
        answer: &KeptAnswer,
        stale: Option<&Held<KeptAnswer>>,
    ) -> Step {
        let record = AnswerRecord::from(answer);
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

impl TenantStore {
    /// Answers to requests of this tenant's, each with the digest under which it is kept. Some may have expired.
    pub async fn answers_kept(
        &self,
        limit: u32,
        after: Option<&str>,
    ) -> Result<(Vec<(String, Held<KeptAnswer>)>, Option<String>), StoreError> {
        let position = |digest| Position { key: keys::answer(Some(self.id()), digest), index: None };
        let range = Range {
            within: Within::Partition(keys::answers(self.id())),
            sort: Sort::All,
            backward: false,
            limit,
            after: after.map(position),
            consistent: true,
        };
        let page = self.table().query(&range).await?;
        let answers = page.items.into_iter().map(|item| Ok((item.key.sk.clone(), answer_in(item)?)));
        Ok((answers.collect::<Result<_, StoreError>>()?, page.next.map(|next| next.key.sk)))
    }

    /// That the request was done stays known, and what was answered does not. `Conflict` if another answer has taken its
    /// place.
    pub fn answer_forgotten(&self, digest: &str, held: &Held<KeptAnswer>) -> Step {
        let record = AnswerRecord { request: held.request.clone(), sealed: Vec::new() };
        let entry = Entry::new(keys::answer(Some(self.id()), digest), &record).expiring(held.expires_at);
        Step(vec![entry.replace(held.version)])
    }
}

fn answer_in(item: Item) -> Result<Held<KeptAnswer>, StoreError> {
    let expires_at = item.expires_at.and_then(|second| Timestamp::from_second(second).ok());
    let held = read::<AnswerRecord>(item)?;
    let version = held.version;
    let AnswerRecord { request, sealed } = held.into_inner();
    let sealed = Some(sealed).filter(|sealed| !sealed.is_empty());
    Ok(Held::new(KeptAnswer { request, sealed, expires_at: expires_at.unwrap_or(Timestamp::MIN) }, version))
}

#[derive(Serialize, Deserialize)]
struct AnswerRecord {
    request: String,
    /// Empty, where it was forgotten.
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
}

impl From<&KeptAnswer> for AnswerRecord {
    fn from(answer: &KeptAnswer) -> Self {
        Self { request: answer.request.clone(), sealed: answer.sealed.clone().unwrap_or_default() }
    }
}

#[derive(Serialize, Deserialize)]
struct UsedRecord {}
