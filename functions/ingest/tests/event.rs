//! The queue's event of `events/`, through Lambda's way in, to the whole function: an order is there and gone again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use domain::{
    Currency, CustomerId, Member, OrderId, Plan, Role, Tenant, TenantId, TenantStatus, UserId, Zone,
    event::Outcome,
};
use flows::{
    Clock, DataKey, FlowError, KeyWrap, Left, SecretBox, Secrets, Shops, Tasks, Web,
    clock::{SystemClock, SystemDice},
    files::Nowhere,
    shops::Origin,
    web::{Ask, Told},
};
use ingest::Deps;
use serde_json::json;
use store::{Store, local::LocalTable};

const EVENT: &str = include_str!("../../../events/ingest.json");

/// Whoever looks after the audience may be asked.
struct Empty;

#[async_trait::async_trait]
impl Tasks for Empty {
    async fn leave(&self, _: Vec<Left>) -> Result<(), FlowError> {
        Ok(())
    }
}

#[async_trait::async_trait]
impl KeyWrap for Empty {
    async fn generate(&self, _: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        Ok((DataKey([7; 32]), vec![7]))
    }

    async fn unwrap(&self, _: TenantId, _: &[u8]) -> Result<DataKey, FlowError> {
        Ok(DataKey([7; 32]))
    }
}

/// No shop is asked for what an order tells.
#[async_trait::async_trait]
impl SecretBox for Empty {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        Err(FlowError::unavailable("there are no secrets"))
    }
}

#[async_trait::async_trait]
impl Web for Empty {
    async fn ask(&self, _: Ask) -> Result<Told, FlowError> {
        Err(FlowError::unavailable("there is no way out"))
    }
}

/// A tenant whose the event's shop is.
async fn shop_of(store: &Store) -> TenantId {
    let now = SystemClock.now();
    let (tenant, user) = (TenantId::new(now, [1; 10]), UserId::new(now, [1; 10]));
    let owner = Member {
        tenant,
        user,
        email: "owner@example.com".parse().unwrap(),
        name: "Ada".parse().unwrap(),
        role: Role::Owner,
        since: now,
    };
    let shop = "nordlicht.myshopify.com".parse().unwrap();
    let team = Tenant {
        id: tenant,
        name: "Nordlicht".parse().unwrap(),
        shop: Some(shop),
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
    let its = store.for_task(tenant);
    its.commit(vec![its.shop_taken(team.shop.as_ref().unwrap(), None)]).await.unwrap();
    tenant
}

#[tokio::test]
async fn the_queues_event_is_applied_and_only_what_is_no_task_comes_again() {
    let store = Store::new(Arc::new(LocalTable::in_memory()));
    let tenant = shop_of(&store).await;
    let empty = Arc::new(Empty);
    let deps = Deps {
        store: store.clone(),
        tasks: empty.clone(),
        files: Arc::new(Nowhere),
        keys: empty.clone(),
        shops: Shops {
            web: empty.clone(),
            secrets: empty,
            clock: Arc::new(SystemClock),
            dice: Arc::new(SystemDice),
            origin: Origin::Shopify,
            told_at: None,
        },
        clock: Arc::new(SystemClock),
        dice: Arc::new(SystemDice),
    };
    for delivery in ["first", "second"] {
        let event = serde_json::from_str(EVENT).unwrap();
        let answer =
            runtime::taken("ingest", delivery, &SystemClock, event, |task| ingest::handle(&deps, task)).await;
        let unknown = json!([{"itemIdentifier": "7f0d9a52-1c1e-4f1c-9c55-c4a2f1f3a0de"}]);
        assert_eq!(serde_json::to_value(answer).unwrap(), json!({"batchItemFailures": unknown}));
    }
    let its = store.for_task(tenant);
    let customer = its.customer(CustomerId::Shopify(115_310_627_314_723_954)).await.unwrap().unwrap();
    assert_eq!(customer.first_name.as_deref(), Some("John"));
    assert_eq!((customer.totals.orders, customer.totals.spent), (0, 0), "the order was deleted");
    assert!(its.order(OrderId::Shopify(820_982_911_946_154_508)).await.unwrap().is_none());
    let (noted, _) = its.events_noted(10, None).await.unwrap();
    let told: Vec<_> = noted.iter().map(|noted| (noted.topic.as_str(), noted.attempts)).collect();
    assert_eq!(told, [("orders/delete", 2), ("orders/create", 2)], "newest first");
    assert!(noted.iter().all(|noted| matches!(noted.outcome, Outcome::Applied { .. })), "{noted:?}");
}
