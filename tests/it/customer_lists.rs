//! Lists of customers and figures of them (CUS-03, 04, 11, OPS-06), and what they cost.

use crate::{
    cast::Person,
    customers::{made, shop},
};
use local::World;
use serde_json::{Value, json};
use store::local::Units;

/// Six people, a minute apart.
async fn crowd(world: &World, owner: &Person) {
    for body in [
        json!({"name": "José García", "email": "jose@example.com", "tags": ["VIP"], "total_spent": "250", "orders_count": 3, "email_consent": {"state": "subscribed"}}),
        json!({"name": "Zoë Ångström", "email": "zoe@example.com", "addresses": [{"country": "SE"}], "total_spent": "90.50", "orders_count": 1, "language": "sv"}),
        json!({"name": "ada lovelace", "phone": "+14155552671", "tags": ["vip", "new"], "sms_consent": {"state": "subscribed"}}),
        json!({"name": "Bob", "email": "bob@example.com", "total_spent": "250", "orders_count": 2, "email_consent": {"state": "unsubscribed"}}),
        json!({"first_name": "Björn", "email": "b@example.org", "addresses": [{"country": "SE"}, {"country": "NO"}], "total_spent": "0.01", "orders_count": 1}),
        json!({"last_name": "Nameless", "email": "nn@example.com"}),
    ] {
        made(world, owner, &body).await;
        world.clock.advance_seconds(60);
    }
}

async fn names(world: &World, owner: &Person, query: &str) -> String {
    let list = owner.get(world, &format!("/api/v1/customers?{query}")).await;
    assert_eq!(list.status, 200, "{query}: {}", list.text);
    let items = list.at("/items").as_array().cloned().unwrap_or_default();
    let first = |item: &Value| {
        let name = item["name"].as_str().unwrap_or("-").split(' ').next().unwrap_or_default();
        name.to_owned()
    };
    items.iter().map(first).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn lists_are_searched_filtered_and_sorted() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    crowd(&world, &owner).await;
    for (query, expected) in [
        ("", "Nameless Björn Bob ada Zoë José"),
        ("order=asc", "José Zoë ada Bob Björn Nameless"),
        ("search=jose", "José"),
        ("search=JOSE", "José"),
        ("search=Jos%C3%A9", "José"),
        ("search=garcia%20jose", "José"),
        ("q=angstrom", "Zoë"),
        ("search=415%20555", "ada"),
        ("search=%2B1%20(415)%20555-2671", "ada"),
        ("search=example.org", "Björn"),
        ("search=nobody", ""),
        ("search=%20", "Nameless Björn Bob ada Zoë José"),
        ("tag=vip", "ada José"),
        ("tag=VIP&has_phone=false", "José"),
        ("country=se", "Björn Zoë"),
        ("country=NO", "Björn"),
        ("language=sv", "Zoë"),
        ("email_consent=subscribed", "José"),
        ("email_consent=unsubscribed", "Bob"),
        ("sms_consent=subscribed", "ada"),
        ("has_email=false", "ada"),
        ("has_orders=true&sort=orders_count", "José Bob Björn Zoë"),
        ("has_orders=false", "Nameless ada"),
        ("min_spent=90.50&sort=total_spent&order=asc", "Zoë José Bob"),
        ("max_spent=90.49&sortBy=totalSpent", "Björn Nameless ada"),
        ("min_orders=2&max_orders=2", "Bob"),
        ("added_since=2026-09-21T14:16:20Z", "Nameless Björn Bob"),
        ("added_before=2026-09-21T14:15:20Z", "Zoë José"),
        ("added_since=2026-09-22", ""),
        ("last_order_since=2020-01-01", ""),
        ("kind=guest", ""),
        ("sort=email&order=asc", "Björn Bob José Nameless Zoë ada"),
        ("sort=first_name&sortOrder=asc", "ada Björn Bob José Zoë Nameless"),
        ("sort=first_name&order=desc", "Zoë José Bob Björn ada Nameless"),
        ("sort=last_order_at", "Nameless Björn Bob ada Zoë José"),
        ("limit=2&page=2", "Bob ada"),
        ("limit=4&page=9", ""),
    ] {
        assert_eq!(names(&world, &owner, query).await, expected, "{query}");
    }
    let tags = owner.get(&world, "/api/v1/customers?country=NO&include=tags").await;
    assert_eq!(tags.at("/items/0/countries"), json!(["NO", "SE"]));
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/items/0/tags"), Value::Null);
}

#[tokio::test]
async fn bad_questions_are_told_what_is_allowed() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    for (query, at) in [
        ("sort=shoe_size", "?sort"),
        ("sortBy=rfmSegment", "?sort"),
        ("order=up", "?order"),
        ("limit=0", "?limit"),
        ("limit=10000", "?limit"),
        ("limit=-1", "?"),
        ("cursor=x", "?cursor"),
        ("page=0", "?page"),
        ("page=100000", "?page"),
        ("country=XX", "?country"),
        ("kind=robot", "?kind"),
        ("search=a+b+c+d+e+f+g+h+i+j+k", "?search"),
        ("email_consent=maybe", "?email_consent"),
        ("min_spent=1.234", "?min_spent"),
        ("min_orders=x", "?"),
        ("added_since=yesterday", "?added_since"),
        ("has_orders=perhaps", "?"),
        ("include=everything", "?include"),
        ("tenant_id=x", "?"),
        ("sort=email&sort=email", "?"),
    ] {
        for path in ["/api/v1/customers", "/api/customers", "/api/dashapi"] {
            let refused = owner.get(&world, &format!("{path}?{query}")).await;
            assert_eq!(
                (refused.status.as_u16(), refused.text_at("/errors/0/pointer").as_str()),
                (400, at),
                "{query}: {}",
                refused.text
            );
        }
    }
    let long = "x".repeat(201);
    assert_eq!(owner.get(&world, &format!("/api/v1/customers?search={long}")).await.status, 400);
    let sorts = owner.get(&world, "/api/v1/customers?sort=x").await.text_at("/errors/0/detail");
    assert!(sorts.contains("total_spent") && sorts.contains("created_at"), "{sorts}");
}

#[tokio::test]
async fn pages_follow_one_another_whatever_happens_in_between() {
    let world = World::new(3).await;
    let (owner, other) = (shop(&world, "owner").await, shop(&world, "other").await);
    crowd(&world, &owner).await;
    for sort in ["created_at", "total_spent", "first_name", "email", "last_order_at"] {
        for order in ["asc", "desc"] {
            let whole = names(&world, &owner, &format!("sort={sort}&order={order}")).await;
            for limit in [1, 2, 4] {
                let (mut seen, mut cursor) = (Vec::new(), String::new());
                loop {
                    let query = format!("sort={sort}&order={order}&limit={limit}{cursor}");
                    let page = owner.get(&world, &format!("/api/v1/customers?{query}")).await;
                    assert_eq!(page.at("/total"), json!(6));
                    seen.push(names(&world, &owner, &query).await);
                    let Some(next) = page.at("/next").as_str().map(str::to_owned) else { break };
                    cursor = format!("&cursor={next}");
                }
                assert_eq!(seen.join(" "), whole, "{sort} {order} by {limit}");
            }
        }
    }
    let next = owner.get(&world, "/api/v1/customers?limit=1&sort=email").await.text_at("/next");
    for (who, query) in
        [(&owner, "sort=created_at"), (&owner, "sort=email&order=asc"), (&other, "sort=email")]
    {
        let refused = who.get(&world, &format!("/api/v1/customers?{query}&cursor={next}")).await;
        assert_eq!(refused.text_at("/errors/0/pointer"), "?cursor", "{query}");
    }
    // Whoever comes meanwhile stands before the place, and moves nobody.
    let first = owner.get(&world, "/api/v1/customers?limit=3").await.text_at("/next");
    made(&world, &owner, &json!({"name": "Late"})).await;
    assert_eq!(names(&world, &owner, &format!("limit=3&cursor={first}")).await, "ada Zoë José");
}

#[tokio::test]
async fn figures_are_what_the_list_says() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    let empty = owner.get(&world, "/api/v1/customers/stats/overview").await;
    assert_eq!((empty.at("/total"), empty.at("/average_spent")), (json!(0), Value::Null));
    crowd(&world, &owner).await;
    let gone = made(&world, &owner, &json!({"name": "Gone", "total_spent": 1_000, "orders_count": 9})).await;
    owner.call(&world, "DELETE", &format!("/api/v1/customers/{gone}"), &json!({})).await;
    let stats = owner.get(&world, "/api/v1/customers/stats/overview").await.json();
    for (name, expected) in [
        ("total", json!(6)),
        ("guests", json!(0)),
        ("new_in_30_days", json!(6)),
        ("with_orders", json!(4)),
        ("returning", json!(2)),
        ("reachable_by_email", json!(5)),
        ("reachable_by_sms", json!(1)),
        ("email_subscribed", json!(1)),
        ("sms_subscribed", json!(1)),
        ("orders_count", json!(7)),
        ("total_spent", json!("590.51")),
        ("average_spent", json!("147.63")),
        ("average_orders", json!(1.75)),
        ("average_order_value", json!("84.36")),
        ("currency", json!("USD")),
        ("timezone", json!("UTC")),
    ] {
        assert_eq!(stats[name], expected, "{name}");
    }
    world.clock.advance_seconds(30 * 86_400);
    let owner = Person::of(&crate::cast::login(&world, &owner.email, crate::cast::PASSWORD).await);
    let later = owner.get(&world, "/api/v1/customers/stats/overview").await;
    assert_eq!((later.at("/total"), later.at("/new_in_30_days")), (json!(6), json!(0)));
}

#[tokio::test]
async fn the_second_look_is_cheap_and_a_change_is_seen_at_once() {
    let world = World::new(5).await;
    let (owner, other) = (shop(&world, "owner").await, shop(&world, "other").await);
    let rows: Vec<Value> = (0..3_000)
        .map(|n| json!({"name": format!("Jo{n} Number"), "email": format!("jo{n}@example.com"), "note": "x".repeat(40)}))
        .collect();
    let bulk = owner.post(&world, "/api/v1/customers/bulk", &json!({"customers": rows})).await;
    let id = bulk.text_at("/results/0/id");
    world.settle().await;
    let owner = Person::of(&crate::cast::login(&world, &owner.email, crate::cast::PASSWORD).await);

    let reads = async |query: &str| {
        let before = world.table.ledger();
        let list = owner.get(&world, &format!("/api/v1/customers?{query}")).await;
        assert_eq!(list.status, 200, "{}", list.text);
        (world.table.ledger().since(&before).reads, list)
    };
    let (cold, _) = reads("limit=50&sort=first_name&tag=none").await;
    let (warm, _) = reads("limit=50&sort=first_name&tag=none").await;
    assert!(warm < cold, "the second look reads no blocks: {warm} after {cold}");
    let (page, list) = reads("limit=50&search=number&sort=email").await;
    assert_eq!(list.at("/total"), json!(3_000));
    assert!(page <= Units::whole(30), "fifty of a warm audience cost {page}");

    let before = world.table.ledger();
    let path = format!("/api/v1/customers/{id}");
    let changed =
        owner.call(&world, "PATCH", &path, &json!({"last_name": "Changed", "tags": ["none"]})).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let cost = world.table.ledger().since(&before);
    assert!(cost.writes <= Units::whole(5), "a change costs {} to write", cost.writes);
    let (_, list) = reads("search=changed&tag=none").await;
    assert_eq!((list.at("/total"), list.text_at("/items/0/id")), (json!(1), id));
    assert_eq!(
        other.get(&world, "/api/v1/customers?search=jo").await.at("/total"),
        json!(0),
        "and only here"
    );
}
