//! Customers who end in their shop, by a merge or for good: told in any order, twice, and at once.

use domain::{CustomerId, Queue, customer::CustomerKind};
use local::{World, faults::halt};
use serde_json::{Value, json};

use crate::shop_events::{Shop, customer_body, order_body};

type Told = (&'static str, Value);

fn merged(from: u64, into: u64) -> Value {
    json!({"admin_graphql_api_customer_kept_id": format!("gid://shopify/Customer/{into}"),
        "admin_graphql_api_customer_deleted_id": format!("gid://shopify/Customer/{from}"), "status": "completed"})
}

#[tokio::test]
async fn two_who_become_one_have_the_orders_of_both_in_any_order() {
    let world = World::new(10).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let told = |from: u64, into: u64| {
        [
            ("orders/create", order_body(from, from, "2026-09-01T10:00:00Z", &json!({}))),
            ("orders/create", order_body(into, into, "2026-09-01T10:00:00Z", &json!({}))),
            ("customers/merge", merged(from, into)),
            ("customers/delete", json!({"id": from})),
        ]
    };
    let places =
        [[0, 1, 2, 3], [2, 0, 1, 3], [3, 2, 1, 0], [0, 3, 2, 1], [1, 3, 0, 2], [3, 0, 2, 1], [2, 3, 1, 0]];
    for (number, places) in (0_u64..).zip(places) {
        let (from, into) = (100 + number, 200 + number);
        for place in places.into_iter().chain([2, 0]) {
            let (topic, body) = &told(from, into)[place];
            shop.bring(&world, topic, body).await;
        }
        let totals = shop.customer(&world, into).await.totals;
        assert_eq!((totals.orders, totals.spent), (2, 5_000), "{places:?}");
        assert_eq!(shop.customer(&world, from).await.totals.orders, 0, "{places:?}");
    }
}

/// Three who bought once each, by whom the acts of a pair are told of, and who has how many orders after both.
struct Pair {
    name: &'static str,
    slow: fn([u64; 3]) -> Told,
    fast: fn([u64; 3]) -> Told,
    orders: [usize; 3],
}

const PAIRS: [Pair; 7] = [
    Pair {
        name: "one merge, twice",
        slow: |[a, b, _]| ("customers/merge", merged(a, b)),
        fast: |[a, b, _]| ("customers/merge", merged(a, b)),
        orders: [0, 2, 1],
    },
    Pair {
        name: "a merge, and the next one",
        slow: |[a, b, _]| ("customers/merge", merged(a, b)),
        fast: |[_, b, c]| ("customers/merge", merged(b, c)),
        orders: [0, 0, 3],
    },
    Pair {
        name: "a merge, and the one before",
        slow: |[_, b, c]| ("customers/merge", merged(b, c)),
        fast: |[a, b, _]| ("customers/merge", merged(a, b)),
        orders: [0, 0, 3],
    },
    Pair {
        name: "a merge, and the end of who is merged",
        slow: |[a, b, _]| ("customers/merge", merged(a, b)),
        fast: |[a, ..]| ("customers/delete", json!({"id": a})),
        orders: [0, 2, 1],
    },
    Pair {
        name: "an end, and a merge",
        slow: |[a, ..]| ("customers/delete", json!({"id": a})),
        fast: |[a, b, _]| ("customers/merge", merged(a, b)),
        orders: [0, 2, 1],
    },
    Pair {
        name: "one end, twice",
        slow: |[a, ..]| ("customers/delete", json!({"id": a})),
        fast: |[a, ..]| ("customers/delete", json!({"id": a})),
        orders: [1, 1, 1],
    },
    Pair {
        name: "an end, and that of an order with words",
        slow: |[a, ..]| ("customers/delete", json!({"id": a})),
        fast: |[a, ..]| ("orders/delete", json!({"id": a})),
        orders: [0, 1, 1],
    },
];

pub(crate) async fn deliver(
    world: &World,
    shop: &Shop,
    (topic, body): &Told,
) -> Result<(), flows::FlowError> {
    let event = json!({"shop": shop.domain, "topic": topic, "version": "2026-10", "id": format!("{topic} {body}"),
        "received_at": "2026-09-22T00:00:00Z", "body": {"text": body.to_string()}});
    world.deliver(Queue::Ingest, &json!({"task": "apply_event", "event": event}).to_string()).await
}

#[tokio::test]
async fn two_ends_of_a_customer_are_both_done_wherever_they_meet() {
    let world = World::new(11).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let mut next = 1_000;
    for pair in PAIRS {
        let mut meetings = 0;
        loop {
            let ids = [next, next + 1, next + 2];
            next += 10;
            for id in ids {
                let order = order_body(id, id, "2026-09-01T10:00:00Z", &json!({"note": "for Ada"}));
                shop.bring(&world, "orders/create", &order).await;
            }
            let (slow, fast) = ((pair.slow)(ids), (pair.fast)(ids));
            let (slow, fast) = (deliver(&world, &shop, &slow), deliver(&world, &shop, &fast));
            let Some((slow, fast)) = halt::overtaken(slow, meetings, fast).await else { break };
            let place = format!("{}, met at {meetings}", pair.name);
            assert!(slow.is_ok() && fast.is_ok(), "{place}: {slow:?}, {fast:?}");
            for (id, orders) in ids.into_iter().zip(pair.orders) {
                let its = shop.store(&world).orders_of(CustomerId::Shopify(id)).await.expect("memory holds");
                assert_eq!(its.len(), orders, "{place}: of {}", id % 10);
                let customer = shop.customer(&world, id).await;
                let is_person = customer.kind == CustomerKind::Person;
                assert!(is_person || its.iter().all(|order| order.note.is_none()), "{place}: words of {id}");
                assert_eq!(customer.totals.orders.to_string(), orders.to_string(), "{place}: of {}", id % 10);
            }
            meetings += 1;
        }
        assert!(meetings > 5, "{}: they met at {meetings} places", pair.name);
    }
}

#[tokio::test]
async fn an_order_by_an_address_is_kept_while_who_has_it_ends() {
    let world = World::new(12).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let (mut meetings, mut guests) = (0, 0);
    loop {
        let (id, order) = (2_000 + u64::from(meetings), 500_000 + u64::from(meetings));
        let email = format!("ada{id}@example.com");
        shop.bring(&world, "customers/create", &customer_body(id, "2026-09-01T09:00:00Z", &json!({}))).await;
        let words = json!({"customer": null, "email": email, "note": "for Ada"});
        let slow = ("orders/create", order_body(order, id, "2026-09-01T10:00:00Z", &words));
        let fast = ("customers/delete", json!({"id": id}));
        let (slow, fast) = (deliver(&world, &shop, &slow), deliver(&world, &shop, &fast));
        let Some((slow, fast)) = halt::overtaken(slow, meetings, fast).await else { break };
        assert!(slow.is_ok() && fast.is_ok(), "met at {meetings}: {slow:?}, {fast:?}");
        assert_eq!(shop.customer(&world, id).await.kind, CustomerKind::Erased);
        let order = shop.order(&world, order).await.expect("it is kept");
        let whose = shop.store(&world).customer(order.customer).await.expect("memory holds");
        let whose = whose.expect("it is somebody's");
        assert_eq!(whose.totals.orders, 1, "met at {meetings}");
        if whose.kind == CustomerKind::Guest {
            assert_eq!(whose.email.as_ref().map(ToString::to_string), Some(email), "met at {meetings}");
            guests += 1;
        } else {
            assert_eq!((whose.kind, order.note), (CustomerKind::Erased, None), "met at {meetings}");
        }
        meetings += 1;
    }
    assert!(0 < guests && guests < meetings, "of {meetings} orders {guests} are those of guests");
}
