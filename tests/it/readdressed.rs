//! What somebody agreed to is for the address that they had, whoever tells of another: the shop, its merchant, a program, or a file.

use local::{World, shopify::DOMAIN};
use serde_json::{Value, json};

use crate::{
    cast::Person,
    customers::{made, shop},
    imports::started,
    shop_events::{Shop, customer_body},
};

async fn states(world: &World, owner: &Person, id: &str) -> [Value; 2] {
    let shown = owner.get(world, &format!("/api/v1/customers/{id}")).await.json();
    ["email_consent", "sms_consent"].map(|consent| shown[consent]["state"].clone())
}

/// Somebody who agreed to be written to in both ways.
async fn agreed(world: &World, owner: &Person, name: &str, number: u32) -> String {
    let yes = json!({"state": "subscribed", "at": "2026-01-01"});
    let body = json!({"email": format!("{name}@example.com"), "phone": format!("+1415555{number}"),
        "email_consent": yes, "sms_consent": yes});
    made(world, owner, &body).await
}

#[tokio::test]
async fn who_has_another_address_has_agreed_to_nothing_there() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let yes = || json!("subscribed");
    let ada = agreed(&world, &owner, "ada", 2671).await;
    let path = format!("/api/v1/customers/{ada}");
    let changed = async |body: Value| {
        let answer = owner.call(&world, "PATCH", &path, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    };
    changed(json!({"email": "Ada@Example.com", "first_name": "Ada"})).await;
    assert_eq!(states(&world, &owner, &ada).await, [yes(), yes()], "it is the same");
    changed(json!({"email": "other@example.com"})).await;
    assert_eq!(states(&world, &owner, &ada).await, [Value::Null, yes()]);
    changed(json!({"phone": null})).await;
    assert_eq!(states(&world, &owner, &ada).await, [Value::Null, Value::Null]);
    changed(
        json!({"email": "third@example.com", "email_consent": {"state": "subscribed", "at": "2025-01-01"}}),
    )
    .await;
    assert_eq!(states(&world, &owner, &ada).await, [yes(), Value::Null], "it comes with the address");

    let bob = agreed(&world, &owner, "bob", 2672).await;
    let told = json!({"email": "robert@example.com", "phone": "+14155552672"});
    let replaced = owner.call(&world, "PUT", &format!("/api/v1/customers/{bob}"), &told).await;
    assert_eq!(replaced.status, 200, "{}", replaced.text);
    assert_eq!(states(&world, &owner, &bob).await, [Value::Null, yes()]);

    let (eve, joe) = (agreed(&world, &owner, "eve", 2673).await, agreed(&world, &owner, "joe", 2674).await);
    let file = format!(
        "id,email,phone,email_consent\n{eve},eva@example.com,+14155552673,\n{joe},joseph@example.com,+14155552674,unsubscribed\n"
    );
    started(&world, &owner, json!({"of": "customers"}), &file).await;
    world.settle().await;
    assert_eq!(states(&world, &owner, &eve).await, [Value::Null, yes()]);
    assert_eq!(states(&world, &owner, &joe).await, [json!("unsubscribed"), yes()]);
}

#[tokio::test]
async fn who_wants_nothing_is_heard_at_any_address_and_no_older_word_of_the_shops_counts() {
    let world = World::new(2).await;
    let shop = Shop::connected(&world, DOMAIN.trim_end_matches(".myshopify.com")).await;
    let consent =
        |at: &str| json!({"state": "subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": at});
    let told = json!({"email_marketing_consent": consent("2026-09-01T09:00:00Z")});
    shop.tell(&world, "customers/create", &customer_body(7, "2026-09-01T10:00:00Z", &told)).await;
    let owner = &shop.owner;
    assert_eq!(states(&world, owner, "s7").await[0], json!("subscribed"));
    let change = async |body: Value| {
        let answer = owner.call(&world, "PATCH", "/api/v1/customers/s7", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    };
    change(json!({"email": "other@example.com"})).await;
    let late = json!({"customer_id": 7, "email_address": "ada7@example.com", "email_marketing_consent": consent("2026-09-01T09:30:00Z")});
    shop.tell(&world, "customers_email_marketing_consent/update", &late).await;
    assert_eq!(states(&world, owner, "s7").await[0], Value::Null, "it was said of the former address");

    change(json!({"email_consent": {"state": "unsubscribed", "source": "person"}})).await;
    change(json!({"email": "third@example.com"})).await;
    assert_eq!(states(&world, owner, "s7").await[0], json!("unsubscribed"));
}
