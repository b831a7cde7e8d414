//! Where one look does not go through all dead letters, as on SQS, the next one goes on: until all were seen.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use domain::{Queue, privacy::State};
use flows::{DeadLetter, DeadLetters, Desk, FlowError, Sieve, Sifted};
use local::{
    World,
    product::{Ports, Product},
    tasks::{LocalTasks, Raw},
    world::HandClock,
};
use serde_json::json;

use super::{EMAIL, QUIRINIA, asked, requests, told};
use crate::shop_events::Shop;

const EACH: usize = 10;

/// Shows ten with each call, which takes a while, and those no more until all were shown.
struct Narrow {
    tasks: Arc<LocalTasks>,
    clock: Arc<HandClock>,
    shown: Mutex<BTreeSet<String>>,
    calls: Mutex<u32>,
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
        let mut letters = self.tasks.list(queue, usize::MAX).await?;
        letters.retain(|letter| !self.shown.lock().expect("one at a time").contains(&letter.id));
        let is_whole = letters.len() < EACH;
        let mut gone = 0;
        for letter in letters.into_iter().take(EACH) {
            self.shown.lock().expect("one at a time").insert(letter.id.clone());
            if sieve.is_to_go(&letter).await? {
                gone += u64::from(self.tasks.discard(queue, &letter.id).await?);
            }
        }
        if is_whole {
            self.shown.lock().expect("one at a time").clear();
        }
        Ok(Sifted { gone, is_whole })
    }
}

/// The world's functions look so.
fn narrowed(world: &mut World) -> Arc<Narrow> {
    let (tasks, clock) = (world.tasks.clone(), world.clock.clone());
    let narrow = Arc::new(Narrow { tasks, clock, shown: Mutex::default(), calls: Mutex::default() });
    let desk = Desk { dead_letters: narrow.clone(), ..world.ports.desk.clone() };
    let settings = api::Settings {
        origin: local::world::ORIGIN.to_owned(),
        allowed_origins: Vec::new(),
        access_seconds: 900,
        live_url: "wss://crm.test/live".to_owned(),
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

#[tokio::test]
async fn of_a_shop_that_asks_for_it_none_is_left() {
    let mut world = World::new(8).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    with_letters(&world, &shop).await;
    narrowed(&mut world);
    told(&world, &shop, "app/uninstalled", &json!({"id": 1, "myshopify_domain": shop.domain})).await;
    world.clock.advance_seconds(48 * 3_600);
    told(&world, &shop, "shop/redact", &json!({"shop_id": 1, "shop_domain": shop.domain})).await;
    assert!(world.tasks.dead(Queue::Ingest).expect("memory holds").is_empty());
    let [request] = &*requests(&world, &shop).await else { panic!("one was asked") };
    assert_eq!((&request.state, request.done.letters), (&State::Erased, 90), "{request:?}");
}
