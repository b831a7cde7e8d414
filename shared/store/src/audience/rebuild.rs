//! A shard made anew from the record, whatever stands there: when what stands there cannot be read, or when many
//! customers came past it.
//!
//! Who writes the record meanwhile leaves changed rows as always. Those of before are listed first, as whoever is read
//! afterwards has them; those that come later stay, and are newer.

use columns::{BlockNumber, Row, SCHEMA, ShardNumber, Slot};
use domain::CustomerId;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::{
    head::{Head, Retired},
    keep::in_place,
    rows::whole_row,
};
use crate::{
    Step, StoreError, TenantStore, keys,
    record::{Entry, read},
    slots::NAMED_AT_ONCE,
    table::{Item, Position, Range, RawKey, Sort, Within, Write},
};

/// Items that say whose slots are, read at once where one slot is asked for: one of them is enough, nearly always.
const NAMES_AT_ONCE: u32 = 4;
/// Customers that are read side by side.
const AT_ONCE: usize = 32;

#[derive(Serialize, Deserialize)]
struct DirectoryRecord {
    /// From the key's slot on; `None`: the slot is nobody's.
    customers: Vec<Option<CustomerId>>,
}

impl TenantStore {
    pub async fn shard_rebuilt(&self, number: ShardNumber) -> Result<(), StoreError> {
        let partition = keys::shard(self.id(), number);
        let changed = self.all(partition.clone(), keys::DELTAS).await?;
        let changed: Vec<_> = changed.into_iter().map(|item| (item.key.sk, item.version)).collect();
        let (found, head) = self.head_found(number).await?;
        let open = self.opened(number, found, head).await?;
        let own = [keys::blocks(open.version), keys::recents(open.version)];
        let mut former = self.written(number).await?;
        former.retain(|sk| !own.iter().any(|prefix| sk.starts_with(prefix)));

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
        let retired =
            Retired { keys: former, versions: open.head.retired.versions.clone(), ..Retired::default() };
        let epoch = open.head.epoch + 1;
        let head = Head { schema: SCHEMA, epoch, blocks, recent: Vec::new(), retired, ..open.head.clone() };
        self.closed(open, head).await?;
        let slot = |sk: &str| sk.strip_prefix(keys::DELTAS).and_then(|slot| slot.parse().ok()).map(Slot);
        self.folded(changed.iter().filter_map(|(sk, version)| Some((slot(sk)?, *version))).collect()).await
    }

    /// The head to begin with, whatever stands there, and its item's version. What is not understood stays so until the
    /// new blocks are there: nobody may take it for an audience of nobody.
    async fn head_found(&self, number: ShardNumber) -> Result<(Option<u64>, Head), StoreError> {
        let Some(item) = self.get(keys::head(self.id(), number)).await? else {
            return Ok((None, Head::default()));
        };
        let at = item.version;
        let unreadable = || Head { schema: 0, epoch: at, ..Head::default() };
        let mut head = read::<Head>(item).map_or_else(|_| unreadable(), crate::Held::into_inner);
        if !head.is_understood() {
            // Each version was announced by a change of the item: this one nobody ever wrote under, or holds in memory.
            head.next = head.next.max(at + 1);
        }
        Ok((Some(at), head))
    }

    /// One customer's row as the record has it.
    async fn row_made(&self, slot: Slot, id: CustomerId) -> Result<Option<Row>, StoreError> {
        let Some(before) = self.customer(id).await?.filter(|customer| customer.slot == slot.0) else {
            return Ok(None);
        };
        let (after, orders) = self.history_of(id).await?;
        let row = whole_row(&before, &orders);
        if after.is_some_and(|after| after.version == before.version) {
            return Ok(Some(row));
        }
        // Some orders may be newer than the rest. Their changed row names every order that has changed since `before`:
        // only who keeps the shard removes it, and somebody else who does makes this one's work be in vain.
        let delta = self.delta(slot).await?.ok_or(StoreError::Conflict(0))?;
        Ok(Some(delta.fold_into(Some(row))))
    }

    /// All that was ever written there and not removed, apart from changed rows: sort keys.
    async fn written(&self, number: ShardNumber) -> Result<Vec<String>, StoreError> {
        let partition = keys::shard(self.id(), number);
        let mut written = self.keys_under(&partition, keys::BLOCKS.to_owned()).await?;
        written.extend(self.keys_under(&partition, keys::RECENTS.to_owned()).await?);
        Ok(written.into_iter().map(|key| key.sk).collect())
    }

    /// What was written and is not named by the head: what the next keeper removes.
    pub async fn shard_garbage(&self, number: ShardNumber) -> Result<Vec<String>, StoreError> {
        let head = self.shard(number).await?.head();
        let mut garbage = self.written(number).await?;
        garbage.retain(|sk| {
            let version = sk.split('#').nth(1).and_then(|version| version.parse().ok());
            let block = sk.split('#').nth(3).and_then(|block| block.parse::<u32>().ok());
            let named = match block.filter(|_| sk.starts_with(keys::BLOCKS)) {
                Some(block) => head.blocks.get(&block).map(|at| at.version) == version,
                None => head.recent.iter().any(|recent| Some(recent.version) == version),
            };
            !named
        });
        Ok(garbage)
    }

    /// That these slots from the first on are theirs. All must lie in one shard.
    pub fn slots_named_step(&self, first: Slot, customers: &[Option<CustomerId>]) -> Step {
        Step(vec![self.slots_named(first, customers)])
    }

    pub(crate) fn slots_named(&self, first: Slot, customers: &[Option<CustomerId>]) -> Write {
        let record = DirectoryRecord { customers: customers.to_vec() };
        Entry::new(keys::directory(self.id(), first), &record).overwrite()
    }

    /// Whose a slot is.
    pub async fn customer_at(&self, slot: Slot) -> Result<Option<CustomerId>, StoreError> {
        // Slots are named together, from the first of them on: the next beginning is beyond it, the ones before may reach it.
        let partition = keys::shard(self.id(), slot.shard());
        let beyond = keys::directory(self.id(), Slot(slot.0.saturating_add(1))).sk;
        let mut range = Range {
            within: Within::Partition(partition.clone()),
            sort: Sort::Prefix(keys::DIRECTORY.to_owned()),
            backward: true,
            limit: NAMES_AT_ONCE,
            after: Some(Position { key: RawKey::new(partition, beyond), index: None }),
            consistent: true,
        };
        loop {
            let page = self.table().query(&range).await?;
            for item in page.items {
                let before = slot.0 - first_slot(&item)?.min(slot.0);
                let place = usize::try_from(before).unwrap_or(usize::MAX);
                let record = read::<DirectoryRecord>(item)?.into_inner();
                if let Some(customer) = record.customers.get(place) {
                    return Ok(*customer);
                }
                if place >= NAMED_AT_ONCE {
                    return Ok(None);
                }
            }
            match page.next {
                Some(next) => range.after = Some(next),
                None => return Ok(None),
            }
        }
    }

    /// Whose the slots of a shard are.
    pub async fn directory(&self, shard: ShardNumber) -> Result<Vec<(Slot, CustomerId)>, StoreError> {
        let mut all = Vec::new();
        for item in self.all(keys::shard(self.id(), shard), keys::DIRECTORY).await? {
            let first = first_slot(&item)?;
            let record = read::<DirectoryRecord>(item)?.into_inner();
            all.extend((first..).zip(record.customers).filter_map(|(slot, id)| Some((Slot(slot), id?))));
        }
        Ok(all)
    }
}

fn first_slot(item: &Item) -> Result<u32, StoreError> {
    let first = item.key.sk.strip_prefix(keys::DIRECTORY).and_then(|slot| slot.parse().ok());
    first.ok_or_else(|| StoreError::Broken("C: slots of no number".into()))
}
