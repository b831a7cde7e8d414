//! When a shop last told of each kind of event, in one item: the log of events goes after some days, and this stays.
//!
//! It is written down every ten minutes at most, for each kind: what was written lately is remembered, and an event that
//! comes soon after costs neither a read nor a write. So the instant may be ten minutes too early, and is never too late.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use domain::{TenantId, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
};

/// What is asked about is silent for a day and more.
const EACH: SignedDuration = SignedDuration::from_mins(10);
/// More tenants than a function serves before it is started anew.
const REMEMBERED: usize = 10_000;
/// Other kinds may be written down at the same moment.
const TRIES: usize = 4;

/// By their names.
type Topics = BTreeMap<String, Timestamp>;

/// What was seen to be written down.
#[derive(Default)]
pub(crate) struct TopicsSeen(Mutex<BTreeMap<TenantId, Topics>>);

impl TopicsSeen {
    fn with<T>(&self, look: impl FnOnce(&mut BTreeMap<TenantId, Topics>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_news(&self, tenant: TenantId, topic: &str, at: Timestamp) -> bool {
        let seen = self.with(|seen| seen.get(&tenant).and_then(|topics| topics.get(topic)).copied());
        is_news(seen, at)
    }

    fn remember(&self, tenant: TenantId, topics: Topics) {
        self.with(|seen| {
            if seen.len() >= REMEMBERED {
                seen.clear();
            }
            seen.insert(tenant, topics);
        });
    }
}

fn is_news(known: Option<Timestamp>, at: Timestamp) -> bool {
    known.is_none_or(|known| at.duration_since(known) >= EACH)
}

impl TenantStore {
    /// When the shop last told of each, by their names.
    pub async fn topics_heard(&self) -> Result<BTreeMap<String, Timestamp>, StoreError> {
        Ok(self.topics().await?.map(Held::into_inner).unwrap_or_default())
    }

    /// The shop has told of this. `topic`: one of those that there are, as each is kept for good.
    pub async fn topic_heard(&self, topic: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut tried = 0;
        while self.store.topics_seen.is_news(self.id(), topic, at) {
            let held = self.topics().await?;
            let mut topics = held.as_deref().cloned().unwrap_or_default();
            if !is_news(topics.get(topic).copied(), at) {
                self.store.topics_seen.remember(self.id(), topics);
                return Ok(());
            }
            topics.insert(topic.to_owned(), at);
            let heard = topics.iter().map(|(topic, at)| (topic.clone(), at.as_millisecond())).collect();
            let record = TopicsRecord { heard };
            let write = Entry::new(keys::topics(self.id()), &record).in_place_of(held.as_ref());
            match self.commit(vec![Step(vec![write])]).await {
                Ok(()) => self.store.topics_seen.remember(self.id(), topics),
                Err(StoreError::Conflict(_)) if tried < TRIES => tried += 1,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn topics(&self) -> Result<Option<Held<Topics>>, StoreError> {
        self.get(keys::topics(self.id())).await?.map(read_as::<TopicsRecord, _>).transpose()
    }
}

#[derive(Serialize, Deserialize)]
struct TopicsRecord {
    /// In milliseconds.
    heard: BTreeMap<String, i64>,
}

impl From<TopicsRecord> for Topics {
    fn from(record: TopicsRecord) -> Self {
        let at = |millis| Timestamp::from_millisecond(millis).unwrap_or_default();
        record.heard.into_iter().map(|(topic, millis)| (topic, at(millis))).collect()
    }
}
