//! A shop's currency and time zone.

use crate::cast::sign_up;
use local::World;
use serde_json::{Value, json};

#[tokio::test]
async fn a_currency_is_chosen_before_there_is_anything_to_count() {
    let world = World::new(1).await;
    let owner = sign_up(&world, "owner").await;
    let change = async |body: Value| owner.call(&world, "PATCH", "/api/v1/tenants/me", &body).await;
    for (body, at) in [
        (json!({"currency": "usd"}), "/currency"),
        (json!({"currency": "XXX"}), "/currency"),
        (json!({"timezone": "Berlin"}), "/timezone"),
        (json!({"timezone": "+02:00"}), "/timezone"),
    ] {
        assert_eq!(change(body).await.text_at("/errors/0/pointer"), at);
    }
    let yen = change(json!({"currency": "JPY", "timezone": "Asia/Tokyo"})).await;
    assert_eq!((yen.text_at("/currency").as_str(), yen.text_at("/timezone").as_str()), ("JPY", "Asia/Tokyo"));
    let fine = json!({"name": "A", "total_spent": 100.5});
    assert_eq!(
        owner.post(&world, "/api/v1/customers", &fine).await.text_at("/errors/0/pointer"),
        "/total_spent"
    );
    let made = owner.post(&world, "/api/v1/customers", &json!({"name": "A", "total_spent": 100})).await;
    assert_eq!((made.text_at("/total_spent").as_str(), made.text_at("/currency").as_str()), ("100", "JPY"));

    let refused = change(json!({"currency": "USD"})).await;
    assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (409, "currency_in_use"));
    assert_eq!(change(json!({"currency": "JPY"})).await.status, 200, "it stays what it is");
    let moved = change(json!({"timezone": "Europe/Berlin", "name": "Laden"})).await;
    assert_eq!((moved.status.as_u16(), moved.text_at("/timezone").as_str()), (200, "Europe/Berlin"));
    assert_eq!(owner.get(&world, "/api/v1/tenants/me").await.text_at("/currency"), "JPY");
}

#[tokio::test]
async fn a_price_counts_in_the_currency_too() {
    let world = World::new(2).await;
    let owner = sign_up(&world, "owner").await;
    let tea = owner
        .post(&world, "/api/v1/products", &json!({"title": "Tea", "variants": [{"price": "4.20"}]}))
        .await;
    let yen = async || owner.call(&world, "PATCH", "/api/v1/tenants/me", &json!({"currency": "JPY"})).await;
    assert_eq!(yen().await.text_at("/code"), "currency_in_use");
    owner.call(&world, "DELETE", &format!("/api/v1/products/{}", tea.text_at("/id")), &json!({})).await;
    assert_eq!(yen().await.text_at("/currency"), "JPY", "what is gone counts in nothing");
}
