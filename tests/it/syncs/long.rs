//! Shopify ends a list after so many rows and says nothing of the others: they come all the same, or the sync says why not.

use std::collections::BTreeMap;

use domain::{CustomerId, OrderId, ProductId, Timestamp, run::Resource};
use local::{World, shopify::books::Newcomer};
use serde_json::json;

use super::{House, renamed, step};

/// After so many here, where Shopify has 25,000.
const ROWS: usize = 20;

async fn world(seed: u64) -> World {
    let mut world = World::new(seed).await;
    world.product = world.product.clone().that_reads_lists_of(ROWS as u64);
    world
}

/// A shop with lists that are too long, which has just been connected.
async fn house(world: &World, customers: u32) -> House {
    let house = House::connected(world, customers).await;
    house.shop.switch(|switches| switches.list_rows_max = Some(ROWS));
    house
}

async fn first_sync(world: &World, house: &House) {
    while step(world).await {}
    let job = &house.jobs(world).await[0];
    assert_eq!((&job["status"], &job["records_failed"]), (&json!("completed"), &json!(0)), "{job}");
}

fn customers(house: &House) -> Vec<u64> {
    house.shop.books(|books| books.customers().map(|customer| customer.id).collect())
}

async fn watermarks(world: &World, house: &House) -> BTreeMap<Resource, Timestamp> {
    house.store(world).syncing().await.expect("memory holds").expect("it was begun").watermarks.clone()
}

#[tokio::test]
async fn a_first_sync_brings_all_of_lists_that_end_too_early() {
    let world = world(1).await;
    // So many that they are laid down.
    let house = house(&world, 300).await;
    let orders = house.shop.books(|books| books.orders().count());
    assert!(orders > 2 * ROWS, "{orders}");
    first_sync(&world, &house).await;
    house.equals_the_books(&world).await;
}

#[tokio::test]
async fn what_has_changed_comes_however_much_it_is() {
    let world = world(2).await;
    let house = house(&world, 60).await;
    first_sync(&world, &house).await;
    world.clock.advance_seconds(3_600);
    let all = customers(&house);
    // Nearly as many as a list has within one second, and then one each second.
    for customer in &all[..ROWS - 1] {
        house.shop.change(*customer, renamed("Once")).unwrap();
    }
    for (place, customer) in all[ROWS - 1..].iter().enumerate() {
        world.clock.advance_seconds(1);
        house.buy(Some(*customer));
        house.shop.add_product(&format!("Postcard {place}"), 150).unwrap();
    }
    world.clock.advance_seconds(900);
    let done = house.sync(&world, &json!({"mode": "incremental"})).await;
    assert_eq!((&done["status"], &done["records_failed"]), (&json!("completed"), &json!(0)), "{done}");
    house.equals_the_books(&world).await;
}

#[tokio::test]
async fn what_was_missed_and_what_is_gone_comes_at_night_however_much_it_is() {
    let world = world(3).await;
    let house = house(&world, 60).await;
    let mut gone = Vec::new();
    for place in 0..2 * ROWS {
        world.clock.advance_seconds(1);
        let customer = house.shop.join(Newcomer::default()).unwrap();
        let order = house.buy(None);
        gone.push((customer, order, house.shop.add_product(&format!("Postcard {place}"), 150).unwrap()));
    }
    first_sync(&world, &house).await;
    world.clock.advance_seconds(3_600);
    for (customer, order, product) in &gone {
        world.clock.advance_seconds(1);
        house.shop.delete_customer(*customer).unwrap();
        house.shop.delete_order(*order).unwrap();
        house.shop.delete_product(*product).unwrap();
    }
    for customer in customers(&house) {
        world.clock.advance_seconds(1);
        house.shop.change(customer, renamed("Later")).unwrap();
    }
    world.clock.advance_seconds(900);
    let done = house.sync(&world, &json!({"mode": "reconciliation"})).await;
    assert_eq!((&done["status"], &done["records_failed"]), (&json!("completed"), &json!(0)), "{done}");
    house.equals_the_books(&world).await;
    let store = house.store(&world);
    for (customer, order, product) in gone {
        let customer = store.customer(CustomerId::Shopify(customer)).await.unwrap();
        assert!(customer.is_none_or(|held| held.is_gone()));
        assert!(store.order(OrderId::Shopify(order)).await.unwrap().is_none());
        assert!(store.product(ProductId::Shopify(product)).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn more_products_of_one_second_than_a_list_has_are_refused_by_name_until_they_are_of_several() {
    let world = world(5).await;
    let house = house(&world, 20).await;
    let postcards: Vec<u64> =
        (0..=ROWS).map(|at| house.shop.add_product(&format!("Postcard {at}"), 150).unwrap()).collect();
    while step(&world).await {}
    let job = house.jobs(&world).await[0].clone();
    let why = job["error"].as_str().unwrap_or_default();
    assert!(why.starts_with("products: so many changed within one second ("), "{job}");
    assert!(
        why.ends_with("20 rows, before all are told: change some of them at another moment, and sync again"),
        "{why}"
    );
    assert!(
        !watermarks(&world, &house).await.contains_key(&Resource::Products),
        "nobody says that all is here"
    );

    for (at, product) in postcards.iter().enumerate().take(ROWS / 2) {
        world.clock.advance_seconds(1);
        house.shop.add_variants(*product, 1, 150 + i64::try_from(at).unwrap()).unwrap();
    }
    world.clock.advance_seconds(60);
    let whole = house.sync(&world, &json!({"mode": "full"})).await;
    assert_eq!(whole["status"], json!("completed"), "{whole}");
    house.equals_the_books(&world).await;
}

#[tokio::test]
async fn more_than_a_list_has_within_one_second_is_not_taken_for_all() {
    let mut world = world(4).await;
    let house = house(&world, 60).await;
    first_sync(&world, &house).await;
    let before = watermarks(&world, &house).await;
    world.clock.advance_seconds(3_600);
    let all = customers(&house);
    for customer in &all[..=ROWS] {
        house.shop.change(*customer, renamed("At once")).unwrap();
    }
    let bought = house.buy(Some(all[0]));
    world.clock.advance_seconds(60);
    let cut = house.sync(&world, &json!({"mode": "incremental"})).await;
    assert_eq!(cut["status"], json!("failed"), "{cut}");
    let why = cut["error"].as_str().unwrap();
    assert!(
        why.starts_with("customers: so many changed within one second (") && why.contains("20 rows"),
        "{why}"
    );
    assert!(house.store(&world).order(OrderId::Shopify(bought)).await.unwrap().is_some(), "others go on");
    assert_eq!(watermarks(&world, &house).await, before, "nobody says that all is here");

    house.shop.switch(|switches| switches.list_rows_max = None);
    world.product = world.product.clone().that_reads_lists_of(sync::Lists::default().rows_max);
    let whole = house.sync(&world, &json!({"mode": "incremental"})).await;
    assert_eq!(whole["status"], json!("completed"), "{whole}");
    house.equals_the_books(&world).await;
}
