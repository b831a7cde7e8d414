//! What an event of a shop's costs at the table, in read and write units: one about what is known, and one that makes
//! somebody new, who needs a slot, a place in the directory and their addresses, all in the one commit with what was told.

use domain::Queue;
use local::{World, pump::pump_queue};
use serde_json::{Value, json};

use crate::{
    shop_events::{Shop, customer_body, order_body, with},
    shop_readings::Shop as DemoShop,
};

fn spent(world: &World, earlier: &store::local::Ledger) -> (f64, f64) {
    let since = world.table.ledger().since(earlier);
    let number = |units: store::local::Units| units.to_string().parse::<f64>().expect("a number");
    (number(since.reads), number(since.writes))
}

#[tokio::test]
async fn an_order_event_costs_no_more_than_it_may() {
    let world = World::new(7).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let buyer = json!({"customer": customer_body(7, "2026-09-01T10:00:00Z", &json!({}))});
    // A function that is warm knows what a shop counts in, and that it has told of such things lately.
    for topic in ["orders/updated", "orders/paid", "orders/cancelled", "customers/update"] {
        shop.bring(&world, topic, &json!({})).await;
    }
    for _ in 0..2 {
        shop.bring(&world, "orders/create", &order_body(1, 7, "2026-09-01T10:00:00Z", &buyer)).await;
    }
    let mut paid = buyer.clone();
    paid["checkout_token"] = json!("b5c1");
    let refund = json!({"financial_status": "partially_refunded", "current_total_price": "15.00", "refunds": [
        {"id": 1, "transactions": [{"kind": "refund", "status": "success", "amount": "10.00", "currency": "USD"}]}]});
    let events = [
        ("orders/create", order_body(2, 7, "2026-09-02T10:00:00Z", &paid)),
        (
            "orders/updated",
            order_body(
                2,
                7,
                "2026-09-03T10:00:00Z",
                &json!({"total_price": "27.00", "current_total_price": "27.00"}),
            ),
        ),
        ("orders/paid", order_body(2, 7, "2026-09-02T10:00:00Z", &json!({}))),
        ("orders/updated", order_body(2, 7, "2026-09-04T10:00:00Z", &refund)),
        (
            "orders/cancelled",
            order_body(2, 7, "2026-09-05T10:00:00Z", &json!({"cancelled_at": "2026-09-05T10:00:00Z"})),
        ),
        ("customers/update", customer_body(7, "2026-09-06T10:00:00Z", &json!({"note": "tea"}))),
        // Nobody knew yet of which checkout it came.
        (
            "orders/updated",
            order_body(
                1,
                7,
                "2026-09-01T10:30:00Z",
                &json!({"checkout_token": "b5c2", "cart_token": "ca58", "note": "tea"}),
            ),
        ),
    ];
    for (topic, body) in events {
        // Every word about an order has one.
        let token = json!({"checkout_token": "b5c1", "cart_token": "ca57"});
        let token = if topic.starts_with("orders/") { token } else { json!({}) };
        let body = with(token, &body);
        let before = world.table.ledger();
        shop.bring(&world, topic, &body).await;
        let (reads, writes) = spent(&world, &before);
        println!("{topic}: {reads} read units, {writes} write units");
        assert!(reads <= 6.0 && writes <= 10.0, "{topic}: {reads} read units, {writes} write units");
    }
}

#[tokio::test]
async fn an_event_that_makes_somebody_new_costs_more_and_no_more_than_this() {
    let world = World::new(10).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    shop.bring(&world, "orders/create", &order_body(1, 7, "2026-09-01T10:00:00Z", &json!({}))).await;
    for topic in ["customers/create", "customer.tags_added", "checkouts/create"] {
        shop.bring(&world, topic, &json!({})).await;
    }
    let at = "2026-09-02T10:00:00Z";
    let nobody = json!({"email": null});
    let phone = |id: u64| json!({"phone": format!("+49151123456{id}")});
    let by = |id: u64, more: &Value| {
        let customer = customer_body(id, at, more);
        order_body(id, id, at, &json!({"customer": customer, "checkout_token": format!("b5c{id}")}))
    };
    let guest = |id: u64, more: &Value| {
        with(order_body(id, 0, at, &json!({"customer": null, "checkout_token": format!("b5c{id}")})), more)
    };
    let gid = |id: u64| format!("gid://shopify/Customer/{id}");
    let checkout = |id: u64| {
        json!({"id": id, "token": format!("c4{id}"), "cart_token": format!("ca{id}"), "created_at": at, "updated_at": at,
            "customer": {"id": id}, "total_price": "25.00", "currency": "USD", "line_items": []})
    };
    let mut dearer = Vec::new();
    for (what, topic, body, most) in [
        ("a customer with nothing", "customers/create", customer_body(21, at, &nobody), (4.0, 8.0)),
        ("a customer with an address", "customers/create", customer_body(22, at, &json!({})), (5.0, 10.0)),
        ("a customer with two", "customers/create", customer_body(23, at, &phone(23)), (7.0, 12.0)),
        (
            "a tag of a stranger's",
            "customer.tags_added",
            json!({"customerId": gid(24), "tags": ["vip"], "occurredAt": at}),
            (2.0, 8.0),
        ),
        ("a stranger's basket", "checkouts/create", checkout(25), (13.0, 26.0)),
        ("an order of a customer with nothing", "orders/create", by(26, &nobody), (4.0, 13.0)),
        ("an order of one with an address", "orders/create", by(27, &json!({})), (7.0, 15.0)),
        ("an order of one with two", "orders/create", by(28, &phone(28)), (9.0, 17.0)),
        (
            "an order of a guest with an address",
            "orders/create",
            guest(29, &json!({"email": "g29@example.com"})),
            (8.0, 15.0),
        ),
        ("an order of a passer-by", "orders/create", guest(30, &json!({})), (5.0, 13.0)),
        ("another of theirs", "orders/create", guest(31, &json!({})), (5.0, 13.0)),
    ] {
        let before = world.table.ledger();
        shop.bring(&world, topic, &body).await;
        let (reads, writes) = spent(&world, &before);
        println!("{what}: {reads} read units, {writes} write units");
        if reads > most.0 || writes > most.1 {
            dearer.push(format!("{what}: {reads} read units, {writes} write units"));
        }
    }
    assert!(dearer.is_empty(), "{dearer:#?}");
}

#[tokio::test]
async fn a_days_events_cost_no_more_than_they_may_on_the_average() {
    let shop = DemoShop::connected(11).await;
    let world = &shop.world;
    let start = world.table.ledger();
    let (mut events, mut own) = (0.0, (0.0, 0.0));
    for _ in 0..8 {
        shop.theirs.rush(50);
        loop {
            let before = world.table.ledger();
            let heard = world.hear().await;
            if heard == 0 {
                break;
            }
            events += f64::from(u32::try_from(heard).expect("few"));
            while pump_queue(&world.tasks, &world.product, Queue::Ingest, 1).await.expect("memory holds") > 0
            {
            }
            let (reads, writes) = spent(world, &before);
            own = (own.0 + reads, own.1 + writes);
        }
        world.settle().await;
    }
    let all = spent(world, &start);
    for (what, (reads, writes), most) in
        [("an event", own, (6.0, 10.0)), ("with all that it leads to", all, (10.0, 10.0))]
    {
        let (reads, writes) = (reads / events, writes / events);
        println!("{events} events, {what}: {reads:.2} read units, {writes:.2} write units");
        assert!(
            reads <= most.0 && writes <= most.1,
            "{what}: {reads:.2} read units, {writes:.2} write units"
        );
    }
    assert!(events > 800.0, "{events}");
}
