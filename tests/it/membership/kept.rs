//! Histories by seed: whatever customers, merchants, clocks and faults do, segments are as if found from nothing.

use super::{house, list, members, must_be_as_from_nothing, segment, store_of};
use crate::{
    cast::Person,
    storms::{Dice, calmed, work},
};
use domain::{Queue, Zone};
use flows::Clock;
use futures::future::join_all;
use local::World;
use serde_json::{Value, json};
use store::TenantStore;

const SEEDS: u64 = 24;
const STORMS: u64 = 16;
const STEPS: usize = 10;
/// Of a thousand calls so many go wrong.
const PER_MILLE: u32 = 25;

/// With `{}` for the id of a segment, and `[]` for that of a list.
const RULES: [&str; 12] = [
    "EVERYONE",
    "customer_tags CONTAINS 'a'",
    "customer_tags NOT CONTAINS 'b' AND number_of_orders > 0",
    "amount_spent BETWEEN 20 AND 90",
    "last_order_date >= -3d",
    "last_order_date < -1d OR number_of_orders = 0",
    "anniversary(birthday) BETWEEN today AND +2d",
    "orders_placed MATCHES (date >= -4d, sum_amount >= 40)",
    "orders_placed NOT MATCHES (amount > 30)",
    "segment NOT MATCHES (id = '{}')",
    "segment MATCHES (id = '{}') AND customer_tags CONTAINS 'a'",
    "list MATCHES (id = '[]') OR customer_tags CONTAINS 'b'",
];

/// What is asked of the API.
struct Ask {
    method: &'static str,
    path: String,
    body: Value,
    /// Where its id is kept.
    makes: Option<Makes>,
}

#[derive(Clone, Copy)]
enum Makes {
    Customer,
    Order,
    Segment,
}

struct History {
    world: World,
    owner: Person,
    store: TenantStore,
    dice: Dice,
    customers: Vec<String>,
    orders: Vec<String>,
    segments: Vec<String>,
    friends: String,
    names: usize,
}

impl History {
    async fn new(seed: u64) -> Self {
        let world = World::new(seed).await;
        let owner = house(&world, "owner").await;
        let store = store_of(&world, &owner);
        // Enough for rows to be gathered.
        let rows: Vec<_> =
            (0..66).map(|n| json!({"email": format!("jo{n}@example.com"), "tags": ["a"]})).collect();
        let made = owner.post(&world, "/api/v1/customers/bulk", &json!({"customers": rows})).await;
        assert!(made.status.is_success(), "{}", made.text);
        let listed = owner.get(&world, "/api/v1/customers?limit=20").await;
        let items = listed.at("/items").as_array().cloned().unwrap_or_default();
        let customers = items.iter().filter_map(|item| Some(item["id"].as_str()?.to_owned())).collect();
        let friends = list(&world, &owner, "Friends").await;
        let segments = vec![segment(&world, &owner, "First", RULES[1]).await];
        let dice = Dice::of(seed);
        Self { world, owner, store, dice, customers, orders: vec![], segments, friends, names: 0 }
    }

    fn one_of(&mut self, all: fn(&Self) -> &Vec<String>) -> String {
        let place = self.dice.below(all(self).len());
        all(self)[place].clone()
    }

    fn rule(&mut self) -> String {
        let rule = RULES[self.dice.below(RULES.len())];
        rule.replace("{}", &self.one_of(|it| &it.segments)).replace("[]", &self.friends)
    }

    fn ask(&mut self) -> Ask {
        let ask = |method, path: String, body| Ask { method, path, body, makes: None };
        let customer = format!("/api/v1/customers/{}", self.one_of(|it| &it.customers));
        let of_segment = format!("/api/v1/segments/{}", self.one_of(|it| &it.segments));
        self.names += 1;
        let name = format!("Name {}", self.names);
        let tags = [json!([]), json!(["a"]), json!(["b"]), json!(["a", "b"])][self.dice.below(4)].clone();
        match self.dice.below(16) {
            0 | 1 => {
                let day = 20 + self.dice.below(8);
                let body = json!({"name": name, "tags": tags, "birthday": format!("1990-09-{day}")});
                Ask { makes: Some(Makes::Customer), ..ask("POST", "/api/v1/customers".to_owned(), body) }
            }
            2..5 => ask("PATCH", customer, json!({"tags": tags})),
            5..8 => {
                let id = self.one_of(|it| &it.customers);
                let back = i64::try_from(self.dice.below(120)).unwrap_or(0);
                let placed_at = self.world.clock.now() - jiff::SignedDuration::from_hours(back);
                let body = json!({"customer_id": id, "total": 10 + self.dice.below(60), "status": "paid",
                    "placed_at": placed_at.to_string()});
                Ask { makes: Some(Makes::Order), ..ask("POST", "/api/v1/orders".to_owned(), body) }
            }
            8 if !self.orders.is_empty() => {
                let path = format!("/api/v1/orders/{}", self.one_of(|it| &it.orders));
                if self.dice.below(2) == 0 {
                    ask("DELETE", path, json!({}))
                } else {
                    ask("PATCH", path, json!({"status": "refunded"}))
                }
            }
            9 => {
                let into = self.one_of(|it| &it.customers);
                ask("POST", format!("{customer}/merge"), json!({"into": into}))
            }
            10 => ask("DELETE", customer, json!({})),
            11 => {
                let body = json!({"name": name, "rule": self.rule()});
                Ask { makes: Some(Makes::Segment), ..ask("POST", "/api/v1/segments".to_owned(), body) }
            }
            12 => ask("PATCH", of_segment, json!({"rule": self.rule()})),
            13 => {
                let state = ["paused", "active"][self.dice.below(2)];
                ask("PATCH", of_segment, json!({"state": state}))
            }
            14 if self.segments.len() > 2 => ask("DELETE", of_segment, json!({})),
            _ => {
                let ids = [self.one_of(|it| &it.customers), self.one_of(|it| &it.customers)];
                let end = ["members", "members/remove"][self.dice.below(2)];
                ask("POST", format!("/api/v1/segments/{}/{end}", self.friends), json!({"customers": ids}))
            }
        }
    }

    /// A few things at one moment, and a message out of turn.
    async fn step(&mut self) {
        let count = 1 + self.dice.below(3);
        let asks: Vec<_> = (0..count).map(|_| self.ask()).collect();
        let task = ["keep_shard", "keep_shard", "rebuild_shard", "check_shard"][self.dice.below(4)];
        let nudge = json!({"task": task, "tenant": self.owner.tenant, "shard": 0}).to_string();
        let calls = asks.iter().map(|ask| {
            let call = self.world.call(ask.method, &ask.path).bearer(&self.owner.access).json(&ask.body);
            async move { call.try_send().await }
        });
        let (answers, _) = futures::join!(join_all(calls), async {
            // Whoever is overtaken, or dies, is asked again by somebody else.
            local::faults::crash::watched(self.world.deliver(Queue::Audience, &nudge)).await
        });
        for (ask, answer) in asks.iter().zip(answers) {
            let Some(answer) = answer else { continue };
            let path = &ask.path;
            let known = [200, 201, 204, 400, 404, 409, 500, 503].contains(&answer.status.as_u16());
            assert!(known, "{} {path} {}: {}", ask.method, ask.body, answer.text);
            let Some(makes) = ask.makes.filter(|_| answer.status == 201) else { continue };
            let made = answer.text_at("/id");
            match makes {
                Makes::Customer => self.customers.push(made),
                Makes::Order => self.orders.push(made),
                Makes::Segment => self.segments.push(made),
            }
        }
    }

    /// Hours pass, now and then over midnight.
    fn wait(&mut self) {
        let now = self.world.clock.now();
        let zone: Zone = "America/New_York".parse().expect("a zone");
        let then = match self.dice.below(4) {
            0 => zone.next_day(now),
            1 => now + jiff::SignedDuration::from_mins(500),
            _ => return,
        };
        self.world.clock.advance_to(then.as_millisecond());
    }

    async fn must_be_right(&self, what: &str) {
        let now = self.world.clock.now();
        must_be_as_from_nothing(&self.world, &self.store, now, what).await;
        let listed = self.owner.get(&self.world, "/api/v1/segments?limit=100").await;
        for item in listed.at("/items").as_array().cloned().unwrap_or_default() {
            let id = item["id"].as_str().unwrap_or_default();
            let kept = members(&self.store, id).await.len();
            assert_eq!(item["count"], kept, "{what}: {item}");
            assert!(item["settled_at"].is_string(), "{what}: {item}");
        }
    }
}

#[tokio::test]
async fn segments_are_always_as_if_found_from_nothing() {
    for seed in 1..=SEEDS {
        let mut history = History::new(seed).await;
        for step in 0..STEPS {
            history.step().await;
            history.wait();
            history.world.settle().await;
            history.must_be_right(&format!("seed {seed}, step {step}")).await;
        }
    }
}

#[tokio::test]
async fn after_any_storm_segments_are_as_if_found_from_nothing() {
    for seed in 1..=STORMS {
        let mut history = History::new(seed).await;
        for step in 0..4 {
            history.world.faults.storm_by(seed, PER_MILLE);
            for _ in 0..3 {
                history.step().await;
                history.wait();
                work(&history.world, 2).await;
            }
            calmed(&history.world).await;
            history.must_be_right(&format!("storm {seed}, step {step}")).await;
        }
    }
}
