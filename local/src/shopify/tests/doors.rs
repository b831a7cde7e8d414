//! The page with its buttons, and who may not press them.

use serde_json::json;

use super::{DOMAIN, Stand};
use crate::shopify::Switches;

async fn press(stand: &Stand, act: &str, form: &str, origin: &str) -> u16 {
    stand.send("POST", &format!("/shop/{act}"), &[("origin", origin)], form).await.status
}

#[tokio::test]
async fn every_button_does_what_it_says() {
    let stand = Stand::of(30).await;
    let home = "http://shopify.test";
    let before = stand.shop.books(|books| books.orders().count());
    assert_eq!(press(&stand, "buy", "customer=", home).await, 303);
    let order = stand.shop.books(|books| books.orders().max_by_key(|order| order.order_number).unwrap());
    assert_eq!(stand.shop.books(|books| books.orders().count()), before + 1);
    let page = stand.get("/shop").await;
    assert!(page.text.is_some_and(|text| text.contains(&order.name)));
    let form = format!("order={}", order.id);
    for act in ["fulfil", "refund", "cancel", "delete_order"] {
        assert_eq!(press(&stand, act, &form, home).await, 303, "{act}");
    }
    assert_eq!(stand.shop.books(|books| books.orders().count()), before);
    let reader =
        stand.shop.books(|books| books.customers().find(|it| it.orders == 0 && it.email.is_some()).unwrap());
    let form = format!(
        "customer={}&tag=vip&channel=email&state=unsubscribed&name=Nora+Neu&email=n@example.com&scopes=read_orders",
        reader.id
    );
    for act in [
        "checkout",
        "consent",
        "tag",
        "request_data",
        "redact",
        "delete",
        "join",
        "regrant",
        "uninstall",
        "redact_shop",
        "install",
        "open",
    ] {
        assert_eq!(press(&stand, act, &form, home).await, 303, "{act}");
    }
    assert!(stand.shop.books(|books| books.customer(reader.id)).is_none());
    assert_eq!(
        press(
            &stand,
            "switches",
            "plan=Advanced&denied=details&faults=5&copies=2&shuffled=yes&lost=10",
            home
        )
        .await,
        303
    );
    let held = stand.shop.switches();
    let numbers =
        |held: &Switches| (held.faults_per_mille, held.copies, held.is_shuffled, held.lost_per_mille);
    assert_eq!(numbers(&held), (5, 2, true, 10));
    for wrong in ["faults=many", "faults=1001", "copies=11", "lost=-1", "faults=1&lost=1.5"] {
        assert_eq!(press(&stand, "switches", wrong, home).await, 409, "{wrong}");
    }
    assert_eq!(numbers(&stand.shop.switches()), (5, 2, true, 10), "nothing has changed");
    assert_eq!(press(&stand, "switches", "faults=&lost=+7+", home).await, 303);
    assert_eq!(numbers(&stand.shop.switches()), (0, 0, false, 7));
    assert_eq!(press(&stand, "merge", "customer=1&gone=1", home).await, 409);
    assert_eq!(press(&stand, "dance", "", home).await, 404);
}

#[tokio::test]
async fn another_sites_page_presses_nothing() {
    let stand = Stand::of(3).await;
    for origin in ["http://evil.test", "null", "http://shopify.test.evil.test", "http://shopify"] {
        assert_eq!(press(&stand, "uninstall", "", origin).await, 403, "{origin}");
    }
    stand.data("{ shop { name } }", &json!({})).await;
}

#[tokio::test]
async fn a_shop_that_is_not_there_answers_nothing() {
    let stand = Stand::of(1).await;
    let request =
        axum::http::Request::get("/other.myshopify.com/shop").body(axum::body::Body::empty()).unwrap();
    let answer = tower::ServiceExt::oneshot(stand.shopify.router(), request).await.unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(stand.shop.domain(), DOMAIN);
    let none = stand.send("POST", "/admin/api/2026-10/graphql.json", &[], "{}").await;
    assert_eq!(none.status, 401);
}

#[tokio::test]
async fn a_busy_day_stands_in_the_books_that_anybody_may_read() {
    let stand = Stand::of(40).await;
    let home = "http://shopify.test";
    let before = stand.shop.books(|books| (books.customers().count(), books.orders().count()));
    for (acts, expected) in [("", 409), ("0", 409), ("many", 409), ("20001", 409), ("300", 303)] {
        assert_eq!(press(&stand, "rush", &format!("acts={acts}"), home).await, expected, "{acts}");
    }
    let (customers, orders) = stand.shop.books(|books| (books.customers().count(), books.orders().count()));
    assert!(customers > before.0 && orders > before.1 + 100, "{before:?} became {customers} and {orders}");

    let file = async |name: &str| {
        let told = stand.get(&format!("/shop/{name}")).await.text.unwrap();
        told.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<serde_json::Value>>()
    };
    let (of_customers, of_orders) = (file("customers.jsonl").await, file("orders.jsonl").await);
    assert_eq!((of_customers.len(), of_orders.len()), (customers, orders));
    for line in of_orders {
        let order = stand.shop.books(|books| books.order(line["id"].as_u64().unwrap()).unwrap());
        assert_eq!((&line["name"], &line["refunded"]), (&json!(order.name), &json!(order.refunded())));
    }
    let standing: serde_json::Value =
        serde_json::from_str(&stand.get("/shop/standing").await.text.unwrap()).unwrap();
    assert_eq!((&standing["customers"], &standing["orders"]), (&json!(customers), &json!(orders)));
}
