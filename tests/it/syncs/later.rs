//! Later syncs bring what has changed, find what webhooks missed, and what is gone (SYN-02).

use local::{World, shopify::books::Newcomer};
use serde_json::json;

use super::{House, Post, renamed, step};

#[tokio::test]
async fn only_what_has_changed_is_asked_for_and_nothing_is_missed_in_between() {
    let world = World::new(1).await;
    let house = House::connected(&world, 40).await;
    // The shop is counted, and its first page of customers read; then one of those changes.
    assert!(step(&world).await && step(&world).await);
    let early = house.anybody(0);
    assert!(house.store(&world).customer(domain::CustomerId::Shopify(early)).await.unwrap().is_some());
    world.clock.advance_seconds(5);
    house.shop.change(early, renamed("Meanwhile")).unwrap();
    while step(&world).await {}
    assert_eq!(house.jobs(&world).await[0]["status"], json!("completed"));

    world.clock.advance_seconds(900);
    let done = house.sync(&world, &json!({"mode": "incremental"})).await;
    house.equals_the_books(&world).await;
    assert_eq!(done["records_updated"], json!(1), "{done}");
    // Nobody told us of the change by a webhook.
    assert_eq!(
        (&done["records_missed"], &done["missed"]),
        (&json!(1), &json!([format!("customer s{early}")]))
    );

    world.clock.advance_seconds(900);
    let nothing = house.sync(&world, &json!({"mode": "incremental"})).await;
    assert_eq!(
        (&nothing["records_processed"], &nothing["records_missed"]),
        (&json!(0), &json!(0)),
        "{nothing}"
    );
    let bought = house.buy(Some(early));
    world.clock.advance_seconds(900);
    let before = world.table.ledger();
    let one = house.sync(&world, &json!({"resource": "orders", "mode": "incremental"})).await;
    assert_eq!((&one["records_created"], &one["records_processed"]), (&json!(1), &json!(1)), "{one}");
    assert_eq!(one["missed"], json!([format!("order s{bought}")]));
    let spent = world.table.ledger().since(&before);
    assert!(spent.writes <= store::local::Units::whole(60), "{}", spent.writes);
}

#[tokio::test]
async fn what_webhooks_told_is_no_news() {
    let world = World::new(2).await;
    let house = House::synced(&world, 10).await;
    world.shopify.tick(&Post(&world)).await;
    let (old, new) = (house.anybody(3), house.shop.join(Newcomer::default()).unwrap());
    house.buy(Some(old));
    house.buy(Some(new));
    for _ in 0..3 {
        world.clock.advance_seconds(5);
        world.shopify.tick(&Post(&world)).await;
        world.settle().await;
    }
    world.clock.advance_seconds(300);
    let done = house.sync(&world, &json!({"resource": "orders", "mode": "incremental"})).await;
    assert_eq!((&done["records_processed"], &done["records_missed"]), (&json!(2), &json!(0)), "{done}");
    house.equals_the_books(&world).await;
}

#[tokio::test]
async fn webhooks_that_come_between_two_pages_count_once() {
    let world = World::new(3).await;
    let house = House::connected(&world, 30).await;
    let mut place = 0;
    while step(&world).await {
        // Somebody new, somebody who is renamed, and an order of each, at every step of the first sync.
        let newcomer = Newcomer { first_name: Some(format!("New {place}")), ..Newcomer::default() };
        let new = house.shop.join(newcomer).unwrap();
        let old = house.anybody(place % 30);
        house.shop.change(old, renamed(&format!("Old {place}"))).unwrap();
        house.buy(Some(new));
        house.buy(Some(old));
        place += 1;
        if place < 6 {
            world.clock.advance_seconds(2);
            world.shopify.tick(&Post(&world)).await;
        }
    }
    assert!(place >= 5, "{place}");
    for _ in 0..3 {
        world.clock.advance_seconds(5);
        world.shopify.tick(&Post(&world)).await;
        world.settle().await;
    }
    house.sync(&world, &json!({"mode": "incremental"})).await;
    house.equals_the_books(&world).await;
}

#[tokio::test]
async fn what_is_deleted_in_the_shop_is_found_gone_at_night() {
    let world = World::new(4).await;
    let house = House::synced(&world, 12).await;
    // Of these no webhook tells.
    let customer = house.shop.join(Newcomer::default()).unwrap();
    let order = house.buy(None);
    let product = house.shop.add_product("Ersatz", 500).unwrap();
    world.clock.advance_seconds(60);
    house.sync(&world, &json!({"mode": "incremental"})).await;
    let store = house.store(&world);
    let there = async || {
        (
            store
                .customer(domain::CustomerId::Shopify(customer))
                .await
                .unwrap()
                .is_some_and(|held| !held.is_gone()),
            store.order(domain::OrderId::Shopify(order)).await.unwrap().is_some(),
            store.product(domain::ProductId::Shopify(product)).await.unwrap().is_some(),
        )
    };
    assert_eq!(there().await, (true, true, true));
    house.shop.delete_customer(customer).unwrap();
    house.shop.delete_order(order).unwrap();
    house.shop.delete_product(product).unwrap();
    world.clock.advance_seconds(60);
    house.sync(&world, &json!({"mode": "incremental"})).await;
    assert_eq!(there().await, (true, true, true), "lists show what is there");
    // At night: it is a quarter past three in Berlin.
    world.clock.advance_seconds(11 * 3_600);
    house.wait(&world, 2).await;
    let night = house.jobs(&world).await;
    let night = night.iter().find(|job| job["mode"] == json!("reconciliation")).expect("one was begun");
    assert_eq!((&night["status"], &night["records_missed"]), (&json!("completed"), &json!(3)), "{night}");
    assert_eq!(there().await, (false, false, false));
    house.equals_the_books(&world).await;
    let told = house.progress(&world, night["id"].as_str().unwrap()).await;
    let missed = told["missed"].to_string();
    for gone in [format!("deleted customer s{customer}"), format!("deleted order s{order}")] {
        assert!(missed.contains(&gone), "{missed}");
    }
}
