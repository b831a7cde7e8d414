//! Where Shopify speaks another version of its API than ours, the merchant is told, and what is to be done.

use domain::Queue;
use flows::Clock;
use local::shopify::{Denied, Switches};
use serde_json::{Value, json};

use crate::shop_readings::Shop;

async fn api(shop: &Shop) -> Value {
    shop.owner.get(&shop.world, "/api/v1/tenants/me/shop").await.at("/api")
}

/// The shop is asked something.
async fn asked(shop: &Shop, change: impl FnOnce(&mut Switches)) -> Value {
    shop.theirs.switch(change);
    shop.world.clock.advance_seconds(60);
    shop.join(&format!("nora{}", shop.theirs.asked()));
    assert!(shop.asked().await > 0);
    api(shop).await
}

#[tokio::test]
async fn which_version_answers_is_told_as_long_as_it_is_another() {
    let shop = Shop::connected(1).await;
    let ours = json!({"asked": "2026-10", "answered": "2026-10", "advice": null});
    assert_eq!(api(&shop).await, ours);
    let other = asked(&shop, |it| it.answered_by = Some("2027-04")).await;
    assert_eq!((&other["asked"], &other["answered"]), (&json!("2026-10"), &json!("2027-04")));
    assert!(other["advice"].as_str().is_some_and(|advice| advice.contains("update Regulars")), "{other}");
    // It is written down once, whatever else is asked.
    let held = shop.ours.connection().await.expect("memory holds").expect("it is there");
    assert_eq!(asked(&shop, |_| ()).await, other);
    assert_eq!(
        shop.ours.connection().await.expect("memory holds").expect("it is there").version(),
        held.version()
    );
    // So does a refusal say it.
    let refused = asked(&shop, |it| (it.answered_by, it.denied) = (Some("2027-07"), Denied::Details)).await;
    assert_eq!(refused["answered"], json!("2027-07"));
    assert_eq!(asked(&shop, |it| (it.answered_by, it.denied) = (None, Denied::Nothing)).await, ours);
}

#[tokio::test]
async fn whoever_renews_the_tokens_is_not_disturbed_by_it() {
    let shop = Shop::connected(2).await;
    let held = shop.ours.connection().await.expect("memory holds").expect("it is there");
    let claimed = domain::Connection::clone(&held).claimed(shop.world.clock.now());
    shop.ours.commit(vec![shop.ours.connection_changed(&held, &claimed)]).await.expect("nobody else does");
    let version = held.version() + 1;
    shop.theirs.switch(|it| it.answered_by = Some("2027-04"));
    shop.join("nora");
    // Ten seconds pass until it is asked; the claim holds for thirty.
    assert!(shop.asked().await > 0);
    let now = shop.ours.connection().await.expect("memory holds").expect("it is there");
    assert_eq!((now.version(), now.answered_by.as_deref()), (version, None));
}

#[tokio::test]
async fn of_an_event_in_another_version_it_is_told_what_is_to_be_done() {
    let shop = Shop::connected(3).await;
    for (number, version) in (7_000_u64..).zip(["2026-10", "2026-07", "2027-01"]) {
        let body = json!({"id": number, "updated_at": "2026-09-01T10:00:00Z"}).to_string();
        let event = json!({"shop": local::shopify::DOMAIN, "topic": "customers/delete", "version": version,
            "id": format!("w-{number}"), "received_at": shop.world.clock.now(), "body": {"text": body}});
        let task = json!({"task": "apply_event", "event": event}).to_string();
        shop.world.deliver(Queue::Ingest, &task).await.expect("it is applied");
        let noted = shop.owner.get(&shop.world, "/api/v1/tenants/me/webhooks?limit=100").await.at("/items");
        let mut noted = noted.as_array().expect("a list").iter();
        let noted = noted.find(|it| it["version"] == json!(version)).expect("it is listed");
        let advice = noted["advice"].as_str().unwrap_or_default();
        let says = |what: &str| advice.contains(what);
        match version {
            "2026-10" => assert_eq!(noted["advice"], json!(null)),
            "2026-07" => assert!(says("sets api_version = \"2026-10\"") && !says("updates"), "{advice}"),
            _ => assert!(says("updates Regulars"), "{advice}"),
        }
    }
}
