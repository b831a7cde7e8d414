//! A thousand small histories, each told with its own dice: doubled, shuffled, through errors and crashes at every port of
//! `webhook` and `ingest`. Each ends as it does where nothing goes wrong.

use domain::{CustomerId, Queue};
use flows::DeadLetters;
use local::World;
use serde_json::{Value, json};

use crate::shop_events::{Shop, customer_body, order_body};

const WORLDS: u64 = 10;
const HISTORIES: u64 = 100;
const PER_MILLE: u32 = 60;
/// Between them the queue is worked on.
const TOLD_TOGETHER: usize = 60;

/// Numbers that look random, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % most
    }
}

type Told = (&'static str, Value);

fn history(id: u64) -> Vec<Told> {
    let token = format!("t-{id}");
    let buyer = customer_body(id, "2026-09-01T10:00:01Z", &json!({}));
    let refund = json!({"refunds": [{"id": 1, "transactions": [
        {"kind": "refund", "status": "success", "amount": "10.00", "currency": "USD"}]}],
        "current_total_price": "15.00", "financial_status": "partially_refunded"});
    let checkout = json!({"token": token, "updated_at": "2026-09-01T09:50:00Z", "customer": {"id": id},
        "currency": "USD", "total_price": "25.00", "line_items": []});
    vec![
        ("checkouts/create", checkout),
        (
            "orders/create",
            order_body(id, id, "2026-09-01T10:00:00Z", &json!({"customer": buyer, "checkout_token": token})),
        ),
        ("orders/updated", order_body(id, id, "2026-09-01T12:00:00Z", &refund)),
        ("customers/update", customer_body(id, "2026-09-01T13:00:00Z", &json!({"note": "tea"}))),
    ]
}

async fn state(world: &World, shop: &Shop, id: u64) -> String {
    let customer = shop.customer(world, id).await;
    let order = shop.order(world, id).await.map(|order| (order.status, order.total, order.refunded));
    let its = shop.store(world);
    let events = its.events(CustomerId::Shopify(id), 100, None).await.expect("memory holds");
    let carts = events.keys.iter().filter(|key| key.contains("#B#")).count();
    let orders = its.orders_of(CustomerId::Shopify(id)).await.expect("memory holds").len();
    let told = (customer.first_name, customer.note, customer.totals, customer.shop_words.at);
    format!("{told:?} {order:?} {orders} {carts}")
}

/// Shopify tries again until it is taken.
async fn tell(world: &World, shop: &Shop, (topic, body): &Told) {
    let told = world.hook(&shop.domain, topic, body).await;
    while told.try_send().await.is_none_or(|answer| answer.status != 200) {}
}

async fn world_of(seed: u64) -> (World, Shop) {
    let world = World::new(seed).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    (world, shop)
}

async fn settled(world: &World) {
    world.faults.calm();
    // What was tried too often in a storm is a dead letter: nothing is dropped.
    for letter in world.tasks.dead(Queue::Ingest).expect("memory holds") {
        assert!(world.tasks.replay(Queue::Ingest, &letter.id).await.expect("memory holds"));
    }
    world.settle().await;
    world.settle().await;
}

#[tokio::test]
async fn a_thousand_histories_in_a_storm_end_as_in_a_calm() {
    let (calm, shop) = world_of(0).await;
    for told in history(5_000) {
        tell(&calm, &shop, &told).await;
        calm.settle().await;
    }
    let expected = state(&calm, &shop, 5_000).await;
    for part in ["spent: 1500", "tea", "PartiallyRefunded", " 1 0"] {
        assert!(expected.contains(part), "{part}: {expected}");
    }
    let mut happened = 0;
    for seed in 1..=WORLDS {
        let (world, shop) = world_of(seed).await;
        let mut all = Vec::new();
        for number in 0..HISTORIES {
            let mut dice = Dice(seed * 1_000 + number);
            let mut told = history(5_000 + number);
            let again = told[dice.below(told.len())].clone();
            told.push(again);
            // Each stands somewhere among the others' words.
            for event in told {
                all.insert(dice.below(all.len() + 1), event);
            }
        }
        world.faults.storm(PER_MILLE);
        for some in all.chunks(TOLD_TOGETHER) {
            for event in some {
                tell(&world, &shop, event).await;
            }
            world.storm_through().await;
        }
        settled(&world).await;
        happened += world.faults.happened().values().sum::<u32>();
        for number in 0..HISTORIES {
            assert_eq!(state(&world, &shop, 5_000 + number).await, expected, "seed {seed}, {number}");
        }
    }
    assert!(happened > 2_000, "there was a storm: {happened}");
}
