//! Whoever watches follows a sync to its end, and is told what the API would say (RT-02 to 06).

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use domain::{Queue, SocketId};
use flows::{Clock, FlowError, Sending, Sockets};
use local::{World, shopify::Denied, world::Watcher};
use serde_json::{Value, json};

use super::{
    House,
    bulk::{hands, message},
    step,
};
use crate::{
    cast::{PASSWORD, Person, login, sign_up},
    live::{events, watching},
};

/// The house's owner, as somebody who watches does: signed in, where the house itself has a key.
async fn owner(world: &World, house: &House) -> Person {
    Person::of(&login(world, &house.owner.email, PASSWORD).await)
}

fn said(event: &str, run: &Value) -> Value {
    json!({"event": event, "data": {"sync_run_id": run}})
}

#[tokio::test]
async fn a_sync_is_followed_to_its_end() {
    let world = World::new(31).await;
    let house = House::connected(&world, 1_100).await;
    let owner = owner(&world, &house).await;
    let (mut follower, mut other) = (watching(&world, &owner).await, watching(&world, &owner).await);
    let mut foreign = watching(&world, &sign_up(&world, "eve").await).await;
    let hello = follower.say(&json!({"event": "hello"})).await;
    assert_eq!(hello[1]["data"], json!(house.active(&world).await), "a socket and the API say the same");
    let run = hello[1]["data"][0]["sync_run_id"].clone();
    let id = run.as_str().unwrap();
    assert_eq!(events(&follower.say(&said("sync:subscribe", &run)).await), ["sync:progress"]);
    assert_eq!(events(&foreign.say(&said("sync:subscribe", &run)).await), ["sync:error"]);

    let (mut progress, mut all) = (Vec::new(), Vec::new());
    while step(&world).await {
        for told in follower.hear() {
            assert_eq!(told["data"], house.progress(&world, id).await, "a socket and the API say the same");
            if told["event"] == "sync:progress" {
                progress
                    .push((world.clock.now().as_millisecond(), told["data"]["progress"].as_u64().unwrap()));
            }
            all.push(told["event"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(all[all.len() - 2..], ["sync:progress", "sync:completed"]);
    assert!(progress.is_sorted_by_key(|(_, percent)| *percent), "{progress:?}");
    assert_eq!(progress.last().map(|(_, percent)| *percent), Some(100));
    // In no second more than two, however fast it is.
    let within = |at: i64| progress.iter().filter(|(told, _)| (at..at + 1_000).contains(told)).count();
    assert!(progress.iter().all(|(at, _)| within(*at) <= 2), "{progress:?}");
    let counts = events(&other.hear()).into_iter().fold(BTreeMap::new(), |mut counts, event| {
        *counts.entry(event.to_owned()).or_insert(0) += 1;
        counts
    });
    assert_eq!(counts.get("sync:update"), Some(&(progress.len() - 1)), "and of its end");
    assert_eq!((counts.get("sync:completed"), counts.get("sync:progress")), (Some(&1), None));
    assert_eq!(foreign.hear(), Vec::<Value>::new());
    let late = follower.say(&said("sync:status", &run)).await;
    assert_eq!(late[0]["data"], house.progress(&world, id).await);
}

#[tokio::test]
async fn a_sync_that_fails_is_told_with_its_reason() {
    let world = World::new(32).await;
    let house = House::synced(&world, 5).await;
    let mut watcher = watching(&world, &owner(&world, &house).await).await;
    let begun = house.owner.post(&world, "/api/v1/tenants/me/sync", &json!({"mode": "incremental"})).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    let id = begun.text_at("/sync_run_id");
    house.shop.switch(|switches| switches.denied = Denied::Customers);
    while step(&world).await {}
    let heard = watcher.hear();
    assert_eq!(events(&heard).last(), Some(&"sync:failed"), "{heard:?}");
    let last = &heard.last().unwrap()["data"];
    assert_eq!(*last, house.progress(&world, &id).await);
    assert!(last["error"].as_str().is_some_and(|why| !why.is_empty()), "{last}");
}

#[tokio::test]
async fn an_end_that_was_not_told_is_told_when_its_message_comes_again() {
    let world = World::new(33).await;
    let house = House::connected(&world, 3).await;
    let mut watcher = watching(&world, &owner(&world, &house).await).await;
    let mut last = None;
    // As `step` does it, but that each message is kept, too.
    while let Some(next) = world.tasks.next_visible_at(Queue::Sync).expect("memory holds") {
        world.clock.advance_to(next);
        for taken in world.tasks.take(Queue::Sync).expect("memory holds") {
            world.deliver(Queue::Sync, &taken.body).await.unwrap();
            world.tasks.done(Queue::Sync, &taken).expect("memory holds");
            last = Some(taken.body);
        }
    }
    assert_eq!(events(&watcher.hear()).last(), Some(&"sync:completed"));
    // Whoever ended it died before anybody was told: the queue brings the message again.
    world.deliver(Queue::Sync, &last.expect("there were messages")).await.unwrap();
    assert_eq!(events(&watcher.hear()), ["sync:completed"]);
}

/// A gateway that fails so often when the end of a run is to be told.
struct Failing {
    all: Arc<dyn Sockets>,
    times: AtomicU32,
}

#[async_trait]
impl Sockets for Failing {
    async fn send(&self, socket: &SocketId, text: &str) -> Result<Sending, FlowError> {
        let one_less = |times: u32| times.checked_sub(1);
        let is_end = text.contains("sync:completed");
        if is_end && self.times.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
            return Err(FlowError::unavailable("the gateway does not answer"));
        }
        self.all.send(socket, text).await
    }

    async fn close(&self, socket: &SocketId) -> Result<(), FlowError> {
        self.all.close(socket).await
    }
}

/// A sync is done with such a gateway. How many messages come after its end, and how often that is heard of.
async fn ended_with(world: &World, house: &House, times: u32, watcher: &mut Watcher<'_>) -> (u32, usize) {
    let begun = house.owner.post(world, "/api/v1/tenants/me/sync", &json!({"mode": "incremental"})).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    let id = begun.text_at("/sync_run_id");
    let sockets = Arc::new(Failing { all: world.ports.sockets.clone(), times: times.into() });
    let deps = sync::Deps { sockets, ..hands(world) };
    let (mut messages, mut ended) = (0, None);
    while message(world, &deps).await {
        let run = house.run(world, &id).await;
        messages += u32::from(ended.is_some());
        assert!(ended.is_none_or(|step| step == run.step), "it has ended once");
        ended = (!run.is_open()).then_some(run.step);
    }
    let heard = watcher.hear();
    assert_eq!(house.progress(world, &id).await["status"], json!("completed"));
    (messages, events(&heard).into_iter().filter(|event| *event == "sync:completed").count())
}

#[tokio::test]
async fn an_end_that_did_not_arrive_is_told_again_until_it_does_and_not_for_ever() {
    let world = World::new(34).await;
    let house = House::synced(&world, 3).await;
    let owner = owner(&world, &house).await;
    let (mut watcher, mut gone) = (watching(&world, &owner).await, watching(&world, &owner).await);
    // Who is gone is not waited for.
    world.clock.advance_seconds(20);
    gone.vanish();
    // Each word is tried twice at once.
    for (times, messages, heard) in [(0, 0, 1), (1, 0, 1), (2, 1, 1), (6, 3, 1), (u32::MAX, 10, 0)] {
        let told = ended_with(&world, &house, times, &mut watcher).await;
        assert_eq!(told, (messages, heard), "{times} times");
    }
}
