//! The queue's event of `events/`, through Lambda's way in, to the whole function: what changed is gathered.

use std::sync::Arc;

use audience::Deps;
use columns::ShardNumber;
use domain::{Customer, CustomerId, TenantId, customer::CustomerKind};
use flows::{FlowError, Left, Tasks, clock::SystemClock};
use serde_json::{Value, json};
use store::{GATHERED_FROM, Orders, Store, local::LocalTable};

const EVENT: &str = include_str!("../../../events/audience.json");

/// Nobody watches.
struct Empty;

#[async_trait::async_trait]
impl Tasks for Empty {
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError> {
        if tasks.is_empty() { Ok(()) } else { Err(FlowError::broken("nothing is left to do")) }
    }
}

#[tokio::test]
async fn the_queues_event_gathers_what_changed_in_its_shard() {
    let event: Value = serde_json::from_str(EVENT).unwrap();
    let task: Value = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
    let tenant: TenantId = task["tenant"].as_str().unwrap().parse().unwrap();
    let store = Store::new(Arc::new(LocalTable::in_memory()));
    let deps = Deps { store, tasks: Arc::new(Empty), clock: Arc::new(SystemClock) };
    let store = deps.store.for_task(tenant);
    let many = u32::try_from(GATHERED_FROM).unwrap();
    let first = store.slots_taken(many, 0).await.unwrap();
    for place in 0..many {
        let (id, slot) = (CustomerId::Shopify(u64::from(place) + 1), first.0 + place);
        let at = "2026-11-21T06:00:00Z".parse().unwrap();
        let customer = Customer::new(id, slot, CustomerKind::Person, at);
        store.commit(vec![store.customer_made(&customer, Orders::new())]).await.unwrap();
    }
    let changed = async || store.shard(ShardNumber(0)).await.unwrap().changed();
    assert_eq!(changed().await, GATHERED_FROM);

    for delivery in ["first", "second"] {
        let event = serde_json::from_str(EVENT).unwrap();
        let handle = |task| audience::handle(&deps, task);
        let answer = runtime::taken("audience", delivery, &SystemClock, event, handle).await;
        assert_eq!(serde_json::to_value(answer).unwrap(), json!({"batchItemFailures": []}), "{delivery}");
        assert_eq!(changed().await, 0, "{delivery}");
        let rows = store.audience(&[]).await.unwrap().view.rows().count();
        assert_eq!(rows, GATHERED_FROM, "{delivery}");
    }
}
