//! The audience of a shop, read: blocks from memory where their version is held, and over them what changed since.
//!
//! A reader takes the changed rows first and the head after them. So a row that is folded meanwhile is in the blocks of
//! the head that is read; a row that is in both has a version, and the newer wins.

use columns::{Delta, Family, ShardNumber, Slot, View};
use futures::{StreamExt, stream};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    sync::Arc,
};

use super::{cache::HeldShard, head::Head, parts::ChunkRecord};
use crate::{
    Held, Outdated, Store, StoreError, TenantStore, keys,
    record::{Entry, read},
    table::{Item, Range, Sort, When, Within, Write},
};

/// How often a reader looks for the new head when the blocks of an old one are gone.
const TRIES: usize = 8;
/// Shards that are read side by side: those of a million customers.
const AT_ONCE: usize = 16;
/// A changed row of that many bytes weighs as much as two: somebody's who buys and buys has many orders in it.
const WEIGHT_BYTES: usize = 512;

/// The audience as it is now.
#[derive(Debug)]
pub struct Audience {
    pub view: View,
    /// How many changed rows stand beside the blocks, by weight, in each shard that has any: who keeps the shards looks
    /// there.
    pub changed: Vec<(ShardNumber, usize)>,
    pub stamp: Stamp,
}

/// By which one state of an audience is known from any other: what is written under a version never changes. So what was
/// worked out of an audience is right of each that has the same stamp.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stamp(pub Vec<ShardStamp>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardStamp {
    pub shard: ShardNumber,
    /// The version of its head. `None`: it has none yet.
    pub head: Option<u64>,
    /// The changed rows, with their versions.
    pub changed: Vec<(Slot, u64)>,
}

/// A shard's head and what changed since, as whoever keeps the shard reads it.
#[derive(Debug)]
pub struct Shard {
    pub number: ShardNumber,
    pub(crate) head: Option<Held<Head>>,
    pub(crate) deltas: BTreeMap<Slot, Held<Delta>>,
    weight: usize,
}

impl Shard {
    pub fn head(&self) -> Head {
        self.head.as_deref().cloned().unwrap_or_default()
    }

    pub(crate) fn versions(&self) -> Vec<(Slot, u64)> {
        self.deltas.iter().map(|(slot, delta)| (*slot, delta.version)).collect()
    }

    pub(crate) fn deltas(&self) -> BTreeMap<Slot, Delta> {
        self.deltas.iter().map(|(slot, delta)| (*slot, (**delta).clone())).collect()
    }

    /// The customers whose rows have changed.
    pub fn changed_slots(&self) -> impl Iterator<Item = Slot> {
        self.deltas.keys().copied()
    }

    /// Of a changed row.
    pub fn version_of(&self, slot: Slot) -> Option<u64> {
        self.deltas.get(&slot).map(|delta| delta.version)
    }

    /// Their rows alone, without the orders that have not changed.
    pub fn changed_rows(&self) -> Result<View, StoreError> {
        let rows = View::default().with(&self.deltas());
        rows.map_err(|wrong| StoreError::Broken(format!("D: {wrong}")))
    }

    /// How many changed rows stand beside blocks and recent rows.
    pub fn changed(&self) -> usize {
        self.deltas.len()
    }

    /// As `changed`, but a long row counts as several: what every reader reads each time.
    pub fn weight(&self) -> usize {
        self.weight
    }
}

impl TenantStore {
    /// Every customer of the shop, with these families and the core. `Outdated` names all shards that cannot be read.
    pub async fn audience(&self, families: &[Family]) -> Result<Audience, StoreError> {
        let families: BTreeSet<Family> = families.iter().copied().chain([Family::Core]).collect();
        let shards: Vec<_> = ShardNumber::of_first(self.slots().await?).collect();
        let read = stream::iter(shards).map(|shard| self.shard_view(shard, &families)).buffered(AT_ONCE);
        let mut audience = Audience { view: View::default(), changed: Vec::new(), stamp: Stamp::default() };
        let mut outdated: Option<Outdated> = None;
        for read in read.collect::<Vec<_>>().await {
            match read {
                Ok((shard, view)) => {
                    if shard.weight > 0 {
                        audience.changed.push((shard.number, shard.weight));
                    }
                    let head = shard.head.as_ref().map(|head| head.version);
                    let changed = shard.versions();
                    audience.stamp.0.push(ShardStamp { shard: shard.number, head, changed });
                    audience.view = audience.view.and(view);
                }
                Err(StoreError::Outdated(more)) => match &mut outdated {
                    Some(all) => all.shards.extend(more.shards),
                    None => outdated = Some(more),
                },
                Err(error) => return Err(error),
            }
        }
        outdated.map_or(Ok(audience), |outdated| Err(outdated.into()))
    }

    /// Whoever stands in the shard of a slot: enough to ask of one customer.
    pub async fn audience_around(&self, slot: Slot, families: &[Family]) -> Result<View, StoreError> {
        let families = families.iter().copied().chain([Family::Core]).collect();
        Ok(self.shard_view(slot.shard(), &families).await?.1)
    }

    /// How many orders the customer of a slot has, of every kind: what of them is far more than is looked at.
    pub async fn orders_counted(&self, slot: Slot) -> Result<usize, StoreError> {
        let families = [Family::Core, Family::Orders].into();
        let (_, view) = self.shard_view(slot.shard(), &families).await?;
        Ok(view.row(slot).map_or(0, |row| row.orders.len()))
    }

    /// Reads a shard whole, as somebody does who holds nothing of it in memory. `Outdated` if that cannot be done.
    pub async fn shard_checked(&self, number: ShardNumber) -> Result<(), StoreError> {
        let store = Store::holding(self.store.table.clone(), 0);
        let stranger = Self { store, id: self.id() };
        stranger.shard_view(number, &Family::ALL.into()).await.map(drop)
    }

    async fn shard_view(
        &self,
        number: ShardNumber,
        families: &BTreeSet<Family>,
    ) -> Result<(Shard, View), StoreError> {
        let mut missing_in = None;
        for _ in 0..TRIES {
            let shard = self.shard(number).await?;
            if let Some(base) = self.base(number, shard.head.as_ref(), families).await? {
                let view = base.with(&shard.deltas()).map_err(|wrong| self.outdated(number, wrong))?;
                return Ok((shard, view));
            }
            // Of a head that is still there nothing is removed.
            let version = shard.head.map(|head| head.version);
            if missing_in == version {
                return Err(self.outdated(number, "something of it is missing"));
            }
            missing_in = version;
        }
        Err(StoreError::Unavailable(Arc::new(Moving)))
    }

    /// All of a shard as it was read, with these families and the core. `None`: there is a newer head.
    pub async fn shard_under(
        &self,
        shard: &Shard,
        families: &BTreeSet<Family>,
    ) -> Result<Option<View>, StoreError> {
        let families = families.iter().copied().chain([Family::Core]).collect();
        let Some(base) = self.base(shard.number, shard.head.as_ref(), &families).await? else {
            return Ok(None);
        };
        let view = base.with(&shard.deltas()).map_err(|wrong| self.outdated(shard.number, wrong))?;
        Ok(Some(view))
    }

    /// Head and changed rows, strongly consistent, the rows first. `Outdated` if any cannot be read.
    pub async fn shard(&self, number: ShardNumber) -> Result<Shard, StoreError> {
        let mut shard = Shard { number, head: None, deltas: BTreeMap::new(), weight: 0 };
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
                    let head = read::<Head>(item).map_err(|wrong| self.outdated(number, wrong))?;
                    if !head.is_understood() {
                        return Err(self.outdated(number, format_args!("H is of schema {}", head.schema)));
                    }
                    shard.head = Some(head);
                } else {
                    let (slot, delta, bytes) =
                        delta_from(item).map_err(|wrong| self.outdated(number, wrong))?;
                    shard.deltas.insert(slot, delta);
                    shard.weight += 1 + bytes / WEIGHT_BYTES;
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
        number: ShardNumber,
        head: Option<&Held<Head>>,
        families: &BTreeSet<Family>,
    ) -> Result<Option<View>, StoreError> {
        let Some(head) = head else { return Ok(Some(View::default())) };
        let key = (self.id(), number);
        let known = self.store.blocks.get(&key);
        if let Some(known) = known.as_ref().filter(|known| known.fits(head.version, families)) {
            return Ok(Some(known.view.clone()));
        }
        // Families that somebody else asked for stay, so that two kinds of questions do not push each other out.
        let kept = known.as_ref().map(|known| known.families.clone()).unwrap_or_default();
        let families: BTreeSet<Family> = families.union(&kept).copied().collect();
        let mut parts = known.as_ref().map(|known| known.parts.clone()).unwrap_or_default();
        parts.keep(head);
        if !self.blocks_read(&mut parts, number, head, &families).await?
            || !self.recent_read(&mut parts, number, head).await?
        {
            return Ok(None);
        }
        let under = known.filter(|known| known.families == families && known.is_under(head));
        let (mut view, laid) = match under {
            Some(known) => (known.view.clone(), known.laid.len()),
            None => (View::of(parts.blocks.values().map(|(_, batch)| batch.clone())), 0),
        };
        for recent in &head.recent[laid..] {
            if let Some(deltas) = parts.recent.get(&recent.version) {
                view = view.with(&deltas.0).map_err(|wrong| self.outdated(number, wrong))?;
            }
        }
        let laid = head.recent.iter().map(|recent| recent.version).collect();
        let shard = HeldShard { head: head.version, families, parts, laid, view: view.clone() };
        self.store.blocks.put(key, shard);
        Ok(Some(view))
    }

    pub(crate) fn outdated(&self, shard: ShardNumber, why: impl Display) -> StoreError {
        Outdated { tenant: self.id(), shards: vec![shard], why: why.to_string() }.into()
    }

    /// The changed row of one customer, if any is not folded yet. `Outdated` if it cannot be read: a change that does
    /// not know what the one before left must wait until the record was read.
    pub(crate) async fn delta(&self, slot: Slot) -> Result<Option<Held<Delta>>, StoreError> {
        let item = self.get(keys::delta(self.id(), slot)).await?;
        self.delta_in(slot, item)
    }

    pub(crate) fn delta_in(&self, slot: Slot, item: Option<Item>) -> Result<Option<Held<Delta>>, StoreError> {
        let read = item.map(delta_from).transpose().map_err(|wrong| self.outdated(slot.shard(), wrong))?;
        Ok(read.map(|(_, delta, _)| delta))
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

/// With how many bytes it is.
fn delta_from(item: Item) -> Result<(Slot, Held<Delta>, usize), StoreError> {
    let slot = item.key.sk.strip_prefix(keys::DELTAS).and_then(|slot| slot.parse().ok());
    let slot = Slot(slot.ok_or_else(|| StoreError::Broken("D: a changed row of no slot".into()))?);
    let held = read::<ChunkRecord>(item)?;
    let delta = Delta::from_bytes(&held.bytes).map_err(|wrong| StoreError::Broken(format!("D: {wrong}")))?;
    Ok((slot, Held::new(delta, held.version), held.bytes.len()))
}
