//! Where one look does not go through all dead letters, as on SQS, the next one goes on: until all were seen.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use domain::{
    Queue, Timestamp,
    privacy::{SIFTED_SECONDS, State},
};
use flows::{Clock, DeadLetter, DeadLetters, Desk, FlowError, Sieve, Sifted};
use jiff::SignedDuration;
use local::{
    World,
    product::{Ports, Product},
    tasks::{LocalTasks, Raw},
    world::HandClock,
};
use serde_json::json;

use super::{EMAIL, QUIRINIA, answering, asked, requests, told};
use crate::shop_events::Shop;

const EACH: usize = 10;

/// Shows ten with each call, which takes a while, and hides what it has shown, as SQS does.
struct Narrow {
    tasks: Arc<LocalTasks>,
    clock: Arc<HandClock>,
    /// By their ids, until when.
    hidden: Mutex<BTreeMap<String, Timestamp>>,
    /// It shows no more while so many are hidden.
    hidden_max: Mutex<usize>,
    calls: Mutex<u32>,
}

impl Narrow {
    fn hide(&self, letters: &[DeadLetter], seconds: i64) {
        let until = self.clock.now() + SignedDuration::from_secs(seconds);
        let ids = letters.iter().map(|letter| (letter.id.clone(), until));
        self.hidden.lock().expect("one at a time").extend(ids);
    }

    async fn shown(&self, queue: Queue) -> Result<(Vec<DeadLetter>, usize), FlowError> {
        let now = self.clock.now();
        let all = self.tasks.list(queue, usize::MAX).await?;
        let hidden = self.hidden.lock().expect("one at a time");
        let is_hidden = |letter: &DeadLetter| hidden.get(&letter.id).is_some_and(|until| *until > now);
        let (hidden, shown): (Vec<_>, Vec<_>) = all.into_iter().partition(is_hidden);
        Ok((shown, hidden.len()))
    }
}

#[async_trait]
impl DeadLetters for Narrow {
    async fn list(&self, queue: Queue, limit: usize) -> Result<Vec<DeadLetter>, FlowError> {
        self.tasks.list(queue, limit).await
    }

    async fn replay(&self, queue: Queue, id: &str) -> Result<bool, FlowError> {
        self.tasks.replay(queue, id).await
    }

    async fn discard(&self, queue: Queue, id: &str) -> Result<bool, FlowError> {
        self.tasks.discard(queue, id).await
    }

    async fn sift(&self, queue: Queue, sieve: &dyn Sieve) -> Result<Sifted, FlowError> {
        self.clock.advance_seconds(15);
        *self.calls.lock().expect("one at a time") += 1;
        let (mut letters, hidden) = self.shown(queue).await?;
        if hidden >= *self.hidden_max.lock().expect("one at a time") {
            return Err(FlowError::unavailable("too many are hidden"));
        }
        let is_end = letters.len() < EACH;
        letters.truncate(EACH);
        self.hide(&letters, SIFTED_SECONDS);
        let (mut gone, mut stayed) = (0, 0);
        for letter in &letters {
            if sieve.is_to_go(letter).await? {
                gone += u64::from(self.tasks.discard(queue, &letter.id).await?);
            } else {
                stayed += 1;
            }
        }
        let (_, hidden) = self.shown(queue).await?;
        if is_end {
            self.hide(&letters, 0);
        }
        Ok(Sifted { gone, stayed, hidden: is_end.then_some(hidden as u64) })
    }
}

/// The world's functions look so.
fn narrowed(world: &mut World) -> Arc<Narrow> {
    let (tasks, clock) = (world.tasks.clone(), world.clock.clone());
    let (hidden, calls) = (Mutex::default(), Mutex::default());
    let narrow = Arc::new(Narrow { tasks, clock, hidden, hidden_max: Mutex::new(120_000), calls });
    let desk = Desk { dead_letters: narrow.clone(), ..world.ports.desk.clone() };
    let settings = api::Settings {
        origin: local::world::ORIGIN.to_owned(),
        allowed_origins: Vec::new(),
        access_seconds: 900,
        live_url: "wss://crm.test/live".to_owned(),
        events_topic: None,
    };
    world.product = Product::new(&Ports { desk, ..world.ports.clone() }, settings);
    narrow
}

async fn with_letters(world: &World, shop: &Shop) {
    let letter = |number: u32| {
        let words = if number.is_multiple_of(3) { EMAIL.to_owned() } else { format!("tea {number}") };
        let task = json!({"task": "apply_event", "event": {"shop": shop.domain, "body": {"text": words}}});
        Raw { group: shop.domain.clone(), body: task.to_string(), delay_seconds: 0 }
    };
    world.tasks.leave_raw(Queue::Ingest, (0..90).map(letter).collect()).expect("memory holds");
    super::ended(world).await;
    assert_eq!(world.tasks.dead(Queue::Ingest).expect("memory holds").len(), 90);
}

#[tokio::test]
async fn whoever_is_forgotten_is_found_in_all_of_them() {
    let mut world = World::new(7).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    with_letters(&world, &shop).await;
    let narrow = narrowed(&mut world);
    told(&world, &shop, "customers/redact", &asked(&shop, QUIRINIA, EMAIL, None)).await;
    let [request] = &*requests(&world, &shop).await else { panic!("one was asked") };
    assert_eq!((&request.state, request.done.letters), (&State::Erased, 30), "{request:?}");
    let left = world.tasks.dead(Queue::Ingest).expect("memory holds");
    assert_eq!((left.len(), left.iter().any(|letter| letter.body.contains(EMAIL))), (60, false));
    assert!(*narrow.calls.lock().expect("one at a time") >= 10, "several messages looked");
}

fn with_email(world: &World) -> Vec<DeadLetter> {
    let all = world.tasks.dead(Queue::Ingest).expect("memory holds").into_iter();
    all.filter(|letter| letter.body.contains(EMAIL)).collect()
}

#[tokio::test]
async fn what_an_operator_looks_at_meanwhile_is_searched_all_the_same() {
    let mut world = World::new(9).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    with_letters(&world, &shop).await;
    let narrow = narrowed(&mut world);
    // For longer than all the others take.
    narrow.hide(&with_email(&world)[..5], 400);
    let began_at = world.clock.now();
    told(&world, &shop, "customers/redact", &asked(&shop, QUIRINIA, EMAIL, None)).await;
    let [request] = &*requests(&world, &shop).await else { panic!("one was asked") };
    assert_eq!((&request.state, request.done.letters), (&State::Erased, 30), "{request:?}");
    assert!(with_email(&world).is_empty());
    let took = request.erased_at.expect("it is done").duration_since(began_at);
    assert!(took.as_secs() > SIFTED_SECONDS, "it was looked again when all was to be seen: {took}");
}

#[tokio::test]
async fn beyond_what_the_queue_shows_nobody_is_taken_for_forgotten_until_it_shows_all() {
    let mut world = World::new(10).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    with_letters(&world, &shop).await;
    let narrow = narrowed(&mut world);
    *narrow.hidden_max.lock().expect("one at a time") = 5;
    let body = asked(&shop, QUIRINIA, EMAIL, None);
    world.hook(&shop.domain, "customers/redact", &body).await.send().await;
    for _ in 0..3 {
        world.storm_through().await;
    }
    let [request] = &*requests(&world, &shop).await else { panic!("one was asked") };
    assert_eq!(request.state, State::Open, "it is not done: {request:?}");
    let (queue, task) = answering(&shop, request.id);
    world.clock.advance_seconds(SIFTED_SECONDS);
    let failed = world.deliver(queue, &task).await;
    assert!(matches!(failed, Err(FlowError::Unavailable(_))), "it says why: {failed:?}");
    assert!(!with_email(&world).is_empty(), "so that the test can fail");

    // Operators throw some away.
    *narrow.hidden_max.lock().expect("one at a time") = 120_000;
    super::ended(&world).await;
    let [request] = &*requests(&world, &shop).await else { panic!("one was asked") };
    assert_eq!(request.state, State::Erased, "{request:?}");
    assert!(with_email(&world).is_empty());
}

#[tokio::test]
async fn of_a_shop_that_asks_for_it_none_is_left() {
    let mut world = World::new(8).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    with_letters(&world, &shop).await;
    narrowed(&mut world);
    told(&world, &shop, "app/uninstalled", &json!({"id": 1, "myshopify_domain": shop.domain})).await;
    world.clock.advance_seconds(48 * 3_600);
    // One is on the way still.
    let task = json!({"task": "apply_event", "event": {"shop": shop.domain, "body": {"text": EMAIL}}});
    let late = Raw { group: shop.domain.clone(), body: task.to_string(), delay_seconds: 600 };
    world.tasks.leave_raw(Queue::Ingest, vec![late]).expect("memory holds");
    told(&world, &shop, "shop/redact", &json!({"shop_id": 1, "shop_domain": shop.domain})).await;
    let dead = || world.tasks.dead(Queue::Ingest).expect("memory holds").len();
    assert_eq!(dead(), 1, "nobody understands it");
    let [request] = &*requests(&world, &shop).await else { panic!("one was asked") };
    assert_eq!((&request.state, request.done.letters), (&State::Erased, 90), "{request:?}");
    // By then nothing is known of the shop but what tells its messages from others'.
    world.clock.advance_seconds(15 * 24 * 3_600);
    for _ in 0..2 {
        super::ended(&world).await;
    }
    assert_eq!((dead(), requests(&world, &shop).await[0].state.clone()), (0, State::Done));
}
