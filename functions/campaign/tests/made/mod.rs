//! A shop with some customers who agreed to be written to, and a campaign to all of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use campaign::Deps;
use domain::{
    Campaign, CampaignId, Consent, ConsentLevel, ConsentSource, ConsentState, Currency, Customer, CustomerId,
    Member, Plan, Role, Task, Tenant, TenantId, TenantStatus, TextFrom, Timestamp, UserId, Zone,
    campaign::{Act, Kind, Who},
    customer::CustomerKind,
    segment::RuleText,
    sending::{MailProvider, TextProvider},
    template::{Channel, Words},
};
use flows::{Clock, FlowError, Installed, Left, Tasks, carrying::Senders, clock::SystemDice};
use store::{
    Held, Orders, Store, StoreError, TenantStore,
    local::LocalTable,
    table::{Add, Item, Page, Range, RawKey, Table, Write},
};

/// Somebody else goes on while the table is waited for.
struct Slow(LocalTable);

#[async_trait]
impl Table for Slow {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        tokio::task::yield_now().await;
        self.0.get(keys).await
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        tokio::task::yield_now().await;
        self.0.query(range).await
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        tokio::task::yield_now().await;
        self.0.write(writes).await
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        tokio::task::yield_now().await;
        self.0.add(add).await
    }
}

/// A clock that is set by hand, and what was left for others.
pub(crate) struct World {
    pub(crate) now: Mutex<Timestamp>,
    pub(crate) left: Mutex<Vec<Task>>,
    /// So often the time is told, and then whoever asks for it dies.
    pub(crate) told: Mutex<Option<u32>>,
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> Timestamp {
        let left =
            self.told.lock().unwrap().as_mut().map(|left| std::mem::replace(left, left.saturating_sub(1)));
        assert_ne!(left, Some(0), "its process dies");
        *self.now.lock().unwrap()
    }

    async fn pause(&self, _: Duration) {}
}

#[async_trait]
impl Tasks for World {
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError> {
        self.left.lock().unwrap().extend(tasks.into_iter().map(|left| left.task));
        Ok(())
    }
}

impl World {
    pub(crate) fn taken(&self) -> Vec<Task> {
        std::mem::take(&mut self.left.lock().unwrap())
    }
}

pub(crate) struct Shop {
    pub(crate) world: Arc<World>,
    pub(crate) deps: Deps,
    pub(crate) store: TenantStore,
}

pub(crate) async fn shop(tenant: TenantId, customers: u32) -> Shop {
    let now = "2026-11-21T06:00:00Z".parse().unwrap();
    let world = Arc::new(World { now: Mutex::new(now), left: Mutex::default(), told: Mutex::default() });
    let store = Store::new(Arc::new(Slow(LocalTable::in_memory())));
    let user = UserId::new(now, [1; 10]);
    let (email, name) = ("owner@example.com".parse().unwrap(), "Ada".parse().unwrap());
    let owner = Member { tenant, user, email, name, role: Role::Owner, since: now };
    let team = Tenant {
        id: tenant,
        name: "Kaffeehaus".parse().unwrap(),
        shop: None,
        status: TenantStatus::Active,
        plan: Plan::Free,
        owners: 1,
        members: 1,
        currency: Currency::USD,
        currency_changes: 0,
        zone: Zone::UTC,
        created_at: now,
    };
    store.commit(vec![Store::tenant_made(&team, &owner)]).await.unwrap();
    let lent = Senders {
        letters: "shop@example.com".parse().unwrap(),
        texts: TextFrom::Name("Shop".parse().unwrap()),
    };
    let installed = Installed {
        mail: vec![MailProvider::Simulated],
        text: vec![TextProvider::Simulated],
        lent: Some(lent),
    };
    let (clock, dice) = (world.clone(), Arc::new(SystemDice));
    let deps = Deps { store: store.clone(), tasks: world.clone(), clock, dice, installed };
    let store = store.for_task(tenant);
    let first = if customers > 0 { store.slots_taken(customers, 0).await.unwrap().0 } else { 0 };
    for place in 0..customers {
        let id = CustomerId::Shopify(u64::from(place) + 1);
        let mut customer = Customer::new(id, first + place, CustomerKind::Person, now);
        customer.email = Some(format!("{place}@example.com").parse().unwrap());
        customer.email_consent = Some(Consent {
            state: ConsentState::Subscribed,
            level: ConsentLevel::SingleOptIn,
            source: ConsentSource::Shopify,
            method: None,
            at: now,
        });
        store.commit(vec![store.customer_made(&customer, Orders::new())]).await.unwrap();
    }
    Shop { world, deps, store }
}

impl Shop {
    pub(crate) async fn has(&self, id: CampaignId, change: impl FnOnce(&mut Campaign)) {
        let now = self.world.now();
        let by = UserId::new(now, [1; 10]);
        let audience = Who::Rule(RuleText { text: "EVERYONE".to_owned(), hash: String::new() });
        let name = "Spring".parse().unwrap();
        let mut campaign = Campaign::draft(id, name, Kind::Newsletter, Channel::Email, audience, by, now);
        change(&mut campaign);
        let words = Words::Sms { text: "Hi".to_owned() };
        self.store.commit(vec![self.store.campaign_made(&campaign, &[words])]).await.unwrap();
    }

    pub(crate) async fn moves(&self, id: CampaignId, act: Act) {
        let held = self.campaign(id).await;
        let after = held.moved(act, self.world.now()).unwrap();
        self.store.commit(vec![self.store.campaign_kept(&held, &after)]).await.unwrap();
    }

    pub(crate) async fn campaign(&self, id: CampaignId) -> Held<Campaign> {
        self.store.campaign(id).await.unwrap().unwrap()
    }
}
