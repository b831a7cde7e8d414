//! What Shopify itself says of a customer's RFM group: kept, shown, asked for in rules, and set beside ours.

use super::scored::{items, shop_of, shown};
use crate::{
    membership::{members, must_be_as_from_nothing, segment},
    syncs::House,
};
use flows::Clock;
use local::{World, shopify::books::Newcomer};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SUMMARY: &str = "/api/v1/analytics/rfm/summary";

/// By the shop's own books.
fn theirs(house: &House) -> BTreeMap<String, Option<&'static str>> {
    house.shop.books(|books| {
        books.customers().map(|customer| (format!("s{}", customer.id), customer.rfm_group())).collect()
    })
}

/// By our lists of the groups.
async fn ours(world: &World, house: &House) -> BTreeMap<String, String> {
    let mut ours = BTreeMap::new();
    for group in domain::RfmGroup::NAMES {
        let path = format!("/api/v1/analytics/rfm/segments/{group}?limit=100");
        for customer in items(&shown(world, &house.owner, &path).await) {
            ours.insert(customer["id"].as_str().unwrap_or_default().to_owned(), group.to_owned());
        }
    }
    ours
}

async fn must_compare_right(world: &World, house: &House) {
    let (mut compared, mut agreeing, mut table) = (0_u32, 0_u32, BTreeMap::new());
    let ours = ours(world, house).await;
    for (id, theirs) in theirs(house) {
        let Some(theirs) = theirs else { continue };
        compared += 1;
        if ours[&id] == theirs {
            agreeing += 1;
        } else {
            *table.entry((ours[&id].clone(), theirs.to_owned())).or_insert(0_u32) += 1;
        }
    }
    let told = shown(world, &house.owner, SUMMARY).await["shopify_agreement"].clone();
    let share = (f64::from(agreeing) / f64::from(compared) * 10_000.0).round() / 10_000.0;
    assert_eq!(
        [&told["compared"], &told["agreeing"], &told["share"]],
        [&json!(compared), &json!(agreeing), &json!(share)]
    );
    assert!(agreeing > 0 && table.len() > 2, "there is something to compare: {told}");
    let text = |cell: &Value, name: &str| cell[name].as_str().unwrap_or_default().to_owned();
    let cells = told["differences"].as_array().cloned().unwrap_or_default();
    let counts: Vec<_> = cells.iter().map(|cell| cell["customers"].as_u64().unwrap_or_default()).collect();
    assert!(counts.is_sorted_by(|one, next| one >= next), "the most frequent first: {counts:?}");
    let told: BTreeMap<_, _> = cells
        .iter()
        .map(|cell| ((text(cell, "group"), text(cell, "shopify_group")), cell["customers"].clone()))
        .collect();
    assert_eq!(told, table.into_iter().map(|(pair, customers)| (pair, json!(customers))).collect());
}

#[tokio::test]
async fn shopifys_own_group_is_kept_asked_for_and_set_beside_ours() {
    let world = World::new(1).await;
    let house = House::synced(&world, 80).await;
    let owner = &house.owner;
    // Of whoever has no address the shop says nothing.
    house.shop.join(Newcomer::default()).expect("everybody may join");
    world.clock.advance_seconds(900);
    house.sync(&world, &json!({"mode": "incremental"})).await;
    let all = theirs(&house);
    assert!(all.values().any(Option::is_none), "of some Shopify says nothing");
    for (id, group) in all.iter().take(20).chain(all.iter().find(|(_, group)| group.is_none())) {
        let told = shown(&world, owner, &format!("/api/v1/customers/{id}")).await;
        assert_eq!(told["shopify_rfm_group"], json!(group), "{id}");
        assert!(told["shopify_spend_tier"].is_string(), "{id}");
    }
    must_compare_right(&world, &house).await;

    let count = |wanted: &dyn Fn(Option<&str>) -> bool| {
        theirs(&house).values().filter(|group| wanted(**group)).count()
    };
    let mut kept = Vec::new();
    for (rule, expected) in [
        ("shopify_rfm_group = 'NEW'", count(&|group| group == Some("NEW"))),
        ("shopify_rfm_group IS NULL", count(&|group| group.is_none())),
        (
            "shopify_rfm_group NOT IN ('NEW', 'PROSPECTS')",
            count(&|group| !matches!(group, Some("NEW" | "PROSPECTS"))),
        ),
    ] {
        let told = owner.post(&world, "/api/v1/segments/preview", &json!({"rule": rule})).await;
        assert_eq!(told.at("/total"), json!(expected), "{rule}: {}", told.text);
        assert!(expected > 0, "{rule}");
        kept.push((segment(&world, owner, rule, rule).await, rule));
    }
    let high = json!({"rule": "predicted_spend_tier = 'HIGH'"});
    let high = owner.post(&world, "/api/v1/segments/preview", &high).await;
    assert!(high.at("/total").as_u64() > Some(0), "{}", high.text);
    world.settle().await;

    // Whoever buys for the first time is in another group there, and then here.
    let (id, _) =
        all.iter().find(|(_, group)| **group == Some("PROSPECTS")).expect("somebody has not ordered");
    house.buy(Some(id[1..].parse().expect("a number")));
    world.clock.advance_seconds(900);
    house.sync(&world, &json!({"mode": "incremental"})).await;
    let told = shown(&world, owner, &format!("/api/v1/customers/{id}")).await;
    assert_eq!(told["shopify_rfm_group"], json!("NEW"));
    let store = house.store(&world);
    must_be_as_from_nothing(&world, &store, world.clock.now(), "after an order").await;
    for ((segment, rule), is_in) in kept.iter().zip([true, false, false]) {
        assert_eq!(members(&store, segment).await.contains(id), is_in, "{rule}");
    }
    let why = shown(&world, owner, &format!("/api/v1/segments/{}/explain/{id}", kept[0].0)).await;
    assert_eq!((&why["holds"], &why["tree"]["value"]), (&json!(true), &json!("NEW")), "{why}");
    must_compare_right(&world, &house).await;
}

#[tokio::test]
async fn nothing_is_said_of_shopifys_groups_where_there_are_none() {
    let world = World::new(2).await;
    let owner = shop_of(&world, "owner", &[("Ada", &[(10, 100)]), ("Bob", &[])]).await;
    let summary = shown(&world, &owner, SUMMARY).await;
    assert_eq!((&summary["shopify_agreement"], &summary["customers"]), (&Value::Null, &json!(2)));
    for customer in items(&shown(&world, &owner, "/api/v1/customers").await) {
        let path = format!("/api/v1/customers/{}", customer["id"].as_str().unwrap_or_default());
        let told = shown(&world, &owner, &path).await;
        assert_eq!((&told["shopify_rfm_group"], &told["shopify_spend_tier"]), (&Value::Null, &Value::Null));
    }
    let known = owner
        .post(&world, "/api/v1/segments/preview", &json!({"rule": "shopify_rfm_group IS NOT NULL"}))
        .await;
    assert_eq!(known.at("/total"), json!(0), "{}", known.text);
}
