//! A sync of much reads the file that Shopify writes, piece by piece; where there is none it reads pages.

use std::sync::Arc;

use domain::Queue;
use local::{
    World,
    shopify::{Door, Fault, books::Telling},
};
use serde_json::json;
use store::Store;

use super::{House, Nowhere, Post};

/// As the world's own, but that ten rows are many.
pub(super) fn hands(world: &World) -> sync::Deps {
    let ports = &world.ports;
    sync::Deps {
        store: Store::new(ports.table.clone()),
        tasks: Arc::clone(&ports.tasks),
        keys: ports.keys.clone(),
        shops: ports.shops(),
        sockets: ports.sockets.clone(),
        clock: ports.clock.clone(),
        dice: ports.dice.clone(),
        lists: sync::Lists { bulk_from: 10, ..sync::Lists::default() },
    }
}

/// One message, when its time has come; then Shopify works at its files for a while.
async fn step(world: &World, deps: &sync::Deps) -> bool {
    let is_done = message(world, deps).await;
    world.shopify.tick(&Nowhere).await;
    is_done
}

/// Shopify does nothing meanwhile.
pub(super) async fn message(world: &World, deps: &sync::Deps) -> bool {
    let Some(next) = world.tasks.next_visible_at(Queue::Sync).expect("it is there") else { return false };
    world.clock.advance_to(next);
    for taken in world.tasks.take(Queue::Sync).expect("it is there") {
        let task = serde_json::from_str(&taken.body).expect("it is there");
        sync::handle(deps, task).await.expect("it is there");
        world.tasks.done(Queue::Sync, &taken).expect("it is there");
    }
    true
}

#[tokio::test]
async fn a_large_shop_comes_as_a_file() {
    let world = World::new(1).await;
    let house = House::connected(&world, 300).await;
    let deps = hands(&world);
    let mut steps = Vec::new();
    while step(&world, &deps).await {
        steps.extend(house.active(&world).await.iter().map(|told| told["step"].as_str().unwrap().to_owned()));
        // Of the file, too, a part may not come, or seem to lie behind its end.
        if steps.len() == 5 {
            let faults = [503, 416, 416, 416].map(|status| (Door::File, Fault::Status(status)));
            house.shop.switch(|switches| switches.next.extend(faults));
        }
    }
    let job = &house.jobs(&world).await[0];
    assert_eq!((&job["status"], &job["records_failed"]), (&json!("completed"), &json!(0)), "{job}");
    house.equals_the_books(&world).await;
    for waited in ["Waiting for Shopify's file of customers…", "Waiting for Shopify's file of orders…"] {
        assert!(steps.iter().any(|step| step == waited), "{steps:?}");
    }
    assert!(house.shop.switches().next.is_empty());
}

#[tokio::test]
async fn where_shopify_writes_no_file_pages_are_read() {
    let world = World::new(2).await;
    let house = House::connected(&world, 40).await;
    let deps = hands(&world);
    // Five are under way already: a sixth is refused.
    let its = house.store(&world);
    let seals = flows::seal::Seals::new(world.ports.keys.clone(), world.ports.dice.clone());
    for _ in 0..5 {
        let run = shopify::graph::BulkRun::customers(&shopify::graph::Window::default(), &[]);
        assert!(deps.shops.ask((&its, &seals), &run).await.is_ok());
    }
    while message(&world, &deps).await {}
    assert_eq!(house.jobs(&world).await[0]["status"], json!("completed"));
    house.equals_the_books(&world).await;
}

#[tokio::test]
async fn a_file_that_is_not_written_by_then_is_not_waited_for_any_more() {
    let world = World::new(4).await;
    let house = House::connected(&world, 40).await;
    let deps = hands(&world);
    let mut waits = 0;
    while message(&world, &deps).await {
        let active = house.active(&world).await;
        let is_waiting = |run: &serde_json::Value| run["step"].as_str().unwrap().starts_with("Waiting for");
        if active.iter().any(is_waiting) {
            waits += 1;
            world.clock.advance_seconds(11 * 3_600);
        }
    }
    assert!((4..8).contains(&waits), "each file was waited for, and not for ever: {waits}");
    assert_eq!(house.jobs(&world).await[0]["status"], json!("completed"));
    house.equals_the_books(&world).await;
}

#[tokio::test]
async fn that_a_file_is_there_is_heard_of_before_anybody_looks() {
    let world = World::new(3).await;
    let house = House::connected(&world, 40).await;
    let deps = hands(&world);
    // Counted, and asked for the file of customers.
    assert!(step(&world, &deps).await && step(&world, &deps).await);
    let waiting = house.active(&world).await[0]["step"].clone();
    assert_eq!(waiting, json!("Waiting for Shopify's file of customers…"));
    let looked_at = world.tasks.next_visible_at(Queue::Sync).unwrap().unwrap();
    world.clock.advance_seconds(11);
    while world.shopify.tick(&Post(&world)).await > 0 {}
    for taken in world.tasks.take(Queue::Ingest).unwrap() {
        world.deliver(Queue::Ingest, &taken.body).await.unwrap();
        world.tasks.done(Queue::Ingest, &taken).unwrap();
    }
    assert!(world.tasks.next_visible_at(Queue::Sync).unwrap().unwrap() < looked_at);
    assert!(step(&world, &deps).await);
    assert_eq!(house.active(&world).await[0]["records_processed"], json!(40));
}

#[tokio::test]
async fn much_that_has_changed_comes_as_a_file_too() {
    let world = World::new(5).await;
    let house = House::synced(&world, 40).await;
    let deps = hands(&world);
    for mode in ["incremental", "reconciliation"] {
        world.clock.advance_seconds(900);
        let ids: Vec<_> = house.shop.books(|books| books.customers().map(|one| one.id).take(12).collect());
        for id in ids {
            let told = Telling { note: Some(mode.to_owned()), ..Telling::default() };
            house.shop.change(id, told).expect("they are there");
        }
        let begun = house.owner.post(&world, "/api/v1/tenants/me/sync", &json!({"mode": mode})).await;
        assert_eq!(begun.status, 202, "{}", begun.text);
        let mut steps = Vec::new();
        while step(&world, &deps).await {
            let active = house.active(&world).await;
            steps.extend(active.iter().map(|told| told["step"].as_str().unwrap().to_owned()));
        }
        let done = house.progress(&world, &begun.text_at("/sync_run_id")).await;
        assert_eq!((&done["status"], &done["records_failed"]), (&json!("completed"), &json!(0)), "{done}");
        let waited = "Waiting for Shopify's file of customers…";
        assert!(steps.iter().any(|step| step == waited), "{mode}: {steps:?}");
        house.equals_the_books(&world).await;
    }
}
