//! Orders: recorded with their customer's totals, changed, listed (ORD-01 to 06, 08, CUS-12).

use crate::{
    cast::Person,
    customers::{made, shop, told},
};
use futures::future::join_all;
use local::{World, faults::halt, world::Answer};
use serde_json::{Value, json};
use store::local::Units;

pub(crate) async fn ordered(world: &World, owner: &Person, body: &Value) -> Answer {
    let answer = owner.post(world, "/api/v1/orders", body).await;
    assert_eq!(answer.status, 201, "{body}: {}", answer.text);
    answer
}

fn totals(answer: &Answer) -> (Value, String) {
    (answer.at("/customer/orders_count"), answer.text_at("/customer/total_spent"))
}

#[tokio::test]
async fn what_other_systems_tell_besides_is_taken() {
    let world = World::new(12).await;
    let owner = shop(&world, "owner").await;
    let ada =
        json!({"name": "Ada", "email": "ada@example.com", "last_order_at": "2026-01-05", "status": "ACTIVE"});
    let ada = made(&world, &owner, &ada).await;
    let items =
        json!([{"productName": "Cup", "quantity": 2, "price": 5}, {"product_name": "Tea", "price": 1}]);
    let order = ordered(&world, &owner, &json!({"customerId": ada, "total": 11, "items": items})).await;
    assert_eq!((order.at("/lines/0/title"), order.at("/lines/1/title")), (json!("Cup"), json!("Tea")));
}

#[tokio::test]
async fn an_order_for_an_address_that_is_given_up_meanwhile_is_its_holders_or_nobodys() {
    let mut ends = Vec::new();
    for step in 0.. {
        let world = World::new(13).await;
        let owner = shop(&world, "owner").await;
        let ada = made(&world, &owner, &json!({"name": "Ada", "email": "ada@example.com"})).await;
        let (path, nothing) = (format!("/api/v1/customers/{ada}"), json!({"email": null}));
        let bought = json!({"customer_email": "ada@example.com", "total": 5});
        let (buying, giving_up) =
            (owner.post(&world, "/api/v1/orders", &bought), owner.call(&world, "PATCH", &path, &nothing));
        let Some((sold, given_up)) = halt::overtaken(buying, step, giving_up).await else { break };
        assert_eq!(given_up.status, 200, "{step}: {}", given_up.text);
        let is_hers = sold.status == 201 && sold.at("/customer/id") == json!(ada);
        assert!(is_hers || sold.status == 404, "{step}: {}", sold.text);
        assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(1), "{step}: no guest");
        ends.push(sold.status.as_u16());
    }
    assert!(ends.contains(&404) && ends.contains(&201) && ends.len() > 3, "{ends:?}");
}

#[tokio::test]
async fn an_order_is_recorded_with_its_customers_totals() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let ada = made(&world, &owner, &json!({"name": "Ada", "email": "ada@example.com"})).await;
    let body = json!({
        "customer_id": ada, "name": "#1001", "note": "gift",
        "lines": [{"title": "Tea", "product": "p1", "quantity": 2, "price": 10.10}, {"name": "Cup", "price": "5"}],
        "discounts": "1.20", "taxes": 2, "shipping": "4.00", "total": 30.00, "placed_at": "2026-01-05T10:00:00.5Z",
    });
    let before = world.table.ledger();
    let order = ordered(&world, &owner, &body).await;
    let cost = world.table.ledger().since(&before).writes;
    assert!(cost <= Units::whole(10), "an order costs {cost} to write");
    assert_eq!(totals(&order), (json!(1), "30.00".to_owned()));
    assert_eq!(order.text_at("/placed_at"), "2026-01-05T10:00:00Z");
    let id = order.text_at("/id");
    assert_eq!(order.header("location"), format!("/api/v1/orders/{id}"));
    for path in ["/api/v1/orders", "/api/orders", "/api/data/orders"] {
        assert_eq!(owner.get(&world, &format!("{path}/{id}")).await.json(), order.json(), "{path}");
    }
    assert_eq!(
        order.at("/lines/0"),
        json!({"product": "p1", "variant": null, "title": "Tea", "quantity": 2, "price": "10.10", "amount": "20.20"})
    );
    assert_eq!((order.text_at("/subtotal"), order.at("/taxes_included")), ("25.20".to_owned(), json!(false)));

    // By an address that is known, by one that is not, and by none.
    let known = ordered(&world, &owner, &json!({"email": "ADA@example.com", "total": 1})).await;
    assert_eq!(
        (known.text_at("/customer/id"), totals(&known)),
        (ada.clone(), (json!(2), "31.00".to_owned()))
    );
    let guest = ordered(&world, &owner, &json!({"email": "bob@example.com", "total": 2})).await;
    assert_eq!(guest.text_at("/customer/kind"), "guest");
    let passer = ordered(&world, &owner, &json!({"walk_in": true, "total": 3})).await;
    assert_eq!(passer.text_at("/customer/kind"), "walk_in");
    let mine = json!({"customer_email": "ada@example.com", "order_amount": 4, "order_status": "COMPLETED"});
    let mine = owner.post(&world, "/orders", &mine).await;
    assert_eq!(totals(&mine), (json!(3), "35.00".to_owned()), "{}", mine.text);
}

#[tokio::test]
async fn what_is_wrong_with_an_order_is_told_and_nothing_is_stored() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let ada = made(&world, &owner, &json!({"name": "Ada", "email": "ada@example.com"})).await;
    let many = vec![json!({"title": "x", "price": 0}); 501];
    let heavy = vec![json!({"title": "x".repeat(250), "price": 0}); 500];
    for (body, status, at) in [
        (json!({"total": 1}), 400, "/customer_id"),
        (json!({"customer_id": ada, "email": "a@b.com", "total": 1}), 400, "/customer_id"),
        (json!({"customer_id": "nobody", "total": 1}), 404, ""),
        (json!({"customer_id": "s77", "total": 1}), 404, ""),
        (json!({"customer_email": "nobody@example.com", "total": 1}), 404, ""),
        (json!({"customer_id": ada}), 400, "/total"),
        (json!({"customer_id": ada, "total": 12.345}), 400, "/total"),
        (json!({"customer_id": ada, "total": -1}), 400, "/total"),
        (json!({"customer_id": ada, "total": 9, "lines": [{"title": "a", "price": 10}]}), 400, "/total"),
        (
            json!({"customer_id": ada, "lines": [{"title": "a", "price": 10, "quantity": 0}]}),
            400,
            "/lines/0/quantity",
        ),
        (json!({"customer_id": ada, "lines": [{"title": "", "price": 10}]}), 400, "/lines/0/title"),
        (json!({"customer_id": ada, "lines": many}), 400, "/lines"),
        (json!({"customer_id": ada, "lines": heavy}), 400, ""),
        (json!({"customer_id": ada, "total": 1, "status": "shipped"}), 400, "/status"),
        (json!({"customer_id": ada, "total": 1, "refunded": 2}), 400, "/refunded"),
        (json!({"customer_id": ada, "total": 1, "placed_at": "2100-01-01"}), 400, "/placed_at"),
        (json!({"customer_id": ada, "total": 1, "id": "x"}), 400, "/id"),
    ] {
        let refused = owner.post(&world, "/api/v1/orders", &body).await;
        let (is, _, place) = told(&refused);
        assert_eq!((is, place.as_str()), (status, at), "{}", refused.text);
    }
    assert_eq!(owner.get(&world, "/api/v1/orders").await.at("/total"), json!(0));
}

#[tokio::test]
async fn only_real_sales_count_and_each_once() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    let body = json!({"email": "ada@example.com", "total": "40", "status": "PENDING"});
    let order = ordered(&world, &owner, &body).await;
    assert_eq!(totals(&order), (json!(0), "0.00".to_owned()));
    let path = format!("/api/v1/orders/{}", order.text_at("/id"));
    for (change, orders, spent) in [
        (json!({"status": "COMPLETED"}), 1, "40.00"),
        (json!({"status": "CANCELLED"}), 0, "0.00"),
        (json!({"status": "COMPLETED"}), 1, "40.00"),
        (json!({"refunded": "15.50"}), 1, "24.50"),
        (json!({"status": "REFUNDED"}), 0, "0.00"),
        (json!({"status": "paid"}), 1, "40.00"),
        (json!({"test": true}), 0, "0.00"),
        (json!({"test": false, "total": "50.00"}), 1, "50.00"),
        (json!({"cancelled": true}), 0, "0.00"),
        (json!({"cancelled": false, "placed_at": "2026-01-01"}), 1, "50.00"),
    ] {
        let mut shown = Vec::new();
        for _ in 0..2 {
            world.clock.advance_seconds(5);
            let changed = owner.call(&world, "PATCH", &path, &change).await;
            assert_eq!(changed.status, 200, "{change}: {}", changed.text);
            assert_eq!(totals(&changed), (json!(orders), spent.to_owned()), "{change}");
            shown.push(changed.json());
        }
        assert_eq!(shown[0], shown[1], "told again, {change} changes nothing");
    }
    let put = owner.call(&world, "PUT", &path, &json!({"lines": [{"title": "a", "price": 7}]})).await;
    assert_eq!((put.text_at("/total"), totals(&put)), ("7.00".to_owned(), (json!(1), "7.00".to_owned())));
    let bob = made(&world, &owner, &json!({"name": "Bob"})).await;
    let refused = owner.call(&world, "PATCH", &path, &json!({"customer_id": bob})).await;
    assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (409, "another_customer"));
    for _ in 0..2 {
        let moved = owner.post(&world, &format!("{path}/move"), &json!({"customer_id": bob})).await;
        assert_eq!(
            (moved.text_at("/customer/id"), totals(&moved)),
            (bob.clone(), (json!(1), "7.00".to_owned()))
        );
    }
    for expected in [204, 404] {
        assert_eq!(owner.call(&world, "DELETE", &path, &json!({})).await.status, expected);
    }
    let bob = owner.get(&world, &format!("/api/v1/customers/{bob}")).await;
    assert_eq!((bob.at("/orders_count"), bob.text_at("/total_spent")), (json!(0), "0.00".to_owned()));
    assert_eq!(owner.get(&world, "/api/v1/orders").await.at("/total"), json!(0));
}

#[tokio::test]
async fn sixty_four_orders_at_once_all_count() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    let ada = made(&world, &owner, &json!({"name": "Ada"})).await;
    let body = json!({"customer_id": ada, "total": "1.25"});
    let answers = join_all((0..64).map(|_| owner.post(&world, "/api/v1/orders", &body))).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    let shown = owner.get(&world, &format!("/api/v1/customers/{ada}")).await;
    assert_eq!((shown.at("/orders_count"), shown.text_at("/total_spent")), (json!(64), "80.00".to_owned()));

    // Their pages, by cursor and by number, show each once.
    let path = format!("/api/v1/customers/{ada}/orders");
    let (mut seen, mut query) = (std::collections::BTreeSet::new(), "?limit=25".to_owned());
    for page in 1.. {
        let list = owner.get(&world, &format!("{path}{query}")).await;
        let counted = owner.get(&world, &format!("{path}?limit=25&page={page}")).await;
        assert_eq!(list.at("/items"), counted.at("/items"));
        assert_eq!((list.at("/total"), counted.at("/total")), (json!(64), json!(64)));
        seen.extend(list.at("/items").as_array().into_iter().flatten().map(|order| order["id"].to_string()));
        match list.at("/next").as_str() {
            Some(next) => query = format!("?limit=25&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 64);
    // Longer than what is read at once.
    join_all((0..40).map(|_| owner.post(&world, "/api/v1/orders", &body))).await;
    assert_eq!(owner.get(&world, &format!("{path}?limit=1")).await.at("/total"), json!(104));
}

#[tokio::test]
async fn a_request_that_is_repeated_makes_one_order() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    let order = || {
        let call = world.post("/api/v1/orders").bearer(&owner.access).header("idempotency-key", "k1");
        call.json(&json!({"email": "ada@example.com", "total": 5}))
    };
    let (first, second) = (order().send().await, order().send().await);
    assert_eq!((first.status.as_u16(), &first.text), (201, &second.text));
    assert_eq!(owner.get(&world, "/api/v1/orders").await.at("/total"), json!(1));
}

#[tokio::test]
async fn lists_find_filter_and_sort() {
    let world = World::new(6).await;
    let owner = shop(&world, "owner").await;
    let ada = made(&world, &owner, &json!({"name": "Ada Lovelace", "email": "ada@example.com"})).await;
    for (whose, name, total, status, day) in [
        (json!(ada), "#1001", "10", "paid", "2026-01-01"),
        (json!(ada), "#1002", "30", "refunded", "2026-01-02"),
        (json!(null), "#1003", "20", "cancelled", "2026-01-03"),
        (json!(null), "#1004", "40", "pending", "2026-01-04"),
    ] {
        let body = json!({"customer_id": whose, "walk_in": whose.is_null(), "name": name, "total": total, "status": status, "placed_at": day});
        ordered(&world, &owner, &body).await;
    }
    for (query, expected) in [
        ("", vec!["#1004", "#1003", "#1002", "#1001"]),
        ("?sort=total&order=asc", vec!["#1001", "#1003", "#1002", "#1004"]),
        ("?sortBy=orderNumber&sortOrder=asc", vec!["#1001", "#1002", "#1003", "#1004"]),
        ("?status=paid", vec!["#1001"]),
        ("?status=cancelled", vec!["#1003"]),
        ("?status=any&page=2&limit=3", vec!["#1001"]),
        ("?minAmount=20&maxAmount=30.00", vec!["#1003", "#1002"]),
        ("?startDate=2026-01-02&endDate=2026-01-03", vec!["#1003", "#1002"]),
        ("?since=2026-01-02&before=2026-01-03", vec!["#1002"]),
        ("?search=%231003", vec!["#1003"]),
        ("?search=1004", vec!["#1004"]),
        ("?search=lovelace", vec!["#1002", "#1001"]),
        ("?search=nobody", vec![]),
        ("?customerId=nobody", vec![]),
        (&format!("?customer_id={ada}"), vec!["#1002", "#1001"]),
    ] {
        let list = owner.get(&world, &format!("/api/v1/orders{query}")).await;
        assert_eq!(list.status, 200, "{query}: {}", list.text);
        let items = list.at("/items");
        let names: Vec<_> = items
            .as_array()
            .into_iter()
            .flatten()
            .map(|item| item["name"].as_str().unwrap_or_default())
            .collect();
        assert_eq!(names, expected, "{query}");
    }
    let (mut seen, mut query) = (Vec::new(), "?limit=1&sort=total".to_owned());
    loop {
        let page = owner.get(&world, &format!("/api/v1/orders{query}")).await;
        assert_eq!(page.at("/total"), json!(4), "{}", page.text);
        seen.push(page.text_at("/items/0/total"));
        match page.at("/next").as_str() {
            Some(next) => query = format!("?limit=1&sort=total&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["40.00", "30.00", "20.00", "10.00"]);
    for bad in [
        "?limit=0",
        "?sort=vip",
        "?order=up",
        "?status=x",
        "?since=x",
        "?min_amount=1.234",
        "?cursor=x",
        "?y=1",
    ] {
        assert_eq!(owner.get(&world, &format!("/api/v1/orders{bad}")).await.status, 400, "{bad}");
    }
    let summary =
        owner.get(&world, "/api/v1/orders/stats/summary?startDate=2026-01-01&endDate=2026-01-04").await;
    assert_eq!(
        (summary.at("/orders"), summary.text_at("/revenue"), summary.text_at("/refunded")),
        (json!(1), "10.00".to_owned(), "30.00".to_owned())
    );
}
