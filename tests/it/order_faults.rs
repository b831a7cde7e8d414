//! A thousand acts on the orders of fifty customers, overlapping, under seeded faults: totals, the audience's rows,
//! timelines and figures are what the orders add up to; no order is lost, none is there twice.

use crate::{
    cast::Person,
    customers::{made, shop},
    storms::Dice,
};
use futures::future::join_all;
use local::{World, world::Answer};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

const CUSTOMERS: usize = 50;
const ACTS: usize = 1_000;
const AT_ONCE: usize = 20;
const PER_MILLE: u32 = 30;

struct Run {
    world: World,
    owner: Person,
    customers: Vec<String>,
    /// Whether each order that was made is still there.
    orders: Mutex<BTreeMap<String, bool>>,
}

impl Run {
    async fn act(&self, number: usize, seed: u64) {
        let mut dice = Dice::of(seed.wrapping_mul(1_000_003).wrapping_add(number as u64));
        let customer = self.customers[dice.below(CUSTOMERS)].clone();
        let order = {
            let orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
            orders.keys().nth(dice.below(orders.len().max(1))).cloned()
        };
        let kind = dice.below(20);
        let (Some(order), 6..) = (order, kind) else {
            let status = ["paid", "pending", "cancelled", "completed"][dice.below(4)];
            let body = json!({
                "customer_id": customer, "total": format!("{}.{:02}", dice.below(90), dice.below(100)), "status": status,
                "placed_at": format!("2026-01-{:02}T00:00:0{}Z", 1 + dice.below(28), dice.below(3)),
            });
            let made = self.insist("POST", "/api/v1/orders", number, &body).await;
            assert_eq!(made.status, 201, "{}", made.text);
            let id = made.text_at("/id");
            self.orders.lock().unwrap_or_else(PoisonError::into_inner).insert(id, true);
            return;
        };
        let path = format!("/api/v1/orders/{order}");
        let (method, path, body) = match kind {
            6..9 => ("PATCH", path, json!({"total": dice.below(99)})),
            9..11 => ("PATCH", path, json!({"status": "paid"})),
            11..13 => ("PATCH", path, json!({"refunded": dice.below(60)})),
            13 => ("PATCH", path, json!({"status": "refunded"})),
            14 => ("PATCH", path, json!({"status": "cancelled"})),
            15 => ("PATCH", path, json!({"placed_at": format!("2026-02-{:02}", 1 + dice.below(28))})),
            16 => ("DELETE", path, json!({})),
            17 | 18 => ("POST", format!("{path}/move"), json!({"customer_id": customer})),
            _ => {
                let into = &self.customers[dice.below(CUSTOMERS)];
                ("POST", format!("/api/v1/customers/{customer}/merge"), json!({"into": into}))
            }
        };
        let answer = self.insist(method, &path, number, &body).await;
        assert!(matches!(answer.status.as_u16(), 200 | 204 | 400 | 404 | 409), "{}", answer.text);
        if answer.status == 204 {
            self.orders.lock().unwrap_or_else(PoisonError::into_inner).insert(order, false);
        }
    }

    /// Asks until there is an answer that is final.
    async fn insist(&self, method: &str, path: &str, number: usize, body: &Value) -> Answer {
        let key = format!("act{number}");
        let call = self.world.call(method, path).bearer(&self.owner.access).header("idempotency-key", &key);
        let call = call.json(body);
        for _ in 0..200 {
            match call.try_send().await {
                Some(answer) if answer.status == 429 => {
                    self.world.clock.advance_seconds(answer.header("retry-after").parse().unwrap_or(1));
                }
                Some(answer) if answer.status == 503 || answer.text_at("/code") == "changed_meanwhile" => {}
                Some(answer) => return answer,
                None => {}
            }
        }
        panic!("{method} {path} has no final answer");
    }

    async fn all(&self, path: &str) -> Vec<Value> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.owner.get(&self.world, &format!("{path}?limit=100{cursor}")).await;
            assert_eq!(page.status, 200, "{path}: {}", page.text);
            all.extend(page.at("/items").as_array().cloned().unwrap_or_default());
            match page.at("/next").as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }

    /// What everything must add up to.
    async fn adds_up(&self) {
        let listed: BTreeMap<String, Value> =
            self.all("/api/v1/customers").await.into_iter().map(|row| (text(&row["id"]), row)).collect();
        let (mut seen, mut sold, mut revenue) = (Vec::new(), 0_i64, 0_i64);
        for id in &self.customers {
            let path = format!("/api/v1/customers/{id}");
            let shown = self.owner.get(&self.world, &path).await;
            if shown.status == 404 {
                assert!(!listed.contains_key(id), "whoever was merged is in no list");
                continue;
            }
            let orders = self.all(&format!("{path}/orders")).await;
            let counted = async |query: &str| {
                self.owner.get(&self.world, &format!("{path}/orders{query}")).await.at("/total")
            };
            let first = self.owner.get(&self.world, &format!("{path}/orders?limit=1")).await.text_at("/next");
            for query in ["", "?limit=1", "?page=2&limit=1", &format!("?limit=1&cursor={first}")] {
                if query.ends_with('=') {
                    continue;
                }
                assert_eq!(counted(query).await, json!(orders.len()), "{query}");
            }
            let counted: Vec<_> = orders.iter().filter(|order| order["counts"] == json!(true)).collect();
            let count = i64::try_from(counted.len()).unwrap_or_default();
            let spent: i64 =
                counted.iter().map(|order| cents(&order["total"]) - cents(&order["refunded"])).sum();
            let times = counted.iter().map(|order| text(&order["placed_at"]));
            let (first, last) = (times.clone().min().unwrap_or_default(), times.max().unwrap_or_default());
            for row in [&shown.json(), &listed[id]] {
                assert_eq!(
                    (row["orders_count"].as_i64(), cents(&row["total_spent"])),
                    (Some(count), spent),
                    "{row}"
                );
                assert_eq!(
                    (text(&row["first_order_at"]), text(&row["last_order_at"])),
                    (first.clone(), last.clone())
                );
            }
            let timeline = self.all(&format!("{path}/timeline")).await;
            let told: BTreeSet<_> = timeline
                .iter()
                .filter(|entry| entry["type"] == "order")
                .map(|entry| text(&entry["order"]["id"]))
                .collect();
            let theirs: BTreeSet<_> = orders.iter().map(|order| text(&order["id"])).collect();
            assert_eq!(told, theirs);
            assert_eq!(theirs.len(), orders.len(), "none is there twice");
            seen.extend(theirs);
            sold += count;
            revenue += spent;
        }
        seen.sort();
        let held = self.orders.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let kept: Vec<_> = held.into_iter().filter_map(|(id, is_there)| is_there.then_some(id)).collect();
        assert_eq!(seen, kept, "none is lost, none came back");
        let mut listed: Vec<_> =
            self.all("/api/v1/orders").await.iter().map(|order| text(&order["id"])).collect();
        listed.sort();
        assert_eq!(listed, kept);
        let summary = self.owner.get(&self.world, "/api/v1/orders/stats/summary").await;
        assert_eq!((summary.at("/orders"), cents(&summary.at("/revenue"))), (json!(sold), revenue));
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn cents(amount: &Value) -> i64 {
    text(amount).replace('.', "").parse().unwrap_or(i64::MIN / 2)
}

#[tokio::test]
async fn a_thousand_acts_at_once_under_faults_leave_everything_adding_up() {
    for seed in [1, 2] {
        let world = World::new(seed).await;
        let owner = shop(&world, "owner").await;
        let mut customers = Vec::new();
        for number in 0..CUSTOMERS {
            customers.push(made(&world, &owner, &json!({"name": format!("c{number}")})).await);
        }
        let run = Run { world, owner, customers, orders: Mutex::default() };
        run.world.faults.storm(PER_MILLE);
        for first in (0..ACTS).step_by(AT_ONCE) {
            join_all((first..first + AT_ONCE).map(|number| run.act(number, seed))).await;
        }
        run.world.faults.calm();
        run.world.settle().await;
        let happened = run.world.faults.happened();
        assert!(happened.values().sum::<u32>() > 100, "there was a storm: {happened:?}");
        let mut run = run;
        run.owner =
            Person::of(&crate::cast::login(&run.world, &run.owner.email, crate::cast::PASSWORD).await);
        run.adds_up().await;
    }
}
