//! What a head names, read: blocks family by family, and recent rows, each in chunks that an item can hold.
//!
//! What was written under a version does not change, so it may be read at half the price: it is there, or not yet.

use columns::{Batch, BlockNumber, Delta, Family, ShardNumber, Slot, decode};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    cache::Parts,
    head::{BlockAt, Head, RecentAt},
};
use crate::{
    StoreError, TenantStore, keys,
    record::read,
    table::{Item, Range, RawKey, Sort, Within},
};

impl TenantStore {
    /// Reads what is not held. `false`: something is gone.
    pub(super) async fn blocks_read(
        &self,
        parts: &mut Parts,
        number: ShardNumber,
        head: &Head,
        families: &BTreeSet<Family>,
    ) -> Result<bool, StoreError> {
        let mut wanted: BTreeMap<(u64, Family), Vec<BlockNumber>> = BTreeMap::new();
        for (block, at) in &head.blocks {
            let block = BlockNumber(*block);
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
                    decode(batch, family, &bytes).map_err(|wrong| self.outdated(number, wrong))?;
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
                    whole.entry(*block).or_default().extend(self.chunk(block.shard(), item)?);
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
            let block = block.ok_or_else(|| self.outdated(shard, "a block of no number"))?;
            found.entry(BlockNumber(block)).or_default().push(self.chunk(shard, item)?);
        }
        Ok(found)
    }

    pub(super) async fn recent_read(
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
                bytes.extend(self.chunk(shard, item)?);
            }
            let deltas = recent_from(&bytes).map_err(|wrong| self.outdated(shard, wrong))?;
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

    fn chunk(&self, shard: ShardNumber, item: Item) -> Result<Vec<u8>, StoreError> {
        let record = read::<ChunkRecord>(item).map_err(|wrong| self.outdated(shard, wrong))?;
        Ok(record.into_inner().bytes)
    }
}

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

/// Recent rows as bytes: each slot and its delta, and after them the checksum, as in a block.
pub(crate) fn recent_to(deltas: &BTreeMap<Slot, Delta>) -> Vec<u8> {
    let all: Vec<(u32, Vec<u8>)> = deltas.iter().map(|(slot, delta)| (slot.0, delta.to_bytes())).collect();
    // Lists of known length always have a form.
    let mut bytes = postcard::to_stdvec(&all).unwrap_or_default();
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

fn recent_from(bytes: &[u8]) -> Result<BTreeMap<Slot, Delta>, String> {
    let (bytes, checksum) = bytes.split_last_chunk().ok_or("recent rows without a checksum")?;
    if crc32fast::hash(bytes).to_le_bytes() != *checksum {
        return Err("recent rows that were cut off or changed".to_owned());
    }
    let all: Vec<(u32, Vec<u8>)> = postcard::from_bytes(bytes).map_err(|wrong| wrong.to_string())?;
    let read = |(slot, bytes): (u32, Vec<u8>)| {
        Ok((Slot(slot), Delta::from_bytes(&bytes).map_err(|wrong| wrong.to_string())?))
    };
    all.into_iter().map(read).collect()
}
