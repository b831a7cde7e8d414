//! Where a shop's days begin is the shop's word, as is how far back it shows its orders: what is asked of customers says so.

use domain::{Tenant, Zone};
use flows::Clock;
use serde_json::json;

use crate::shop_readings::Shop;

#[tokio::test]
async fn a_shop_that_moves_to_another_time_zone_has_everybody_asked_by_its_days() {
    let shop = Shop::connected(9).await;
    let rule = json!({"name": "Today", "rule": "last_order_date = today"});
    assert_eq!(shop.owner.post(&shop.world, "/api/v1/segments", &rule).await.status, 201);
    // As it was before.
    let held = shop.ours.tenant().await.expect("memory holds").expect("it is there");
    let before = Tenant { zone: "Asia/Tokyo".parse().expect("a zone"), ..(*held).clone() };
    let mut steps = vec![shop.ours.tenant_changed(&held, &before)];
    let now = shop.world.clock.now();
    steps.extend(flows::rezoned(&shop.ours, &before.zone, now).await.expect("memory holds"));
    shop.ours.commit(steps).await.expect("memory holds");
    shop.world.settle().await;
    let stands = async |zone: &Zone| {
        let settling = shop.ours.settling().await.expect("memory holds").expect("there is a segment");
        let now = shop.world.clock.now();
        let (unsettled, _) = shop.ours.unsettled(&settling, zone, now).await.expect("memory holds");
        let scores = shop.ours.scores().await.expect("memory holds").expect("there are customers");
        (unsettled.len(), settling.day_at, scores.scoring.wanted_at)
    };
    let midnight = before.zone.next_day(shop.world.clock.now());
    assert_eq!(stands(&before.zone).await, (0, Some(midnight), midnight));

    shop.theirs.rename("Nordlicht");
    shop.heard().await;
    let berlin: Zone = "Europe/Berlin".parse().expect("a zone");
    let midnight = berlin.next_day(shop.world.clock.now());
    assert_eq!(stands(&berlin).await, (0, Some(midnight), midnight));
}

#[tokio::test]
async fn a_preview_says_where_older_orders_are_lacking() {
    let shop = Shop::connected(10).await;
    let told = async |rule: &str| {
        let answer = shop.owner.post(&shop.world, "/api/v1/segments/preview", &json!({"rule": rule})).await;
        assert_eq!(answer.status, 200, "{rule}: {}", answer.text);
        answer.at("/completeness")
    };
    let health = shop.owner.get(&shop.world, "/api/v1/tenants/me/shop/health").await;
    assert!(health.at("/orders_since").is_string(), "{}", health.text);
    for (rule, lacking) in [
        ("last_order_date >= -30d", json!([])),
        ("last_order_date < -90d", json!(["last_order_date < -90d"])),
        ("number_of_orders > 3 AND NOT first_order_date >= -1y", json!(["first_order_date >= -1y"])),
    ] {
        let completeness = told(rule).await;
        assert_eq!(completeness["looks_before"], lacking, "{rule}");
        assert_eq!(completeness["orders_since"], health.at("/orders_since"), "{rule}");
        assert_eq!(completeness["shop_until"], health.at("/complete_until"), "{rule}");
        assert_eq!(completeness["scores_as_of"], json!(null), "{rule}");
    }
    let id = shop
        .owner
        .post(&shop.world, "/api/v1/segments", &json!({"name": "Old", "rule": "last_order_date < -90d"}))
        .await;
    let named = format!("segment MATCHES (id = '{}')", id.text_at("/id"));
    assert_eq!(told(&named).await["looks_before"], json!(["last_order_date < -90d"]), "of one that is named");
}
