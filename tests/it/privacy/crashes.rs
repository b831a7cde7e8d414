//! Whoever dies on the way of forgetting somebody leaves it to the next, wherever that happens.

use std::collections::BTreeSet;

use columns::ShardNumber;
use domain::{Queue, privacy::State};
use local::{
    World,
    faults::{
        crash,
        halt::{Moment, dying, overtaken},
    },
    world::Log,
};
use serde_json::{Value, json};

use super::{answering, brought, ended, requests, scan::found};
use crate::shop_events::{Shop, customer_body, order_body};

/// Somebody with an order, a body that was kept and a row in each tier.
async fn known(world: &World, shop: &Shop, id: u64) -> (String, Value) {
    let email = format!("quirinia{id}@example.com");
    let customer =
        customer_body(id, "2026-09-01T10:00:00Z", &json!({"email": email, "note": format!("saffron{id}")}));
    let order = json!({"customer": customer, "note": format!("door{id}"), "email": email});
    let order = order_body(id, id, "2026-09-01T10:00:00Z", &order);
    brought(world, shop, "orders/create", &order, &format!("order-{id}")).await;
    let its = shop.store(world);
    let shard = its.shard(ShardNumber(0)).await.expect("memory holds");
    its.shard_folded(&shard).await.expect("nobody else keeps it");
    let dear = json!({"customer": customer, "currency": "EUR"});
    let dear = order_body(id + 1, id, "2026-09-01T10:00:00Z", &dear);
    brought(world, shop, "orders/create", &dear, &format!("dear-{id}")).await;
    let asked =
        json!({"shop_domain": shop.domain, "customer": {"id": id, "email": email}, "orders_to_redact": [id]});
    (email, asked)
}

#[tokio::test]
async fn who_dies_anywhere_on_the_way_of_forgetting_somebody_leaves_it_to_the_next() {
    let (mut world, log) = (World::new(1).await, Log::listen());
    let mut shop = Shop::connected(&world, "nordlicht").await;
    let mut deaths = 0;
    for moment in [Moment::BeforeTheCall, Moment::AfterTheCall] {
        for place in 0.. {
            // So that what is read of others does not grow.
            if place % 16 == 0 {
                world = World::new(1).await;
                shop = Shop::connected(&world, "nordlicht").await;
            }
            let id =
                7_001_000_000 + u64::from(place) * 10 + u64::from(moment == Moment::AfterTheCall) * 5_000;
            let (email, asked) = known(&world, &shop, id).await;
            brought(&world, &shop, "customers/redact", &asked, &format!("redact-{id}")).await;
            let request =
                requests(&world, &shop).await.into_iter().find(|request| request.state == State::Open);
            let (queue, task) = answering(&shop, request.expect("it was asked").id);
            let (answer, has_died) = dying(place, moment, crash::watched(world.deliver(queue, &task))).await;
            assert_eq!(answer.is_none(), has_died, "{moment:?} {place}");
            ended(&world).await;
            let words = [email.as_str(), &format!("saffron{id}"), &format!("door{id}")];
            assert_eq!(found(&world, &log, &words).await, BTreeSet::new(), "{moment:?} {place}");
            let open =
                requests(&world, &shop).await.into_iter().filter(|request| request.state == State::Open);
            assert_eq!(open.count(), 0, "{moment:?} {place}");
            if !has_died {
                assert!(place > 15, "the request, the record, the audience and the traces, but {place}");
                break;
            }
            deaths += 1;
        }
    }
    assert!(deaths > 30, "{deaths}");
}

/// Somebody whom the shop wants forgotten, and the message that does it.
async fn about_to_forget() -> (World, Shop, String, (Queue, String)) {
    let world = World::new(1).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let (email, asked) = known(&world, &shop, 7_001_000_000).await;
    brought(&world, &shop, "customers/redact", &asked, "redact").await;
    let request = requests(&world, &shop).await.into_iter().find(|request| request.state == State::Open);
    let message = answering(&shop, request.expect("it was asked").id);
    (world, shop, email, message)
}

#[tokio::test]
async fn an_order_that_is_deleted_meanwhile_spares_nobody() {
    let log = Log::listen();
    for place in 0.. {
        let (world, shop, email, (queue, task)) = about_to_forget().await;
        let gone = json!({"id": 7_001_000_000_u64});
        let deleted = brought(&world, &shop, "orders/delete", &gone, "deleted");
        let Some((forgotten, ())) = overtaken(world.deliver(queue, &task), place, deleted).await else {
            assert!(place > 15, "the request, the record and the audience, but {place}");
            break;
        };
        assert!(forgotten.is_ok(), "{place}: {forgotten:?}");
        ended(&world).await;
        let words = [email.as_str(), "saffron7001000000", "door7001000000"];
        assert_eq!(found(&world, &log, &words).await, BTreeSet::new(), "{place}");
    }
}

#[tokio::test]
async fn an_order_that_comes_meanwhile_keeps_no_word() {
    let log = Log::listen();
    for place in 0.. {
        let (world, shop, email, (queue, task)) = about_to_forget().await;
        let bought =
            order_body(7_002, 7_001_000_000, "2026-09-01T10:00:00Z", &json!({"note": "by the cellar"}));
        let comes = brought(&world, &shop, "orders/create", &bought, "bought");
        let Some((forgotten, ())) = overtaken(world.deliver(queue, &task), place, comes).await else {
            assert!(place > 15, "the request, the record and the audience, but {place}");
            break;
        };
        assert!(forgotten.is_ok(), "{place}: {forgotten:?}");
        let words = [email.as_str(), "saffron7001000000", "door7001000000", "by the cellar"];
        assert_eq!(found(&world, &log, &words).await, BTreeSet::new(), "{place}");
        let order = shop.order(&world, 7_002).await.expect("the figure stays");
        assert_eq!((order.total.get(), order.note), (2_500, None), "{place}");
    }
}

#[tokio::test]
async fn in_any_storm_somebody_is_forgotten_in_the_end() {
    for seed in 0..12 {
        let (world, log) = (World::new(seed).await, Log::listen());
        let shop = Shop::connected(&world, "nordlicht").await;
        let (email, asked) = known(&world, &shop, 7_001_000_000).await;
        world.faults.storm(120);
        world.hook(&shop.domain, "customers/redact", &asked).await.try_send().await;
        for _ in 0..6 {
            world.storm_through().await;
        }
        world.faults.calm();
        // Shopify tries again what was not answered.
        world.hook(&shop.domain, "customers/redact", &asked).await.send().await;
        ended(&world).await;
        world.clock.advance_seconds(3_600);
        ended(&world).await;
        let words = [email.as_str(), "saffron7001000000", "door7001000000"];
        assert_eq!(found(&world, &log, &words).await, BTreeSet::new(), "{seed}");
        let all = requests(&world, &shop).await;
        assert!(
            !all.is_empty() && all.iter().all(|request| request.state == State::Erased),
            "{seed}: {all:?}"
        );
    }
}

#[tokio::test]
async fn who_dies_anywhere_on_the_way_of_a_shops_end_leaves_it_to_the_next() {
    let mut deaths = 0;
    for place in (0..400).step_by(7) {
        let (world, log) = (World::new(2).await, Log::listen());
        let shop = Shop::connected(&world, "nordlicht").await;
        for id in [7_001_000_000, 7_002_000_000] {
            known(&world, &shop, id).await;
        }
        shop.bring(&world, "app/uninstalled", &json!({"id": 1, "myshopify_domain": shop.domain})).await;
        world.clock.advance_seconds(48 * 3_600);
        shop.bring(&world, "shop/redact", &json!({"shop_domain": shop.domain})).await;
        let request = requests(&world, &shop).await.remove(0);
        let (queue, task) = answering(&shop, request.id);
        let moment = if place % 2 == 0 { Moment::BeforeTheCall } else { Moment::AfterTheCall };
        let (_, has_died) = dying(place, moment, crash::watched(world.deliver(queue, &task))).await;
        ended(&world).await;
        assert_eq!(found(&world, &log, &["quirinia", "saffron", "door7"]).await, BTreeSet::new(), "{place}");
        assert_eq!(requests(&world, &shop).await[0].state, State::Erased, "{place}");
        if !has_died {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 4, "{deaths}");
}
