//! Somebody is forgotten while they are written to, at any moment: nothing says afterwards that they were.

use async_trait::async_trait;
use domain::{
    Customer,
    campaign::{Care, Fate, Why},
    customer::CustomerKind,
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use store::{Item, Page, Range, RawKey, Store, StoreError, Table, TenantStore, Write, table::Add};

use crate::{
    faults::{Fault, Faults},
    shop::{Shop, Told, customer},
};

/// Who is forgotten.
const WHO: u32 = 4;

/// Before its n-th access somebody is forgotten, all at once.
struct Meanwhile {
    table: Arc<dyn Table>,
    /// What goes wrong so many accesses later.
    then: Option<(Arc<Faults>, usize, Fault)>,
    its: TenantStore,
    left: AtomicUsize,
}

impl Meanwhile {
    async fn accessed(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) != 1 {
            return;
        }
        // As `flows::record` does it: what has happened with them goes after they are nobody.
        let held = self.its.customer_held(customer(WHO).id).await.unwrap().unwrap();
        let gone = Customer::clone(&held).gone(CustomerKind::Erased, held.created_at);
        self.its.commit(vec![self.its.customer_changed(&held, &gone, store::Orders::new())]).await.unwrap();
        let past = self.its.past_of(customer(WHO).id).await.unwrap();
        self.its.past_forgotten(&past).await.unwrap();
        if let Some((faults, later, fault)) = &self.then {
            faults.set(faults.seen() + later, *fault);
        }
    }
}

#[async_trait]
impl Table for Meanwhile {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        self.accessed().await;
        self.table.get(keys).await
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        self.accessed().await;
        self.table.query(range).await
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.accessed().await;
        self.table.write(writes).await
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        self.accessed().await;
        self.table.add(add).await
    }
}

/// Whether it came to it.
async fn forgotten_in(shop: &mut Shop, access: usize, then: Option<(usize, Fault)>) -> bool {
    let meanwhile = Meanwhile {
        table: shop.outside.clone(),
        then: then.map(|(later, fault)| (shop.faults.clone(), later, fault)),
        its: shop.store(),
        left: AtomicUsize::new(access),
    };
    shop.deps.store = Store::new(Arc::new(meanwhile));
    shop.lanes();
    shop.run().await;
    let came = shop.store().customer(customer(WHO).id).await.unwrap().unwrap().is_gone();
    let told = shop.store().events(customer(WHO).id, 10, None).await.unwrap().events;
    assert!(!came || told.is_empty(), "forgotten at access {access}, {then:?}: {told:?}");
    came
}

/// Whether it came to it, and why they got nothing.
async fn forgotten_at(access: usize) -> (bool, Option<Why>) {
    let mut shop = Shop::new(&Told { people: 7, ..Told::default() }).await;
    let came = forgotten_in(&mut shop, access, None).await;
    let fates = shop.fates().await;
    for (number, (fate, _)) in fates.iter().enumerate().filter(|(number, _)| *number != 4) {
        assert_eq!(*fate, Fate::Sent, "{number}, at access {access}");
    }
    (came, fates[4].1)
}

#[tokio::test]
async fn whoever_is_forgotten_at_any_moment_was_not_written_to() {
    let (mut access, mut whys) = (1, Vec::new());
    loop {
        let (came, why) = forgotten_at(access).await;
        if !came {
            break;
        }
        whys.push(why);
        access += 1;
    }
    let skipped = whys.iter().filter(|why| **why == Some(Why::Gone)).count();
    assert!(skipped > 0 && skipped < whys.len(), "before they are written to, and after: {whys:?}");
}

/// So many accesses there are at most between the note and the look after it.
const BETWEEN: usize = 7;

#[tokio::test]
async fn nor_is_anything_left_of_that_by_whoever_dies_or_fails_over_it() {
    for care in [Care::NeverTwice, Care::NeverZero] {
        for fault in [Fault::DiesBefore, Fault::FailsBefore] {
            for later in 0..BETWEEN {
                let mut access = 1;
                let told = Told { people: 5, care, ..Told::default() };
                while forgotten_in(&mut Shop::new(&told).await, access, Some((later, fault))).await {
                    access += 1;
                }
                assert!(access > 10, "{access}");
            }
        }
    }
}

/// Customers cannot be read, so many times.
struct Unread {
    table: Arc<dyn Table>,
    left: AtomicUsize,
}

#[async_trait]
impl Table for Unread {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        let fewer = |left: usize| left.checked_sub(1);
        let is_theirs = keys.iter().any(|key| key.sk == "PROFILE");
        if is_theirs && self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer).is_ok() {
            let away = Box::<dyn std::error::Error + Send + Sync>::from("a simulated fault");
            return Err(StoreError::Unavailable(Arc::from(away)));
        }
        self.table.get(keys).await
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        self.table.query(range).await
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.table.write(writes).await
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        self.table.add(add).await
    }
}

/// When they are looked at, and when it is looked whether anybody is gone: no provider was asked in between.
#[tokio::test]
async fn who_cannot_be_read_twice_is_free_again_and_written_to() {
    let mut shop = Shop::new(&Told { people: 7, ..Told::default() }).await;
    let unread = Arc::new(Unread { table: shop.outside.clone(), left: AtomicUsize::new(2) });
    shop.deps.store = Store::new(unread.clone());
    shop.lanes();
    shop.run().await;
    assert_eq!(unread.left.load(Ordering::SeqCst), 0, "it has failed twice");
    for (number, (fate, _)) in shop.fates().await.iter().enumerate() {
        assert_eq!(*fate, Fate::Sent, "{number}");
    }
}
