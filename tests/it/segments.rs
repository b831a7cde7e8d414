//! Rules of segments, looked at and tried before anything is saved (SEG-02, 04, 05, 11).

use crate::{
    cast::{PASSWORD, Person, login},
    customers::{made, shop, told},
    orders::ordered,
};
use local::{World, world::Answer};
use serde_json::{Value, json};

/// Four people of a shop in New York, where it is a quarter past ten on 21 September.
async fn crowd(world: &World) -> (Person, Vec<String>) {
    let owner = shop(world, "owner").await;
    let zone = json!({"timezone": "America/New_York"});
    assert_eq!(owner.call(world, "PATCH", "/api/v1/tenants/me", &zone).await.status, 200);
    let mut ids = Vec::new();
    for body in [
        json!({"name": "Ada", "email": "ada@example.com", "tags": ["VIP"], "birthday": "1988-09-21"}),
        json!({"name": "Bob", "email": "bob@shop.example.org", "language": "de"}),
        json!({"name": "Zoe", "tags": ["x"], "addresses": [{"country": "SE", "city": "Lund", "region": "M",
            "latitude": 55.7047, "longitude": 13.191}]}),
        json!({"name": "Nam"}),
    ] {
        ids.push(made(world, &owner, &body).await);
    }
    for (whose, total, placed_at) in [
        (0, "60", "2026-09-20T23:30:00-04:00"),
        (0, "40", "2026-08-01T12:00:00-04:00"),
        (1, "120.50", "2026-06-01T12:00:00-04:00"),
    ] {
        let body =
            json!({"customer_id": ids[whose], "total": total, "placed_at": placed_at, "status": "paid"});
        ordered(world, &owner, &body).await;
    }
    (owner, ids)
}

async fn preview(world: &World, owner: &Person, rule: &Value) -> Answer {
    owner.post(world, "/api/v1/segments/preview", &json!({"rule": rule})).await
}

/// Who is meant, who spent most first.
async fn names(world: &World, owner: &Person, rule: Value) -> String {
    let answer = preview(world, owner, &rule).await;
    assert_eq!(answer.status, 200, "{rule}: {}", answer.text);
    let sample = answer.at("/sample").as_array().cloned().unwrap_or_default();
    let names: Vec<_> = sample.iter().map(|one| one["name"].as_str().unwrap_or_default()).collect();
    assert_eq!(answer.at("/total"), names.len(), "{rule}");
    names.join(" ")
}

#[tokio::test]
async fn whoever_is_meant_is_found() {
    let world = World::new(1).await;
    let (owner, ids) = crowd(&world).await;
    for (rule, expected) in [
        ("EVERYONE", "Bob Ada Nam Zoe"),
        ("customer_tags CONTAINS 'vip'", "Ada"),
        ("customer_regions CONTAINS 'SE-M'", "Zoe"),
        ("customer_cities CONTAINS ANY ('SE-M-Lund', 'SE-Lund')", "Zoe"),
        ("customer_cities IS NULL", "Bob Ada Nam"),
        // From the middle of Malmö.
        ("customer_within_distance MATCHES (coordinates = (55.605, 13.0038), distance_km = 20)", "Zoe"),
        ("customer_within_distance MATCHES (coordinates = (55.605, 13.0038), distance_mi = 9)", ""),
        ("amount_spent > 100", "Bob"),
        ("amount_spent BETWEEN 100 AND 120.50", "Bob Ada"),
        ("average_order_value = 50", "Ada"),
        ("average_days_between_orders > 50", "Ada"),
        ("number_of_orders = 0 AND customer_countries CONTAINS 'SE'", "Zoe"),
        ("last_order_date = yesterday", "Ada"),
        ("last_order_date < -30d", "Bob"),
        ("NOT last_order_date BETWEEN -30d AND today", "Bob Nam Zoe"),
        ("customer_email_domain = 'shop.example.org'", "Bob"),
        ("email NOT CONTAINS 'example.com'", "Bob Nam Zoe"),
        ("customer_language STARTS WITH 'DE'", "Bob"),
        ("anniversary(birthday) = today", "Ada"),
        ("orders_placed MATCHES (amount < 50)", "Ada"),
        ("orders_placed MATCHES (count = 0)", "Nam Zoe"),
        ("orders_placed MATCHES (date >= -90d, sum_amount >= 100)", "Ada"),
        ("orders_placed NOT MATCHES (date >= -90d)", "Bob Nam Zoe"),
    ] {
        assert_eq!(names(&world, &owner, rule.into()).await, expected, "{rule}");
    }
    let by_id = format!("customer_id IN ('{}', '{}')", ids[0], ids[3]);
    assert_eq!(names(&world, &owner, by_id.into()).await, "Ada Nam");
    let json = json!({"any": [
        {"field": "amount_spent", "op": "gt", "value": {"money": "100.00"}},
        {"not": {"field": "customer_tags", "op": "is_null"}},
    ]});
    assert_eq!(names(&world, &owner, json).await, "Bob Ada Zoe");
    // As a system has it that merchants come from.
    let theirs = json!([{"field": "total_spend", "operator": ">", "value": 100}]);
    assert_eq!(names(&world, &owner, theirs).await, "Bob");
    let bob = world.post("/api/v1/segments/preview").bearer(&shop(&world, "other").await.access);
    let answer = bob.json(&json!({"rule": "EVERYONE"})).send().await;
    assert_eq!((answer.at("/total"), answer.at("/out_of")), (json!(0), json!(0)), "another shop is empty");
}

#[tokio::test]
async fn a_preview_says_what_each_part_does() {
    let world = World::new(2).await;
    let (owner, ids) = crowd(&world).await;
    let rule = "customer_tags NOT CONTAINS 'vip' AND orders_placed MATCHES (sum_amount >= 100)";
    let answer = preview(&world, &owner, &rule.into()).await;
    assert_eq!((answer.at("/total"), answer.at("/out_of")), (json!(1), json!(4)), "{}", answer.text);
    assert_eq!(answer.text_at("/total_spent"), "120.50");
    assert_eq!(answer.text_at("/text"), rule);
    assert_eq!(answer.text_at("/timezone"), "America/New_York");
    assert_eq!(answer.text_at("/as_of"), "2026-09-21T14:13:20Z");
    let leaves = json!([
        {"pointer": "/all/0", "text": "customer_tags NOT CONTAINS 'vip'", "kept": 3, "kept_because_empty": 2},
        {"pointer": "/all/1", "text": "orders_placed MATCHES (sum_amount >= 100)", "kept": 2},
    ]);
    assert_eq!(answer.at("/leaves"), leaves);
    // What is stored is in the next preview.
    ordered(&world, &owner, &json!({"customer_id": ids[2], "total": "150", "status": "paid"})).await;
    assert_eq!(names(&world, &owner, rule.into()).await, "Zoe Bob");
    for alias in ["/api/segments/preview", "/api/v1/tenants/me/segments/preview"] {
        let answer = owner.post(&world, alias, &json!({"filters": rule})).await;
        assert_eq!((answer.status.as_u16(), answer.at("/total")), (200, json!(2)), "{alias}");
    }
}

#[tokio::test]
async fn a_day_is_over_at_the_shops_midnight() {
    let world = World::new(3).await;
    let (owner, _) = crowd(&world).await;
    let midnight = "2026-09-22T04:00:00Z".parse::<jiff::Timestamp>().expect("an instant").as_millisecond();
    for (millis, expected) in [(midnight - 1, "Ada"), (midnight, "")] {
        world.clock.advance_to(millis);
        let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
        assert_eq!(names(&world, &owner, "last_order_date = yesterday".into()).await, expected);
    }
}

#[tokio::test]
async fn all_that_is_wrong_with_a_rule_is_told_with_its_place() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    let validate = async |rule: Value| {
        let answer = owner.post(&world, "/api/v1/segments/validate", &json!({"rule": rule})).await;
        assert_eq!(answer.status, 200, "{rule}: {}", answer.text);
        answer
    };
    let right = validate("number_of_orders>5 and customer_tags contains 'vip'".into()).await;
    assert_eq!((right.at("/valid"), right.at("/errors")), (json!(true), json!([])));
    assert_eq!(right.text_at("/text"), "number_of_orders > 5 AND customer_tags CONTAINS 'vip'");
    assert_eq!(right.at("/rule/all/0"), json!({"field": "number_of_orders", "op": "gt", "value": 5}));
    assert!(right.text_at("/in_words").starts_with("customers "), "{}", right.text);

    let text = "number_of_order > 5 AND amount_spent > 'x'";
    let wrong = validate(text.into()).await;
    assert_eq!((wrong.at("/valid"), wrong.at("/rule")), (json!(false), Value::Null));
    let place = |at: &str| {
        (wrong.at(&format!("{at}/code")), wrong.at(&format!("{at}/from")), wrong.at(&format!("{at}/to")))
    };
    assert_eq!(place("/errors/0"), (json!("unknown_name"), json!(0), json!(15)));
    assert_eq!(wrong.text_at("/errors/0/did_you_mean"), "number_of_orders");
    assert_eq!(place("/errors/1"), (json!("wrong_type"), json!(39), json!(42)));
    let refused = preview(&world, &owner, &text.into()).await;
    assert_eq!(told(&refused), (400, "unknown_name".to_owned(), "/rule".to_owned()));
    assert!(refused.text_at("/errors/1/detail").ends_with("(bytes 39 to 42)"), "{}", refused.text);

    let json = json!({"all": [{"field": "number_of_orders", "op": "gt", "value": "many"}]});
    assert_eq!(validate(json.clone()).await.text_at("/errors/0/pointer"), "/all/0/value");
    let refused = preview(&world, &owner, &json).await;
    assert_eq!(told(&refused), (400, "wrong_type".to_owned(), "/rule/all/0/value".to_owned()));

    // A rule it is, and nothing is kept that answers it.
    let unsupported = "NOT companies = 7 OR segment MATCHES (id = 'x')";
    let answer = validate(unsupported.into()).await;
    assert_eq!((answer.at("/valid"), answer.at("/rule/any/1/event")), (json!(false), json!("segment")));
    let errors = answer.at("/errors").as_array().cloned().unwrap_or_default();
    let errors: Vec<_> =
        errors.iter().map(|error| (error["code"].clone(), error["pointer"].clone())).collect();
    let expected = [("unsupported", "/any/0/not"), ("unsupported", "/any/1")];
    assert_eq!(errors, expected.map(|(code, at)| (json!(code), json!(at))));
    let refused = preview(&world, &owner, &unsupported.into()).await;
    assert_eq!(told(&refused), (400, "unsupported".to_owned(), "/rule".to_owned()));
    assert!(refused.text_at("/errors/0/detail").starts_with("companies cannot be asked: "));

    // Nothing is ever everybody.
    for nothing in [json!(""), json!({}), json!([]), json!({"all": []}), Value::Null, json!(5)] {
        assert_eq!(validate(nothing.clone()).await.at("/valid"), false, "{nothing}");
        assert_eq!(preview(&world, &owner, &nothing).await.status, 400, "{nothing}");
    }
    let missing = owner.post(&world, "/api/v1/segments/preview", &json!({})).await;
    assert_eq!(told(&missing), (400, "missing_member".to_owned(), "/rule".to_owned()));
}

#[tokio::test]
async fn a_segment_goes_over_to_shopify_whole_or_says_what_does_not() {
    let world = World::new(7).await;
    let owner = shop(&world, "owner").await;
    let shown = async |body: Value| {
        let made = owner.post(&world, "/api/v1/segments", &body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        owner.get(&world, &format!("/api/v1/segments/{}/shopify", made.text_at("/id"))).await
    };
    let whole =
        shown(json!({"name": "VIPs", "rule": "NOT (amount_spent < 5 OR customer_tags NOT CONTAINS 'vip')"}))
            .await;
    assert_eq!(
        whole.at("/text"),
        "(amount_spent >= 5 OR amount_spent IS NULL) AND customer_tags CONTAINS 'vip'",
        "{}",
        whole.text
    );
    assert_eq!(whole.at("/untranslated"), json!([]));
    let ours = shown(
        json!({"name": "Ours", "rule": "amount_spent > 5 AND (email CONTAINS '@' OR birthday IS NOT NULL)"}),
    )
    .await;
    assert_eq!((ours.status.as_u16(), ours.at("/text")), (200, json!(null)), "{}", ours.text);
    let parts: Vec<_> = ours.at("/untranslated").as_array().cloned().unwrap_or_default();
    let parts: Vec<_> = parts.iter().map(|lost| lost["part"].as_str().unwrap_or_default()).collect();
    assert_eq!(parts, ["email CONTAINS '@'", "birthday IS NULL"]);
    let list = shown(json!({"name": "List", "kind": "static"})).await;
    assert_eq!(told(&list).1, "is_a_list");
}
