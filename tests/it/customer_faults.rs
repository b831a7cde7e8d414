//! What is refused of a customer, and how it is told (CUS-02).

use crate::customers::{made, shop, told};
use local::World;
use serde_json::{Value, json};

#[tokio::test]
async fn whatever_is_wrong_is_told_with_its_place() {
    let world = World::new(6).await;
    let owner = shop(&world, "owner").await;
    let id = made(&world, &owner, &json!({"first_name": "Ada"})).await;
    let long = "x".repeat(101);
    let wide: serde_json::Map<String, Value> = (0..101).map(|n| (format!("a{n}"), json!(n))).collect();
    let heavy: serde_json::Map<String, Value> =
        (0..99).map(|n| (format!("a{n}"), json!("é".repeat(900)))).collect();
    for (body, code, at) in [
        (json!({}), "nobody", ""),
        (json!([]), "wrong_type", ""),
        (json!({"first_name": ""}), "invalid", "/first_name"),
        (json!({"first_name": long}), "invalid", "/first_name"),
        (json!({"first_name": "a\nb"}), "invalid", "/first_name"),
        (json!({"first_name": 1}), "wrong_type", "/first_name"),
        (json!({"name": "A", "first_name": "A"}), "invalid", "/name"),
        (json!({"email": "ada"}), "invalid", "/email"),
        (json!({"phone": "12"}), "invalid", "/phone"),
        (json!({"phone": "415 555 2671"}), "invalid", "/phone"),
        (json!({"email": "a@b.com", "birthday": "2030-01-01"}), "invalid", "/birthday"),
        (json!({"email": "a@b.com", "birthday": "31-12-2000"}), "invalid", "/birthday"),
        (json!({"email": "a@b.com", "language": "english"}), "invalid", "/language"),
        (json!({"email": "a@b.com", "tags": ["ok", ""]}), "invalid", "/tags/1"),
        (json!({"email": "a@b.com", "tags": "a"}), "wrong_type", "/tags"),
        (json!({"email": "a@b.com", "addresses": [{"country": "XX"}]}), "invalid", "/addresses/0/country"),
        (json!({"email": "a@b.com", "addresses": [{}]}), "invalid", "/addresses/0"),
        (
            json!({"email": "a@b.com", "addresses": [{"city": "X", "latitude": 91, "longitude": 1}]}),
            "invalid",
            "/addresses/0/latitude",
        ),
        (
            json!({"email": "a@b.com", "addresses": [{"city": "X", "longitude": 1}]}),
            "invalid",
            "/addresses/0/latitude",
        ),
        (
            json!({"email": "a@b.com", "addresses": [{"latitude": 1, "longitude": 1}]}),
            "invalid",
            "/addresses/0",
        ),
        (json!({"email": "a@b.com", "attributes": {"A b": 1}}), "invalid", "/attributes/A b"),
        (json!({"email": "a@b.com", "attributes": {"a": {"x": 1}}}), "invalid", "/attributes/a"),
        (json!({"email": "a@b.com", "attributes": {"a": 0.000_000_1}}), "invalid", "/attributes/a"),
        (json!({"email": "a@b.com", "attributes": wide}), "invalid", "/attributes"),
        (json!({"email": "a@b.com", "attributes": heavy}), "too_large", ""),
        (json!({"email": "a@b.com", "email_consent": {"state": "yes"}}), "invalid", "/email_consent/state"),
        (
            json!({"email": "a@b.com", "sms_consent": {"state": "subscribed", "source": "shopify"}}),
            "invalid",
            "/sms_consent/source",
        ),
        (
            json!({"email": "a@b.com", "sms_consent": {"state": "subscribed", "at": "2100-01-01"}}),
            "invalid",
            "/sms_consent/at",
        ),
        (json!({"email": "a@b.com", "total_spent": 12.345}), "invalid", "/total_spent"),
        (json!({"email": "a@b.com", "total_spent": "-1"}), "invalid", "/total_spent"),
        (json!({"email": "a@b.com", "total_spent": 1e300}), "invalid", "/total_spent"),
        (json!({"email": "a@b.com", "total_spent": true}), "wrong_type", "/total_spent"),
        (json!({"email": "a@b.com", "orders_count": 1.5}), "invalid", "/orders_count"),
        (json!({"email": "a@b.com", "orders_count": -1}), "invalid", "/orders_count"),
        (json!({"email": "a@b.com", "tenant_id": "x"}), "unknown_member", "/tenant_id"),
        (json!({"email": "a@b.com", "id": id}), "unknown_member", "/id"),
        (json!({"email": "a@b.com", "vip": true}), "unknown_member", "/vip"),
    ] {
        let refused = owner.post(&world, "/api/v1/customers", &body).await;
        assert_eq!(told(&refused), (400, code.to_owned(), at.to_owned()), "{body}: {}", refused.text);
        if code != "nobody" {
            let path = format!("/api/v1/customers/{id}");
            for method in ["PUT", "PATCH"] {
                let refused = owner.call(&world, method, &path, &body).await;
                assert_eq!(refused.status, 400, "{method} {body}: {}", refused.text);
            }
        }
    }
    let protected = owner.post(&world, "/api/v1/customers", &json!({"email": "a@b.com", "slot": 1})).await;
    assert!(protected.text_at("/errors/0/detail").contains("said by us alone"), "{}", protected.text);
    let several = json!({"first_name": "", "email": "x", "tags": [""], "total_spent": "1,5"});
    let refused = owner.post(&world, "/api/v1/customers", &several).await;
    assert_eq!(refused.at("/errors").as_array().map(Vec::len), Some(4), "all of it at once");
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(1), "nothing was stored");
    for (method, path) in [
        ("GET", "/api/v1/customers/x"),
        ("DELETE", "/api/v1/customers/s1"),
        ("GET", "/api/v1/customers/s1/timeline"),
    ] {
        assert_eq!(owner.call(&world, method, path, &json!({})).await.status, 404, "{method} {path}");
    }
}
