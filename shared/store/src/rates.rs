//! Rate buckets: one item each, whose numbers only ever move by conditional additions.

use domain::Timestamp;
use serde_dynamo::AttributeValue;
use std::ops::RangeInclusive;

use crate::{
    RawKey, Step, Store, StoreError, TenantStore, keys,
    table::{Add, Count, Item, Write},
};

const FULL_AT: &str = "full_at";

/// What a bucket says. An unused one says 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rate {
    /// When the bucket is full again, in milliseconds since 1970 (`domain::bucket`).
    pub full_at: i64,
    calls: Vec<(String, i64)>,
}

/// A month of the calendar (UTC) and how many calls it may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    pub name: String,
    pub calls_max: u32,
}

/// A move of the bucket: see `domain::bucket::Taking`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub by: i64,
    pub within: RangeInclusive<i64>,
}

impl Rate {
    /// How many calls that month has seen.
    pub fn calls_in(&self, month: &str) -> i64 {
        self.counted_in(month).unwrap_or(0)
    }

    /// `None`: none was counted, or it is forgotten.
    pub fn counted_in(&self, month: &str) -> Option<i64> {
        self.calls.iter().find(|(name, _)| name == month).map(|(_, calls)| *calls)
    }
}

impl TenantStore {
    pub async fn rate(&self) -> Result<Rate, StoreError> {
        self.get(keys::rate_of_tenant(self.id())).await.map(rate_from)
    }

    /// Takes from the tenant's bucket and counts the call in its month; `Conflict` if either would not allow it
    /// (any more). Answers the calls of the month, this one included.
    pub async fn call_counted(
        &self,
        take: Move,
        month: &Month,
        keep_until: Timestamp,
    ) -> Result<i64, StoreError> {
        let counts = vec![
            Count { counter: FULL_AT.to_owned(), by: take.by, within: Some(take.within) },
            Count { counter: month.name.clone(), by: 1, within: Some(0..=i64::from(month.calls_max) - 1) },
        ];
        let key = keys::rate_of_tenant(self.id());
        let moved = self.table().add(Add { key, counts, expires_at: Some(keep_until.as_second()) }).await?;
        Ok(moved[1])
    }
}

impl Store {
    /// The bucket of somebody without a tenant, named by a digest.
    pub async fn rate_of(&self, digest: &str) -> Result<Rate, StoreError> {
        self.get(keys::rate_of_digest(digest)).await.map(rate_from)
    }

    /// Takes from it together with other steps; `Conflict` if it would not allow it any more.
    pub fn rate_taken(digest: &str, take: Move, keep_until: Timestamp) -> Step {
        let counts = vec![Count { counter: FULL_AT.to_owned(), by: take.by, within: Some(take.within) }];
        let key = keys::rate_of_digest(digest);
        Step(vec![Write::Add(Add { key, counts, expires_at: Some(keep_until.as_second()) })])
    }

    /// Takes from it, or gives back to it; `Conflict` if it is not `within` any more.
    pub async fn rate_moved(
        &self,
        digest: &str,
        by: i64,
        within: Option<RangeInclusive<i64>>,
        keep_until: Timestamp,
    ) -> Result<(), StoreError> {
        let counts = vec![Count { counter: FULL_AT.to_owned(), by, within }];
        let key: RawKey = keys::rate_of_digest(digest);
        self.table.add(Add { key, counts, expires_at: Some(keep_until.as_second()) }).await.map(drop)
    }
}

/// Counters are plain numbers of the item; what is no number is not ours and does not count.
pub(crate) fn rate_from(item: Option<Item>) -> Rate {
    let mut rate = Rate::default();
    for (name, value) in item.map(|item| item.body.into_inner()).unwrap_or_default() {
        let AttributeValue::N(number) = value else { continue };
        let Ok(number) = number.parse() else { continue };
        if name == FULL_AT { rate.full_at = number } else { rate.calls.push((name, number)) }
    }
    rate
}
