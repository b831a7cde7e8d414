//! Senders are added, proven, listed and ended, and each is one shop's.

use super::{SENDERS, added, address, checked};
use crate::{
    cast::join,
    customers::{shop, told},
};
use domain::{Standing, sender::Identity};
use local::World;
use serde_json::{Value, json};

#[tokio::test]
async fn a_sender_is_added_with_what_is_to_be_done_and_is_the_shops_once_it_is_proven() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let domain = Identity::Domain("shop.test".parse().unwrap());
    world.identities.tell(&domain, Standing::Pending);
    let new =
        added(&world, &owner, &json!({"kind": "domain", "identity": " Shop.Test", "name": "Ada"})).await;
    assert_eq!(
        ["/kind", "/identity", "/channel", "/status", "/name"].map(|at| new.text_at(at)),
        ["domain", "shop.test", "email", "pending", "Ada"]
    );
    let record = json!({"type": "TXT", "name": "_vendor.shop.test", "value": "simulated-vendor=1"});
    assert_eq!(new.at("/records"), json!([record]));
    assert!(new.text_at("/to_do").contains("DNS"), "{}", new.text);
    assert_eq!(new.text_at("/created_by"), owner.user);
    let id = new.text_at("/id");
    assert_eq!(owner.get(&world, &format!("{SENDERS}/{id}")).await.json(), new.json());

    world.identities.tell(&domain, Standing::Verified);
    world.clock.advance_seconds(60);
    let proven = checked(&world, &owner, &id).await;
    assert_eq!((proven.status.as_u16(), proven.text_at("/status")), (200, "verified".to_owned()));
    assert_eq!(proven.at("/to_do"), Value::Null);
    assert_ne!(proven.at("/checked_at"), new.at("/checked_at"));

    let again = owner.post(&world, SENDERS, &json!({"kind": "domain", "identity": "shop.test"})).await;
    assert_eq!(told(&again).1, "sender_exists", "{}", again.text);
    let other = shop(&world, "other").await;
    let taken = other.post(&world, SENDERS, &json!({"kind": "domain", "identity": "shop.test"})).await;
    assert_eq!((told(&taken).0, told(&taken).1), (409, "sender_taken".to_owned()), "{}", taken.text);
    assert_eq!(other.get(&world, SENDERS).await.at("/total"), json!(0));

    let ended = owner.call(&world, "DELETE", &format!("{SENDERS}/{id}"), &json!({})).await;
    assert_eq!(ended.status, 204, "{}", ended.text);
    assert_eq!(owner.get(&world, &format!("{SENDERS}/{id}")).await.status, 404);
    added(&world, &other, &json!({"kind": "domain", "identity": "shop.test"})).await;
}

#[tokio::test]
async fn what_is_no_sender_is_refused_with_its_place() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    for (body, code, at) in [
        (json!({"kind": "address", "identity": "nobody"}), "invalid", "/identity"),
        (json!({"kind": "domain", "identity": "localhost"}), "invalid", "/identity"),
        (json!({"kind": "number", "identity": "123"}), "invalid", "/identity"),
        (json!({"kind": "name", "identity": "A name that is long"}), "invalid", "/identity"),
        (json!({"kind": "fax", "identity": "123"}), "invalid", "/kind"),
        (json!({"identity": "a@shop.test"}), "missing_member", "/kind"),
        (json!({"kind": "name", "identity": "Shop", "name": "Ada"}), "not_shown", "/name"),
        (json!({"kind": "address", "identity": "a@shop.test", "name": ""}), "invalid", "/name"),
        (
            json!({"kind": "address", "identity": "a@shop.test", "verified": true}),
            "unknown_member",
            "/verified",
        ),
    ] {
        let refused = owner.post(&world, SENDERS, &body).await;
        assert_eq!(told(&refused), (400, code.to_owned(), at.to_owned()), "{body}: {}", refused.text);
    }
    assert_eq!(owner.get(&world, SENDERS).await.at("/total"), json!(0));
}

#[tokio::test]
async fn senders_are_listed_page_by_page_and_only_who_manages_the_account_changes_them() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    for number in 0..5 {
        added(&world, &owner, &address(&format!("news{number}@shop.test"))).await;
        world.clock.advance_seconds(1);
    }
    let first = owner.get(&world, &format!("{SENDERS}?limit=3")).await;
    let rest = owner.get(&world, &format!("{SENDERS}?limit=3&cursor={}", first.text_at("/next"))).await;
    let of = |page: &local::world::Answer| -> Vec<String> {
        let items = page.at("/items").as_array().cloned().unwrap_or_default();
        items.iter().map(|it| it["identity"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!((of(&first).len(), first.at("/total"), rest.at("/next")), (3, json!(5), Value::Null));
    assert_eq!([of(&first), of(&rest)].concat(), [0, 1, 2, 3, 4].map(|n| format!("news{n}@shop.test")));

    let marketer = join(&world, &owner, "marketer", "marketer").await;
    let id = first.text_at("/items/0/id");
    assert_eq!(marketer.get(&world, &format!("{SENDERS}/{id}")).await.status, 200);
    assert_eq!(marketer.post(&world, SENDERS, &address("x@shop.test")).await.status, 403);
    assert_eq!(checked(&world, &marketer, &id).await.status, 403);
    assert_eq!(marketer.call(&world, "DELETE", &format!("{SENDERS}/{id}"), &json!({})).await.status, 403);
}

#[tokio::test]
async fn the_same_request_twice_adds_once_and_is_answered_the_same() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    let call = || {
        let body = address("news@shop.test");
        world.post(SENDERS).bearer(&owner.access).header("idempotency-key", "k1").json(&body)
    };
    let (first, again) = (call().send().await, call().send().await);
    assert_eq!((first.status.as_u16(), again.status.as_u16(), &first.text), (201, 201, &again.text));
    let call = async || {
        let body = address("other@shop.test");
        let call = world.post(SENDERS).bearer(&owner.access).header("idempotency-key", "k2");
        call.json(&body).send().await
    };
    let twins = futures::future::join_all((0..4).map(|_| call()));
    for twin in twins.await {
        assert!(twin.status == 201 || twin.status == 409, "{}", twin.text);
    }
    assert_eq!(owner.get(&world, SENDERS).await.at("/total"), json!(2));
}

#[tokio::test]
async fn whatever_fails_or_dies_a_sender_that_is_asked_for_again_is_there_once() {
    for seed in 0..40 {
        let world = World::new(seed).await;
        let owner = shop(&world, "owner").await;
        world.faults.storm(150);
        let mut answer = None;
        for _ in 0..200 {
            let body = address("news@shop.test");
            let call = world.post(SENDERS).bearer(&owner.access).header("idempotency-key", "k1").json(&body);
            let told = call.try_send().await;
            if let Some(told) = told.filter(|told| told.status.is_success()) {
                answer = Some(told);
                break;
            }
        }
        world.faults.calm();
        let answer = answer.expect("it is done in the end");
        let list = owner.get(&world, SENDERS).await;
        assert_eq!(
            (list.at("/total"), list.text_at("/items/0/id")),
            (json!(1), answer.text_at("/id")),
            "{seed}"
        );
    }
}
