//! Slots: each customer's place in the audience, given out by one counter and never twice.
//!
//! Beside it stands how often the shop has chosen its currency. Whoever takes a slot says what they know of that, and whoever
//! chooses says that no slot was taken: so with the first of them the currency is what it is for good. Before that, whoever
//! tells a product's price counts it there, so that nobody chooses who has not seen it.

use std::ops::RangeInclusive;

use columns::Slot;
use domain::CustomerId;
use serde::Deserialize;

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::read,
    table::{Add, Count, Item, Write},
};

/// Ids in one item, of 26 letters each: far below what an item holds.
pub(crate) const NAMED_AT_ONCE: usize = 4_096;

impl TenantStore {
    /// The first of as many slots, which are now this caller's. Slots that are never used are lost: nobody minds.
    /// `Conflict` if the shop has chosen its currency more often by now: from the first slot on it never does.
    pub async fn slots_taken(&self, count: u32, currency_changes: u32) -> Result<Slot, StoreError> {
        let room = 0..=i64::from(u32::MAX) - i64::from(count);
        let add = self.slots_counted(count, room, currency_changes, 0);
        let added = self.table().add(add).await;
        if matches!(added, Err(StoreError::Conflict(_))) {
            self.counts_anew();
            self.own_forgotten();
        }
        let taken = added?.first().copied().unwrap_or_default();
        let first = u32::try_from(taken - i64::from(count));
        first.map(Slot).map_err(|_| StoreError::Broken("SLOTS: out of range".into()))
    }

    /// What the choice of a currency hangs on.
    pub async fn counting(&self) -> Result<Counting, StoreError> {
        Ok(Counting(SlotsRecord::of(self.get(keys::slots(self.id())).await?)?))
    }

    /// A price is told, in the currency that was read. `Conflict` if the shop chooses another at the same moment.
    pub fn price_counted(&self, counting: Counting) -> Step {
        let changes = i64::from(counting.0.currency_changes);
        let counts = vec![
            Count { counter: "prices".to_owned(), by: 1, within: None },
            Count { counter: CHANGES.to_owned(), by: 0, within: Some(changes..=changes) },
        ];
        Step(vec![Write::Add(Add { key: keys::slots(self.id()), counts, expires_at: None })])
    }

    /// Another currency, by somebody who saw this much. `Conflict` if anybody was given a slot or told a price since.
    pub(crate) fn currency_counted(&self, counting: Counting) -> Write {
        let SlotsRecord { currency_changes, prices, .. } = counting.0;
        let Add { key, mut counts, expires_at } = self.slots_counted(0, 0..=0, currency_changes, 1);
        let prices = i64::from(prices);
        counts.push(Count { counter: "prices".to_owned(), by: 0, within: Some(prices..=prices) });
        Write::Add(Add { key, counts, expires_at })
    }

    /// More slots, and more changes of the currency, of which there were so many.
    pub(crate) fn slots_counted(
        &self,
        slots: u32,
        taken: RangeInclusive<i64>,
        changes: u32,
        more_changes: u32,
    ) -> Add {
        let changes = i64::from(changes);
        let count = |counter: &str, by: u32, within| Count {
            counter: counter.to_owned(),
            by: by.into(),
            within: Some(within),
        };
        let counts = vec![count("taken", slots, taken), count(CHANGES, more_changes, changes..=changes)];
        Add { key: keys::slots(self.id()), counts, expires_at: None }
    }

    /// How many slots were ever given out: every customer's is below it.
    pub async fn slots(&self) -> Result<u32, StoreError> {
        Ok(SlotsRecord::of(self.get(keys::slots(self.id())).await?)?.taken)
    }

    /// Slots for new customers, named as theirs before they are: whose customer does not come is nobody's.
    pub async fn slots_taken_for(
        &self,
        customers: &[CustomerId],
        currency_changes: u32,
    ) -> Result<Vec<Slot>, StoreError> {
        let count =
            u32::try_from(customers.len()).map_err(|_| StoreError::Broken("SLOTS: too many".into()))?;
        if count == 0 {
            return Ok(Vec::new());
        }
        let first = self.slots_taken(count, currency_changes).await?;
        let slots: Vec<Slot> = (first.0..first.0 + count).map(Slot).collect();
        let named: Vec<_> = slots.iter().copied().zip(customers).collect();
        for shard in named.chunk_by(|(one, _), (next, _)| one.shard() == next.shard()) {
            for some in shard.chunks(NAMED_AT_ONCE) {
                let ids: Vec<_> = some.iter().map(|(_, id)| Some(**id)).collect();
                self.commit(vec![self.slots_named_step(some[0].0, &ids)]).await?;
            }
        }
        Ok(slots)
    }
}

const CHANGES: &str = "currency_changes";

/// How much of what counts in the currency there was.
#[derive(Debug, Clone, Copy)]
pub struct Counting(SlotsRecord);

impl Counting {
    /// Somebody has a slot: the currency is never changed again.
    pub fn is_final(self) -> bool {
        self.0.taken > 0
    }

    pub fn currency_changes(self) -> u32 {
        self.0.currency_changes
    }
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct SlotsRecord {
    #[serde(default)]
    taken: u32,
    #[serde(default)]
    pub(crate) currency_changes: u32,
    #[serde(default)]
    prices: u32,
}

impl SlotsRecord {
    /// What stands there; nothing, before the first.
    pub(crate) fn of(item: Option<Item>) -> Result<Self, StoreError> {
        Ok(item.map(read::<Self>).transpose()?.map_or_else(Self::default, Held::into_inner))
    }
}
