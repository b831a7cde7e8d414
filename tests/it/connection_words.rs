//! What a shop tells by itself: each shop is asked for what the app's configuration does not name, at an address of its
//! own, and goes on being asked whatever happens (SHO-04).

use crate::{
    cast::{PASSWORD, Person, login, sign_up},
    connecting::{browser, connect, open},
};
use domain::{Plan, Task};
use flows::seal::Seals;
use local::{
    World,
    shopify::{Courier, DOMAIN, Parcel, Shop, books::Basket},
    world::ORIGIN,
};
use serde_json::json;
use shopify::{Topic, graph::Subscribe};
use std::{collections::BTreeSet, sync::Arc};
use store::TenantStore;

const WEEK: i64 = 7 * 24 * 3_600;

async fn connected(world: &World) -> (Person, Arc<Shop>, TenantStore) {
    let ada = sign_up(world, "ada").await;
    world.set_plan(&ada.tenant, Plan::Enterprise).await;
    let shop = open(world, DOMAIN);
    connect(&browser(world, &ada).await, DOMAIN).await;
    let store = world.store_of(ada.tenant.parse().expect("a tenant's id"));
    (ada, shop, store)
}

/// A week later, when the shop has been looked after again, and they sign in once more.
async fn a_week_later(world: &World, person: &Person) -> Person {
    world.clock.advance_seconds(WEEK);
    world.tick().await;
    world.settle().await;
    Person::of(&login(world, &person.email, PASSWORD).await)
}

async fn subscribe(world: &World, store: &TenantStore, topic: &Topic, uri: &str) {
    let seals = Seals::new(world.ports.keys.clone(), world.ports.dice.clone());
    let asked = world.ports.shops().ask((store, &seals), &Subscribe::to(topic, uri)).await;
    asked.expect("Shopify takes it");
}

/// Each topic that we ask for, once, at the shop's own address.
fn are_right(shop: &Shop) {
    let told = shop.subscriptions();
    let addresses: BTreeSet<_> = told.iter().map(|(_, uri)| uri.clone()).collect();
    assert_eq!(addresses.len(), 1, "{addresses:?}");
    assert!(addresses.iter().all(|uri| uri.starts_with(&format!("{ORIGIN}/webhooks/s/"))), "{addresses:?}");
    let topics: BTreeSet<_> = told.iter().map(|(topic, _)| topic.clone()).collect();
    let expected: BTreeSet<_> = Topic::ASKED_FOR.iter().map(Topic::in_graphql).collect();
    assert_eq!((topics, told.len()), (expected, Topic::ASKED_FOR.len()));
}

/// Brings what the shop sends to our own doors.
pub(crate) struct ToUs<'a>(pub(crate) &'a World);

#[async_trait::async_trait]
impl Courier for ToUs<'_> {
    async fn bring(&self, parcel: &Parcel) -> Result<u16, String> {
        let path = parcel.uri.strip_prefix(ORIGIN).ok_or("not to us")?;
        let body = String::from_utf8_lossy(&parcel.body).into_owned();
        let call =
            parcel.headers.iter().fold(self.0.post(path), |call, (name, value)| call.header(name, value));
        Ok(call.raw(&body).send().await.status.as_u16())
    }
}

#[tokio::test]
async fn a_shop_that_was_connected_tells_us_all_that_we_ask_for() {
    let world = World::that_asks_each_shop(1).await;
    let (ada, shop, _) = connected(&world).await;
    assert_eq!(shop.subscriptions(), [], "the merchant did not wait for that");
    let early = ada.get(&world, "/api/v1/tenants/me/shop").await;
    assert_eq!(early.at("/events"), json!({"asked_by": "shop", "looked_at": null, "lacking": []}));

    world.settle().await;
    are_right(&shop);
    let told = ada.get(&world, "/api/v1/tenants/me/shop").await;
    assert_eq!(told.at("/events/lacking"), json!([]));
    assert!(told.at("/events/looked_at").is_string(), "{}", told.text);

    let variant =
        shop.books(|books| books.products().flat_map(|product| &product.variants).next().unwrap().id);
    shop.buy(&Basket { lines: vec![(variant, 1)], ..Basket::default() }).unwrap();
    assert!(world.shopify.tick(&ToUs(&world)).await > 0);
    assert!(shop.delivered().iter().all(|delivered| delivered.answer == Ok(200)), "{:?}", shop.delivered());
    world.settle().await;
    assert_eq!(ada.get(&world, "/api/v1/orders").await.json()["total"], 1, "and it is heard");
}

#[tokio::test]
async fn where_the_apps_configuration_asks_no_shop_is_asked() {
    let world = World::new(2).await;
    let (ada, shop, store) = connected(&world).await;
    world.settle().await;
    assert_eq!(shop.subscriptions(), []);
    let told = ada.get(&world, "/api/v1/tenants/me/shop").await;
    assert_eq!((told.at("/events/asked_by"), told.at("/events/lacking")), (json!("app"), json!([])));
    // As an installation does that asked each shop before: nothing is to be told twice.
    subscribe(&world, &store, &Topic::OrdersCreate, "https://crm.test/webhooks/s/tag").await;
    let ada = a_week_later(&world, &ada).await;
    assert_eq!(shop.subscriptions(), []);

    ada.post(&world, "/auth/disconnect", &json!({})).await;
    let ended = ada.get(&world, "/api/v1/tenants/me/shop").await;
    assert_eq!(ended.at("/events"), json!(null), "who has no shop is told nothing of it");
}

#[tokio::test]
async fn a_wrong_address_is_replaced_and_what_is_right_stays() {
    let world = World::that_asks_each_shop(3).await;
    let (ada, shop, store) = connected(&world).await;
    for topic in [Topic::OrdersCreate, Topic::ProductsUpdate] {
        subscribe(&world, &store, &topic, "https://old.test/webhooks/shopify").await;
    }
    subscribe(&world, &store, &Topic::OrdersPaid, "https://crm.test/webhooks/s/tag").await;
    world.settle().await;
    are_right(&shop);
    let before = shop.subscriptions();
    a_week_later(&world, &ada).await;
    assert_eq!(shop.subscriptions(), before, "in the same order: none was made again");
    // Twice at once, as a message that came twice.
    let task = serde_json::to_string(&Task::TendShop { tenant: store.id() }).unwrap();
    let twice = [0, 1].map(|_| world.deliver(domain::Queue::Ingest, &task));
    for done in futures::future::join_all(twice).await {
        done.unwrap();
    }
    are_right(&shop);
}

#[tokio::test]
async fn what_is_not_granted_is_told_and_asked_for_once_it_is() {
    let world = World::that_asks_each_shop(4).await;
    let (ada, shop, _) = connected(&world).await;
    world.settle().await;
    shop.regrant(&["write_customers"]);
    let ada = a_week_later(&world, &ada).await;
    let told = ada.get(&world, "/api/v1/tenants/me/shop").await;
    let lacking = told.at("/events/lacking");
    let lacks = |topic: &str, scope: &str| {
        let lack = json!({"topic": topic, "why": "not_granted", "scope": scope});
        lacking.as_array().is_some_and(|all| all.contains(&lack))
    };
    assert!(lacks("orders/create", "read_orders") && lacks("refunds/create", "read_orders"), "{lacking}");
    assert!(lacks("products/update", "read_products"), "{lacking}");
    assert!(!lacking.to_string().contains("customer"), "who may write may read: {lacking}");
    shop.regrant(&["write_customers", "read_orders", "read_products", "read_locations"]);
    let ada = a_week_later(&world, &ada).await;
    are_right(&shop);
    let told = ada.get(&world, "/api/v1/tenants/me/shop").await;
    assert_eq!(told.at("/events/lacking"), json!([]));
}

#[tokio::test]
async fn whatever_fails_on_the_way_each_topic_is_asked_for_once() {
    for seed in 10..16 {
        let world = World::that_asks_each_shop(seed).await;
        let (_, shop, _) = connected(&world).await;
        shop.switch(|switches| switches.faults_per_mille = 250);
        for _ in 0..6 {
            world.storm_through().await;
            world.clock.advance_seconds(3_600);
        }
        shop.switch(|switches| switches.faults_per_mille = 0);
        for _ in 0..3 {
            world.clock.advance_seconds(WEEK);
            world.storm_through().await;
            world.storm_through().await;
        }
        are_right(&shop);
    }
}
