//! The audience of a shop, read: blocks from memory where their version is held, and over them what changed since.
//!
//! A reader takes the changed rows first and the head after them. So a row that is folded meanwhile is in the blocks of
//! the head that is read; a row that is in both has a version, and the newer wins.

use columns::{Batch, BlockNumber, Delta, Family, ShardNumber, Slot, View, decode};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    cache::{HeldShard, Parts},
    head::{BlockAt, Head, RecentAt},
};
use crate::{
    Held, StoreError, TenantStore, keys,
    record::{Entry, read},
    table::{Item, Range, RawKey, Sort, When, Within, Write},
};

/// How often a reader looks for the new head when the blocks of an old one are gone.
const TRIES: usize = 8;
/// Shards that are read side by side.
const AT_ONCE: usize = 8;

/// The audience as it is now.
#[derive(Debug)]
pub struct Audience {
    pub view: View,
    /// How many changed rows stood beside the blocks, in each shard that had any: who keeps the shards looks there.
    pub changed: Vec<(ShardNumber, usize)>,
}

/// A shard's head and what changed since, as whoever keeps the shard reads it.
#[derive(Debug)]
pub struct Shard {
    pub number: ShardNumber,
    pub(crate) head: Option<Held<Head>>,
    pub(crate) deltas: BTreeMap<Slot, Held<Delta>>,
}

impl Shard {
    pub fn head(&self) -> Head {
        self.head.as_deref().cloned().unwrap_or_default()
    }

    pub(crate) fn versions(&self) -> Vec<(Slot, u64)> {
        self.deltas.iter().map(|(slot, delta)| (*slot, delta.version)).collect()
    }

    /// How many changed rows stand beside blocks and recent rows.
    pub fn changed(&self) -> usize {
        self.deltas.len()
    }
}

impl TenantStore {
    /// Every customer of the shop, with these families and the core.
    pub async fn audience(&self, families: &[Family]) -> Result<Audience, StoreError> {
        let families: BTreeSet<Family> = families.iter().copied().chain([Family::Core]).collect();
        let shards: Vec<_> = ShardNumber::of_first(self.slots().await?).collect();
        let read = stream::iter(shards).map(|shard| self.shard_view(shard, &families)).buffered(AT_ONCE);
        let read: Vec<(ShardNumber, usize, View)> = read.try_collect().await?;
        let mut audience = Audience { view: View::default(), changed: Vec::new() };
        for (shard, changed, view) in read {
            if changed > 0 {
                audience.changed.push((shard, changed));
            }
            audience.view = audience.view.and(view);
        }
        Ok(audience)
    }

    async fn shard_view(
        &self,
        number: ShardNumber,
        families: &BTreeSet<Family>,
    ) -> Result<(ShardNumber, usize, View), StoreError> {
        for _ in 0..TRIES {
            let shard = self.shard(number).await?;
            let Some(base) = self.base(&shard, families).await? else { continue };
            let deltas = shard.deltas.iter().map(|(slot, delta)| (*slot, (**delta).clone())).collect();
            let view = base.with(&deltas).map_err(broken)?;
            return Ok((number, shard.deltas.len(), view));
        }
        Err(StoreError::Unavailable(Arc::new(Moving)))
    }

    /// Head and changed rows, strongly consistent, the rows first.
    pub async fn shard(&self, number: ShardNumber) -> Result<Shard, StoreError> {
        let mut shard = Shard { number, head: None, deltas: BTreeMap::new() };
        let mut range = Range {
            within: Within::Partition(keys::shard(self.id(), number)),
            sort: Sort::Between(keys::DELTAS.to_owned(), keys::HEAD.to_owned()),
            backward: false,
            limit: 10_000,
            after: None,
            consistent: true,
        };
        loop {
            let page = self.table().query(&range).await?;
            for item in page.items {
                if item.key.sk == keys::HEAD {
                    shard.head = Some(read(item)?);
                } else {
                    let (slot, delta) = delta_from(item)?;
                    shard.deltas.insert(slot, delta);
                }
            }
            match page.next {
                Some(next) => range.after = Some(next),
                None => return Ok(shard),
            }
        }
    }

    /// The blocks and recent rows of a head. `None`: they are gone, so there is a newer head.
    pub(crate) async fn base(
        &self,
        shard: &Shard,
        families: &BTreeSet<Family>,
    ) -> Result<Option<View>, StoreError> {
        let Some(head) = &shard.head else { return Ok(Some(View::default())) };
        if !head.is_understood() {
            return Err(StoreError::Broken(
                "H: the audience is of another schema and must be rebuilt".into(),
            ));
        }
        let key = (self.id(), shard.number);
        let known = self.store.blocks.get(&key);
        if let Some(known) = known.as_ref().filter(|known| known.fits(head.version, families)) {
            return Ok(Some(known.view.clone()));
        }
        // Families that somebody else asked for stay, so that two kinds of questions do not push each other out.
        let kept = known.as_ref().map(|known| known.families.clone()).unwrap_or_default();
        let families: BTreeSet<Family> = families.union(&kept).copied().collect();
        let mut parts = known.map(|known| known.parts.clone()).unwrap_or_default();
        parts.keep(head);
        if !self.blocks_read(&mut parts, head, &families).await?
            || !self.recent_read(&mut parts, shard.number, head).await?
        {
            return Ok(None);
        }
        let mut view = View::of(parts.blocks.values().map(|(_, batch)| batch.clone()));
        for recent in &head.recent {
            if let Some(deltas) = parts.recent.get(&recent.version) {
                view = view.with(&deltas.0).map_err(broken)?;
            }
        }
        self.store.blocks.put(key, HeldShard { head: head.version, families, parts, view: view.clone() });
        Ok(Some(view))
    }

    /// Reads what is not held. `false`: something is gone.
    async fn blocks_read(
        &self,
        parts: &mut Parts,
        head: &Head,
        families: &BTreeSet<Family>,
    ) -> Result<bool, StoreError> {
        let mut wanted: BTreeMap<(u64, Family), Vec<BlockNumber>> = BTreeMap::new();
        for (number, at) in &head.blocks {
            let block = BlockNumber(*number);
            let batch = || (at.version, Batch::new(block, at.rows as usize));
            let (_, batch) = parts.blocks.entry(block).or_insert_with(batch);
            for family in families.iter().filter(|family| !batch.has(**family)) {
                wanted.entry((at.version, *family)).or_default().push(block);
            }
        }
        for ((version, family), blocks) in wanted {
            let mut bytes = self.family_read(version, family, &blocks, head).await?;
            for block in blocks {
                let Some(bytes) = bytes.remove(&block) else { return Ok(false) };
                if let Some((_, batch)) = parts.blocks.get_mut(&block) {
                    decode(batch, family, &bytes).map_err(broken)?;
                }
            }
        }
        Ok(true)
    }

    /// A family of blocks that were written under one version. What is not whole is left out.
    async fn family_read(
        &self,
        version: u64,
        family: Family,
        blocks: &[BlockNumber],
        head: &Head,
    ) -> Result<BTreeMap<BlockNumber, Vec<u8>>, StoreError> {
        let of_version = head.blocks.values().filter(|at| at.version == version).count();
        let chunks = |block: &BlockNumber| head.blocks.get(&block.0).map_or(0, |at| at.chunks(family));
        // Half the price, as what was written under a version does not change: it is there, or not yet.
        if blocks.len() * 2 > of_version
            && let Some(first) = blocks.first()
        {
            let found = self.family_queried(first.shard(), version, family).await?;
            let whole: BTreeMap<_, _> = found
                .into_iter()
                .filter(|(block, found)| found.len() == chunks(block) as usize)
                .map(|(block, found)| (block, found.concat()))
                .collect();
            if blocks.iter().all(|block| whole.contains_key(block)) {
                return Ok(whole);
            }
        }
        let keys: Vec<(BlockNumber, RawKey)> = blocks
            .iter()
            .flat_map(|block| {
                (0..chunks(block))
                    .map(|chunk| (*block, keys::chunk(self.id(), version, family, *block, chunk)))
            })
            .collect();
        let raw: Vec<_> = keys.iter().map(|(_, key)| key.clone()).collect();
        let items = self.table().get(&raw).await?;
        let mut whole: BTreeMap<BlockNumber, Vec<u8>> = BTreeMap::new();
        let mut gone = BTreeSet::new();
        for ((block, _), item) in keys.iter().zip(items) {
            match item {
                Some(item) => {
                    whole.entry(*block).or_default().extend(read::<ChunkRecord>(item)?.into_inner().bytes);
                }
                None => {
                    gone.insert(*block);
                }
            }
        }
        whole.retain(|block, _| !gone.contains(block));
        Ok(whole)
    }

    async fn family_queried(
        &self,
        shard: ShardNumber,
        version: u64,
        family: Family,
    ) -> Result<BTreeMap<BlockNumber, Vec<Vec<u8>>>, StoreError> {
        let items = self.eventually(shard, keys::family(version, family)).await?;
        let mut found: BTreeMap<BlockNumber, Vec<Vec<u8>>> = BTreeMap::new();
        for item in items {
            let block = item.key.sk.split('#').nth(3).and_then(|block| block.parse().ok());
            let block = block.ok_or_else(|| StoreError::Broken("B: a block of no number".into()))?;
            found.entry(BlockNumber(block)).or_default().push(read::<ChunkRecord>(item)?.into_inner().bytes);
        }
        Ok(found)
    }

    async fn recent_read(
        &self,
        parts: &mut Parts,
        shard: ShardNumber,
        head: &Head,
    ) -> Result<bool, StoreError> {
        for recent in &head.recent {
            if parts.recent.contains_key(&recent.version) {
                continue;
            }
            let keys = recent_keys(self, shard, recent);
            let items = self.table().get(&keys).await?;
            let mut bytes = Vec::new();
            for item in items {
                let Some(item) = item else { return Ok(false) };
                bytes.extend(read::<ChunkRecord>(item)?.into_inner().bytes);
            }
            let deltas = recent_from(&bytes).map_err(|wrong| StoreError::Broken(format!("R: {wrong}")))?;
            parts.recent.insert(recent.version, (Arc::new(deltas), bytes.len()));
        }
        Ok(true)
    }

    /// Everything in the shard under keys that begin so; perhaps not the newest.
    async fn eventually(&self, shard: ShardNumber, prefix: String) -> Result<Vec<Item>, StoreError> {
        let mut range = Range {
            within: Within::Partition(keys::shard(self.id(), shard)),
            sort: Sort::Prefix(prefix),
            backward: false,
            limit: 1_000,
            after: None,
            consistent: false,
        };
        let mut items = Vec::new();
        loop {
            let page = self.table().query(&range).await?;
            items.extend(page.items);
            match page.next {
                Some(next) => range.after = Some(next),
                None => return Ok(items),
            }
        }
    }

    /// The changed row of one customer, if any is not folded yet.
    pub(crate) async fn delta(&self, slot: Slot) -> Result<Option<Held<Delta>>, StoreError> {
        let item = self.get(keys::delta(self.id(), slot)).await?;
        Ok(item.map(delta_from).transpose()?.map(|(_, delta)| delta))
    }

    /// In the place of what was held, or where none was. It has the customer's version: whoever has read a changed row
    /// that is gone meanwhile must not take a later one for it.
    pub(crate) fn delta_put(&self, slot: Slot, delta: &Delta, version: u64, held: Option<u64>) -> Write {
        let record = ChunkRecord { bytes: delta.to_bytes() };
        let when = held.map_or(When::Absent, When::Version);
        Entry::new(keys::delta(self.id(), slot), &record).put(version, when)
    }
}

/// A shard was folded faster than it could be read.
#[derive(Debug, thiserror::Error)]
#[error("the audience changed while it was read")]
struct Moving;

#[derive(Serialize, Deserialize)]
pub(crate) struct ChunkRecord {
    #[serde(with = "serde_bytes")]
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn recent_keys(store: &TenantStore, shard: ShardNumber, recent: &RecentAt) -> Vec<RawKey> {
    (0..recent.chunks).map(|chunk| keys::recent(store.id(), shard, recent.version, chunk)).collect()
}

pub(crate) fn block_keys(store: &TenantStore, block: BlockNumber, at: &BlockAt) -> Vec<RawKey> {
    let of = |family: Family| (0..at.chunks(family)).map(move |chunk| (family, chunk));
    let all = Family::ALL.into_iter().flat_map(of);
    all.map(|(family, chunk)| keys::chunk(store.id(), at.version, family, block, chunk)).collect()
}

/// Recent rows as bytes: each slot and its delta.
pub(crate) fn recent_to(deltas: &BTreeMap<Slot, Delta>) -> Vec<u8> {
    let all: Vec<(u32, Vec<u8>)> = deltas.iter().map(|(slot, delta)| (slot.0, delta.to_bytes())).collect();
    // Lists of known length always have a form.
    postcard::to_stdvec(&all).unwrap_or_default()
}

fn recent_from(bytes: &[u8]) -> Result<BTreeMap<Slot, Delta>, String> {
    let all: Vec<(u32, Vec<u8>)> = postcard::from_bytes(bytes).map_err(|wrong| wrong.to_string())?;
    let read = |(slot, bytes): (u32, Vec<u8>)| {
        Ok((Slot(slot), Delta::from_bytes(&bytes).map_err(|wrong| wrong.to_string())?))
    };
    all.into_iter().map(read).collect()
}

fn delta_from(item: Item) -> Result<(Slot, Held<Delta>), StoreError> {
    let slot = item.key.sk.strip_prefix(keys::DELTAS).and_then(|slot| slot.parse().ok());
    let slot = Slot(slot.ok_or_else(|| StoreError::Broken("D: a changed row of no slot".into()))?);
    let held = read::<ChunkRecord>(item)?;
    let delta = Delta::from_bytes(&held.bytes).map_err(|wrong| StoreError::Broken(format!("D: {wrong}")))?;
    Ok((slot, Held::new(delta, held.version)))
}

pub(crate) fn broken(wrong: impl std::fmt::Display) -> StoreError {
    StoreError::Broken(wrong.to_string())
}
