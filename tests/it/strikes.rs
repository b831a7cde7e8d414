//! The clock strikes for all of many shops, however many they are (JOB-01).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use domain::{Queue, TenantId, Timestamp, Zone, scoring::Scoring};
use flows::Clock;
use local::World;
use store::{Scores, Store};

/// More than one page of each of the index's sixteen partitions holds.
const SHOPS: u16 = 2_500;

/// Shops whose day begins with the next midnight; and when the clock strikes then.
async fn shops(world: &World) -> Timestamp {
    let scoring = Scoring::begun(&Zone::UTC, world.clock.now());
    let midnight = scoring.due_at;
    for number in 0..SHOPS {
        let [high, low] = number.to_be_bytes();
        let shop = world.store_of(TenantId::new(world.clock.now(), [high, low, 0, 0, 0, 0, 0, 0, 0, 1]));
        let scores = Scores { scoring: scoring.clone(), nightly: None };
        shop.commit(vec![shop.scores_changed(None, &scores)]).await.unwrap();
    }
    // The clock strikes half a minute past.
    midnight + Duration::from_secs(30)
}

fn asked(world: &World) -> usize {
    world.tasks.counted(Queue::Audience).unwrap().waiting
}

#[tokio::test]
async fn all_shops_whose_day_begins_at_once_are_asked_with_the_same_strike() {
    let world = World::new(1).await;
    let now = shops(&world).await;
    let deps = tick::Deps {
        store: Store::new(world.ports.table.clone()),
        tasks: world.ports.tasks.clone(),
        clock: world.clock.clone(),
    };
    tick::tick(&deps, now).await.unwrap();
    assert_eq!(asked(&world), usize::from(SHOPS), "each once");
    tick::tick(&deps, now).await.unwrap();
    assert_eq!(asked(&world), usize::from(SHOPS), "and nobody again");
}

/// So much later whenever somebody looks.
struct Slow(Mutex<Timestamp>);

#[async_trait]
impl Clock for Slow {
    fn now(&self) -> Timestamp {
        let mut now = self.0.lock().unwrap();
        *now += Duration::from_secs(40);
        *now
    }

    async fn pause(&self, _: Duration) {}
}

#[tokio::test]
async fn where_time_runs_out_the_next_strike_goes_on() {
    let world = World::new(2).await;
    let now = shops(&world).await;
    let clock: Arc<dyn Clock> = Arc::new(Slow(Mutex::new(now)));
    let (store, tasks) = (Store::new(world.ports.table.clone()), world.ports.tasks.clone());
    let deps = tick::Deps { store, tasks, clock };
    let mut before = 0;
    let mut strikes = 0;
    while before < usize::from(SHOPS) {
        tick::tick(&deps, now).await.unwrap();
        let after = asked(&world);
        assert!(after > before, "each strike goes on where the one before has ended: {after}");
        (before, strikes) = (after, strikes + 1);
    }
    assert!(strikes > 1, "a strike that takes long leaves the rest to the next");
}
