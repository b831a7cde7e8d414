//! Everything that is outside of functions, with what may go wrong in front of it: the table, the queue, the provider, the
//! clock.
//!
//! Every call lets others go first, before its effect and after it, as often as the dice say: so whoever runs the processes
//! may stop one at each of its awaits, for a while or for good.

use async_trait::async_trait;
use domain::{Task, Timestamp};
use flows::{Clock, FlowError, Left, Tasks};
use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use store::{Item, Page, Range, RawKey, StoreError, Table, When, Write, table::Add};

use crate::{
    memory::Memory,
    rolls::Rolls,
    scene::{Scene, Temper, Weather},
    witness::{ProcessId, Witness},
};

/// As the queues of the product have it: `local::queues` says why.
const VISIBLE_AGAIN_MILLIS: i64 = 900_000;
pub(crate) const TRIES: u32 = 5;

pub(crate) struct Outside {
    pub memory: Arc<Memory>,
    state: Mutex<State>,
}

pub(crate) struct State {
    pub now: i64,
    pub rolls: Rolls,
    pub weather: Weather,
    pub temper: Temper,
    pub queue: Queue,
    pub witness: Witness,
    /// Whoever takes a step just now.
    pub running: Running,
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Running {
    pub id: ProcessId,
    /// How far its machine's clock is ahead.
    pub skew: i64,
    /// Who says that they want no more, if that is what it is about.
    pub withdraws: Option<u32>,
}

/// Tasks, by when they can be taken.
#[derive(Default)]
pub(crate) struct Queue {
    pub waiting: BTreeMap<(i64, u64), Waiting>,
    number: u64,
    /// All that ever came in, for whoever brings it back.
    pub ever: Vec<Task>,
    pub dead: Vec<Task>,
}

#[derive(Clone)]
pub(crate) struct Waiting {
    pub task: Task,
    pub attempts: u32,
}

impl Queue {
    pub(crate) fn put(&mut self, at: i64, task: Task, attempts: u32) {
        if attempts >= TRIES {
            self.dead.push(task);
            return;
        }
        self.number += 1;
        self.waiting.insert((at, self.number), Waiting { task, attempts });
    }

    pub(crate) fn come(&mut self, at: i64, task: Task) {
        if !matches!(task.queue(), domain::Queue::Campaign | domain::Queue::Send | domain::Queue::Receipt) {
            return;
        }
        self.ever.push(task.clone());
        self.put(at, task, 0);
    }

    /// Whoever took it has died.
    pub(crate) fn unfinished(&mut self, now: i64, waiting: Waiting) {
        self.put(now + VISIBLE_AGAIN_MILLIS, waiting.task, waiting.attempts);
    }
}

/// When the first step is taken.
pub(crate) const START: i64 = 1_790_000_000_000;

impl Outside {
    pub(crate) fn new(scene: &Scene, memory: Arc<Memory>) -> Arc<Self> {
        let state = State {
            now: START,
            rolls: Rolls::new(scene.seed, 2),
            weather: scene.weather.clone(),
            temper: scene.temper.clone(),
            queue: Queue::default(),
            witness: Witness::default(),
            running: Running::default(),
        };
        Arc::new(Self { memory, state: Mutex::new(state) })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on nothing goes wrong.
    pub(crate) fn calm(&self) {
        let mut state = self.state();
        let dies_at = state.weather.dies_at;
        state.weather = Weather { step_millis: 200, dies_at, ..Weather::default() };
        state.temper = Temper::default();
    }

    /// Lets others go first.
    pub(crate) async fn pass(&self) {
        let others = self.state().rolls.below(3);
        for _ in 0..others {
            GoesFirst(false).await;
        }
    }

    fn is_rolled(&self, rate: impl Fn(&Weather) -> u32) -> bool {
        let state = &mut *self.state();
        let per_mille = rate(&state.weather);
        state.rolls.is_among(per_mille)
    }

    async fn asked<T>(&self, asking: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        self.pass().await;
        if self.is_rolled(|weather| weather.table_before) {
            return Err(away());
        }
        let done = asking.await;
        self.pass().await;
        done
    }

    /// `keys`: what changes by it.
    async fn changed<T>(
        &self,
        changing: impl Future<Output = Result<T, StoreError>>,
        keys: &[String],
        is_conditional: bool,
    ) -> Result<T, StoreError> {
        self.pass().await;
        if self.is_rolled(|weather| weather.table_before) {
            return Err(away());
        }
        let done = changing.await;
        if done.is_ok() {
            self.witnessed(keys);
        }
        self.pass().await;
        if self.is_rolled(|weather| weather.table_after) {
            return done.and(Err(away()));
        }
        if is_conditional && self.is_rolled(|weather| weather.told_twice) {
            return done.and(Err(StoreError::Conflict(0)));
        }
        done
    }

    fn witnessed(&self, keys: &[String]) {
        let state = &mut *self.state();
        let (running, step) = (state.running, state.witness.step);
        for key in keys {
            if key.starts_with("P#") {
                state.witness.written(running.id, key);
            }
            if let Some(person) = running.withdraws.filter(|_| key == "PROFILE") {
                state.witness.withdrawn.entry(person).or_insert(step);
            }
        }
    }
}

/// Ready when it is asked for the second time.
struct GoesFirst(bool);

impl Future for GoesFirst {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

fn away() -> StoreError {
    StoreError::Unavailable(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from("a simulated fault")))
}

#[async_trait]
impl Table for Outside {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        self.asked(self.memory.get(keys)).await
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        self.asked(self.memory.query(range)).await
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let keys: Vec<_> = writes.iter().map(|write| write.key().sk.clone()).collect();
        // Of one write DynamoDB keeps no token by which it would know it again; without a condition it is just done twice.
        let is_conditional = match &writes[..] {
            [Write::Put(_, when) | Write::Delete(_, when)] => *when != When::Always,
            _ => false,
        };
        self.changed(self.memory.write(writes), &keys, is_conditional).await
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        self.changed(self.memory.add(add), &[], false).await
    }
}

#[async_trait]
impl Tasks for Outside {
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError> {
        let lost = || FlowError::unavailable("a simulated fault");
        self.pass().await;
        if self.is_rolled(|weather| weather.queue_before) {
            return Err(lost());
        }
        {
            let state = &mut *self.state();
            for Left { task, delay_seconds } in tasks {
                let times = 1 + u32::from(state.rolls.is_among(state.weather.twice));
                for _ in 0..times {
                    if state.rolls.is_among(state.weather.lost) {
                        continue;
                    }
                    let late = if state.rolls.is_among(state.weather.late) { 600_000 } else { 300 };
                    let late = state.rolls.within(0, late);
                    state.queue.come(state.now + i64::from(delay_seconds) * 1_000 + late, task.clone());
                }
            }
        }
        self.pass().await;
        if self.is_rolled(|weather| weather.queue_after) { Err(lost()) } else { Ok(()) }
    }
}

#[async_trait]
impl Clock for Outside {
    fn now(&self) -> Timestamp {
        let state = self.state();
        Timestamp::from_millisecond(state.now + state.running.skew).unwrap_or_default()
    }

    async fn pause(&self, _: Duration) {
        GoesFirst(false).await;
    }
}
