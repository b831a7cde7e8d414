//! Whoever dies while the demo shop is made leaves what the next start makes the same shop of.

use super::*;
use async_trait::async_trait;
use columns::{Family, Row};
use flows::Dice;
use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use store::{Item, Page, Range, RawKey, Table, Write, table::Add};

use crate::{
    keys::Keys,
    world::{HandClock, SeededDice},
};

const CUSTOMERS: u32 = 40;

/// Gone after so many calls: with the last of them, or before it.
struct Mortal {
    table: Arc<LocalTable>,
    left: AtomicU32,
    with_the_last: bool,
}

impl Mortal {
    /// The process dies where it would hear of an answer that does not come.
    async fn call<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match left {
            Ok(left) if left > 0 => call.await,
            Ok(_) if self.with_the_last => {
                call.await?;
                Err(gone())
            }
            _ => Err(gone()),
        }
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable(Arc::new(io::Error::other("the process is gone")))
}

#[async_trait]
impl Table for Mortal {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        self.call(self.table.get(keys)).await
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        self.call(self.table.query(range)).await
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.call(self.table.write(writes)).await
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        self.call(self.table.add(add)).await
    }
}

fn tenant() -> TenantId {
    TenantId::new(Timestamp::UNIX_EPOCH, [1; 10])
}

fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap()
}

/// One start of the process.
async fn started(table: Arc<dyn Table>) -> anyhow::Result<()> {
    let dice: Arc<dyn Dice> = Arc::new(SeededDice::new(1));
    let (keys, clock) = (Keys::new(&dice), HandClock::at(now()));
    let store = Store::new(table).for_task(tenant());
    let seals = Seals::new(keys.wrap, dice.clone());
    let (by, currency_changes) = (ChangedBy::Import, 0);
    let record = Record { store: &store, seals: &seals, clock: &clock, dice: &*dice, by, currency_changes };
    let shop = Shop::new(1, CUSTOMERS, now());
    Maker { store: &store, record, shop: &shop }.make(CUSTOMERS, |_| {}).await
}

/// Everything that is kept of the shop, and its audience.
async fn seen(table: &Arc<LocalTable>) -> (Vec<String>, BTreeMap<Slot, Row>) {
    let kept = table
        .dump()
        .unwrap()
        .into_iter()
        .filter(|item| ["#C#", "#O#", "#E#", "#P#"].iter().any(|kind| item.key.pk.contains(kind)));
    let mut kept: Vec<String> =
        kept.map(|item| format!("{:?} v{} {}", item.key, item.version, item.body.len())).collect();
    kept.sort();
    let store = Store::new(table.clone()).for_task(tenant());
    (kept, store.audience(&Family::ALL).await.unwrap().view.rows().collect())
}

#[tokio::test]
async fn whoever_dies_on_the_way_is_followed_by_the_same_shop() {
    let whole = Arc::new(LocalTable::in_memory());
    started(whole.clone()).await.unwrap();
    let expected = seen(&whole).await;
    let shop = Shop::new(1, CUSTOMERS, now());
    let orders: usize = expected.1.values().map(|row| row.orders.len()).sum();
    assert_eq!((expected.1.len(), orders), (CUSTOMERS as usize, shop.orders_count()));
    started(whole.clone()).await.unwrap();
    assert!(seen(&whole).await == expected, "made twice it is one shop");

    let mut deaths = 0;
    for with_the_last in [false, true] {
        // The first steps one by one, the long reading at the end here and there.
        for calls in (1..24).chain((24..).step_by(9)) {
            let table = Arc::new(LocalTable::in_memory());
            let mortal = Mortal { table: table.clone(), left: AtomicU32::new(calls), with_the_last };
            if started(Arc::new(mortal)).await.is_ok() {
                break;
            }
            deaths += 1;
            started(table.clone()).await.unwrap();
            assert!(seen(&table).await == expected, "after {calls} calls");
        }
    }
    assert!(deaths > 50, "it died {deaths} times only");
}

#[tokio::test]
async fn every_customer_can_be_found_by_their_address() {
    let table = Arc::new(LocalTable::in_memory());
    started(table.clone()).await.unwrap();
    let shop = Shop::new(1, CUSTOMERS, now());
    let addresses: usize = (0..CUSTOMERS)
        .map(|number| shop.customer(number).0)
        .map(|customer| usize::from(customer.email.is_some()) + usize::from(customer.phone.is_some()))
        .sum();
    let kept = table.dump().unwrap();
    let claims = kept.iter().filter(|item| item.key.pk.contains("#E#")).count();
    assert_eq!(claims, addresses);
    let changed = kept.iter().filter(|item| item.key.sk.starts_with("D#")).count();
    assert_eq!(changed, 0, "nobody has to fold anything");
}
