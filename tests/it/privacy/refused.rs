//! Of an event that cannot be kept as it was told no body is left that speaks of somebody who was forgotten: however it names them, and
//! whenever they were.

use std::collections::BTreeSet;

use domain::Queue;
use local::{World, faults::halt::overtaken, world::Log};
use serde_json::{Value, json};

use super::{EMAIL, PHONE, QUIRINIA, answering, asked, bringing, brought, requests, scan::found, told};
use crate::shop_events::{Shop, order_body};

const AT: &str = "2026-09-01T10:00:00Z";

/// In another currency than the shop's it is refused.
fn dear(id: u64, more: &Value) -> Value {
    let told = json!({"currency": "EUR", "customer": null, "note": "the red door"});
    order_body(id, 0, AT, &crate::shop_events::with(told, more))
}

#[tokio::test]
async fn an_order_that_a_request_names_is_known_by_its_number_and_a_telephone_without_its_country() {
    let (world, log) = (World::new(61).await, Log::listen());
    let shop = Shop::connected(&world, "nordlicht").await;
    brought(&world, &shop, "orders/create", &dear(9_001_776, &json!({})), "other").await;
    assert_eq!(found(&world, &log, &["the red door"]).await, BTreeSet::from(["file event".to_owned()]));
    let mut body = asked(&shop, QUIRINIA, EMAIL, Some(PHONE));
    body["orders_to_redact"] = json!([9_001_777]);
    told(&world, &shop, "customers/redact", &body).await;
    let files = || world.files.dump().expect("memory holds").len();
    let before = files();
    brought(&world, &shop, "orders/create", &dear(9_001_777, &json!({})), "hers").await;
    assert_eq!(files(), before, "an order of hers");
    let called = json!({"note": "call (415) 555-0142"});
    brought(&world, &shop, "orders/create", &dear(9_001_778, &called), "called").await;
    assert_eq!(files(), before, "her telephone");
    brought(&world, &shop, "orders/create", &dear(9_001_779, &json!({})), "others").await;
    assert_eq!(files(), before + 1, "an order of somebody else");
}

#[tokio::test]
async fn whoever_is_forgotten_while_an_event_is_noted_is_forgotten_with_it() {
    let log = Log::listen();
    for place in 0.. {
        let world = World::new(62).await;
        let shop = Shop::connected(&world, "nordlicht").await;
        let order = dear(9_001_777, &json!({"email": EMAIL}));
        let event = bringing(&shop, "orders/create", &order, "hers");
        let meanwhile = async {
            shop.bring(&world, "customers/redact", &asked(&shop, QUIRINIA, EMAIL, None)).await;
            let (queue, task) = answering(&shop, requests(&world, &shop).await[0].id);
            world.deliver(queue, &task).await
        };
        let Some((noted, forgotten)) =
            overtaken(world.deliver(Queue::Ingest, &event), place, meanwhile).await
        else {
            assert!(place > 3, "{place}");
            break;
        };
        assert!(noted.is_ok() && forgotten.is_ok(), "{place}: {noted:?} {forgotten:?}");
        assert_eq!(found(&world, &log, &["the red door"]).await, BTreeSet::new(), "{place}");
    }
}
