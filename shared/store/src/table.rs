//! The seam: what we ask of a key-value table, narrow enough that a local one can be exact.
//!
//! Two implementations, one contract (`contract.rs`): `local::LocalTable` here, `DynamoTable` in `aws`.
//! Free expression strings never cross it. Reads of keys are strongly consistent.

use async_trait::async_trait;
use columns::ShardNumber;
use domain::TenantId;
use std::{fmt, ops::RangeInclusive, sync::Arc};

/// An item's attributes: `DynamoDB`'s own types, so that what is stored is native and its size is known.
pub type Body = serde_dynamo::Item;

/// The names of attributes that the seam keeps for itself; a body that uses one is refused.
pub const RESERVED: [&str; 6] = ["pk", "sk", "gsi1pk", "gsi1sk", "version", "expires_at"];

#[async_trait]
pub trait Table: Send + Sync {
    /// The items under `keys`, in their order; `None` where there is none. Any number of keys; a key may be
    /// asked for twice. Expired items may still come: whoever cares compares `expires_at` with now.
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError>;

    /// One page of a partition, in the order of the sort key. A page may be short, or empty, and still have a
    /// `next`; it ends at `limit` items or at 1 MB, whichever comes first.
    async fn query(&self, range: &Range) -> Result<Page, StoreError>;

    /// Does all writes or none. `Conflict` names the first write whose condition does not hold. At most 100
    /// writes and 4 MB; no key twice. An empty list does nothing. A list of one goes out as a single write, and
    /// costs half of what it would in a transaction; a lone `Check` is a transaction.
    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError>;

    /// Moves the counters of one item together, or none of them (`Conflict(0)`), and answers their new values
    /// in the order asked. An absent item or counter counts from 0; an item made by this has version 0. A counter
    /// that would pass the range of 64 bits is refused.
    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError>;
}

/// A primary key. Neither part may be empty; `pk` ≤ 2048 bytes, `sk` ≤ 1024 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RawKey {
    pub pk: String,
    pub sk: String,
}

impl RawKey {
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

impl fmt::Debug for RawKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.pk, self.sk)
    }
}

/// One stored item. At most 400 KB with its key and the names of its attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub key: RawKey,
    /// Where the item stands in the sparse index `gsi1`, if it does.
    pub index: Option<RawKey>,
    /// What `When::Version` compares. The writer raises it.
    pub version: u64,
    /// Seconds since 1970 after which the item may vanish.
    pub expires_at: Option<i64>,
    pub body: Body,
}

/// Part of one partition.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    pub within: Within,
    pub sort: Sort,
    pub backward: bool,
    /// At least 1.
    pub limit: u32,
    /// The `next` of the page before; one that stands outside the range is refused.
    pub after: Option<Position>,
    /// Ignored on the index, which is always eventually consistent.
    pub consistent: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    /// A partition of the table.
    Partition(String),
    /// A partition of the index `gsi1`.
    Index(String),
}

/// Which sort keys of the partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sort {
    All,
    /// Begins with this; not empty.
    Prefix(String),
    /// From the first to the second, both included; backwards is refused.
    Between(String, String),
}

/// Where a page ended: the last item's key and, on the index, its place there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub key: RawKey,
    pub index: Option<RawKey>,
}

impl Position {
    /// Where a page of that range ends with this item.
    pub fn after(item: &Item, within: &Within) -> Self {
        let index = item.index.clone().filter(|_| matches!(within, Within::Index(_)));
        Self { key: item.key.clone(), index }
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    pub items: Vec<Item>,
    /// `None` only at the end.
    pub next: Option<Position>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Replaces the whole item.
    Put(Item, When),
    /// Deleting what is not there succeeds, unless the condition says otherwise.
    Delete(RawKey, When),
    /// Writes nothing; the others happen only if this holds.
    Check(RawKey, When),
    Add(Add),
}

impl Write {
    pub fn key(&self) -> &RawKey {
        match self {
            Self::Put(item, _) => &item.key,
            Self::Delete(key, _) | Self::Check(key, _) => key,
            Self::Add(add) => &add.key,
        }
    }
}

/// What must hold of the item that is there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Absent,
    Present,
    Version(u64),
    Always,
}

/// Counters of one item, moved together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Add {
    pub key: RawKey,
    /// At least one; no counter twice.
    pub counts: Vec<Count>,
    /// Sets the item's expiry if given; else leaves it as it is.
    pub expires_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    pub counter: String,
    pub by: i64,
    /// What the counter must be before, for any of the item's counters to move. `None`: anything.
    pub within: Option<RangeInclusive<i64>>,
}

/// Shards of a tenant's audience that must be made anew from the record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the audience must be made anew: {why}")]
pub struct Outdated {
    pub tenant: TenantId,
    pub shards: Vec<ShardNumber>,
    pub why: String,
}

/// Why the table did not do it. Nothing was written, except after `Unavailable`, where it may have been.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The condition of the write at this place in the list did not hold.
    #[error("the item has changed since it was read")]
    Conflict(usize),
    /// What was asked can never be done: too large, too many, a key that is no key.
    #[error("the table refuses this: {0}")]
    Refused(String),
    /// Throttled, timed out, unreachable.
    #[error("the table is not available")]
    Unavailable(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// What is stored cannot be understood.
    #[error("a stored item cannot be read: {0}")]
    Broken(String),
    /// Parts of the audience cannot be read, by this program at least. The record has it all: see `Outdated`.
    #[error(transparent)]
    Outdated(#[from] Outdated),
}
