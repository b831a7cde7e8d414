//! Files that are taken away, and brought again (CUS-13, ORD-09).

use crate::{
    cast::Person,
    customers::{made, shop},
    files::brought,
    orders::ordered,
};
use local::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CUSTOMERS: &str = "/api/v1/data/export/customers";
const ORDERS: &str = "/api/v1/data/export/orders";

async fn file(world: &World, owner: &Person, path: &str) -> String {
    let answer = owner.get(world, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.text
}

/// A shop with everything that can be known of people and orders.
async fn furnished(world: &World, owner: &Person) {
    let ada = json!({
        "first_name": "=cmd|' /C calc'!A0", "last_name": "Love, \"lace\"", "email": "ada@example.com", "phone": "+14155552671",
        "addresses": [{"line1": "1 Main St", "city": "Zürich", "country": "CH", "postcode": "8001"}, {"company": "-2+3", "country": "US"}],
        "tags": ["VIP", "a, b", "[x"], "language": "pt-BR", "birthday": "1990-12-10", "note": "two\nlines; \"quoted\"",
        "attributes": {"shoe": 7.5, "club": "gold\nplus", "member": true, "since": {"day": "2020-02-29"}, "likes": ["b", "a"], "big": {"number": "999999999999.5"}},
        "email_consent": {"state": "subscribed", "level": "confirmed_opt_in", "source": "person", "method": "till, signed", "at": "2026-01-02T03:04:05.678Z"},
        "sms_consent": {"state": "unsubscribed", "at": "2026-01-02T03:04:05Z"}, "total_spent": "12.30", "orders_count": 2,
    });
    made(world, owner, &ada).await;
    made(world, owner, &json!({"phone": "+442079460958", "name": "Jo"})).await;
    world.clock.advance_seconds(60);
    let lines = json!([{"title": "@Tea", "product": "p1", "variant": "v,1", "quantity": 2, "price": "10.10"}, {"title": "Cup", "price": "5"}]);
    for body in [
        json!({"email": "ada@example.com", "name": "#1001", "note": "gift", "lines": lines, "discounts": "1.20", "taxes": 2, "shipping": 4, "placed_at": "2026-01-05T10:00:00Z"}),
        json!({"email": "ada@example.com", "lines": lines, "taxes": 2, "taxes_included": true, "refunded": "5.20"}),
        json!({"phone": "+442079460958", "name": "#1001", "total": 7, "status": "pending"}),
        json!({"phone": "+442079460958", "total": 7, "cancelled": true}),
        json!({"email": "guest@example.com", "total": 3, "status": "refunded"}),
        json!({"walk_in": true, "total": 3, "test": true}),
        json!({"walk_in": true, "total": 11}),
    ] {
        ordered(world, owner, &body).await;
    }
}

/// Its cells, but for those of these columns, row by row in any order.
fn cells(file: &str, without: &[&str]) -> BTreeSet<Vec<String>> {
    let head = tables::Head::read(file.as_bytes()).expect("a file has a head");
    let (mut sheet, piece) = (tables::Sheet::new(&head), tables::Piece::whole(file.as_bytes()));
    let mut rows = BTreeSet::new();
    while let Some(row) = sheet.next_row(&piece) {
        let told = head.columns.iter().zip(row.cells).filter(|(name, _)| !without.contains(&name.as_str()));
        rows.insert(told.map(|(_, cell)| cell).collect());
    }
    rows
}

#[tokio::test]
async fn what_is_taken_from_one_shop_is_the_same_in_another() {
    let world = World::new(1).await;
    let (old, new) = (shop(&world, "old").await, shop(&world, "new").await);
    furnished(&world, &old).await;
    let (people, orders) = (file(&world, &old, CUSTOMERS).await, file(&world, &old, ORDERS).await);
    assert!(people.contains("'=cmd|' /C calc'!A0") && orders.contains("'@Tea"), "no formula stays one");
    for wanted in ["customers", "orders"] {
        let also = file(&world, &old, &format!("/api/data/export/{wanted}")).await;
        assert!(also == people || also == orders);
    }

    // Where it was taken from, it changes nothing.
    world.clock.advance_seconds(60);
    for (what, file, count) in [("customers", &people, 3), ("orders", &orders, 7)] {
        let again = brought(&world, &old, &format!("/api/v1/data/import/{what}?attest=ours"), file).await;
        assert_eq!((again.status.as_u16(), again.at("/unchanged")), (200, json!(count)), "{}", again.text);
        assert_eq!(again.at("/unknown_columns"), json!([]));
    }
    assert_eq!(file(&world, &old, CUSTOMERS).await, people);
    assert_eq!(file(&world, &old, ORDERS).await, orders);

    for (what, file, count) in [("customers", &people, 3), ("orders", &orders, 7)] {
        let first = brought(&world, &new, &format!("/api/v1/data/import/{what}?attest=ours"), file).await;
        assert_eq!((first.status.as_u16(), first.at("/created")), (200, json!(count)), "{}", first.text);
    }
    let without = ["id", "customer_id", "updated_at"];
    assert_eq!(cells(&file(&world, &new, CUSTOMERS).await, &without), cells(&people, &without));
    let without = ["customer_id", "updated_at"];
    assert_eq!(cells(&file(&world, &new, ORDERS).await, &without), cells(&orders, &without));
    for path in ["/api/v1/customers/stats/overview", "/api/v1/orders/stats/summary"] {
        let told = |answer: Value| {
            let mut told = answer;
            told.as_object_mut().map(|told| told.remove("as_of"));
            told
        };
        let (before, after) = (old.get(&world, path).await.json(), new.get(&world, path).await.json());
        assert_eq!(told(after), told(before), "{path}");
    }
}

#[tokio::test]
async fn whoever_was_erased_can_be_brought_again() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    for n in 0..3 {
        made(
            &world,
            &owner,
            &json!({"email": format!("jo{n}@example.com"), "name": "Jo", "total_spent": n, "tags": ["t"]}),
        )
        .await;
    }
    let before = file(&world, &owner, CUSTOMERS).await;
    let list = owner.get(&world, "/api/v1/customers").await;
    for item in list.at("/items").as_array().into_iter().flatten() {
        let id = item["id"].as_str().unwrap_or_default();
        owner.call(&world, "DELETE", &format!("/api/v1/customers/{id}"), &json!({})).await;
    }
    assert_eq!(cells(&file(&world, &owner, CUSTOMERS).await, &[]).len(), 0);
    let again = brought(&world, &owner, "/api/v1/data/import/customers", &before).await;
    assert_eq!((again.status.as_u16(), again.at("/created")), (200, json!(3)), "{}", again.text);
    let without = ["id", "updated_at"];
    assert_eq!(cells(&file(&world, &owner, CUSTOMERS).await, &without), cells(&before, &without));
}

#[tokio::test]
async fn files_hold_what_the_lists_show() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    furnished(&world, &owner).await;
    for query in [
        "",
        "?search=example",
        "?kind=guest",
        "?tag=vip",
        "?sort=email&order=asc",
        "?min_spent=10",
        "?search=zzz",
    ] {
        let list = owner.get(&world, &format!("/api/v1/customers{query}")).await;
        let ids = list.at("/items").as_array().map(|all| {
            all.iter().map(|one| one["id"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        });
        let file = file(&world, &owner, &format!("{CUSTOMERS}{query}")).await;
        let taken: Vec<_> = file
            .lines()
            .skip(1)
            .filter(|line| line.starts_with("01"))
            .map(|line| line[..26].to_owned())
            .collect();
        assert_eq!(Some(taken), ids, "{query}");
    }
    let ada = owner.get(&world, "/api/v1/customers?search=ada").await.text_at("/items/0/id");
    let of_ada = format!("?customerId={ada}");
    for query in ["", "?status=cancelled", "?search=%231001", "?minAmount=10&sort=total", of_ada.as_str()] {
        let list = owner.get(&world, &format!("/api/v1/orders{query}")).await;
        let ids = list.at("/items").as_array().map(|all| {
            all.iter().map(|one| one["id"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        });
        let file = file(&world, &owner, &format!("{ORDERS}{query}")).await;
        let mut taken: Vec<_> = file.lines().skip(1).map(|line| line[..26].to_owned()).collect();
        taken.dedup();
        assert_eq!(Some(taken), ids, "{query}");
    }
    for (path, query) in
        [(CUSTOMERS, "?limit=1"), (ORDERS, "?page=1"), (CUSTOMERS, "?sort=x"), (ORDERS, "?status=x")]
    {
        assert_eq!(owner.get(&world, &format!("{path}{query}")).await.status, 400, "{path}{query}");
    }
    let answer = owner.get(&world, CUSTOMERS).await;
    assert!(answer.header("content-type").starts_with("text/csv"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"customers.csv\"");
}

#[tokio::test]
async fn what_is_too_much_for_one_answer_is_refused() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    for half in 0..2 {
        let rows: Vec<Value> = (0..600)
            .map(|n| json!({"email": format!("jo{half}x{n}@example.com"), "note": "x".repeat(4_900)}))
            .collect();
        owner.post(&world, "/api/v1/customers/bulk", &json!({"customers": rows})).await;
    }
    let answer = owner.get(&world, CUSTOMERS).await;
    assert_eq!((answer.status.as_u16(), answer.text_at("/code").as_str()), (413, "too_many_rows"));
    assert!(answer.text_at("/detail").contains("/api/v1/exports"));
    assert_eq!(owner.get(&world, &format!("{CUSTOMERS}?search=jo1x1")).await.status, 200);
}
