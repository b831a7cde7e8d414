//! What a shop says of its customers and orders beside the usual can be asked for in rules: accounts, places, distances, apps, the shop's own places.

use std::collections::BTreeSet;

use domain::CustomerId;
use local::{
    World,
    shopify::books::records::{Customer, Order},
};
use serde_json::{Value, json};

use super::House;

async fn total(world: &World, house: &House, rule: &str) -> Value {
    let told = house.owner.post(world, "/api/v1/segments/preview", &json!({"rule": rule})).await;
    assert_eq!(told.status, 200, "{rule}: {}", told.text);
    told.at("/total")
}

#[tokio::test]
async fn what_the_shop_says_of_accounts_places_and_apps_can_be_asked_for() {
    let world = World::new(11).await;
    let house = House::synced(&world, 120).await;
    let customers = house.shop.books(|books| books.customers().collect::<Vec<_>>());
    let lives = |city: &'static str| {
        move |it: &Customer| it.address.as_ref().is_some_and(|at| at.city.as_deref() == Some(city))
    };
    let count = |is: &dyn Fn(&Customer) -> bool| customers.iter().filter(|it| is(it)).count();
    let check = async |rule: &str, expected: usize| {
        assert_eq!(total(&world, &house, rule).await, json!(expected), "{rule}");
    };
    let enabled = count(&|it| it.is_enabled);
    assert!(0 < enabled && enabled < customers.len());
    check("customer_account_status = 'ENABLED'", enabled).await;
    check("customer_account_status = 'DISABLED'", customers.len() - enabled).await;
    let in_berlin = count(&lives("Berlin"));
    assert!(in_berlin > 0);
    check("customer_regions CONTAINS 'DE-BE'", in_berlin).await;
    check("customer_cities CONTAINS 'DE-BE-Berlin'", in_berlin).await;
    check("customer_cities CONTAINS 'AT-Wien'", count(&lives("Wien"))).await;
    // Potsdam's middle is 27 km from Berlin's.
    let near = |km| {
        format!("customer_within_distance MATCHES (coordinates = (52.3906, 13.0645), distance_km = {km})")
    };
    check(&near(20), 0).await;
    check(&near(40), in_berlin).await;

    // Nobody but who ordered by the web has an account that is found by orders; guests are found by theirs.
    let orders = house.shop.books(|books| books.orders().collect::<Vec<_>>());
    let store = house.store(&world);
    let mut known = Vec::new();
    for order in &orders {
        let held = store.order(domain::OrderId::Shopify(order.id)).await.expect("memory holds");
        known.extend(held.map(|held| ((*held).clone(), order)));
    }
    assert!(!known.is_empty());
    for (ours, theirs) in &known {
        assert_eq!(ours.app, Some(Order::app(theirs)), "{}", theirs.name);
    }
    let web = known
        .iter()
        .filter(|(order, theirs)| theirs.app() == 580_111 && !order.is_test && order.cancelled_at.is_none());
    let mut buyers: Vec<CustomerId> = web.map(|(order, _)| order.customer).collect();
    buyers.sort();
    buyers.dedup();
    check("orders_placed MATCHES (app_id = 580111)", buyers.len()).await;
    check("orders_placed MATCHES (app_id IN (7, 580111))", buyers.len()).await;
    check("orders_placed MATCHES (app_id = 7)", 0).await;
    for (ours, theirs) in &known {
        assert_eq!(ours.location, theirs.location(), "{}", theirs.name);
    }
    let at_a_counter = |place: Option<u64>| {
        let counted = known.iter().filter(|(order, theirs)| {
            let is_there = theirs.location().is_some_and(|at| place.is_none_or(|place| place == at));
            is_there && !order.is_test && order.cancelled_at.is_none() && !order.customer.is_walk_in()
        });
        counted.map(|(order, _)| order.customer).collect::<BTreeSet<CustomerId>>().len()
    };
    let (anywhere, there) = (at_a_counter(None), at_a_counter(Some(655_441_491)));
    assert!(0 < there && there < anywhere, "{there} of {anywhere}");
    check("orders_placed MATCHES (location_id IS NOT NULL)", anywhere).await;
    check("orders_placed MATCHES (location_id = 655441491)", there).await;
    check("orders_placed MATCHES (location_id IN (655441491, 24826418))", anywhere).await;
    check("orders_placed MATCHES (location_id = 7)", 0).await;
}
