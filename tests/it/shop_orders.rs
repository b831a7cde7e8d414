//! All orderings of the same events, with each of them once or more often, end the same.

use domain::CustomerId;
use local::World;
use serde_json::{Value, json};

use crate::shop_events::{Shop, customer_body, order_body};

type Events = [(&'static str, Value); 6];

/// Every order in which six things can come.
fn orderings() -> Vec<[usize; 6]> {
    fn fill(begun: &mut Vec<usize>, all: &mut Vec<[usize; 6]>) {
        if let Ok(whole) = <[usize; 6]>::try_from(begun.as_slice()) {
            all.push(whole);
            return;
        }
        for next in 0..6 {
            if !begun.contains(&next) {
                begun.push(next);
                fill(begun, all);
                begun.pop();
            }
        }
    }
    let mut all = Vec::new();
    fill(&mut Vec::new(), &mut all);
    all
}

/// What must be the same in the end.
async fn state(world: &World, shop: &Shop, id: u64) -> String {
    let customer = shop.customer(world, id).await;
    let order = shop.order(world, id).await;
    let its = shop.store(world);
    let history = its.orders_of(CustomerId::Shopify(id)).await.expect("memory holds");
    let order =
        order.map(|order| (order.status, order.total, order.refunded, order.updated_at, order.customer));
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {}",
        customer.kind,
        customer.first_name,
        customer.email,
        customer.tags,
        customer.email_consent,
        customer.totals,
        customer.shop_words.at,
        order,
        history.len(),
    )
    .replace(&id.to_string(), "ID")
}

async fn must_end_the_same(seed: u64, events: impl Fn(u64) -> Events) -> String {
    let world = World::new(seed).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let mut first = None;
    let mut next = 777_000_000..;
    for ordering in orderings() {
        let twice: Vec<_> = ordering.iter().flat_map(|&place| [place, place]).collect();
        let reversed: Vec<_> = ordering.iter().rev().copied().collect();
        let once: &[_] = &[("each once", ordering.to_vec())];
        let often: &[_] = &[("each twice at once", twice), ("all once more, the other way round", reversed)];
        for (id, passes) in next.by_ref().zip([once, often]) {
            let events = events(id);
            for (pass, places) in passes {
                for &place in places {
                    let (topic, body) = &events[place];
                    shop.bring(&world, topic, body).await;
                }
                let end = state(&world, &shop, id).await;
                assert_eq!(*first.get_or_insert_with(|| end.clone()), end, "{ordering:?}, {pass}");
            }
        }
    }
    first.unwrap_or_default()
}

#[tokio::test]
async fn any_order_of_events_on_one_order_and_customer_ends_the_same() {
    let end = must_end_the_same(1, |id| {
        let named = |name: &str, at: &str| customer_body(id, at, &json!({"first_name": name}));
        let bought = json!({"customer": named("Ada B.", "2026-09-01T10:00:01Z")});
        // Of when this is, nothing is said.
        let timeless = customer_body(id, "", &json!({"first_name": "Ada D.", "updated_at": null}));
        let refund = json!({"refunds": [{"id": 1, "transactions": [
            {"kind": "refund", "status": "success", "amount": "10.00", "currency": "USD"}]}],
            "current_total_price": "15.00", "financial_status": "partially_refunded", "customer": timeless});
        [
            ("customers/create", named("Ada", "2026-09-01T09:00:00Z")),
            ("orders/create", order_body(id, id, "2026-09-01T10:00:00Z", &bought)),
            ("customers/update", named("Ada C.", "2026-09-01T11:00:00Z")),
            ("orders/updated", order_body(id, id, "2026-09-01T12:00:00Z", &refund)),
            (
                "customer.tags_added",
                json!({"customerId": format!("gid://shopify/Customer/{id}"), "tags": ["vip"],
                    "occurredAt": "2026-09-01T12:30:00.000Z"}),
            ),
            (
                "customers_email_marketing_consent/update",
                json!({"customer_id": id, "email_address": format!("ada{id}@example.com"),
                    "email_marketing_consent": {"state": "subscribed", "opt_in_level": "single_opt_in",
                        "consent_updated_at": "2026-09-01T12:40:00Z"}}),
            ),
        ]
    })
    .await;
    for part in ["Ada C.", "vip", "Subscribed", "spent: 1500", "orders: 1"] {
        assert!(end.contains(part), "{part}: {end}");
    }
}

#[tokio::test]
async fn what_is_deleted_stays_so_in_any_order() {
    let end = must_end_the_same(2, |id| {
        let bought = json!({"customer": customer_body(id, "2026-09-01T10:00:01Z", &json!({}))});
        [
            ("customers/create", customer_body(id, "2026-09-01T09:00:00Z", &json!({}))),
            ("orders/create", order_body(id, id, "2026-09-01T10:00:00Z", &bought)),
            ("orders/updated", order_body(id, id, "2026-09-01T12:00:00Z", &bought)),
            ("orders/delete", json!({"id": id})),
            ("customers/update", customer_body(id, "2026-09-01T13:00:00Z", &json!({}))),
            ("customers/delete", json!({"id": id})),
        ]
    })
    .await;
    assert!(end.starts_with("Erased None None {}"), "{end}");
    assert!(end.contains("orders: 0") && end.ends_with(" None 0"), "{end}");
}

#[tokio::test]
async fn a_word_that_does_not_say_of_when_it_is_is_told_of_strangers_alone() {
    let world = World::new(3).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let named = |name: &str, at: Value| customer_body(7, "", &json!({"first_name": name, "updated_at": at}));
    let first_name = async || shop.customer(&world, 7).await.first_name.unwrap_or_default();
    let asked_for = async || {
        let (noted, _) = shop.store(&world).events_noted(1, None).await.expect("memory holds");
        format!("{:?}", noted[0].outcome).contains("customer s7")
    };
    let order = |customer: Value, at: &str| order_body(1, 7, at, &json!({"customer": customer}));
    shop.tell(&world, "orders/create", &order(named("Ada", Value::Null), "2026-09-01T10:00:00Z")).await;
    assert_eq!((first_name().await.as_str(), asked_for().await), ("Ada", true), "nobody knows better");
    shop.tell(&world, "customers/update", &named("Grace", json!("2026-09-02T10:00:00Z"))).await;
    shop.tell(&world, "orders/updated", &order(named("Ada", Value::Null), "2026-09-03T10:00:00Z")).await;
    assert_eq!((first_name().await.as_str(), asked_for().await), ("Grace", true));
    // An order's own word that comes too late, and one about them alone.
    shop.tell(&world, "orders/paid", &order(named("Ada", Value::Null), "2026-09-02T10:00:00Z")).await;
    assert_eq!((first_name().await.as_str(), asked_for().await), ("Grace", true));
    shop.tell(&world, "customers/update", &named("Ada", Value::Null)).await;
    assert_eq!((first_name().await.as_str(), asked_for().await), ("Grace", true));
    shop.tell(&world, "orders/paid", &order(named("Grace", Value::Null), "2026-09-02T11:00:00Z")).await;
    assert!(!asked_for().await, "it says what is known");
}
