//! What takes longer than one message has time for is done by several, each of which goes on where the one before stopped.

use async_trait::async_trait;
use domain::{
    Queue, Timestamp,
    privacy::{Searching, State, Writing},
};
use flows::{
    Clock, Files,
    files::{FileName, FilePart},
};
use local::{
    World,
    product::{Ports, Product},
    world::{HandClock, Log},
};
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use store::local::Units;

use super::{EMAIL, QUIRINIA, answering, asked, requests, scan::found, told};
use crate::{
    imports::started,
    shop_events::{Shop, customer_body, order_body},
};

/// Whoever asks it has been at it for a while.
struct Hasty(Arc<HandClock>);

#[async_trait]
impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        self.0.advance_seconds(6);
        self.0.now()
    }

    async fn pause(&self, length: Duration) {
        self.0.pause(length).await;
    }
}

pub(super) fn settings() -> api::Settings {
    api::Settings {
        origin: local::world::ORIGIN.to_owned(),
        allowed_origins: Vec::new(),
        access_seconds: 900,
        events_topic: None,
        live_url: "wss://crm.test/live".to_owned(),
    }
}

/// Whatever the world's functions do takes a while.
pub(super) fn hastened(world: &mut World) {
    let clock = Arc::new(Hasty(world.clock.clone()));
    world.product = Product::new(&Ports { clock, ..world.ports.clone() }, settings());
}

/// She is forgotten by messages that have little time. Answers where each of them left it to the next.
async fn forgotten_bit_by_bit(world: &mut World, shop: &Shop) -> Vec<Searching> {
    shop.bring(world, "customers/redact", &asked(shop, QUIRINIA, EMAIL, None)).await;
    hastened(world);
    let (queue, task) = answering(shop, requests(world, shop).await[0].id);
    let mut places = Vec::new();
    while requests(world, shop).await[0].state == State::Open {
        world.deliver(queue, &task).await.expect("it is done as far as it goes");
        let request = requests(world, shop).await.remove(0);
        places.extend(request.searching.clone());
        assert!(places.len() < 40, "it does not end: {request:?}");
    }
    places
}

/// A file that speaks of her behind so many bytes.
async fn told_behind(world: &World, shop: &Shop, bytes: usize) -> FileName {
    let file = "email,name\nbob@example.com,Bob\n";
    let job = started(world, &shop.owner, json!({"of": "customers"}), file).await;
    super::ended(world).await;
    let job = job.rsplit('/').next().and_then(|id| id.parse().ok()).expect("a job");
    let name = FileName::Job { tenant: shop.store(world).id(), job, part: FilePart::Brought };
    let mut long = vec![b'x'; bytes];
    long.extend(format!(",{EMAIL},").bytes());
    world.files.write(name, long).await.expect("memory holds");
    name
}

#[tokio::test]
async fn what_lies_across_two_pieces_of_a_file_is_found() {
    let world = World::new(34).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let name = told_behind(&world, &shop, 4 * 1024 * 1024 - 10).await;
    told(&world, &shop, "customers/redact", &asked(&shop, QUIRINIA, EMAIL, None)).await;
    assert_eq!(world.files.bytes(name).await.expect("memory holds"), None);
}

#[tokio::test]
async fn a_long_file_is_searched_to_its_end_by_several_messages() {
    let mut world = World::new(31).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let name = told_behind(&world, &shop, 40 * 1024 * 1024).await;
    let places = forgotten_bit_by_bit(&mut world, &shop).await;
    let bytes = |place: &Searching| if let Searching::Files(place) = place { place.bytes } else { 0 };
    let places: Vec<_> = places.iter().map(bytes).collect();
    assert!(
        places.len() > 1 && places.is_sorted_by(|one, other| one < other),
        "each went further: {places:?}"
    );
    assert_eq!(world.files.bytes(name).await.expect("memory holds"), None, "at its end it speaks of her");
    assert_eq!(requests(&world, &shop).await[0].done.files, 1);
}

#[tokio::test]
async fn many_events_answers_and_files_are_searched_by_several_messages() {
    let (mut world, log) = (World::new(33).await, Log::listen());
    let shop = Shop::connected(&world, "nordlicht").await;
    // Hers are what is searched last, behind others'.
    for (id, email, name) in [(QUIRINIA, EMAIL, "Quirinia"), (8, "ada8@example.com", "Ada")] {
        let named = json!({"email": email, "first_name": name, "last_name": null});
        let customer = customer_body(id, "2026-09-01T10:00:00Z", &named);
        told(&world, &shop, "customers/create", &customer).await;
        for number in 0..6 {
            // In another currency it is refused, and its body kept.
            let words = json!({"currency": "EUR", "email": email, "customer": customer});
            let order = order_body(9_000 + id + number, id, "2026-09-02T10:00:00Z", &words);
            shop.bring(&world, "orders/create", &order).await;
            world.clock.advance_seconds(1);
            let path = format!("/api/v1/customers/s{id}");
            let call = world.call("PATCH", &path).bearer(&shop.owner.access);
            let call = call.header("idempotency-key", &format!("{id}-{number}"));
            assert_eq!(call.json(&json!({"language": "cs"})).send().await.status, 200);
        }
    }
    // Of old jobs the files are gone by themselves.
    for _ in 0..6 {
        let name = told_behind(&world, &shop, 0).await;
        world.files.remove(name).await.expect("memory holds");
    }
    super::ended(&world).await;
    let places = found(&world, &log, &[EMAIL]).await;
    assert!(
        places.contains("file event") && places.contains("table I"),
        "so that the scan can fail: {places:?}"
    );

    let places = forgotten_bit_by_bit(&mut world, &shop).await;
    let kind = |place: &Searching| match place {
        Searching::Words(_) => 0,
        Searching::Events { .. } => 1,
        Searching::Answers { .. } => 2,
        Searching::Files(_) => 3,
    };
    let kinds: Vec<_> = places.iter().map(kind).collect();
    assert!(kinds.is_sorted() && (1..4).all(|kind| kinds.contains(&kind)), "each went further: {places:?}");
    assert!(places.windows(2).all(|two| two[0] != two[1]), "{places:?}");
    assert_eq!(found(&world, &log, &[EMAIL]).await, BTreeSet::new());
    let done = requests(&world, &shop).await[0].done;
    assert_eq!((done.events, done.answers), (6, 6), "{done:?}");
}

#[tokio::test]
async fn many_words_of_the_merchants_are_searched_by_several_messages() {
    let mut world = World::new(35).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    world.set_plan(&shop.owner.tenant, domain::Plan::Enterprise).await;
    // Of each kind the last names her.
    for (number, whom) in (0..).zip(["Ada", "Bea", "Cid", "Dot", EMAIL]) {
        let name = format!("{number} for {whom}");
        for (path, told) in [
            ("segments", json!({"name": name, "rule": "number_of_orders > 3"})),
            ("reports", json!({"name": name, "measures": ["orders"]})),
            ("templates", json!({"name": name, "subject": "Hi", "html": "<p>Hi</p>"})),
            ("campaigns", json!({"name": name, "channel": "sms", "text": "Hi", "rule": "EVERYONE"})),
        ] {
            let made = shop.owner.post(&world, &format!("/api/v1/{path}"), &told).await;
            assert_eq!(made.status, 201, "{path}: {}", made.text);
        }
        world.clock.advance_seconds(1);
    }
    super::ended(&world).await;

    let places = forgotten_bit_by_bit(&mut world, &shop).await;
    let words = places.iter().filter_map(|place| match place {
        Searching::Words(place) => Some((place.kind, place.id.as_str())),
        _ => None,
    });
    let words: Vec<_> = words.collect();
    assert!(words.is_sorted_by(|one, other| one < other), "each went further: {words:?}");
    let kinds: BTreeSet<_> = words.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, Writing::ALL.into(), "within each kind: {words:?}");
    let request = requests(&world, &shop).await.remove(0);
    let reworded: Vec<_> = request.reworded.iter().map(|it| (it.kind, it.fields.concat())).collect();
    assert_eq!(reworded, Writing::ALL.map(|kind| (kind, "name".to_owned())));
}

#[tokio::test]
async fn one_shop_does_not_wait_until_another_is_done() {
    let world = World::new(32).await;
    let (one, other) =
        (Shop::connected(&world, "nordlicht").await, Shop::connected(&world, "suedlicht").await);
    let groups: Vec<_> = [&one, &other]
        .map(|shop| {
            let (_, task) = answering(shop, domain::RequestId::new(world.clock.now(), [1; 10]));
            serde_json::from_str::<domain::Task>(&task).expect("a task").group()
        })
        .into();
    assert_ne!(groups[0], groups[1]);
    // But dead letters are searched by one at a time: who waits for that looks again.
    let (now, by) = (world.clock.now(), domain::RequestId::new(world.clock.now(), [9; 10]));
    let until = now + jiff::SignedDuration::from_secs(600);
    assert!(other.store(&world).sift_taken(Queue::Ingest, by, (now, until)).await.expect("memory holds"));
    shop_asks(&world, &one).await;
    assert_eq!(requests(&world, &one).await[0].state, State::Open, "it waits");
    other.store(&world).sift_left(Queue::Ingest, by).await.expect("memory holds");
    super::ended(&world).await;
    assert_eq!(requests(&world, &one).await[0].state, State::Erased);
    // Of somebody who died over it nobody waits for ever.
    assert!(other.store(&world).sift_taken(Queue::Ingest, by, (now, until)).await.expect("memory holds"));
    told(&world, &one, "customers/redact", &asked(&one, 8, "ada8@example.com", None)).await;
    assert_eq!(requests(&world, &one).await[0].state, State::Erased);
}

async fn shop_asks(world: &World, shop: &Shop) {
    shop.bring(world, "customers/redact", &asked(shop, QUIRINIA, EMAIL, None)).await;
    let (queue, task) = answering(shop, requests(world, shop).await[0].id);
    world.deliver(queue, &task).await.expect("it is done as far as it goes");
}

#[tokio::test]
async fn a_shops_rules_are_read_once_however_many_there_are() {
    let world = World::new(33).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    world.set_plan(&shop.owner.tenant, domain::Plan::Enterprise).await;
    for number in 0..60 {
        let rule = format!("number_of_orders > {number} AND email != '{}@example.com'", "x".repeat(200));
        let told = json!({"name": format!("Segment {number}"), "rule": rule});
        let made = shop.owner.post(&world, "/api/v1/segments", &told).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    super::ended(&world).await;
    shop.bring(&world, "customers/redact", &asked(&shop, QUIRINIA, EMAIL, None)).await;
    let (queue, task) = answering(&shop, requests(&world, &shop).await[0].id);
    let before = world.table.ledger();
    world.deliver(queue, &task).await.expect("it is done");
    let reads = world.table.ledger().since(&before).reads;
    assert_eq!(requests(&world, &shop).await[0].state, State::Erased);
    assert!(reads <= Units::whole(150), "{reads} read units");
}

#[tokio::test]
async fn whoever_waits_for_another_to_search_dead_letters_has_not_searched_all_else_before() {
    let world = World::new(34).await;
    let (one, other) =
        (Shop::connected(&world, "nordlicht").await, Shop::connected(&world, "suedlicht").await);
    let told = json!({"name": format!("All but {EMAIL}"), "rule": "number_of_orders > 3"});
    assert_eq!(one.owner.post(&world, "/api/v1/segments", &told).await.status, 201);
    let (now, by) = (world.clock.now(), domain::RequestId::new(world.clock.now(), [9; 10]));
    let until = now + jiff::SignedDuration::from_secs(600);
    assert!(other.store(&world).sift_taken(Queue::Ingest, by, (now, until)).await.expect("memory holds"));
    shop_asks(&world, &one).await;
    let request = requests(&world, &one).await.remove(0);
    assert_eq!((&request.state, request.reworded.len()), (&State::Open, 0), "it waits: {request:?}");
    assert!(request.forgotten_at.is_some(), "but for the record, which everybody sees");
    other.store(&world).sift_left(Queue::Ingest, by).await.expect("memory holds");
    super::ended(&world).await;
    let request = requests(&world, &one).await.remove(0);
    assert_eq!((&request.state, request.reworded.len()), (&State::Erased, 1));
}
