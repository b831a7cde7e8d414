//! A shop whose customers do at random what customers do, and whoever watches what each of them was at every moment.

use async_trait::async_trait;
use columns::{Delta, Family, Number, OrderNumber, Row, Slot, View};
use domain::{
    Consent, ConsentLevel, ConsentSource, ConsentState, Customer, CustomerId, EmailAddress, Minor, Order,
    OrderId, TenantId, Timestamp,
    customer::{AttributeValue, ChangedBy},
    order::{OrderLine, OrderStatus},
};
use flows::{
    Clock, DataKey, Dice, FlowError, KeyWrap,
    record::{Record, Whose},
    seal::Seals,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};
use store::{
    Item, Page, Range, RawKey, Store, StoreError, Table, TenantStore, Write, local::LocalTable, table::Add,
    whole_row,
};

use crate::tables::throw;

/// What everybody was, at each version, and which version is the newest.
#[derive(Default)]
struct Seen {
    rows: BTreeMap<(Slot, i64), Row>,
    newest: BTreeMap<Slot, i64>,
}

pub(crate) struct Shop {
    pub(crate) table: Arc<LocalTable>,
    tenant: TenantId,
    seen: Arc<Mutex<Seen>>,
    seals: Seals,
    dice: Arc<Thrown>,
    clock: Counted,
    people: Mutex<Vec<CustomerId>>,
    orders: Mutex<Vec<OrderId>>,
}

/// Which versions a reader may see at least: those of when it began.
pub(crate) struct Since(BTreeMap<Slot, i64>);

/// What a reader saw, and between which versions it must be.
pub(crate) struct Glance {
    since: BTreeMap<Slot, i64>,
    until: BTreeMap<Slot, i64>,
    rows: BTreeMap<Slot, Row>,
}

impl Shop {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        let dice = Arc::new(Thrown(AtomicU64::new(seed)));
        Arc::new(Self {
            table: Arc::new(LocalTable::in_memory()),
            tenant: TenantId::new(Timestamp::UNIX_EPOCH, [7; 10]),
            seen: Arc::default(),
            seals: Seals::new(Arc::new(Plain), dice.clone()),
            dice,
            clock: Counted(AtomicI64::new(1_790_000_000)),
            people: Mutex::default(),
            orders: Mutex::default(),
        })
    }

    /// Somebody who knows nothing yet and holds nothing in memory.
    pub(crate) fn store(&self) -> TenantStore {
        self.through(self.table.clone())
    }

    pub(crate) fn through(&self, table: Arc<dyn Table>) -> TenantStore {
        Store::new(table).for_task(self.tenant)
    }

    /// With no memory at all.
    pub(crate) fn forgetful(&self) -> TenantStore {
        Store::holding(self.table.clone(), 0).for_task(self.tenant)
    }

    /// The table for those who write the record: each commit is looked at, before anybody else can act.
    pub(crate) fn watched(&self) -> Arc<dyn Table> {
        let (inner, seen) = (self.table.clone(), self.seen.clone());
        Arc::new(Watched { inner, seen, tenant: self.tenant })
    }

    pub(crate) fn record<'a>(&'a self, store: &'a TenantStore) -> Record<'a> {
        let (clock, dice) = (&self.clock, &*self.dice);
        Record { store, seals: &self.seals, clock, dice, by: ChangedBy::Person, currency_changes: 0 }
    }

    pub(crate) fn dice(&self, sides: u64) -> u64 {
        throw(&self.dice.0) % sides
    }

    /// So many changes of the record, at random.
    pub(crate) async fn lives(&self, changes: usize) {
        let store = self.through(self.watched());
        for _ in 0..changes {
            self.change(&store).await;
        }
    }

    /// One change. What the record refuses did not happen.
    pub(crate) async fn change(&self, store: &TenantStore) {
        let clock = &self.clock;
        let record = self.record(store);
        let (somebody, other) = (self.one_of(&self.people), self.one_of(&self.people));
        let order = self.one_of(&self.orders);
        let nonce = self.dice(1_000_000);
        let done = match (self.dice(20), somebody, order) {
            (0..4, ..) | (_, None, _) => {
                let told = |customer: &mut Customer| {
                    customer.email = Some(address(nonce));
                    customer.first_name = Some(format!("Ada{}", nonce % 10));
                    customer.tags.insert(format!("t{}", nonce % 5));
                    Ok(())
                };
                let made = record.done(|| record.customer_made(None, told)).await;
                made.map(|plan| lock(&self.people).push(plan.outcome.id))
            }
            (4..8, Some(id), _) => {
                let told = |customer: &mut Customer| {
                    customer.last_name = Some(format!("Byron{nonce}"));
                    customer
                        .attributes
                        .insert("size".to_owned(), AttributeValue::Number(i64::try_from(nonce).unwrap()));
                    customer.email_consent = Some(consent(clock.now(), nonce));
                    Ok(())
                };
                record.done(|| record.customer_changed(id, told)).await.map(drop)
            }
            (8..13, ..) => {
                let whose = match self.dice(4) {
                    0 => Whose::Nobody,
                    1 => Whose::Address { email: Some(address(nonce)), phone: None },
                    _ => somebody.map_or(Whose::Nobody, Whose::Customer),
                };
                let id = OrderId::Shopify(nonce + 1);
                let made = record.done(|| record.order_made(bought(id, nonce, clock.now()), &whose)).await;
                made.map(|plan| {
                    lock(&self.orders).push(id);
                    lock(&self.people).push(plan.outcome.customer.id);
                })
            }
            (13..16, _, Some(id)) => {
                let told = |order: &mut Order| {
                    order.refunded = Minor::new(i64::try_from(nonce % 50).unwrap()).unwrap();
                    order.status = OrderStatus::PartiallyRefunded;
                    Ok(())
                };
                record.done(|| record.order_changed(id, told)).await.map(drop)
            }
            (16, _, Some(id)) => record.done(|| record.order_ended(id)).await.map(drop),
            (17, Some(to), Some(id)) => record.done(|| record.order_moved(id, to)).await.map(drop),
            (18, Some(from), _) => {
                let into = other.unwrap_or(from);
                record.done(|| record.customers_merged(from, into)).await.map(drop)
            }
            (_, Some(id), _) => record.done(|| record.customer_erased(id)).await.map(drop),
        };
        match done {
            Ok(()) | Err(FlowError::Conflict { .. } | FlowError::NotFound(_)) => {}
            Err(error) => panic!("{}", flows::error::chain(&error)),
        }
    }

    /// So many orders of people who left no address.
    pub(crate) async fn buys(&self, orders: usize) {
        let (store, clock) = (self.store(), &self.clock);
        let record = self.record(&store);
        for _ in 0..orders {
            let order = bought(OrderId::Shopify(self.dice(1 << 50)), 1, clock.now());
            record.done(|| record.order_made(order.clone(), &Whose::Nobody)).await.unwrap();
        }
    }

    fn one_of<T: Copy>(&self, list: &Mutex<Vec<T>>) -> Option<T> {
        let list = lock(list);
        let len = u64::try_from(list.len()).unwrap();
        (len > 0).then(|| list[usize::try_from(self.dice(len)).unwrap()])
    }

    pub(crate) fn since(&self) -> Since {
        Since(lock(&self.seen).newest.clone())
    }

    /// Reads everything. An audience that is being moved, or cannot be read, is an error and not a glance.
    pub(crate) async fn glance(&self, store: &TenantStore) -> Result<Glance, StoreError> {
        let Since(since) = self.since();
        let audience = store.audience(&Family::ALL).await?;
        let Since(until) = self.since();
        let rows: Vec<_> = audience.view.rows().collect();
        let count = rows.len();
        let rows: BTreeMap<_, _> = rows.into_iter().collect();
        assert_eq!(rows.len(), count, "nobody stands there twice");
        Ok(Glance { since, until, rows })
    }

    /// Everybody in it was so at one moment since it began, and nobody is missing who was there.
    pub(crate) fn check(&self, glance: &Glance, when: &str) {
        let seen = lock(&self.seen);
        for (slot, row) in &glance.rows {
            let version = row[Number::Version].expect("a row has a version");
            let since = glance.since.get(slot).copied().unwrap_or(1);
            let until = glance.until.get(slot).copied().unwrap_or(0);
            assert!((since..=until).contains(&version), "{when}: {slot:?} {since} ≤ {version} ≤ {until}");
            assert_eq!(Some(row), seen.rows.get(&(*slot, version)), "{when}: {slot:?} at {version}");
            let net: i64 = row.orders.values().filter_map(|order| order[OrderNumber::Net]).sum();
            assert!(row[Number::Spent].is_none_or(|spent| spent == net), "{when}: {slot:?} {row:?}");
        }
        for slot in glance.since.keys() {
            assert!(glance.rows.contains_key(slot), "{when}: {slot:?} is missing");
        }
    }

    /// Whoever reads now sees the record as it is now, with and without a memory.
    pub(crate) async fn is_right(&self, when: &str) {
        for store in [self.store(), self.forgetful()] {
            let glance = self.glance(&store).await.unwrap_or_else(|error| panic!("{when}: {error}"));
            self.check(&glance, when);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn address(nonce: u64) -> EmailAddress {
    format!("ada{}@example.com", nonce % 40).parse().unwrap()
}

fn consent(at: Timestamp, nonce: u64) -> Consent {
    let state = ConsentState::ALL[usize::try_from(nonce % 4).unwrap()];
    Consent { state, level: ConsentLevel::SingleOptIn, source: ConsentSource::Person, method: None, at }
}

pub(crate) fn bought(id: OrderId, nonce: u64, at: Timestamp) -> Order {
    let price = Minor::new(i64::try_from(100 + nonce % 900).unwrap()).unwrap();
    let line = OrderLine {
        product: Some(format!("p{}", nonce % 7)),
        variant: None,
        title: "Tea".to_owned(),
        quantity: 1,
        price,
    };
    Order {
        id,
        customer: CustomerId::Shopify(1),
        number: 0,
        name: Some(format!("#{nonce}")),
        status: OrderStatus::Paid,
        cancelled_at: None,
        is_test: nonce.is_multiple_of(11),
        app: None,
        location: None,
        lines: vec![line],
        discounts: Minor::ZERO,
        taxes: Minor::ZERO,
        shipping: Minor::ZERO,
        total: price,
        refunded: Minor::ZERO,
        note: nonce.is_multiple_of(3).then(|| "by the door".to_owned()),
        placed_at: at,
        updated_at: at,
    }
}

struct Watched {
    inner: Arc<LocalTable>,
    seen: Arc<Mutex<Seen>>,
    tenant: TenantId,
}

impl Watched {
    /// The local table answers at once, so nobody acts in between.
    async fn look(&self, id: CustomerId) -> Result<(), StoreError> {
        let store = Store::new(self.inner.clone()).for_task(self.tenant);
        let (Some(customer), orders) = store.history_of(id).await? else { return Ok(()) };
        let row = whole_row(&customer, &orders);
        let (slot, version) = (Slot(customer.slot), row[Number::Version].unwrap_or_default());
        // Through columns and back, where an empty list is none at all.
        let orders = row.orders.iter().map(|(number, order)| (*number, Some(order.clone()))).collect();
        let view = View::default().with(&BTreeMap::from([(slot, Delta::of(row, orders))])).unwrap();
        let mut seen = lock(&self.seen);
        seen.rows.insert((slot, version), view.row(slot).unwrap());
        seen.newest.insert(slot, version);
        Ok(())
    }
}

#[async_trait]
impl Table for Watched {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        self.inner.get(keys).await
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        self.inner.query(range).await
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let profiles = writes.iter().map(Write::key).filter(|key| key.sk == "PROFILE");
        let changed: Vec<CustomerId> =
            profiles.filter_map(|key| key.pk.rsplit('#').next()?.parse().ok()).collect();
        self.inner.write(writes).await?;
        for id in changed {
            self.look(id).await?;
        }
        Ok(())
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        self.inner.add(add).await
    }
}

struct Thrown(AtomicU64);

impl Dice for Thrown {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = throw(&self.0).to_le_bytes()[0];
        }
    }
}

/// A second passes with each look.
struct Counted(AtomicI64);

#[async_trait]
impl Clock for Counted {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.fetch_add(1, SeqCst)).unwrap()
    }

    async fn pause(&self, _: Duration) {
        tokio::task::yield_now().await;
    }
}

struct Plain;

#[async_trait]
impl KeyWrap for Plain {
    async fn generate(&self, _: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        Ok((DataKey([7; 32]), vec![7; 32]))
    }

    async fn unwrap(&self, _: TenantId, _: &[u8]) -> Result<DataKey, FlowError> {
        Ok(DataKey([7; 32]))
    }
}
