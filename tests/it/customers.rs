//! Customers, one by one: made, shown, replaced, changed, erased, merged (CUS-01, 02, 06, 07, ING-10, 11).

use crate::cast::{Person, sign_up};
use domain::Plan;
use futures::future::join_all;
use local::{World, world::Answer};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// An owner whose plan lets many calls through at once.
pub(crate) async fn shop(world: &World, name: &str) -> Person {
    let owner = sign_up(world, name).await;
    world.set_plan(&owner.tenant, Plan::Enterprise).await;
    owner
}

pub(crate) async fn made(world: &World, owner: &Person, body: &Value) -> String {
    let answer = owner.post(world, "/api/v1/customers", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.text_at("/id")
}

pub(crate) fn told(answer: &Answer) -> (u16, String, String) {
    let first = answer.at("/errors/0");
    let at = first["pointer"].as_str().unwrap_or_default().to_owned();
    let code = first["code"].as_str().map_or_else(|| answer.text_at("/code"), str::to_owned);
    (answer.status.as_u16(), code, at)
}

#[tokio::test]
async fn a_customer_is_made_and_can_be_read_at_once_under_every_path() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let paths = ["/api/v1/customers", "/api/customers", "/customers", "/api/data/customers"];
    for (n, path) in paths.into_iter().enumerate() {
        let email = format!("Ada{n}@Example.com");
        let made = owner.post(&world, path, &json!({"name": "Ada King Lovelace", "email": email})).await;
        assert_eq!(made.status, 201, "{path}: {}", made.text);
        let id = made.text_at("/id");
        assert_eq!(made.header("location"), format!("/api/v1/customers/{id}"));
        for path in ["/api/v1/customers/", "/api/customers/", "/api/data/customers/"] {
            let read = owner.get(&world, &format!("{path}{id}")).await;
            assert_eq!(read.text_at("/first_name"), "Ada King");
            assert_eq!(read.text_at("/last_name"), "Lovelace");
            assert_eq!(read.text_at("/email"), email.to_lowercase());
        }
        let found = owner.get(&world, &format!("/api/v1/customers?search=ada{n}@")).await;
        assert_eq!((found.at("/total"), found.text_at("/items/0/id")), (json!(1), id));
    }
}

#[tokio::test]
async fn everything_that_is_told_is_kept_and_shown() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let body = json!({
        "first_name": " Ada ", "last_name": "Lovelace", "email": "ADA@example.com", "phone": "(415) 555-2671",
        "addresses": [{"line1": "1 Main St", "city": "San Francisco", "region": "CA", "postcode": "94103", "country": "us",
            "latitude": 37.7749, "longitude": -122.4194}],
        "tags": ["VIP", "vip", "early"], "language": "en_us", "birthday": "1990-12-10", "note": "two\nlines",
        "attributes": {"shoe": 7.5, "club": "gold", "member": true, "since": {"day": "2020-02-29"}, "likes": ["b", "a"], "big": {"number": "999999999999.5"}},
        "email_consent": {"state": "subscribed", "level": "confirmed_opt_in", "method": "checkout"},
        "sms_consent": {"state": "unsubscribed", "source": "person", "at": "2026-01-01"},
        "orders_count": 3, "total_spent": 120.50,
    });
    let id = made(&world, &owner, &body).await;
    let shown = owner.get(&world, &format!("/api/v1/customers/{id}")).await.json();
    for (pointer, expected) in [
        ("/name", json!("Ada Lovelace")),
        ("/kind", json!("person")),
        ("/phone", json!("+14155552671")),
        ("/addresses/0/country", json!("US")),
        ("/addresses/0/latitude", json!(37.7749)),
        ("/addresses/0/longitude", json!(-122.4194)),
        ("/account_status", json!(null)),
        ("/tags", json!(["VIP", "early"])),
        ("/language", json!("en-US")),
        ("/birthday", json!("1990-12-10")),
        ("/note", json!("two\nlines")),
        (
            "/attributes",
            json!({"big": {"number": "999999999999.5"}, "club": "gold", "likes": ["a", "b"], "member": true, "shoe": 7.5, "since": {"day": "2020-02-29"}}),
        ),
        ("/email_consent/state", json!("subscribed")),
        ("/email_consent/source", json!("merchant")),
        ("/sms_consent/at", json!("2026-01-01T00:00:00Z")),
        ("/orders_count", json!(3)),
        ("/total_spent", json!("120.50")),
        ("/average_order_value", json!("40.17")),
        ("/currency", json!("USD")),
        (
            "/flags",
            json!({"has_abandoned_cart": false, "has_ordered": true, "is_returning": true, "may_be_mailed": true, "may_be_texted": false}),
        ),
        ("/metrics/days_since_last_order", json!(null)),
        ("/recent_orders", json!([])),
    ] {
        assert_eq!(shown.pointer(pointer), Some(&expected), "{pointer}");
    }
    // What is shown can be told again, and nothing changes.
    let mut again = shown.clone();
    let parts = again.as_object_mut().expect("an object");
    for ours in [
        "id",
        "kind",
        "name",
        "average_order_value",
        "metafields",
        "shopify_rfm_group",
        "declined_topics",
        "shopify_spend_tier",
        "account_status",
        "currency",
        "first_order_at",
        "last_order_at",
        "created_at",
        "updated_at",
        "metrics",
        "flags",
        "recent_orders",
    ] {
        parts.remove(ours);
    }
    world.clock.advance_seconds(60);
    let put = owner.call(&world, "PUT", &format!("/api/v1/customers/{id}"), &again).await;
    assert_eq!(put.status, 200, "{}", put.text);
    assert_eq!(owner.get(&world, &format!("/api/v1/customers/{id}")).await.json(), shown);
}

#[tokio::test]
async fn an_address_has_one_customer_in_each_shop() {
    let world = World::new(3).await;
    let (ada, bob) = (shop(&world, "ada").await, shop(&world, "bob").await);
    let body = json!({"email": "jo@example.com", "phone": "+14155552671", "first_name": "Jo"});
    let id = made(&world, &ada, &body).await;
    for (again, code) in [
        (json!({"email": "JO@example.com"}), "email_taken"),
        (json!({"email": "other@example.com", "phone": "+1 415 555 2671"}), "phone_taken"),
    ] {
        let refused = ada.post(&world, "/customers", &again).await;
        assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (409, code));
        assert!(refused.text_at("/detail").contains(&id), "{}", refused.text);
    }
    assert_eq!(bob.post(&world, "/api/v1/customers", &body).await.status, 201, "another shop does not mind");

    let at_once = json!({"email": "twin@example.com"});
    let twins = join_all((0..8).map(|_| ada.post(&world, "/api/v1/customers", &at_once))).await;
    let statuses: Vec<_> = twins.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 7, "{statuses:?}");
    assert_eq!(ada.get(&world, "/api/v1/customers?search=twin").await.at("/total"), json!(1));

    // An address that is given up is free for the next.
    let path = format!("/api/v1/customers/{id}");
    let other = made(&world, &ada, &json!({"first_name": "Flo"})).await;
    let taking = json!({"email": "jo@example.com"});
    let refused = ada.call(&world, "PATCH", &format!("/api/v1/customers/{other}"), &taking).await;
    assert_eq!(told(&refused).1, "email_taken");
    assert_eq!(ada.call(&world, "PATCH", &path, &json!({"email": null})).await.status, 200);
    let taken = ada.call(&world, "PATCH", &format!("/api/v1/customers/{other}"), &taking).await;
    assert_eq!((taken.status.as_u16(), taken.text_at("/email").as_str()), (200, "jo@example.com"));
}

#[tokio::test]
async fn totals_can_be_nothing_and_what_is_told_again_keeps_them() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    let body = json!({"name": "Ada", "email": "ada@example.com", "totalSpending": 99.95, "visitCount": 4});
    let id = made(&world, &owner, &body).await;
    let path = format!("/api/v1/customers/{id}");
    let totals = async || {
        let shown = owner.get(&world, &path).await;
        (shown.at("/orders_count"), shown.text_at("/total_spent"))
    };
    assert_eq!(totals().await, (json!(4), "99.95".to_owned()));
    let again = owner.post(&world, "/customers", &json!({"name": "Ada", "email": "ada@example.com"})).await;
    assert_eq!(again.status, 409);
    assert_eq!(totals().await, (json!(4), "99.95".to_owned()), "a second word takes nothing away");
    let kept = owner.call(&world, "PUT", &path, &json!({"name": "Ada", "email": "ada@example.com"})).await;
    assert_eq!((kept.status.as_u16(), kept.text_at("/total_spent").as_str()), (200, "99.95"));
    let none = json!({"name": "Ada", "email": "ada@example.com", "total_spent": 0, "orders_count": 0});
    let put = owner.call(&world, "PUT", &path, &none).await;
    assert_eq!((put.at("/orders_count"), put.text_at("/total_spent")), (json!(0), "0.00".to_owned()));
    assert_eq!(put.at("/average_order_value"), Value::Null);
    assert_eq!(totals().await, (json!(0), "0.00".to_owned()));
    let listed = owner.get(&world, "/api/v1/customers?has_orders=false&max_spent=0").await;
    assert_eq!(listed.at("/total"), json!(1), "the list knows it too");
}

#[tokio::test]
async fn what_is_left_out_is_cleared_by_put_and_kept_by_patch() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    let body = json!({
        "first_name": "Ada", "email": "ada@example.com", "tags": ["a"], "note": "n", "attributes": {"x": 1, "y": 2},
        "email_consent": {"state": "unsubscribed"},
    });
    let id = made(&world, &owner, &body).await;
    let path = format!("/api/v1/customers/{id}");
    let some = json!({"tags": ["A", "b"], "note": null, "attributes": {"x": null, "z": "3"}});
    let patched = owner.call(&world, "PATCH", &path, &some).await.json();
    assert_eq!(patched["tags"], json!(["a", "b"]), "a tag keeps the spelling that was told first");
    assert_eq!((&patched["note"], &patched["first_name"]), (&Value::Null, &json!("Ada")));
    assert_eq!(patched["attributes"], json!({"y": 2, "z": "3"}));
    let put =
        owner.call(&world, "PUT", &path, &json!({"last_name": "L", "attributes": {"q": 1}})).await.json();
    assert_eq!((&put["first_name"], &put["email"], &put["tags"]), (&Value::Null, &Value::Null, &json!([])));
    assert_eq!(put["attributes"], json!({"q": 1}));
    assert_eq!(put["email_consent"]["state"], "unsubscribed", "silence is no consent");
    let granted = json!({"email_consent": {"state": "subscribed", "at": "2020-01-01"}});
    let late = owner.call(&world, "PATCH", &path, &granted).await;
    assert_eq!(late.text_at("/email_consent/state"), "unsubscribed", "an older word changes nothing");
    world.clock.advance_seconds(1);
    let granted = json!({"email_consent": {"state": "SUBSCRIBED"}});
    let granted = owner.call(&world, "PATCH", &path, &granted).await;
    assert_eq!(granted.text_at("/email_consent/state"), "subscribed");
}

#[tokio::test]
async fn sixty_four_changes_at_once_all_succeed() {
    let world = World::new(7).await;
    let owner = shop(&world, "owner").await;
    let id = made(&world, &owner, &json!({"first_name": "Ada"})).await;
    let path = &format!("/api/v1/customers/{id}");
    let bodies: Vec<Value> = (0..64).map(|n| json!({"attributes": {(format!("a{n}")): n}})).collect();
    let changes = join_all(bodies.iter().map(|body| owner.call(&world, "PATCH", path, body))).await;
    let statuses: BTreeSet<u16> = changes.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, BTreeSet::from([200]));
    let shown = owner.get(&world, path).await;
    assert_eq!(shown.at("/attributes").as_object().map(serde_json::Map::len), Some(64), "none is lost");
}

#[tokio::test]
async fn whoever_is_erased_is_gone_and_their_address_is_free() {
    let world = World::new(8).await;
    let owner = shop(&world, "owner").await;
    let body = json!({"name": "Ada", "email": "ada@example.com", "email_consent": {"state": "subscribed"}});
    let id = made(&world, &owner, &body).await;
    let path = format!("/api/v1/customers/{id}");
    for expected in [204, 404, 404] {
        assert_eq!(owner.call(&world, "DELETE", &path, &json!({})).await.status, expected);
    }
    for path in [path.clone(), format!("{path}/timeline")] {
        assert_eq!(owner.get(&world, &path).await.status, 404);
    }
    for method in ["PUT", "PATCH"] {
        assert_eq!(owner.call(&world, method, &path, &json!({"name": "Ada"})).await.status, 404);
    }
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(0));
    assert_eq!(owner.post(&world, "/api/v1/customers", &body).await.status, 201);
}

#[tokio::test]
async fn two_who_are_one_are_merged_once() {
    let world = World::new(9).await;
    let owner = shop(&world, "owner").await;
    let from = made(&world, &owner, &json!({"name": "A L", "email": "a@example.com", "tags": ["x"], "total_spent": "10.50", "orders_count": 1})).await;
    let into = made(
        &world,
        &owner,
        &json!({"name": "Ada L", "phone": "+14155552671", "total_spent": "1", "orders_count": 2}),
    )
    .await;
    let path = format!("/api/v1/customers/{from}/merge");
    for bad in [json!({}), json!({"into": 1})] {
        assert_eq!(owner.post(&world, &path, &bad).await.status, 400);
    }
    assert_eq!(owner.post(&world, &path, &json!({"into": "nobody"})).await.status, 404);
    assert_eq!(owner.post(&world, &path, &json!({"into": from})).await.status, 409);
    for _ in 0..2 {
        let merged = owner.post(&world, &path, &json!({"into": into})).await;
        assert_eq!(merged.status, 200, "{}", merged.text);
        assert_eq!(
            (merged.text_at("/id"), merged.text_at("/email")),
            (into.clone(), "a@example.com".to_owned())
        );
        assert_eq!(
            (merged.at("/orders_count"), merged.text_at("/total_spent")),
            (json!(3), "11.50".to_owned())
        );
    }
    let gone = owner.get(&world, &format!("/api/v1/customers/{from}")).await;
    assert_eq!((gone.status.as_u16(), gone.text_at("/code").as_str()), (404, "merged"));
    assert!(gone.text_at("/detail").contains(&into));
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(1));
}

#[tokio::test]
async fn the_same_request_twice_makes_one_customer() {
    let world = World::new(10).await;
    let owner = shop(&world, "owner").await;
    let make = || {
        let call = world.post("/api/v1/customers").bearer(&owner.access).header("idempotency-key", "k1");
        call.json(&json!({"name": "Ada"}))
    };
    let (first, second) = (make().send().await, make().send().await);
    assert_eq!((first.status.as_u16(), &first.text), (201, &second.text));
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!(second.header("idempotent-replayed"), "true");
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(1));
}

#[tokio::test]
async fn the_timeline_tells_what_happened_newest_first() {
    let world = World::new(11).await;
    let owner = shop(&world, "owner").await;
    let id =
        made(&world, &owner, &json!({"first_name": "Ada", "email_consent": {"state": "subscribed"}})).await;
    let path = format!("/api/v1/customers/{id}");
    let changes = [
        json!({"last_name": "L"}),
        json!({"email_consent": {"state": "unsubscribed"}}),
        json!({"tags": ["a"], "note": "b"}),
        json!({"tags": ["a"]}),
        json!({"total_spent": "5"}),
        json!({"sms_consent": {"state": "subscribed"}, "birthday": "1990-01-01"}),
    ];
    for change in &changes {
        world.clock.advance_seconds(90);
        assert_eq!(owner.call(&world, "PATCH", &path, change).await.status, 200);
    }
    let other = made(&world, &owner, &json!({"first_name": "Ada"})).await;
    world.clock.advance_seconds(90);
    owner.post(&world, &format!("/api/v1/customers/{other}/merge"), &json!({"into": id})).await;
    let whole = owner.get(&world, &format!("{path}/timeline?limit=100")).await;
    assert_eq!(whole.at("/next"), Value::Null);
    let items = whole.at("/items").as_array().cloned().unwrap_or_default();
    let words = |item: &Value| {
        let of = |name: &str| match &item[name] {
            Value::Null => String::new(),
            Value::String(text) => format!(" {text}"),
            other => format!(" {other}"),
        };
        format!("{}{}{}{}", item["type"].as_str().unwrap_or_default(), of("channel"), of("fields"), of("by"))
    };
    let told: Vec<_> = items.iter().map(words).collect();
    assert_eq!(
        told,
        [
            "merged",
            "profile_changed [\"birthday\"] person",
            "consent sms",
            "profile_changed [\"totals\"] person",
            "profile_changed [\"tags\",\"note\"] person",
            "consent email",
            "profile_changed [\"last_name\"] person",
            "created",
            "consent email",
        ]
    );
    let times: Vec<_> = items.iter().map(|item| item["at"].as_str().unwrap_or_default().to_owned()).collect();
    assert!(times.windows(2).all(|two| two[0] >= two[1]), "{times:?}");
    for limit in 1..=9 {
        let (mut seen, mut query) = (Vec::new(), format!("?limit={limit}"));
        loop {
            let page = owner.get(&world, &format!("{path}/timeline{query}")).await;
            assert_eq!(page.status, 200, "{}", page.text);
            let part = page.at("/items").as_array().cloned().unwrap_or_default();
            assert!(part.len() <= limit && !part.is_empty());
            seen.extend(part);
            match page.at("/next").as_str() {
                Some(next) => query = format!("?limit={limit}&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, items, "in pages of {limit}");
    }
    for bad in ["?limit=0", "?limit=101", "?cursor=x", "?page=1"] {
        assert_eq!(owner.get(&world, &format!("{path}/timeline{bad}")).await.status, 400, "{bad}");
    }
}
