//! Who would get a campaign, when, and for how much, before anybody does (CMP-02, 03, 16).

use super::{PATH, act, made, shown};
use crate::{
    cast::{PASSWORD, Person, join, login},
    customers::{made as customer, shop, told},
};
use local::{World, world::Answer};
use serde_json::{Value, json};

const AGREED: &str = "subscribed";

/// Somebody with a telephone, at which they agreed to be written to.
async fn texted(world: &World, owner: &Person, name: &str, phone: &str, consent: &str) -> String {
    let body = json!({"first_name": name, "phone": phone, "sms_consent": {"state": consent}});
    customer(world, owner, &body).await
}

/// A German, two from the States of whom one said no, and somebody from France; it is afternoon there, and night in Honolulu.
async fn people(world: &World, owner: &Person) {
    for (name, phone, consent) in [
        ("Ada", "+4915112345671", AGREED),
        ("Bo", "+14155552671", AGREED),
        ("Cy", "+14155552672", "unsubscribed"),
        ("Dé", "+33612345678", AGREED),
    ] {
        texted(world, owner, name, phone, consent).await;
    }
}

async fn tried(world: &World, owner: &Person, told: &Value) -> Answer {
    let answer = owner.post(world, &format!("{PATH}/preview-audience"), told).await;
    assert_eq!(answer.status, 200, "{told}: {}", answer.text);
    answer
}

/// Reasons with somebody in them.
fn left_out(answer: &Answer, at: &str) -> Vec<(String, u64)> {
    let all = answer.at(at).as_array().cloned().unwrap_or_default();
    let counted = all.iter().map(|it| {
        (it["reason"].as_str().unwrap_or_default().to_owned(), it["count"].as_u64().unwrap_or_default())
    });
    counted.filter(|(_, count)| *count > 0).collect()
}

#[tokio::test]
async fn who_would_get_it_is_told_with_five_of_them_and_nobody_gets_anything() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    for number in 0..7 {
        let body = json!({"first_name": format!("Ada{number}"), "email": format!("ada{number}@example.com"),
            "total_spent": format!("{number}"), "orders_count": 1, "email_consent": {"state": AGREED}});
        customer(&world, &owner, &body).await;
    }
    for path in ["/api/v1/campaigns/preview-audience", "/api/campaigns/preview-audience"] {
        let answer = owner.post(&world, path, &json!({"rules": "EVERYONE"})).await;
        assert_eq!(
            (answer.at("/audience_size"), answer.at("/chosen")),
            (json!(7), json!(7)),
            "{}",
            answer.text
        );
        assert_eq!(answer.at("/sample").as_array().map(Vec::len), Some(5));
        assert_eq!(answer.text_at("/sample/0/customer/first_name"), "Ada6", "who spent most comes first");
        assert_eq!((answer.at("/sample/0/message"), answer.at("/deferred")), (Value::Null, json!(0)));
    }
    let letter = json!({"rule": "EVERYONE", "subject": "Hi {{ customer.first_name }}", "html": "<p>Hi</p>"});
    let answer = tried(&world, &owner, &letter).await;
    assert_eq!(answer.text_at("/sample/1/message/subject"), "Hi Ada5");
    // A list price of 0.0001 USD each.
    assert_eq!(
        (answer.text_at("/cost/amount"), answer.at("/cost/is_exact")),
        ("0.0007".to_owned(), json!(true))
    );
    let campaign = made(
        &world,
        &owner,
        &json!({"name": "Spring", "rule": "EVERYONE", "subject": "Hi", "html": "<p>Hi</p>"}),
    )
    .await;
    for path in ["preview", "simulate"] {
        let answer = act(&world, &owner, &campaign, path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.at("/chosen")),
            (200, json!(7)),
            "{path}: {}",
            answer.text
        );
    }
    world.settle().await;
    assert_eq!(shown(&world, &owner, &campaign).await.text_at("/status"), "draft");
    assert!(world.vendor.entries().is_empty());
}

#[tokio::test]
async fn what_is_wrong_is_told_and_who_may_not_see_customers_sees_none() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let path = format!("{PATH}/preview-audience");
    let check = async |body: Value, code: &str, at: &str| {
        let answer = owner.post(&world, &path, &body).await;
        assert_eq!(told(&answer), (400, code.to_owned(), at.to_owned()), "{body}: {}", answer.text);
    };
    check(json!({}), "one_audience", "/segment_id").await;
    check(json!({"rule": "EVERYONE", "channel": "fax"}), "invalid", "/channel").await;
    check(json!({"rule": "EVERYONE", "channel": "sms", "text": "{{ nmae }}"}), "template", "/text").await;
    check(json!({"rule": "EVERYONE", "held_out_percent": 99}), "out_of_range", "/held_out_percent").await;
    let key = json!({"name": "robot", "scopes": ["campaigns:read", "campaigns:manage"]});
    let key = owner.post(&world, "/api/v1/api-keys", &key).await.text_at("/key");
    let refused = world.post(&path).bearer(&key).json(&json!({"rule": "EVERYONE"})).send().await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    let viewer = join(&world, &owner, "viewer", "viewer").await;
    assert_eq!(tried(&world, &viewer, &json!({"rule": "EVERYONE"})).await.at("/audience_size"), json!(0));
}

#[tokio::test]
async fn what_is_told_before_is_what_is_planned_and_what_is_paid_for() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    people(&world, &owner).await;
    let prices = json!({"prices": {"text_part": {"+1": "0.01", "+49": "0.08", "+33": "0.07"}}});
    let changed = owner.call(&world, "PATCH", "/api/v1/sending", &prices).await;
    assert_eq!(
        (changed.status.as_u16(), changed.at("/prices/are_told")),
        (200, json!(true)),
        "{}",
        changed.text
    );
    // Of é a text is plain, of ł it is not: nobody here has one.
    let text = format!("{} {{{{ customer.first_name }}}}", "a".repeat(158));
    let sale = json!({"name": "Sale", "channel": "sms", "text": text, "rule": "EVERYONE"});
    let id = made(&world, &owner, &sale).await;
    let before = act(&world, &owner, &id, "preview").await;
    assert_eq!((before.at("/chosen"), before.at("/deferred")), (json!(3), json!(1)), "{}", before.text);
    assert_eq!(before.text_at("/deferred_until"), "2026-09-21T19:00:00Z", "nine in Honolulu");
    assert_eq!(left_out(&before, "/left_out"), [("unsubscribed".to_owned(), 1)]);
    // "Ada" makes two parts, "Bo" and "Dé" leave it at 161 characters, which are two as well.
    assert_eq!((before.text_at("/cost/amount"), before.at("/cost/unpriced")), ("0.32".to_owned(), json!(0)));
    assert_eq!(before.at("/cost/is_exact"), json!(true));
    assert_eq!(before.text_at("/cost/amount_if_repeated"), "0.32", "nobody gets it twice");
    for (budget, chosen, at_most) in [("0.96", 3, "0.96"), ("0.95", 2, "0.9")] {
        let mut rather_twice = sale.clone();
        (rather_twice["care"], rather_twice["budget"]) = (json!("never_zero"), json!(budget));
        let id = made(&world, &owner, &rather_twice).await;
        let told = act(&world, &owner, &id, "preview").await;
        let repeated = told.text_at("/cost/amount_if_repeated");
        assert_eq!((told.at("/chosen"), repeated.as_str()), (json!(chosen), at_most), "{}", told.text);
    }
    assert_eq!(act(&world, &owner, &id, "launch").await.status, 200);
    world.settle().await;
    let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
    let planned = shown(&world, &owner, &id).await;
    assert_eq!(planned.at("/plan/left_out"), before.at("/left_out"));
    assert_eq!(
        (planned.at("/plan/chosen"), planned.text_at("/plan/cost_at_most")),
        (json!(3), "0.32".to_owned())
    );
    let entries = world.vendor.entries();
    let hours: Vec<_> =
        entries.iter().filter(|entry| entry.vendor_id.is_some()).map(|entry| entry.at).collect();
    let nine = "2026-09-21T19:00:00Z".parse().expect("an instant");
    let early = hours.iter().filter(|at| **at < nine).count();
    assert_eq!((early, hours.len()), (2, 3), "who sleeps is not woken: {entries:?}");
    assert_eq!(planned.text_at("/counts/cost"), "0.32", "{}", planned.text);
}

#[tokio::test]
async fn a_budget_binds_by_the_price_of_each_message_and_without_prices_nothing_begins() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    people(&world, &owner).await;
    let sale = |budget: &str| json!({"name": "Sale", "channel": "sms", "text": "Hi", "rule": "EVERYONE", "budget": budget});
    let prices = json!({"prices": {"text_part": {"+1": "0.01", "+49": "0.08"}}});
    assert_eq!(owner.call(&world, "PATCH", "/api/v1/sending", &prices).await.status, 200);
    for (budget, chosen, amount) in
        [("1", 2, "0.09"), ("0.09", 2, "0.09"), ("0.08", 1, "0.08"), ("0.01", 1, "0.01")]
    {
        let answer = tried(&world, &owner, &sale(budget)).await;
        assert_eq!(
            (answer.at("/chosen"), answer.text_at("/cost/amount")),
            (json!(chosen), amount.to_owned()),
            "{budget}"
        );
        let over = left_out(&answer, "/left_out").into_iter().find(|(why, _)| why == "over_budget");
        assert_eq!(
            over.map(|(_, count)| count),
            Some(3 - chosen),
            "{budget}: whose price nobody knows is left out, too"
        );
    }
    // Of a shop that counts in another currency than the list.
    let owner = shop(&world, "tokyo").await;
    let yen = owner.call(&world, "PATCH", "/api/v1/tenants/me", &json!({"currency": "JPY"})).await;
    assert_eq!(yen.status, 200, "{}", yen.text);
    let id = made(&world, &owner, &sale("300")).await;
    let refused = act(&world, &owner, &id, "launch").await;
    assert_eq!(told(&refused), (409, "no_prices".to_owned(), String::new()), "{}", refused.text);
}

#[tokio::test]
async fn prices_are_a_shops_own_and_what_is_wrong_with_them_is_told() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    let listed = owner.get(&world, "/api/v1/sending").await;
    assert_eq!(
        (listed.at("/prices/are_told"), listed.text_at("/prices/letter")),
        (json!(false), "0.0001".to_owned())
    );
    assert_eq!(listed.text_at("/prices/text_part/+1"), "0.0145");
    let change =
        async |told: Value| owner.call(&world, "PATCH", "/api/v1/sending", &json!({"prices": told})).await;
    for (wrong, at) in [
        (json!({"letter": "-1"}), "/prices/letter"),
        (json!({"letter": "0.0000001"}), "/prices/letter"),
        (json!({"text_part": {"44": "1"}}), "/prices/text_part/44"),
        (json!({"text_part": {"+44": "x"}}), "/prices/text_part/+44"),
    ] {
        let refused = change(wrong.clone()).await;
        assert_eq!(told(&refused), (400, "invalid".to_owned(), at.to_owned()), "{wrong}: {}", refused.text);
    }
    let changed = change(json!({"letter": "0.002", "text_part": {"+": "0.2", "+44": null}})).await;
    assert_eq!(changed.at("/prices/text_part"), json!({"+": "0.2", "+44": null}), "{}", changed.text);
    assert_eq!(change(Value::Null).await.at("/prices"), listed.at("/prices"));
}
