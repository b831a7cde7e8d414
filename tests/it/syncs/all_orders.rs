//! How far back orders are shown is the merchant's word: once they allow all, all are brought by themselves.

use std::time::Duration;

use domain::{CustomerId, OrderId};
use flows::{Web, web::Ask};
use local::{
    World,
    demo::Wish,
    shopify::{DOMAIN, Shop},
    web::Loopback,
};
use serde_json::{Value, json};
use store::TenantStore;

use super::{House, step};

const MORE: &str = "read_all_orders";
const SCOPES: [&str; 6] =
    ["read_customers", "write_customers", "read_orders", "read_products", "read_locations", MORE];

/// Of so many orders in the shop's books, so many are here; and what customers have spent by either.
async fn orders(store: &TenantStore, shop: &Shop) -> (usize, usize) {
    let (orders, customers) =
        shop.books(|books| (books.orders().collect::<Vec<_>>(), books.customers().collect::<Vec<_>>()));
    let mut here = 0;
    for theirs in &orders {
        here += usize::from(store.order(OrderId::Shopify(theirs.id)).await.expect("memory holds").is_some());
    }
    for theirs in &customers {
        let ours = store
            .customer(CustomerId::Shopify(theirs.id))
            .await
            .expect("memory holds")
            .expect("they are here");
        assert_eq!(ours.totals.spent, theirs.spent, "customer {}", theirs.id);
        let parts = store.orders_of(ours.id).await.expect("memory holds");
        let sum: i64 = parts.iter().map(|order| order.contribution().spent).sum();
        assert_eq!(ours.opening.spent.get() + sum, theirs.spent, "customer {}", theirs.id);
        if here == orders.len() {
            assert_eq!(sum, theirs.spent, "customer {}: nothing is left to be a mere figure", theirs.id);
        }
    }
    (here, orders.len())
}

async fn shown(world: &World, house: &House) -> Value {
    house.owner.get(world, "/api/v1/tenants/me/shop").await.at("/orders")
}

async fn orders_since(world: &World, house: &House) -> Value {
    house.owner.get(world, "/api/v1/tenants/me/shop/health").await.at("/orders_since")
}

/// At Shopify's page, where they press the button.
async fn allow(address: &str) -> String {
    let asked = async |address: String| Loopback::new().ask(Ask::new(address, Duration::from_mins(1))).await;
    let screen = asked(address.to_owned()).await.expect("the demo shop answers");
    assert!(String::from_utf8_lossy(&screen.body).contains("Allow the app more?"));
    let pressed =
        asked(address.replace("/oauth/install?", "/oauth/allow?")).await.expect("the demo shop answers");
    pressed.header("location").expect("they go back to the app").to_owned()
}

#[tokio::test]
async fn who_shows_recent_orders_alone_is_told_so_and_may_allow_all() {
    let world = World::new(1).await;
    let house = House::synced(&world, 60).await;
    let store = house.store(&world);
    let (here, all) = orders(&store, &house.shop).await;
    assert!(0 < here && here < all, "{here} of {all}");
    let told = shown(&world, &house).await;
    assert_eq!((&told["shown"], &told["days"]), (&json!("recent"), &json!(60)), "{told}");
    assert!(orders_since(&world, &house).await.is_string());

    let back = allow(told["allow_all_at"].as_str().unwrap()).await;
    assert!(back.starts_with(local::world::ORIGIN), "{back}");
    while world.hear().await > 0 {}
    world.settle().await;
    let none = json!({"shown": "all", "days": null, "allow_all_at": null});
    assert_eq!(shown(&world, &house).await, none);
    // Within a minute, by itself, and it is no gap that webhooks left.
    world.clock.advance_seconds(60);
    house.wait(&world, 2).await;
    let job = &house.jobs(&world).await[0];
    assert_eq!(
        (&job["status"], &job["mode"], &job["resource_type"], &job["records_missed"]),
        (&json!("completed"), &json!("full"), &json!("orders"), &json!(0)),
        "{job}"
    );
    assert_eq!(orders(&store, &house.shop).await, (all, all));
    assert_eq!(orders_since(&world, &house).await, json!(null));
    // Once; and whoever connects again keeps what they allowed.
    house.connect(&world).await;
    world.clock.advance_seconds(1_200);
    house.wait(&world, 3).await;
    assert_eq!(shown(&world, &house).await, none);
    let full = house.jobs(&world).await.into_iter().filter(|job| job["mode"] == json!("full"));
    assert_eq!(full.count(), 2, "the first, and that of all orders");
}

#[tokio::test]
async fn a_shop_that_shows_all_orders_from_the_beginning_is_brought_whole_at_first() {
    let world = World::new(2).await;
    let shop = world.shopify.open(DOMAIN, Wish { customers: 60, seed: 7 }).unwrap();
    shop.install(&SCOPES);
    let entered = world.post("/api/auth/shopify").bearer(&shop.session_token()).json(&json!({})).send().await;
    assert_eq!(entered.status, 200, "{}", entered.text);
    world.settle().await;
    let store = world.store_of(entered.text_at("/tenant/id").parse().unwrap());
    let (here, all) = orders(&store, &shop).await;
    assert_eq!(here, all);
    let runs = store.runs(10).await.unwrap();
    assert_eq!((runs.len(), runs[0].percent()), (1, 100));
    world.clock.advance_seconds(700);
    world.settle().await;
    let runs = store.runs(10).await.unwrap();
    assert!(runs[0].mode == domain::run::Mode::Incremental, "{:?}", runs[0].mode);
}

#[tokio::test]
async fn what_is_allowed_while_a_sync_is_under_way_or_is_not_told_is_brought_behind_it() {
    let world = World::new(3).await;
    let house = House::connected(&world, 60).await;
    let store = house.store(&world);
    assert!(step(&world).await && step(&world).await);
    // The webhook that would tell of it is lost; the next look at the shop's connection finds it.
    house.shop.switch(|switches| switches.lost_per_mille = 1_000);
    house.shop.regrant(&SCOPES);
    while step(&world).await {}
    assert_eq!(shown(&world, &house).await["shown"], json!("recent"));
    // Tokens are renewed within the hour, and say what is allowed.
    world.clock.advance_seconds(3_600);
    house.wait(&world, 3).await;
    world.clock.advance_seconds(60);
    house.wait(&world, 3).await;
    let (here, all) = orders(&store, &house.shop).await;
    assert_eq!(here, all);
    assert_eq!(shown(&world, &house).await["shown"], json!("all"));
}
