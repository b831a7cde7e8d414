//! Keeping a shard: changed rows become recent rows, recent rows become blocks, and all of it can be made anew.
//!
//! Whoever keeps a shard says in its head which version they write, writes under that version, and then changes the
//! head: until then nobody reads what was written, and from then on everybody does. A keeper who dies leaves a version
//! that nobody names; the next one removes it. Of two keepers at once one finds the head changed and does nothing.

use columns::{BLOCK_SLOTS, BlockNumber, Delta, Family, Row, SCHEMA, ShardNumber, Slot, View, encode};
use domain::CustomerId;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use super::{
    head::{BlockAt, Head, RecentAt, Retired},
    read::{ChunkRecord, Shard, block_keys, broken, recent_keys, recent_to},
    rows::{order_row, row_of},
};
use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read},
    table::{RawKey, When, Write},
};

/// Beneath what an item holds, with room for its key.
const CHUNK_BYTES: usize = 350_000;
/// Customers that are read side by side when a shard is made anew.
const AT_ONCE: usize = 32;

/// A shard that is being written.
struct Open {
    number: ShardNumber,
    head: Held<Head>,
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct DirectoryRecord {
    /// From the key's slot on; `None`: the slot is nobody's.
    customers: Vec<Option<CustomerId>>,
}

impl TenantStore {
    /// Changed rows → recent rows: what everybody reads each time → what is read once and held.
    pub async fn shard_gathered(&self, shard: &Shard) -> Result<(), StoreError> {
        if shard.deltas.is_empty() {
            return Ok(());
        }
        let open = self.opened(shard.number, shard.head.as_ref()).await?;
        let deltas: BTreeMap<Slot, Delta> =
            shard.deltas.iter().map(|(slot, delta)| (*slot, (**delta).clone())).collect();
        let key = |chunk| keys::recent(self.id(), shard.number, open.version, chunk);
        let chunks = self.chunks_written(&recent_to(&deltas), key).await?;
        let rows = u32::try_from(deltas.len()).unwrap_or(u32::MAX);
        let blocks = deltas.keys().map(|slot| slot.block().0).collect();
        let recent = RecentAt { version: open.version, rows, chunks, blocks };
        let mut head = (*open.head).clone();
        head.recent.push(recent);
        self.closed(open, head).await?;
        self.folded(shard.versions()).await
    }

    /// Changed and recent rows → blocks.
    pub async fn shard_folded(&self, shard: &Shard) -> Result<(), StoreError> {
        let open = self.opened(shard.number, shard.head.as_ref()).await?;
        let as_read = Shard { number: shard.number, head: shard.head.clone(), deltas: BTreeMap::new() };
        let base = self.base(&as_read, &Family::ALL.into()).await?;
        let base = base.ok_or_else(|| StoreError::Conflict(0))?;
        let deltas: BTreeMap<Slot, Delta> =
            shard.deltas.iter().map(|(slot, delta)| (*slot, (**delta).clone())).collect();
        let recent = open.head.recent.iter().flat_map(|recent| recent.blocks.iter().copied());
        let touched: BTreeSet<BlockNumber> =
            deltas.keys().map(|slot| slot.block()).chain(recent.map(BlockNumber)).collect();
        let view = base.with(&deltas).map_err(broken)?;
        let mut head = (*open.head).clone();
        for block in touched {
            let rows = rows_of(&view, block, head.blocks.get(&block.0).map_or(0, |at| at.rows));
            let at = self.block_written(open.version, block, &rows).await?;
            if let Some(old) = head.blocks.insert(block.0, at) {
                head.retired.blocks.push((block.0, old));
            }
        }
        head.retired.recent.append(&mut head.recent);
        self.closed(open, head).await?;
        self.folded(shard.versions()).await
    }

    /// The shard made anew from the record, whatever stands there.
    pub async fn shard_rebuilt(&self, number: ShardNumber) -> Result<(), StoreError> {
        // Listed before any customer is read: what a change here says, their record says already.
        let changed = self.all(keys::shard(self.id(), number), keys::DELTAS).await?;
        let head = self.get(keys::head(self.id(), number)).await?.map(read::<Head>).transpose()?;
        let open = self.opened(number, head.as_ref()).await?;
        let mut whose: BTreeMap<BlockNumber, Vec<(Slot, CustomerId)>> = BTreeMap::new();
        for (slot, customer) in self.directory(number).await? {
            whose.entry(slot.block()).or_default().push((slot, customer));
        }
        let mut blocks = BTreeMap::new();
        for (block, customers) in whose {
            let rows = stream::iter(customers).map(|(slot, id)| async move {
                Ok::<_, StoreError>(self.row_made(slot, id).await?.map(|row| (slot, row)))
            });
            let rows: Vec<_> = rows.buffer_unordered(AT_ONCE).try_collect().await?;
            let made = in_place(block, 0, rows.into_iter().flatten());
            if !made.is_empty() {
                blocks.insert(block.0, self.block_written(open.version, block, &made).await?);
            }
        }
        let old = (*open.head).clone();
        let retired = Retired { blocks: old.blocks.into_iter().collect(), recent: old.recent };
        let head = Head {
            schema: SCHEMA,
            epoch: old.epoch + 1,
            blocks,
            recent: Vec::new(),
            retired,
            ..(*open.head).clone()
        };
        self.closed(open, head).await?;
        let slot = |sk: &str| sk.strip_prefix(keys::DELTAS).and_then(|slot| slot.parse().ok()).map(Slot);
        let changed = changed.iter().filter_map(|item| Some((slot(&item.key.sk)?, item.version))).collect();
        self.folded(changed).await
    }

    /// One customer's row as the record has it. The customer is read before the orders: a change between the two is in
    /// a changed row of a higher version.
    async fn row_made(&self, slot: Slot, id: CustomerId) -> Result<Option<Row>, StoreError> {
        let Some(customer) = self.customer(id).await?.filter(|customer| customer.slot == slot.0) else {
            return Ok(None);
        };
        let mut row = row_of(&customer, customer.version);
        let orders = self.orders_of(id).await?;
        row.orders = orders.iter().map(|order| (order.number, order_row(order))).collect();
        Ok(Some(row))
    }

    /// That these slots from the first on are theirs. All must lie in one shard.
    pub fn slots_named_step(&self, first: Slot, customers: &[Option<CustomerId>]) -> Step {
        Step(vec![self.slots_named(first, customers)])
    }

    pub(crate) fn slots_named(&self, first: Slot, customers: &[Option<CustomerId>]) -> Write {
        let record = DirectoryRecord { customers: customers.to_vec() };
        Entry::new(keys::directory(self.id(), first), &record).overwrite()
    }

    /// Whose the slots of a shard are.
    pub async fn directory(&self, shard: ShardNumber) -> Result<Vec<(Slot, CustomerId)>, StoreError> {
        let mut all = Vec::new();
        for item in self.all(keys::shard(self.id(), shard), keys::DIRECTORY).await? {
            let first: Option<u32> =
                item.key.sk.strip_prefix(keys::DIRECTORY).and_then(|slot| slot.parse().ok());
            let first = first.ok_or_else(|| StoreError::Broken("C: slots of no number".into()))?;
            let record = read::<DirectoryRecord>(item)?.into_inner();
            all.extend((first..).zip(record.customers).filter_map(|(slot, id)| Some((Slot(slot), id?))));
        }
        Ok(all)
    }

    /// Removes what nobody names, and says what will be written.
    async fn opened(&self, number: ShardNumber, found: Option<&Held<Head>>) -> Result<Open, StoreError> {
        let mut head = found.map(|head| (**head).clone()).unwrap_or_default();
        let mut garbage: Vec<RawKey> = Vec::new();
        if let Some(version) = head.writing {
            for prefix in [keys::blocks(version), keys::recents(version)] {
                garbage.extend(
                    self.all(keys::shard(self.id(), number), &prefix).await?.into_iter().map(|item| item.key),
                );
            }
        }
        let Retired { blocks, recent } = std::mem::take(&mut head.retired);
        garbage.extend(blocks.iter().flat_map(|(block, at)| block_keys(self, BlockNumber(*block), at)));
        garbage.extend(recent.iter().flat_map(|recent| recent_keys(self, number, recent)));
        let removed =
            stream::iter(garbage).map(|key| self.table().write(vec![Write::Delete(key, When::Always)]));
        removed.buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;

        let version = head.next;
        head.next += 1;
        head.writing = Some(version);
        let head = self.head_put(number, found.map(|head| head.version), head).await?;
        Ok(Open { number, head, version })
    }

    async fn closed(&self, open: Open, head: Head) -> Result<(), StoreError> {
        let head = Head { writing: None, ..head };
        self.head_put(open.number, Some(open.head.version), head).await.map(drop)
    }

    async fn head_put(
        &self,
        number: ShardNumber,
        version: Option<u64>,
        head: Head,
    ) -> Result<Held<Head>, StoreError> {
        let entry = Entry::new(keys::head(self.id(), number), &head);
        let write = match version {
            Some(version) => entry.replace(version),
            None => entry.create(),
        };
        self.table().write(vec![write]).await?;
        let version = version.unwrap_or(0) + 1;
        Ok(Held::new(head, version))
    }

    async fn block_written(
        &self,
        version: u64,
        block: BlockNumber,
        rows: &[Option<Row>],
    ) -> Result<BlockAt, StoreError> {
        let mut chunks = Vec::new();
        for family in Family::ALL {
            let bytes = encode(family, rows).map_err(broken)?;
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
    async fn folded(&self, changed: Vec<(Slot, u64)>) -> Result<(), StoreError> {
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
fn in_place(block: BlockNumber, least: u32, rows: impl Iterator<Item = (Slot, Row)>) -> Vec<Option<Row>> {
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
