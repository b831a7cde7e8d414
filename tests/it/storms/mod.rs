//! A thousand storms and more, each by a seed of its own: whatever fails, dies, comes twice or too late in what a shop tells
//! and is asked, it ends as it does where nothing goes wrong.
//!
//! A seed gives the dice of one small history and of the faults that meet it, so that one that fails can be tried alone.
//! `STORMS=10 cargo test -p tests --test it storms` tries ten times as many.

mod asking;
pub(crate) mod bare;
mod renewing;
pub(crate) mod syncing;
mod telling;
mod ways;

use domain::Queue;
use flows::DeadLetters;
use local::{World, pump::pump_queue, queues::setting};

use crate::syncs::Post;

/// Of each kind so many times more.
const TIMES: u64 = match option_env!("STORMS") {
    None => 1,
    Some(text) => match u64::from_str_radix(text, 10) {
        Ok(times) => times,
        Err(_) => panic!("STORMS is a number"),
    },
};
const SEEDS: u64 = telling::SEEDS + asking::SEEDS + syncing::SEEDS + renewing::SEEDS;
const _: () = assert!(telling::SEEDS >= 1_000 && SEEDS >= 1_400);

/// More than any of this needs.
const ROUNDS_MAX: usize = 10_000;

/// Numbers that look random, the same for the same seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn of(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        dice.below(2);
        dice
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % most
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last + 1));
        }
    }
}

/// The seeds of a kind of storm, in so many lots that are tried side by side.
fn seeds(of: u64, (lot, lots): (u64, u64)) -> impl Iterator<Item = u64> {
    (1..=of * TIMES).filter(move |seed| seed % lots == lot)
}

/// What waits, and what that leaves, until nothing is left; webhooks are brought and files written meanwhile. Then the clock
/// strikes. Faults and all.
pub(crate) async fn work(world: &World, at_once: usize) {
    for _ in 0..ROUNDS_MAX {
        let mut done = world.shopify.tick(&Post(world)).await;
        for queue in Queue::ALL {
            // Of a FIFO group one is under way, and of a run one step.
            let at_once = if queue == Queue::Ingest { at_once } else { 1 };
            done += pump_queue(&world.tasks, &world.product, queue, at_once).await.expect("memory holds");
        }
        if done > 0 {
            continue;
        }
        let next = Queue::ALL
            .into_iter()
            .filter_map(|queue| world.tasks.next_visible_at(queue).expect("memory holds"));
        let Some(next) = next.min() else {
            world.tick().await;
            return;
        };
        world.clock.advance_to(next);
    }
    let undone = Queue::ALL.map(|queue| world.tasks.undone(queue));
    panic!("there is work without end: {undone:?}, {:?}", flows::Clock::now(&*world.clock));
}

/// The storm is over. What was tried too often is a dead letter, which operators replay: nothing was dropped. Answers how
/// many there were.
pub(crate) async fn calmed(world: &World) -> usize {
    world.faults.calm();
    let mut replayed = 0;
    for queue in Queue::ALL {
        for letter in world.tasks.dead(queue).expect("memory holds") {
            // An error that is final at once is no storm's doing.
            assert_eq!(letter.attempts, setting(queue).tries, "{queue}: {letter:?}");
            assert!(world.tasks.replay(queue, &letter.id).await.expect("memory holds"));
            replayed += 1;
        }
    }
    work(world, 1).await;
    world.settle().await;
    replayed
}
