//! The queue's event of `events/`, through Lambda's way in, to the whole function: of a shop that is not connected any
//! more nothing is asked, and the run says so.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use domain::{
    Currency, Member, Plan, Role, Run, RunId, RunState, Tenant, TenantId, TenantStatus, UserId, Zone,
    run::{Mode, Part, Resource},
};
use flows::{
    Clock, DataKey, FlowError, KeyWrap, Left, SecretBox, Secrets, Sending, Shops, Sockets, Tasks, Web,
    clock::{SystemClock, SystemDice},
    shops::Origin,
    web::{Ask, Told},
};
use serde_json::json;
use store::{Store, local::LocalTable};
use sync::Deps;

const EVENT: &str = include_str!("../../../events/sync.json");

/// Nobody is asked for anything.
struct Empty;

#[async_trait::async_trait]
impl Tasks for Empty {
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError> {
        if tasks.is_empty() { Ok(()) } else { Err(FlowError::broken("nothing is left to do")) }
    }
}

#[async_trait::async_trait]
impl KeyWrap for Empty {
    async fn generate(&self, _: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        Err(FlowError::broken("nothing is sealed"))
    }

    async fn unwrap(&self, _: TenantId, _: &[u8]) -> Result<DataKey, FlowError> {
        Err(FlowError::broken("nothing is opened"))
    }
}

#[async_trait::async_trait]
impl Web for Empty {
    async fn ask(&self, _: Ask) -> Result<Told, FlowError> {
        Err(FlowError::broken("nobody is asked"))
    }
}

#[async_trait::async_trait]
impl Sockets for Empty {
    async fn send(&self, _: &domain::SocketId, _: &str) -> Result<Sending, FlowError> {
        Err(FlowError::broken("nobody watches"))
    }

    async fn close(&self, _: &domain::SocketId) -> Result<(), FlowError> {
        Err(FlowError::broken("nobody watches"))
    }
}

#[async_trait::async_trait]
impl SecretBox for Empty {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        Err(FlowError::broken("there are no secrets"))
    }
}

/// A tenant that was connected once.
async fn team(store: &Store, id: TenantId) {
    let now = SystemClock.now();
    let owner = Member {
        tenant: id,
        user: UserId::new(now, [1; 10]),
        email: "owner@example.com".parse().unwrap(),
        name: "Ada".parse().unwrap(),
        role: Role::Owner,
        since: now,
    };
    let team = Tenant {
        id,
        name: "Nordlicht".parse().unwrap(),
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
}

#[tokio::test]
async fn the_queues_event_ends_a_run_that_has_no_shop_and_only_what_is_no_task_comes_again() {
    let store = Store::new(Arc::new(LocalTable::in_memory()));
    let (tenant, run): (TenantId, RunId) =
        ("01KAJ0000000000000000000T1".parse().unwrap(), "01KAJ0000000000000000000R1".parse().unwrap());
    team(&store, tenant).await;
    let its = store.for_task(tenant);
    let parts = vec![Part::new(Resource::Customers, None)];
    let new = Run::new(run, tenant, Mode::Full, parts, SystemClock.now());
    its.commit(vec![its.run_made(&new)]).await.unwrap();
    let empty = Arc::new(Empty);
    let (clock, dice) = (Arc::new(SystemClock), Arc::new(SystemDice));
    let shops = Shops {
        web: empty.clone(),
        secrets: empty.clone(),
        clock: clock.clone(),
        dice: dice.clone(),
        origin: Origin::Shopify,
        told_at: None,
    };
    let deps = Deps {
        store: store.clone(),
        tasks: empty.clone(),
        keys: empty,
        shops,
        sockets: Arc::new(Empty),
        clock,
        dice,
        lists: sync::Lists::default(),
    };
    for delivery in ["first", "second"] {
        let event = serde_json::from_str(EVENT).unwrap();
        let answer =
            runtime::taken("sync", delivery, &SystemClock, event, |task| sync::handle(&deps, task)).await;
        let unknown = json!([{"itemIdentifier": "7f0d9a52-1c1e-4f1c-9c55-c4a2f1f3a0de"}]);
        assert_eq!(serde_json::to_value(answer).unwrap(), json!({"batchItemFailures": unknown}));
    }
    let ended = its.run(run).await.unwrap().unwrap();
    assert_eq!(ended.state, RunState::Failed { why: "no shop is connected".to_owned() });
    assert_eq!(ended.step, 1, "once");
}
