//! Segments to begin with: each is a rule, and says whether it can be counted (SEG-10).

use crate::customers::{shop, told};
use local::World;
use serde_json::json;
use std::collections::BTreeSet;

const PATH: &str = "/api/v1/segments/templates";

#[tokio::test]
async fn each_can_be_counted_or_says_why_not() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let list = owner.get(&world, PATH).await;
    assert_eq!(list.status, 200, "{}", list.text);
    let items = list.at("/items").as_array().cloned().unwrap_or_default();
    assert_eq!(list.at("/total"), items.len());
    let ids: BTreeSet<_> = items.iter().filter_map(|item| item["id"].as_str()).collect();
    assert!(
        ["vip", "new", "at_risk", "lapsed", "one_time", "big_spenders"].iter().all(|id| ids.contains(id))
    );
    assert_eq!(ids.iter().filter(|id| id.starts_with("rfm_")).count(), 11);
    for item in &items {
        assert_eq!(item["can_be_counted"], json!(item["reasons"] == json!([])), "{item}");
        let preview = owner.post(&world, "/api/v1/segments/preview", &json!({"rule": item["text"]})).await;
        let is_counted = preview.status == 200;
        assert_eq!(item["can_be_counted"], is_counted, "{item}: {}", preview.text);
    }
    // A template becomes a segment as it is.
    let vip = items.iter().find(|item| item["id"] == "vip").cloned().unwrap_or_default();
    let segment = json!({"name": vip["name"], "description": vip["description"], "rule": vip["rule"]});
    let kept = owner.post(&world, "/api/v1/segments", &segment).await;
    assert_eq!((kept.status.as_u16(), kept.at("/text")), (201, vip["text"].clone()), "{}", kept.text);
}

#[tokio::test]
async fn thresholds_are_the_shops_choice() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let list = owner.get(&world, &format!("{PATH}?lapsed.days=60&vip.amount=250.50")).await;
    let items = list.at("/items").as_array().cloned().unwrap_or_default();
    let of = |id: &str| items.iter().find(|item| item["id"] == id).cloned().unwrap_or_default();
    assert_eq!(of("lapsed")["text"], "last_order_date < -60d");
    assert_eq!(of("lapsed")["thresholds"][0]["value"], "60");
    assert_eq!(of("lapsed")["thresholds"][0]["default"], "180");
    assert_eq!(of("vip")["text"], "amount_spent >= 250.50 AND number_of_orders >= 5");
    assert_eq!(of("new")["text"], "first_order_date >= -30d");
    for (asked, code) in [
        ("lapsed.days=soon", "bad_number"),
        ("lapsed.amount=5", "unknown_member"),
        ("nobody.days=5", "unknown_member"),
        ("days=5", "unknown_member"),
        ("vip.amount=1.005", "refused"),
    ] {
        let refused = owner.get(&world, &format!("{PATH}?{asked}")).await;
        let name = asked.split('=').next().unwrap_or_default();
        assert_eq!(told(&refused), (400, code.to_owned(), format!("?{name}")), "{}", refused.text);
    }
}
