//! Keeping a shard: changed rows become recent rows, and both become blocks.
//!
//! Whoever keeps a shard says in its head which version they write, writes under that version, and then changes the
//! head: until then nobody reads what was written, and from then on everybody does. A keeper who dies leaves a version
//! that nobody names; the next one removes it. Of two keepers at once one finds the head changed, removes what they
//! wrote, and has done nothing. Nothing is removed before the head says that it is not needed.

use columns::{BLOCK_SLOTS, BlockNumber, Family, Row, ShardNumber, Slot, View, encode};
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeSet;

use super::{
    head::{BlockAt, Head, RecentAt, Retired},
    parts::{ChunkRecord, block_keys, recent_keys, recent_to},
    read::Shard,
};
use crate::{
    StoreError, TenantStore, keys,
    record::{Entry, read},
    table::{RawKey, When, Write},
};

/// Beneath what an item holds, with room for its key.
const CHUNK_BYTES: usize = 350_000;
/// Writes at once.
const AT_ONCE: usize = 32;

/// A shard that is being written.
pub(super) struct Open {
    number: ShardNumber,
    /// As it is to be, but for what is written now: it names as retired only what was found abandoned.
    pub(super) head: Head,
    /// The item's, as it is until somebody changes it.
    at: u64,
    /// What is written is written under this.
    pub(super) version: u64,
}

impl TenantStore {
    /// Changed rows → recent rows: what everybody reads each time → what is read once and held.
    pub async fn shard_gathered(&self, shard: &Shard) -> Result<(), StoreError> {
        if shard.deltas.is_empty() {
            return Ok(());
        }
        let open = self.opened_again(shard).await?;
        let deltas = shard.deltas();
        let key = |chunk| keys::recent(self.id(), shard.number, open.version, chunk);
        let chunks = self.chunks_written(&recent_to(&deltas), key).await?;
        let rows = u32::try_from(deltas.len()).unwrap_or(u32::MAX);
        let blocks = deltas.keys().map(|slot| slot.block().0).collect();
        let mut head = open.head.clone();
        head.recent.push(RecentAt { version: open.version, rows, chunks, blocks });
        self.closed(open, head).await?;
        self.folded(shard.versions()).await
    }

    /// Changed and recent rows → blocks.
    pub async fn shard_folded(&self, shard: &Shard) -> Result<(), StoreError> {
        self.shard_folded_in(shard, shard.head().epoch).await
    }

    /// As `shard_folded`. Another epoch says that nobody was asked about the rows before.
    pub(super) async fn shard_folded_in(&self, shard: &Shard, epoch: u64) -> Result<(), StoreError> {
        let Some(base) = self.base(shard.number, shard.head.as_ref(), &Family::ALL.into()).await? else {
            return self.something_missing(shard).await;
        };
        let deltas = shard.deltas();
        let view = base.with(&deltas).map_err(|wrong| self.outdated(shard.number, wrong))?;
        let open = self.opened_again(shard).await?;
        let recent = open.head.recent.iter().flat_map(|recent| recent.blocks.iter().copied());
        let touched: BTreeSet<BlockNumber> =
            deltas.keys().map(|slot| slot.block()).chain(recent.map(BlockNumber)).collect();
        let mut head = open.head.clone();
        for block in touched {
            let rows = rows_of(&view, block, head.blocks.get(&block.0).map_or(0, |at| at.rows));
            let at = self.block_written(open.version, block, &rows).await?;
            if let Some(old) = head.blocks.insert(block.0, at) {
                head.retired.blocks.push((block.0, old));
            }
        }
        head.retired.recent.append(&mut head.recent);
        head.epoch = epoch;
        self.closed(open, head).await?;
        self.folded(shard.versions()).await
    }

    /// Either there is a newer head, or the audience is broken.
    async fn something_missing(&self, shard: &Shard) -> Result<(), StoreError> {
        let now = self.shard(shard.number).await?;
        let version = |shard: &Shard| shard.head.as_ref().map(|head| head.version);
        if version(&now) == version(shard) {
            return Err(self.outdated(shard.number, "something of it is missing"));
        }
        Err(StoreError::Conflict(0))
    }

    pub(super) async fn opened_again(&self, shard: &Shard) -> Result<Open, StoreError> {
        self.opened(shard.number, shard.head.as_ref().map(|head| head.version), shard.head()).await
    }

    /// Says what will be written, and then removes what nobody needs. `found`: the head and the version of its item.
    pub(super) async fn opened(
        &self,
        number: ShardNumber,
        found: Option<u64>,
        mut head: Head,
    ) -> Result<Open, StoreError> {
        let abandoned = head.writing.take();
        head.retired.versions.extend(abandoned);
        let version = head.next;
        head.next += 1;
        head.writing = Some(version);
        let at = self.head_put(number, found, &head).await?;
        // Once more with the next change: whoever has lost may be writing still.
        let again = Retired { versions: abandoned.into_iter().collect(), ..Retired::default() };
        let retired = std::mem::replace(&mut head.retired, again);
        let mut garbage: Vec<RawKey> = Vec::new();
        for version in &retired.versions {
            garbage.extend(self.written_under(number, *version).await?);
        }
        for (block, at) in &retired.blocks {
            garbage.extend(block_keys(self, BlockNumber(*block), at));
        }
        garbage.extend(retired.recent.iter().flat_map(|recent| recent_keys(self, number, recent)));
        let partition = keys::shard(self.id(), number);
        garbage.extend(retired.keys.into_iter().map(|sk| RawKey::new(partition.clone(), sk)));
        self.removed(garbage).await?;
        Ok(Open { number, head, at, version })
    }

    /// What was written under the version is what everybody reads, or else it is gone.
    pub(super) async fn closed(&self, open: Open, head: Head) -> Result<(), StoreError> {
        let Open { number, at, version, .. } = open;
        match self.head_put(number, Some(at), &Head { writing: None, ..head }).await {
            Err(StoreError::Conflict(_)) => {}
            done => return done.map(drop),
        }
        let now = self.get(keys::head(self.id(), number)).await?.map(read::<Head>).transpose();
        match now {
            // It was written, and then asked for once more because the answer did not come.
            Ok(Some(head)) if head.names(version) => return Ok(()),
            Ok(Some(_)) => {
                let written = self.written_under(number, version).await?;
                self.removed(written).await?;
            }
            // Who cannot read what is needed removes nothing.
            Ok(None) | Err(_) => {}
        }
        Err(StoreError::Conflict(0))
    }

    /// Which version the head's item has now.
    async fn head_put(
        &self,
        number: ShardNumber,
        version: Option<u64>,
        head: &Head,
    ) -> Result<u64, StoreError> {
        let entry = Entry::new(keys::head(self.id(), number), head);
        let write = match version {
            Some(version) => entry.replace(version),
            None => entry.create(),
        };
        self.table().write(vec![write]).await?;
        Ok(version.unwrap_or(0) + 1)
    }

    async fn written_under(&self, number: ShardNumber, version: u64) -> Result<Vec<RawKey>, StoreError> {
        let partition = keys::shard(self.id(), number);
        let mut written = self.keys_under(&partition, keys::blocks(version)).await?;
        written.extend(self.keys_under(&partition, keys::recents(version)).await?);
        Ok(written)
    }

    async fn removed(&self, garbage: Vec<RawKey>) -> Result<(), StoreError> {
        let removed =
            stream::iter(garbage).map(|key| self.table().write(vec![Write::Delete(key, When::Always)]));
        removed.buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await.map(drop)
    }

    pub(super) async fn block_written(
        &self,
        version: u64,
        block: BlockNumber,
        rows: &[Option<Row>],
    ) -> Result<BlockAt, StoreError> {
        let mut chunks = Vec::new();
        for family in Family::ALL {
            let bytes = encode(family, rows).map_err(|wrong| self.outdated(block.shard(), wrong))?;
            let key = |chunk| keys::chunk(self.id(), version, family, block, chunk);
            chunks.push(self.chunks_written(&bytes, key).await?);
        }
        Ok(BlockAt { version, rows: u32::try_from(rows.len()).unwrap_or(u32::MAX), chunks })
    }

    /// How many there are.
    async fn chunks_written(&self, bytes: &[u8], key: impl Fn(u32) -> RawKey) -> Result<u32, StoreError> {
        let mut count = 0;
        for chunk in bytes.chunks(CHUNK_BYTES) {
            let record = ChunkRecord { bytes: chunk.to_vec() };
            self.table().write(vec![Entry::new(key(count), &record).overwrite()]).await?;
            count += 1;
        }
        Ok(count)
    }

    /// Removes changed rows that stand elsewhere now, unless they changed again.
    pub(super) async fn folded(&self, changed: Vec<(Slot, u64)>) -> Result<(), StoreError> {
        let removed = stream::iter(changed).map(|(slot, version)| async move {
            let key = keys::delta(self.id(), slot);
            match self.table().write(vec![Write::Delete(key, When::Version(version))]).await {
                Err(StoreError::Conflict(_)) => Ok(()),
                other => other,
            }
        });
        removed.buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await.map(drop)
    }
}

/// A block's rows, each at its place; no fewer than there were.
pub(super) fn in_place(
    block: BlockNumber,
    least: u32,
    rows: impl Iterator<Item = (Slot, Row)>,
) -> Vec<Option<Row>> {
    let mut all = vec![None; least as usize];
    for (slot, row) in rows {
        let place = (slot.0 - block.first().0) as usize;
        if all.len() <= place {
            all.resize(place + 1, None);
        }
        all[place] = Some(row);
    }
    all
}

fn rows_of(view: &View, block: BlockNumber, least: u32) -> Vec<Option<Row>> {
    let first = block.first().0;
    let slots = (first..first + BLOCK_SLOTS).map(Slot);
    in_place(block, least, slots.filter_map(|slot| Some((slot, view.row(slot)?))))
}
