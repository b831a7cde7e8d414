//! What shops tell us is believed if Shopify signed it, kept before it is answered, and lost in no case.

use domain::{
    Queue, Task,
    event::{EventBody, Outcome},
};
use flows::DeadLetters;
use flows::sign::Purpose;
use local::World;
use serde_json::json;

use crate::{
    cast::{PASSWORD, Person, login},
    shop_events::{Shop, customer_body, order_body},
};

fn waiting(world: &World) -> usize {
    world.tasks.counted(Queue::Ingest).expect("memory holds").waiting
}

#[tokio::test]
async fn every_address_takes_what_shopify_signed() {
    let world = World::new(1).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let secrets = world.keys.secrets.open().await.expect("open");
    let own = format!("/webhooks/s/{}", secrets.tag(Purpose::ShopAddress, shop.domain.as_bytes()));
    let paths = [
        "/webhooks",
        "/webhooks/shopify",
        "/webhooks/orders/create",
        "/webhook/orders/create",
        "/api/webhooks/orders/create",
        "/webhooks/orders-create",
        &own,
    ];
    for (number, path) in (1_u64..).zip(paths) {
        let body = order_body(number, 1, "2026-09-01T10:00:00Z", &json!({})).to_string();
        let answer = world.hook_to(path, &shop.domain, "orders/create", &body).await.send().await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "{}"), "{path}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(waiting(&world), usize::try_from(number).expect("small"), "{path}");
    }
    world.settle().await;
    assert_eq!(shop.customer(&world, 1).await.totals.orders, 7);
    for beside in ["/webhooksx", "/webhooks-orders", "/api/webhooksx/orders/create"] {
        let answer = world.post(beside).send().await;
        assert_eq!(
            (answer.status.as_u16(), answer.text_at("/code").as_str()),
            (404, "not_found"),
            "{beside}"
        );
    }
}

#[tokio::test]
async fn what_is_not_shopifys_is_refused_and_leaves_nothing() {
    let world = World::new(2).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let secrets = world.keys.secrets.open().await.expect("open");
    let others = secrets.tag(Purpose::ShopAddress, b"suedlicht.myshopify.com");
    let before = world.table.ledger().reads.to_string();
    let body = order_body(1, 1, "2026-09-01T10:00:00Z", &json!({})).to_string();
    let told =
        async |path: &str, topic: &str, body: &str| world.hook_to(path, &shop.domain, topic, body).await;
    let good = told("/webhooks", "orders/create", &body).await;
    let check = async |what: &str, call: local::world::Call<'_>, expected: u16| {
        let answer = call.send().await;
        assert_eq!(answer.status.as_u16(), expected, "{what}: {}", answer.text);
        assert!(answer.at("/error").is_string(), "{what}");
        assert_eq!(waiting(&world), 0, "{what}");
    };
    check("an altered body", good.clone().raw(&body.replace("25.00", "35.00")), 401).await;
    check("an empty body", told("/webhooks", "orders/create", "").await, 400).await;
    check("no signature", world.post("/webhooks").raw(&body), 400).await;
    let forged = world.post("/webhooks").header("x-shopify-hmac-sha256", "bm8=").raw(&body);
    check("another's signature", forged, 401).await;
    check("another method", world.call("PUT", "/webhooks").raw(&body), 405).await;
    for path in ["/webhooks", "/webhooks/orders/create", "/webhook/customers/redact", "/api/webhooks/shopify"]
    {
        for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"] {
            let answer = world.call(method, path).send().await;
            assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"), "{method} {path}");
        }
    }
    check("a look", world.get("/webhooks/orders/create"), 405).await;
    check("another topic's address", told("/webhooks/orders/updated", "orders/create", &body).await, 400)
        .await;
    check(
        "another shop's address",
        told(&format!("/webhooks/s/{others}"), "orders/create", &body).await,
        401,
    )
    .await;
    check("no address", told("/webhooks/s/a/b", "orders/create", &body).await, 404).await;
    check("a shop elsewhere", world.hook_to("/webhooks", "evil.com", "orders/create", &body).await, 400)
        .await;
    let long = "x".repeat(6 * 1024 * 1024 + 1);
    check("more than Lambda hands over", told("/webhooks", "orders/create", &long).await, 413).await;
    assert_eq!(world.table.ledger().reads.to_string(), before, "the table was not asked");
}

#[tokio::test]
async fn a_body_that_no_message_holds_is_kept_as_a_file() {
    let world = World::new(3).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    // Quotes are two bytes in JSON within JSON: less than a message, and more once it is in one.
    for (number, note) in
        [(1_u64, "\"".repeat(400_000)), (2, "x".repeat(1_200_000)), (3, "ü".repeat(400_000))]
    {
        let body = order_body(number, 1, "2026-09-01T10:00:00Z", &json!({"note": note}));
        let answer = world.hook(&shop.domain, "orders/create", &body).await.send().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let taken = world.tasks.take(Queue::Ingest).expect("memory holds");
    let bodies: Vec<_> = taken
        .iter()
        .map(|taken| match serde_json::from_str(&taken.body).expect("a task") {
            Task::ApplyEvent { event } => event.body,
            other => panic!("{other:?}"),
        })
        .collect();
    let is_file = |body: &EventBody| matches!(body, EventBody::File(_));
    assert_eq!(bodies.iter().filter(|body| is_file(body)).count(), 2, "{bodies:?}");
    world.clock.advance_seconds(3_600);
    world.settle().await;
    assert_eq!(shop.customer(&world, 1).await.totals.orders, 3);
}

#[tokio::test]
async fn a_large_body_of_a_shop_that_is_nobodys_is_not_kept() {
    let world = World::new(4).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let gone = json!({"id": 1, "name": "Nordlicht", "myshopify_domain": shop.domain});
    shop.tell(&world, "app/uninstalled", &gone).await;
    let kept = || {
        let files = world.files.dump().expect("memory holds");
        files.iter().filter(|(name, _)| name.starts_with("events/")).count()
    };
    let order = order_body(1, 7, "2026-09-01T10:00:00Z", &json!({"note": "x".repeat(1_200_000)}));
    for nobodys in ["suedlicht.myshopify.com", &shop.domain] {
        let answer = world.hook(nobodys, "orders/create", &order).await.send().await;
        assert_eq!((answer.status.as_u16(), kept()), (200, 1), "{nobodys}: {}", answer.text);
        world.settle().await;
        assert_eq!(kept(), 0, "{nobodys}");
    }
}

#[tokio::test]
async fn what_was_refused_is_replayed_as_long_as_its_body_is_kept() {
    let world = World::new(5).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let path = "/api/v1/tenants/me/webhooks";
    let signed = async || Person::of(&login(&world, &shop.owner.email, PASSWORD).await);
    let newest = async || signed().await.get(&world, path).await.at("/items/0");
    let order = order_body(1, 7, "2026-09-01T10:00:00Z", &json!({"currency": "EUR"}));
    shop.tell(&world, "orders/create", &order).await;
    let event = newest().await;
    assert_eq!(event["can_be_replayed"], json!(true), "{event}");
    let replay = format!("{path}/{}/replay", event["id"].as_str().expect("an id"));
    let replayed_after = async |days: i64| {
        world.clock.advance_seconds(days * 24 * 3_600);
        world.settle().await;
        signed().await.post(&world, &replay, &json!({})).await
    };
    assert_eq!(replayed_after(6).await.status, 202);
    world.settle().await;
    let event = newest().await;
    assert_eq!((&event["status"], &event["attempts"]), (&json!("refused"), &json!(2)), "{event}");
    let late = replayed_after(2).await;
    assert_eq!((late.status.as_u16(), late.text_at("/code").as_str()), (409, "body_gone"), "{}", late.text);
    let event = newest().await;
    assert_eq!((&event["status"], &event["can_be_replayed"]), (&json!("refused"), &json!(false)), "{event}");

    // A message can wait for longer than its file is kept.
    let event = json!({"shop": shop.domain, "topic": "orders/create", "version": "2026-10", "id": "late",
        "received_at": "2026-09-22T00:00:00Z", "body": {"file": "0".repeat(64)}});
    let task = json!({"task": "apply_event", "event": event}).to_string();
    world.deliver(Queue::Ingest, &task).await.expect("it is no dead letter");
    let (noted, _) = shop.store(&world).events_noted(10, None).await.expect("memory holds");
    let late = noted.iter().find(|noted| noted.id == "late").expect("it is noted");
    let Outcome::Refused { why } = &late.outcome else { panic!("{late:?}") };
    assert_eq!(why, "its body is not kept any more");
}

#[tokio::test]
async fn what_was_answered_with_200_is_applied_whatever_goes_wrong() {
    let (mut refused, mut died) = (0, 0);
    for seed in 0..20 {
        let world = World::new(seed).await;
        let shop = Shop::connected(&world, "nordlicht").await;
        let mut kept = Vec::new();
        world.faults.storm(150);
        for id in 1..=10_u64 {
            let buyer = customer_body(7, "2026-09-01T10:00:00Z", &json!({}));
            let body = order_body(id, 7, "2026-09-01T10:00:00Z", &json!({"customer": buyer}));
            match world.hook(&shop.domain, "orders/create", &body).await.try_send().await {
                Some(answer) if answer.status == 200 => kept.push(id),
                Some(answer) => {
                    assert_eq!(answer.status, 503, "{}", answer.text);
                    refused += 1;
                }
                None => died += 1,
            }
        }
        for _ in 0..5 {
            world.storm_through().await;
        }
        world.faults.calm();
        // What was tried too often in a storm is a dead letter: nothing is dropped.
        for queue in [Queue::Ingest, Queue::Audience] {
            for letter in world.tasks.dead(queue).expect("memory holds") {
                assert!(world.tasks.replay(queue, &letter.id).await.expect("memory holds"));
            }
        }
        world.settle().await;
        let (mut orders, mut there) = (0, std::collections::BTreeSet::new());
        for id in 1..=10_u64 {
            if shop.order(&world, id).await.is_some() {
                orders += 1;
                there.insert(id);
            }
        }
        assert!(kept.iter().all(|id| there.contains(id)), "seed {seed}: {kept:?} and {there:?}");
        if orders > 0 {
            let totals = shop.customer(&world, 7).await.totals;
            assert_eq!((totals.orders, totals.spent), (orders, orders * 2_500), "seed {seed}");
        }
    }
    assert!(refused > 0 && died > 0, "there was a storm: {refused} refused, {died} died");
}
