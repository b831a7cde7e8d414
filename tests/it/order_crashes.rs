//! A process that dies on the way of an order, at every place in turn: all of what was asked is there, or nothing of it
//! (ORD-02).

use crate::{
    cast::Person,
    customers::{made, shop},
    orders::ordered,
};
use local::{
    World,
    faults::halt::{Moment, dying},
};
use serde_json::{Value, json};

/// What is asked, of the orders of two customers who have one each.
struct Asked {
    method: &'static str,
    path: String,
    body: Value,
}

/// Two customers, and whoever has the address.
struct Scene {
    ada: String,
    bob: String,
    email: String,
    order: String,
}

impl Scene {
    async fn of(world: &World, owner: &Person, name: &str) -> Self {
        let ada = made(world, owner, &json!({"name": format!("Ada {name}")})).await;
        let bob = made(world, owner, &json!({"name": format!("Bob {name}")})).await;
        for whose in [&ada, &bob] {
            let body = json!({"customer_id": whose, "total": "12.50", "placed_at": "2026-02-01"});
            ordered(world, owner, &body).await;
        }
        let body = json!({"customer_id": ada, "total": "40", "lines": [{"title": "Tea", "price": "40"}]});
        let order = ordered(world, owner, &body).await.text_at("/id");
        Self { ada, bob, email: format!("{name}@example.com"), order }
    }

    /// All that can be seen of them, which must fit together.
    async fn seen(&self, world: &World, owner: &Person) -> Value {
        let get = async |path: String| {
            let answer = owner.get(world, &path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            answer
        };
        let guests = get(format!("/api/v1/customers?search={}", self.email)).await;
        let guests = guests.at("/items").as_array().cloned().unwrap_or_default();
        let guests = guests.iter().filter_map(|guest| guest["id"].as_str().map(str::to_owned));
        let mut seen = Vec::new();
        for id in [self.ada.clone(), self.bob.clone()].into_iter().chain(guests) {
            let shown = get(format!("/api/v1/customers/{id}")).await;
            let orders = get(format!("/api/v1/customers/{id}/orders")).await;
            let found = get(format!("/api/v1/orders?customer_id={id}")).await;
            let all = orders.at("/items").as_array().cloned().unwrap_or_default();
            let counted: Vec<&Value> = all.iter().filter(|order| order["counts"] == json!(true)).collect();
            let cents =
                |text: &Value| text.as_str().unwrap_or_default().replace('.', "").parse().unwrap_or(0_i64);
            let spent: i64 =
                counted.iter().map(|order| cents(&order["total"]) - cents(&order["refunded"])).sum();
            assert_eq!(
                (shown.at("/orders_count"), cents(&shown.at("/total_spent"))),
                (json!(counted.len()), spent),
                "the customer is what their orders add up to"
            );
            let ids = |list: &Value| {
                let list = list.as_array().cloned().unwrap_or_default();
                let mut ids: Vec<_> = list.iter().map(|order| order["id"].to_string()).collect();
                ids.sort();
                ids
            };
            assert_eq!(
                ids(&found.at("/items")),
                ids(&orders.at("/items")),
                "the columns know what the record knows"
            );
            for order in &all {
                let one = get(format!("/api/v1/orders/{}", order["id"].as_str().unwrap_or_default())).await;
                assert_eq!(one.text_at("/customer/id"), id, "an order is with whom it says");
            }
            seen.push(json!({"customer": id, "spent": spent, "orders": orders.at("/items")}));
        }
        json!(seen)
    }
}

async fn at_every_place(seed: u64, ask: impl Fn(&Scene) -> Asked) {
    let world = World::new(seed).await;
    let owner = shop(&world, "owner").await;
    let (mut undone, mut done) = (0, 0);
    for moment in [Moment::BeforeTheCall, Moment::AfterTheCall] {
        for place in 0.. {
            let name = format!("{moment:?}{place}").to_lowercase();
            // So that the shop's bucket of calls is full again.
            world.clock.advance_seconds(10);
            let scene = Scene::of(&world, &owner, &name).await;
            let before = scene.seen(&world, &owner).await;
            let Asked { method, path, body } = ask(&scene);
            let call = world.call(method, &path).bearer(&owner.access).header("idempotency-key", &name);
            let call = call.json(&body);
            let (answer, has_died) = dying(place, moment, call.try_send()).await;
            assert_eq!(answer.is_none(), has_died, "{moment:?} {place}");
            let left = scene.seen(&world, &owner).await;
            let again = call.send().await;
            assert!(again.status.is_success(), "{moment:?} {place}: {}", again.text);
            let after = scene.seen(&world, &owner).await;
            assert_ne!(before, after);
            assert!(left == before || left == after, "{moment:?} {place}: half of it is there: {left:#}");
            if !has_died {
                assert!(
                    place > 4,
                    "the caller, the order, the customer and the commit at least, but {place}"
                );
                break;
            }
            if left == before { undone += 1 } else { done += 1 }
        }
    }
    assert!(undone > 4 && done > 0, "it died before and after the commit: {undone}, {done}");
}

#[tokio::test]
async fn an_order_is_there_with_its_customers_totals_or_not_at_all() {
    let known = |scene: &Scene| json!({"customer_id": scene.ada, "total": "7.10"});
    let post = |body| Asked { method: "POST", path: "/api/v1/orders".to_owned(), body };
    at_every_place(1, |scene| post(known(scene))).await;
    at_every_place(2, |scene| post(json!({"email": scene.email, "total": "7.10"}))).await;
}

#[tokio::test]
async fn a_change_of_an_order_is_seen_everywhere_or_nowhere() {
    let of = |scene: &Scene| format!("/api/v1/orders/{}", scene.order);
    for (seed, body) in [
        (3, json!({"refunded": "15"})),
        (4, json!({"status": "cancelled"})),
        (5, json!({"placed_at": "2026-01-01"})),
    ] {
        at_every_place(seed, |scene| Asked { method: "PATCH", path: of(scene), body: body.clone() }).await;
    }
    at_every_place(6, |scene| Asked { method: "DELETE", path: of(scene), body: json!({}) }).await;
}

#[tokio::test]
async fn an_order_that_moves_is_with_one_customer_at_any_time() {
    at_every_place(7, |scene| Asked {
        method: "POST",
        path: format!("/api/v1/orders/{}/move", scene.order),
        body: json!({"customer_id": scene.bob}),
    })
    .await;
}
