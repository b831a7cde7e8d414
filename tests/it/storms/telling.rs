//! What shops tell, in a storm: small histories of a customer, an order, a basket or a product, each told twice and in any
//! order, through errors and deaths at every port of `webhook` and `ingest`, several messages at once; by the webhook, in bodies
//! that no message holds, and by the event bus.

use domain::{CustomerId, OrderId, ProductId, Queue, ShopDomain, Timestamp};
use jiff::SignedDuration;
use local::{World, pump::pump_queue};
use serde_json::{Value, json};
use store::TenantStore;

use super::{
    Dice,
    bare::{domain_of, tenant},
    calmed, seeds,
    ways::{By, tell},
    work,
};
use crate::shop_events::{customer_body, order_body};

pub(super) const SEEDS: u64 = 1_040;
/// Of a thousand calls of a port so many go wrong. An event makes about fifteen.
const PER_MILLE: u32 = 60;
/// So many messages are under way at once.
const AT_ONCE: usize = 4;

pub(super) type Told = (&'static str, Value);

/// What happens, of everything that shops tell. The number is that of the first of the people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    BoughtAndRefunded,
    AgreedAndTagged,
    Deleted,
    Merged,
    LeftBehind,
    ThrownAway,
    OrderDeleted,
    Goods,
    ByAddress,
}

const STORIES: [Story; 9] = [
    Story::BoughtAndRefunded,
    Story::AgreedAndTagged,
    Story::Deleted,
    Story::Merged,
    Story::LeftBehind,
    Story::ThrownAway,
    Story::OrderDeleted,
    Story::Goods,
    Story::ByAddress,
];

/// Somebody's story, with the instant at which it begins.
struct History {
    story: Story,
    id: u64,
    from: Timestamp,
}

impl History {
    fn at(&self, second: i64) -> String {
        (self.from + SignedDuration::from_secs(second)).to_string()
    }

    fn customer(&self, second: i64, more: &Value) -> Value {
        let created = json!({"created_at": self.at(0)});
        let mut body = customer_body(self.id, &self.at(second), &created);
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        body
    }

    fn order(&self, customer: u64, second: i64, more: &Value) -> Value {
        let placed = json!({"processed_at": self.at(10)});
        let mut body = order_body(customer, customer, &self.at(second), &placed);
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        body
    }

    fn basket(&self, second: i64, total: &str) -> Value {
        let token = format!("t-{}", self.id);
        json!({"token": token, "cart_token": token, "created_at": self.at(0), "updated_at": self.at(second),
            "completed_at": null, "customer": {"id": self.id}, "currency": "USD", "total_price": total, "line_items": [],
            "abandoned_checkout_url": format!("https://shop-1.myshopify.com/1/checkouts/{token}/recover?key=k")})
    }

    fn product(&self, second: i64, title: &str) -> Value {
        json!({"id": self.id, "title": title, "status": "active", "updated_at": self.at(second), "created_at": self.at(0),
            "variants": [{"id": self.id, "title": "One", "price": "1.00"}], "variant_gids": [{"id": self.id}]})
    }

    /// In the order in which it happened.
    fn told(&self) -> Vec<Told> {
        let (id, other) = (self.id, self.id + 1);
        let gid = |id: u64| format!("gid://shopify/Customer/{id}");
        let named = |name: &str, second| self.customer(second, &json!({"first_name": name}));
        let bought =
            json!({"customer": named("Ada B.", 11), "checkout_token": format!("t-{id}"), "note": "no sugar"});
        let refund = json!({"checkout_token": format!("t-{id}"), "note": "no sugar", "refunds": [{"id": 1, "transactions": [
            {"kind": "refund", "status": "success", "amount": "10.00", "currency": "USD"}]}],
            "current_total_price": "15.00", "financial_status": "partially_refunded"});
        let by_address =
            |note: &str| json!({"customer": null, "email": format!("ada{id}@example.com"), "note": note});
        match self.story {
            Story::BoughtAndRefunded => vec![
                ("checkouts/create", self.basket(1, "25.00")),
                ("orders/create", self.order(id, 10, &bought)),
                ("orders/updated", self.order(id, 20, &refund)),
                ("customers/update", self.customer(30, &json!({"note": "tea"}))),
            ],
            Story::AgreedAndTagged => vec![
                ("customers/create", named("Ada", 1)),
                ("customers/update", named("Ada C.", 20)),
                (
                    "customer.tags_added",
                    json!({"customerId": gid(id), "tags": ["vip", "tea"], "occurredAt": self.at(30)}),
                ),
                (
                    "customer.tags_removed",
                    json!({"customerId": gid(id), "tags": ["tea"], "occurredAt": self.at(31)}),
                ),
                (
                    "customers_email_marketing_consent/update",
                    json!({"customer_id": id, "email_address": format!("ada{id}@example.com"),
                        "email_marketing_consent": {"state": "subscribed", "opt_in_level": "single_opt_in",
                            "consent_updated_at": self.at(40)}}),
                ),
            ],
            Story::Deleted => vec![
                ("customers/create", named("Ada", 1)),
                ("orders/create", self.order(id, 10, &bought)),
                ("customers/update", named("Ada C.", 20)),
                ("customers/delete", json!({"id": id})),
            ],
            Story::Merged => vec![
                ("orders/create", self.order(id, 10, &json!({}))),
                ("orders/create", self.order(other, 10, &json!({}))),
                (
                    "customers/merge",
                    json!({"admin_graphql_api_customer_kept_id": gid(other),
                        "admin_graphql_api_customer_deleted_id": gid(id), "status": "completed"}),
                ),
                ("customers/delete", json!({"id": id})),
            ],
            Story::LeftBehind => vec![
                ("checkouts/create", self.basket(1, "5.00")),
                ("checkouts/update", self.basket(60, "6.00")),
                ("customers/update", named("Ada", 61)),
            ],
            Story::ThrownAway => vec![
                ("checkouts/create", self.basket(1, "5.00")),
                ("checkouts/update", self.basket(60, "6.00")),
                ("checkouts/delete", json!({"id": 1, "cart_token": format!("t-{id}")})),
                ("customers/update", named("Ada", 61)),
            ],
            Story::OrderDeleted => vec![
                ("orders/create", self.order(id, 10, &bought)),
                ("orders/paid", self.order(id, 20, &bought)),
                ("orders/delete", json!({"id": id})),
                ("customers/update", named("Ada C.", 30)),
            ],
            Story::Goods => vec![
                ("products/create", self.product(1, "Earl")),
                ("products/update", self.product(20, "Earl Grey")),
                ("products/update", self.product(21, "Lady Grey")),
            ],
            Story::ByAddress => vec![
                ("customers/create", named("Ada", 1)),
                ("orders/create", self.order(id, 10, &by_address("no sugar"))),
                ("orders/updated", self.order(id, 20, &by_address("sugar"))),
                ("customers/update", named("Ada C.", 30)),
            ],
        }
    }

    /// What must be the same in the end, whoever it is and whenever it was.
    async fn end(&self, its: &TenantStore) -> String {
        let mut end = Vec::new();
        for id in [self.id, self.id + 1] {
            let order = its.order(OrderId::Shopify(id)).await.expect("memory holds");
            end.push(format!(
                "{:?}",
                order.map(|order| (
                    order.status,
                    order.total,
                    order.refunded,
                    order.note.clone(),
                    order.updated_at.duration_since(self.from),
                    order.customer == CustomerId::Shopify(id + 1),
                ))
            ));
            let customer = CustomerId::Shopify(id);
            let Some(held) = its.customer(customer).await.expect("memory holds") else {
                end.push("nobody".to_owned());
                continue;
            };
            let events = its.events(customer, 100, None).await.expect("memory holds");
            let carts = events.keys.iter().filter(|key| key.contains("#B#")).count();
            let orders = its.orders_of(customer).await.expect("memory holds").len();
            let mut who = held.into_inner();
            let seen = who.totals.last_order_at.map(|at| at.duration_since(self.from));
            end.push(format!(
                "{:?} {:?} {:?} {:?} {:?} {:?} {} {} {seen:?} {orders} orders, {carts} baskets, left: {}",
                who.kind,
                who.first_name,
                who.email.take(),
                who.note,
                who.tags,
                who.email_consent.as_ref().map(|consent| consent.state),
                who.totals.orders,
                who.totals.spent,
                who.has_left_cart(),
            ));
        }
        let product = its.product(ProductId::Shopify(self.id)).await.expect("memory holds");
        end.push(format!("{:?}", product.map(|product| product.title.clone())));
        let (id, other) = (self.id.to_string(), (self.id + 1).to_string());
        end.join("\n").replace(&id, "ID").replace(&other, "OTHER")
    }
}

/// A shop that tells and is not asked: nobody has a token for it.
async fn shop(world: &World) -> (TenantStore, ShopDomain) {
    let domain = domain_of(1);
    let its = tenant(world, 1, &domain).await;
    let now = flows::Clock::now(&*world.clock);
    let nothing = domain::SealedTokens { sealed: Vec::new(), access_ends_at: now, refresh_ends_at: now };
    let by = domain::UserId::new(now, [1; 10]);
    let connection = domain::Connection {
        tokens: None,
        ..domain::Connection::begun(domain.clone(), "read_orders".to_owned(), nothing, by, now)
    };
    let held = its.tenant().await.expect("memory holds").expect("it is there");
    let counts = domain::Tenant { currency: "USD".parse().expect("a currency"), ..(*held).clone() };
    let steps = vec![
        its.connection_made(&connection),
        its.shop_taken(&domain, None),
        its.tenant_changed(&held, &counts),
    ];
    its.commit(steps).await.expect("nobody else connects it");
    (its, domain)
}

/// Two hours later, when what was left behind is known.
async fn later(world: &World) {
    world.clock.advance_seconds(2 * 3_600);
    world.settle().await;
}

fn begun(world: &World, story: Story, id: u64) -> History {
    let now = flows::Clock::now(&*world.clock).as_second();
    History { story, id, from: Timestamp::from_second(now).expect("a time") }
}

/// How each story ends where nothing goes wrong.
async fn ends() -> Vec<String> {
    let world = World::new(0).await;
    let (its, domain) = shop(&world).await;
    let mut ends = Vec::new();
    for (id, story) in (5_000_000_u64..).step_by(10).zip(STORIES) {
        let history = begun(&world, story, id);
        for told in history.told() {
            tell(&world, &domain, &told, By::Webhook).await;
            world.settle().await;
        }
        later(&world).await;
        ends.push(history.end(&its).await);
    }
    ends
}

async fn storms(lot: u64, lots: u64) {
    let ends = ends().await;
    let mut world = World::new(lot).await;
    let (mut its, mut domain) = shop(&world).await;
    let (mut happened, mut replayed, mut tried, mut ways) = (0, 0, 0, [0_u32; 3]);
    for seed in seeds(SEEDS, (lot, lots)) {
        // What is kept of a shop makes each look at it longer.
        if tried % 100 == 99 {
            happened += world.faults.happened().values().sum::<u32>();
            world = World::new(seed).await;
            (its, domain) = shop(&world).await;
        }
        tried += 1;
        let mut dice = Dice::of(seed);
        let place = dice.below(STORIES.len());
        let history = begun(&world, STORIES[place], 5_000_000 + seed * 10);
        let mut all = history.told();
        for again in 0..all.len() {
            if dice.below(2) == 0 {
                all.push(all[again].clone());
            }
        }
        dice.shuffle(&mut all);
        world.faults.storm_by(seed, PER_MILLE);
        for told in &all {
            let by = By::thrown(&mut dice);
            ways[by as usize] += 1;
            tell(&world, &domain, told, by).await;
            if dice.below(3) == 0 {
                pump_queue(&world.tasks, &world.product, Queue::Ingest, AT_ONCE).await.expect("memory holds");
            }
        }
        work(&world, AT_ONCE).await;
        replayed += calmed(&world).await;
        later(&world).await;
        assert_eq!(history.end(&its).await, ends[place], "seed {seed}, {:?}", STORIES[place]);
        let (noted, _) =
            its.events_noted(u32::try_from(all.len()).expect("few"), None).await.expect("memory holds");
        assert!(noted.iter().all(|event| event.outcome.name() != "failed"), "seed {seed}: {noted:#?}");
    }
    happened += world.faults.happened().values().sum::<u32>();
    println!(
        "{tried} histories told in {ways:?} events, {happened} faults, {replayed} dead letters replayed"
    );
    assert!(ways.iter().all(|told| *told > 0), "by each way: {ways:?}");
    assert!(
        u64::from(happened) > tried * 5 && replayed > 0,
        "there was a storm: {happened} of {tried}, {replayed}"
    );
}

#[tokio::test]
async fn each_story_ends_as_it_should_where_nothing_goes_wrong() {
    let ends = ends().await;
    for (story, parts) in STORIES.into_iter().zip([
        vec!["PartiallyRefunded", "\"tea\"", "1 1500", "1 orders, 0 baskets, left: false"],
        vec!["Ada C.", "{\"vip\"}", "Subscribed", " 0 orders"],
        vec!["Erased None None None {}", "1 orders"],
        vec!["Merged(CustomerId(sOTHER))", "2 5000", "2 orders"],
        vec!["Person", "0 orders, 1 baskets, left: true"],
        vec!["Person", "0 orders, 0 baskets, left: false"],
        vec!["None\nPerson", "Ada C.", "0 0 None 0 orders"],
        vec!["nobody", "Lady Grey"],
        vec!["\"sugar\"", "Ada C.", "1 2500", "1 orders, 0 baskets"],
    ]) {
        let place = STORIES.iter().position(|one| *one == story).expect("one of them");
        for part in parts {
            assert!(ends[place].contains(part), "{story:?}: {part} in {}", ends[place]);
        }
    }
}

#[tokio::test]
async fn what_a_shop_tells_in_a_storm_ends_as_in_a_calm() {
    storms(0, 4).await;
}

#[tokio::test]
async fn what_a_shop_tells_in_another_storm_ends_as_in_a_calm() {
    storms(1, 4).await;
}

#[tokio::test]
async fn what_a_shop_tells_in_a_third_storm_ends_as_in_a_calm() {
    storms(2, 4).await;
}

#[tokio::test]
async fn what_a_shop_tells_in_a_fourth_storm_ends_as_in_a_calm() {
    storms(3, 4).await;
}
