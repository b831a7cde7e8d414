//! What a shop has defined of its own for its customers is asked for with them, and rules name it (SEG-02, SEG-04).

use std::collections::BTreeSet;

use domain::{Queue, Run, Timestamp, run::Resource};
use flows::Clock;
use local::{World, shopify::books::records::Customer};
use serde_json::{Value, json};

use super::{House, Nowhere, Post, bulk, renamed};

const DEFINED: [(&str, &str); 4] = [
    ("facts.birth_date", "date"),
    ("taste.roast", "single_line_text_field"),
    ("taste.cups_a_day", "number_integer"),
    // Of a type that nothing can be compared with.
    ("loyalty.ledger", "json"),
];

impl House {
    fn define(&self) {
        for (name, of) in DEFINED {
            self.shop.define(name, of, true);
        }
        self.shop.define("secret.of_an_app", "boolean", false);
    }

    /// Connected, and all that it has defined is here.
    async fn defining(world: &World, customers: u32) -> Self {
        let house = Self::connected(world, customers).await;
        house.define();
        world.settle().await;
        house
    }

    /// How many customers of the shop are so, by its own books.
    fn counted(&self, is: impl Fn(&Customer) -> bool) -> usize {
        self.shop.books(|books| books.customers().filter(is).count())
    }

    async fn preview(&self, world: &World, rule: &str) -> Value {
        let told = self.owner.post(world, "/api/v1/segments/preview", &json!({ "rule": rule })).await;
        if told.status == 200 { told.at("/total") } else { told.json() }
    }

    async fn must_be(&self, world: &World, rule: &str, is: impl Fn(&Customer) -> bool) {
        assert_eq!(self.preview(world, rule).await, json!(self.counted(is)), "{rule}");
    }

    async fn metafields(&self, world: &World) -> Vec<(String, String)> {
        let told = self.owner.get(world, "/api/v1/segments/fields").await;
        let text = |field: &Value, name: &str| field[name].as_str().unwrap_or_default().to_owned();
        let all = told.at("/items").as_array().cloned().unwrap_or_default();
        let own = all.iter().map(|field| (text(field, "name"), text(field, "kind")));
        own.filter(|(name, _)| name.starts_with("metafields.")).collect()
    }

    /// Asks what has changed, and says how many customers were read.
    async fn incremental(&self, world: &World) -> u64 {
        let run = self.sync(world, &json!({"mode": "incremental"})).await;
        assert_eq!(run["status"], json!("completed"), "{run}");
        let newest = self.store(world).runs(1).await.expect("memory holds");
        read(&newest[0])
    }
}

fn value<'a>(customer: &'a Customer, name: &str) -> Option<&'a str> {
    customer.metafields.get(name).map(|it| it.value.as_str())
}

fn drinks(customer: &Customer) -> Option<u32> {
    value(customer, "taste.cups_a_day")?.parse().ok()
}

/// How many rows a run read of customers.
fn read(run: &Run) -> u64 {
    let of_customers = run.parts.iter().filter(|part| part.of == Resource::Customers);
    of_customers.map(|part| part.tally.rows()).sum()
}

#[tokio::test]
async fn rules_name_what_a_shop_has_defined_and_pinned() {
    let world = World::new(1).await;
    let house = House::defining(&world, 120).await;
    let known = [("facts.birth_date", "a date"), ("taste.cups_a_day", "a number"), ("taste.roast", "a text")];
    let known = known.map(|(name, kind)| (format!("metafields.{name}"), kind.to_owned()));
    assert_eq!(house.metafields(&world).await, known);

    let dark = |it: &Customer| value(it, "taste.roast") == Some("dark");
    house.must_be(&world, "metafields.taste.roast = 'dark'", dark).await;
    house.must_be(&world, "metafields.taste.roast IS NULL", |it| value(it, "taste.roast").is_none()).await;
    house.must_be(&world, "metafields.taste.cups_a_day >= 3", |it| drinks(it) >= Some(3)).await;
    let both = "metafields.taste.roast = 'dark' AND metafields.taste.cups_a_day BETWEEN 1 AND 2";
    house.must_be(&world, both, |it| dark(it) && matches!(drinks(it), Some(1 | 2))).await;
    let young = |it: &Customer| value(it, "facts.birth_date") >= Some("1990-01-01");
    house.must_be(&world, "metafields.facts.birth_date >= 1990-01-01", young).await;
    let june = |it: &Customer| value(it, "facts.birth_date").is_some_and(|day| day[5..].starts_with("06-"));
    let in_june = "anniversary(metafields.facts.birth_date) BETWEEN 2026-06-01 AND 2026-06-30";
    house.must_be(&world, in_june, june).await;
    assert!([dark, young, june].iter().all(|is: &fn(&Customer) -> bool| house.counted(is) > 0));
    for unknown in ["metafields.secret.of_an_app = TRUE", "metafields.loyalty.ledger = 'x'"] {
        let refused = house.preview(&world, unknown).await;
        assert_eq!(refused["errors"][0]["code"], json!("unknown_name"), "{unknown}: {refused}");
    }

    // They stand beside what was brought here, and are changed at the shop alone.
    let id = house.anybody(1);
    let path = format!("/api/v1/customers/s{id}");
    let shown = house.owner.get(&world, &path).await;
    assert_eq!(shown.at("/metafields/taste.roast"), json!("medium"), "{}", shown.text);
    assert_eq!(shown.at("/attributes"), json!({}));
    let put = json!({"first_name": "Ada", "attributes": {"club": "Gold"}});
    let changed = house.owner.call(&world, "PUT", &path, &put).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.at("/metafields"), shown.at("/metafields"));
    assert_eq!(changed.at("/attributes"), json!({"club": "Gold"}));
    let told = json!({"attributes": {"metafields.taste.roast": "light"}});
    let refused = house.owner.call(&world, "PATCH", &path, &told).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
}

#[tokio::test]
async fn what_is_defined_later_is_read_of_everybody_once_and_what_is_unpinned_is_nobodys() {
    let world = World::new(2).await;
    let house = House::synced(&world, 40).await;
    let rule = "metafields.taste.roast IS NOT NULL";
    let unknown = house.preview(&world, rule).await;
    assert_eq!(unknown["errors"][0]["code"], json!("unknown_name"), "{unknown}");
    house.define();
    assert_eq!(house.incremental(&world).await, 40);
    house.must_be(&world, rule, |it| value(it, "taste.roast").is_some()).await;
    assert!(house.incremental(&world).await < 40, "once");

    house.shop.define("taste.roast", "single_line_text_field", false);
    assert_eq!(house.incremental(&world).await, 40);
    assert_eq!(house.preview(&world, rule).await, json!(0), "the rule stays one");
    house.must_be(&world, "metafields.taste.cups_a_day > 0", |it| drinks(it) > Some(0)).await;
}

#[tokio::test]
async fn who_changed_without_a_word_is_found_within_a_week_and_whoever_is_told_of_at_once() {
    let world = World::new(3).await;
    let house = House::defining(&world, 12).await;
    let (ada, bob) = (house.anybody(3), house.anybody(4));
    let rule = "metafields.taste.roast = 'white'";
    for id in [ada, bob] {
        house.shop.note(id, "taste.roast", Some("white")).expect("they are there");
    }
    assert_eq!(house.incremental(&world).await, 0, "their day is as it was");
    assert_eq!(house.preview(&world, rule).await, json!(0));
    house.shop.change(ada, renamed("Ada")).expect("she is there");
    house.shop.note(ada, "taste.cups_a_day", None).expect("she is there");
    world.shopify.tick(&Post(&world)).await;
    world.settle().await;
    assert_eq!(house.preview(&world, rule).await, json!(1), "whoever is told of is asked for whole");
    house.must_be(&world, "metafields.taste.cups_a_day IS NULL", |it| drinks(it).is_none()).await;
    let begun = world.clock.now();
    let days = |now: Timestamp| now.duration_since(begun).as_hours() / 24;
    let (store, mut whole) = (house.store(&world), BTreeSet::new());
    while days(world.clock.now()) < 12 {
        world.clock.advance_seconds(3 * 3_600);
        house.wait(&world, 1).await;
        let runs = store.runs(200).await.expect("memory holds").into_iter();
        whole.extend(runs.filter(|run| run.created_at > begun && read(run) >= 12).map(|run| run.created_at));
    }
    assert_eq!(house.preview(&world, rule).await, json!(2));
    let after: Vec<_> = whole.into_iter().map(days).collect();
    assert!(matches!(after[..], [7..=8]), "once a week: after {after:?} days");
}

#[tokio::test]
async fn a_file_brings_them_behind_their_customers() {
    let world = World::new(4).await;
    let house = House::connected(&world, 60).await;
    house.define();
    let deps = bulk::hands(&world);
    while bulk::message(&world, &deps).await {
        world.shopify.tick(&Nowhere).await;
    }
    let job = &house.jobs(&world).await[0];
    assert_eq!((&job["status"], &job["records_failed"]), (&json!("completed"), &json!(0)), "{job}");
    world.settle().await;
    house
        .must_be(&world, "metafields.taste.roast = 'light'", |it| value(it, "taste.roast") == Some("light"))
        .await;
    house
        .must_be(&world, "metafields.taste.cups_a_day < 4", |it| drinks(it).is_some_and(|cups| cups < 4))
        .await;
}

/// The step that counts is done again after it has said that all are to be read.
#[tokio::test]
async fn who_dies_before_the_run_knows_that_all_are_to_be_read_has_said_it() {
    let world = World::new(5).await;
    let house = House::synced(&world, 30).await;
    house.define();
    let begun = house.owner.post(&world, "/api/v1/tenants/me/sync", &json!({"mode": "incremental"})).await;
    let id = begun.text_at("/sync_run_id");
    let message =
        world.tasks.take(Queue::Sync).expect("memory holds").into_iter().next().expect("it is left");
    let before = house.run(&world, &id).await;
    world.deliver(Queue::Sync, &message.body).await.expect("it is done");
    // All that it did is there but the run itself, which is as before.
    let store = house.store(&world);
    let held = store.run(before.id).await.expect("memory holds").expect("it is there");
    store.commit(vec![store.run_changed(&held, &before)]).await.expect("nobody else is at it");
    assert!(house.run(&world, &id).await.parts.iter().all(|part| part.since.is_some()));
    world.deliver(Queue::Sync, &message.body).await.expect("it is done");
    assert!(super::step(&world).await, "it counts anew");
    let counted = house.run(&world, &id).await.parts.into_iter().map(|part| (part.of, part.total));
    let of_all = [(Resource::Customers, Some(30)), (Resource::Orders, None), (Resource::Products, None)];
    assert_eq!(counted.collect::<Vec<_>>(), of_all, "how many orders there are is not how many are read");
    world.settle().await;
    assert_eq!(read(&house.run(&world, &id).await), 30);
    house.must_be(&world, "metafields.taste.roast IS NULL", |it| value(it, "taste.roast").is_none()).await;
}
