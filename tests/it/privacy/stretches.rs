//! What takes longer than one message has time for is done by several, each of which goes on where the one before stopped.

use async_trait::async_trait;
use domain::{Queue, Timestamp, privacy::State};
use flows::{
    Clock, Files,
    files::{FileName, FilePart},
};
use local::{
    World,
    product::{Ports, Product},
    world::HandClock,
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use store::local::Units;

use super::{EMAIL, QUIRINIA, answering, asked, requests, told};
use crate::{imports::started, shop_events::Shop};

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

#[tokio::test]
async fn a_long_file_is_searched_to_its_end_by_several_messages() {
    let mut world = World::new(31).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let job =
        started(&world, &shop.owner, json!({"of": "customers"}), "email,name\nbob@example.com,Bob\n").await;
    super::ended(&world).await;
    let job = job.rsplit('/').next().and_then(|id| id.parse().ok()).expect("a job");
    let tenant = shop.owner.tenant.parse().expect("a tenant");
    let name = FileName::Job { tenant, job, part: FilePart::Brought };
    let mut long = vec![b'x'; 40 * 1024 * 1024];
    long.extend(format!(",{EMAIL},").bytes());
    world.files.write(name, long).await.expect("memory holds");
    shop.bring(&world, "customers/redact", &asked(&shop, QUIRINIA, EMAIL, None)).await;

    hastened(&mut world);
    let (queue, task) = answering(&shop, requests(&world, &shop).await[0].id);
    let mut places = Vec::new();
    while requests(&world, &shop).await[0].state == State::Open {
        world.deliver(queue, &task).await.expect("it is done as far as it goes");
        let request = requests(&world, &shop).await.remove(0);
        places.extend(request.searching.map(|searching| searching.bytes));
        assert!(places.len() < 40, "it does not end: {request:?}");
    }
    assert!(
        places.len() > 1 && places.is_sorted_by(|one, other| one < other),
        "each went further: {places:?}"
    );
    assert_eq!(world.files.bytes(name).await.expect("memory holds"), None, "at its end it speaks of her");
    assert_eq!(requests(&world, &shop).await[0].done.files, 1);
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
