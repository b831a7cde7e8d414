//! Of whom only a part was ever told, the shop is asked: who first appears with a consent, with a tag, or in a merge.

use domain::{ConsentState, CustomerId};
use flows::Clock;
use local::shopify::books::Telling;
use serde_json::{Value, json};

use crate::shop_readings::Shop;

fn consent(id: u64, state: &str, at: &str) -> Value {
    json!({"customer_id": id, "email_address": null,
        "email_marketing_consent": {"state": state, "opt_in_level": "single_opt_in", "consent_updated_at": at}})
}

fn tagged(id: u64, tag: &str) -> Value {
    json!({"customerId": format!("gid://shopify/Customer/{id}"), "tags": [tag], "occurredAt": "2026-09-21T10:00:00Z"})
}

/// Somebody joined the shop, and nobody was told of it.
fn unheard(shop: &Shop, name: &str) -> u64 {
    shop.theirs.switch(|it| it.lost_per_mille = 1_000);
    let id = shop.join(name);
    shop.theirs.switch(|it| it.lost_per_mille = 0);
    id
}

async fn questions(shop: &Shop, topic: &str, body: &Value) -> u64 {
    let before = shop.theirs.asked();
    shop.told(topic, body).await;
    shop.theirs.asked() - before
}

#[tokio::test]
async fn whoever_is_first_told_of_by_a_part_is_read_whole() {
    let shop = Shop::connected(1).await;
    let (nora, olga) = (unheard(&shop, "nora"), unheard(&shop, "olga"));
    let first = consent(nora, "subscribed", "2026-09-20T10:00:00Z");
    assert_eq!(questions(&shop, "customers_email_marketing_consent/update", &first).await, 1);
    assert_eq!(questions(&shop, "customer.tags_added", &tagged(olga, "vip")).await, 1);
    for id in [nora, olga] {
        shop.must_agree(id).await;
        assert!(shop.customer(id).await.email.is_some() && shop.customer(id).await.tags.contains("vip"));
    }
    // Who is known whole is not asked for again.
    shop.world.clock.advance_seconds(60);
    let later = consent(nora, "unsubscribed", &shop.world.clock.now().to_string());
    assert_eq!(questions(&shop, "customers_email_marketing_consent/update", &later).await, 0);
    assert_eq!(questions(&shop, "customer.tags_added", &tagged(olga, "late")).await, 0);
    let state = shop.customer(nora).await.email_consent.map(|consent| consent.state);
    assert_eq!(state, Some(ConsentState::Unsubscribed));
}

#[tokio::test]
async fn whose_a_guests_order_turns_out_to_be_is_read_whole() {
    let shop = Shop::connected(4).await;
    let nora = unheard(&shop, "nora");
    let placed_at = shop.world.clock.now();
    let told = |customer: Value, at: domain::Timestamp| {
        json!({"id": 1, "name": "#1", "currency": "EUR", "financial_status": "paid", "processed_at": placed_at,
            "updated_at": at, "email": "guest@example.com", "customer": customer, "total_price": "9.00",
            "current_total_price": "9.00", "line_items": []})
    };
    assert_eq!(questions(&shop, "orders/create", &told(Value::Null, placed_at)).await, 0);
    shop.world.clock.advance_seconds(60);
    let now = shop.world.clock.now();
    assert_eq!(questions(&shop, "orders/updated", &told(json!({"id": nora}), now)).await, 1);
    let held = shop.customer(nora).await;
    assert!(held.tags.contains("vip") && held.email_consent.is_some(), "{held:?}");
    assert_eq!(shop.order(1).await.customer, CustomerId::Shopify(nora));
}

#[tokio::test]
async fn nobody_asks_for_who_is_gone() {
    let shop = Shop::connected(5).await;
    assert_eq!(questions(&shop, "customers/delete", &json!({"id": 995})).await, 0);
    let at = shop.world.clock.now();
    let order = json!({"id": 1, "name": "#1", "currency": "EUR", "financial_status": "paid", "processed_at": at,
        "updated_at": at, "customer": {"id": 995}, "total_price": "9.00", "current_total_price": "9.00", "line_items": []});
    assert_eq!(questions(&shop, "orders/create", &order).await, 0);
    assert_eq!(shop.order(1).await.customer, CustomerId::Shopify(995), "it is theirs still");
}

#[tokio::test]
async fn whoever_somebody_became_part_of_is_read_again() {
    let shop = Shop::connected(2).await;
    let (kept, gone, unknown) = (shop.join("nora"), shop.join("olga"), unheard(&shop, "quinn"));
    shop.heard().await;
    shop.world.clock.advance_seconds(60);
    // What becomes of the other is told by the merge alone.
    shop.theirs.switch(|it| it.lost_per_mille = 1_000);
    shop.theirs.merge(kept, gone).expect("both are there");
    shop.theirs.merge(unknown, kept).expect("both are there");
    let note = Telling { note: Some("one person".to_owned()), ..Telling::default() };
    shop.theirs.change(unknown, note).expect("they are there");
    shop.theirs.switch(|it| it.lost_per_mille = 0);
    let merge = |kept: u64, gone: u64| {
        json!({"admin_graphql_api_customer_kept_id": format!("gid://shopify/Customer/{kept}"), "status": "completed",
            "admin_graphql_api_customer_deleted_id": format!("gid://shopify/Customer/{gone}")})
    };
    assert_eq!(questions(&shop, "customers/merge", &merge(unknown, kept)).await, 1);
    shop.must_agree(unknown).await;
    assert_eq!(shop.customer(unknown).await.note.as_deref(), Some("one person"));
    // Who is somebody else by now is asked for no more.
    shop.world.clock.advance_seconds(60);
    assert_eq!(questions(&shop, "customers/merge", &merge(kept, gone)).await, 0);
    shop.must_agree(unknown).await;
}

#[tokio::test]
async fn of_somebody_whom_the_shop_does_not_know_the_word_stays_and_nothing_fails() {
    let shop = Shop::connected(3).await;
    let word = consent(999, "subscribed", "2026-09-20T10:00:00Z");
    for (topic, body) in [
        ("customers_email_marketing_consent/update", word),
        ("customer.tags_added", tagged(998, "vip")),
        (
            "customers/merge",
            json!({"admin_graphql_api_customer_kept_id": "gid://shopify/Customer/997", "status": "completed",
                "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/996"}),
        ),
    ] {
        assert_eq!(questions(&shop, topic, &body).await, 1, "{topic}");
        let noted = shop.newest().await;
        assert_eq!((noted.topic.as_str(), noted.outcome.name()), (topic, "applied"));
        assert_eq!(noted.unread.as_deref(), Some("the shop has it no more"), "{topic}");
    }
    let consent =
        shop.ours.customer(CustomerId::Shopify(999)).await.expect("memory holds").expect("they are made");
    assert_eq!(consent.email_consent.as_ref().map(|it| it.state), Some(ConsentState::Subscribed));
}
