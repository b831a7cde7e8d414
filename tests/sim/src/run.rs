//! One run of one seed: processes side by side, one step of one of them at a time, in an order that the dice choose; some die
//! between two steps, some stand still for minutes. Then all is calm, and what is left is done.

use domain::{Queue, Task, Timestamp, campaign::State};
use flows::{FlowError, Verdict};
use std::{
    collections::BTreeMap,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
};
use store::TenantStore;

use crate::{
    deeds,
    naive::{self, Protocol},
    outside::{Outside, Running, START, Waiting},
    scene::{Deed, Scene},
    shop::{self, Functions},
    verdict::{Books, Outcome, judged},
    witness::ProcessId,
};

/// So many processes run side by side.
const PROCESSES_MAX: usize = 8;
const TICK_MILLIS: i64 = 60_000;
/// More than any run takes that ends.
const STEPS_MAX: u32 = 400_000;
/// What is told of a run that took them all.
pub const STUCK: &str = "it does not end";
/// So often the last count is looked at: receipts are counted for two weeks, and whoever was given up is looked for half an hour, which
/// each count half as late again as the one before comes past by then.
const COUNTS: u32 = 12;

type Going = Pin<Box<dyn Future<Output = Result<(), FlowError>>>>;

struct Process {
    id: ProcessId,
    what: What,
    going: Going,
    rests_until: i64,
    skew: i64,
}

enum What {
    Task(Waiting),
    Tick,
    Deed(Deed),
}

pub(crate) struct Run {
    scene: Scene,
    protocol: Protocol,
    outside: Arc<Outside>,
    functions: Functions,
    processes: Vec<Process>,
    /// What people are still to do.
    deeds: BTreeMap<(i64, u32), Deed>,
    next_tick: i64,
    ids: ProcessId,
    /// How many steps functions have taken.
    steps: u64,
}

/// What waits for nothing.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for _ in 0..STEPS_MAX {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
    }
    unreachable!("memory does not wait")
}

impl Run {
    pub(crate) fn new(scene: Scene, protocol: Protocol) -> Self {
        let outside = Outside::new(&scene, shop::founded(&scene));
        let functions = Functions::around(&scene, &outside);
        let deeds = (0..).zip(&scene.deeds).map(|(number, (at, deed))| ((START + at, number), *deed));
        let deeds: BTreeMap<_, _> = deeds.collect();
        let ids = u32::try_from(deeds.len()).unwrap_or(0);
        let next_tick = START + TICK_MILLIS;
        Self { scene, protocol, outside, functions, processes: Vec::new(), deeds, next_tick, ids, steps: 0 }
    }

    /// To its end.
    pub(crate) fn ended(mut self) -> Outcome {
        while self.now() < START + self.scene.calm_at {
            self.step();
        }
        self.outside.calm();
        let mut failures = Vec::new();
        if let Err(stuck) = self.settled() {
            failures.push(stuck);
        }
        for _ in 0..COUNTS {
            if let Some(due_at) = self.campaign_due() {
                self.jump(due_at);
                failures.extend(self.settled().err());
            }
        }
        let before = self.books();
        self.redriven();
        failures.extend(self.settled().err());
        let after = self.books();
        if before != after {
            failures.push("what was done already was done once more and changed something".to_owned());
        }
        judged(&self.scene, self.protocol, &after, &self.outside, failures, self.steps)
    }

    fn now(&self) -> i64 {
        self.outside.state().now
    }

    fn jump(&mut self, at: Timestamp) {
        let mut state = self.outside.state();
        state.now = state.now.max(at.as_millisecond());
        self.next_tick = state.now;
    }

    fn store(&self) -> TenantStore {
        shop::store_of(self.outside.memory.clone())
    }

    fn campaign_due(&self) -> Option<Timestamp> {
        at_once(self.store().campaign(shop::campaign())).ok()??.due_at
    }

    fn books(&self) -> Books {
        Books::read(&self.store(), &self.outside)
    }

    /// Every task that there ever was comes once more, those that were given up first of all.
    fn redriven(&mut self) {
        let state = &mut *self.outside.state();
        let (all, now) = (state.queue.ever.clone(), state.now);
        for task in all {
            state.queue.put(now, task, 0);
        }
    }

    /// Until nobody has anything to do, and it is over.
    fn settled(&mut self) -> Result<(), String> {
        for _ in 0..STEPS_MAX {
            self.step();
            let is_idle = {
                let state = &mut *self.outside.state();
                for task in std::mem::take(&mut state.queue.dead) {
                    state.queue.put(state.now, task, 0);
                }
                state.queue.waiting.is_empty()
            };
            if !(is_idle && self.processes.is_empty() && self.deeds.is_empty()) {
                continue;
            }
            let store = self.store();
            let held = at_once(store.campaign(shop::campaign())).ok().flatten();
            let Some(held) = held else { return Err("there is no campaign any more".to_owned()) };
            if held.state.is_over() {
                return Ok(());
            }
            // First of all the shop goes on: in one that is stopped, what is resumed is paused again.
            let team = at_once(store.tenant()).ok().flatten();
            if team.is_none_or(|team| team.status != domain::TenantStatus::Active) {
                self.deed(Deed::GoOn);
                continue;
            }
            match held.state {
                State::Paused { .. } => self.deed(Deed::Resume),
                State::Draft => self.deed(Deed::Launch),
                _ => {}
            }
        }
        Err(STUCK.to_owned())
    }

    fn deed(&mut self, deed: Deed) {
        self.ids += 1;
        self.deeds.insert((self.now(), self.ids), deed);
    }

    /// One step of one process, or of time.
    fn step(&mut self) {
        let now = {
            let state = &mut *self.outside.state();
            state.now += state.rolls.within(0, state.weather.step_millis);
            state.witness.step += 1;
            state.now
        };
        let is_awake = |process: &Process| process.rests_until <= now;
        let is_busy = self.processes.iter().any(is_awake);
        if self.processes.len() < PROCESSES_MAX && (!is_busy || self.outside.state().rolls.below(2) == 0) {
            self.begin(now);
        }
        let awake: Vec<_> =
            (0..self.processes.len()).filter(|place| is_awake(&self.processes[*place])).collect();
        if awake.is_empty() {
            self.wait(now);
            return;
        }
        let place = awake[self.outside.state().rolls.place(awake.len())];
        self.go_on(place, now);
    }

    /// Whatever is due next, with nobody doing anything before.
    fn wait(&mut self, now: i64) {
        let resting = self.processes.iter().map(|process| process.rests_until);
        let deeds = self.deeds.keys().map(|(at, _)| *at);
        let mut state = self.outside.state();
        let waiting = state.queue.waiting.range((now + 1, 0)..).map(|((at, _), _)| *at).take(1);
        let all = resting.chain(deeds).chain(waiting).chain([self.next_tick]);
        state.now = all.filter(|at| *at > now).min().unwrap_or(now);
    }

    /// One of what is due, if anything is.
    fn begin(&mut self, now: i64) {
        if self.next_tick <= now {
            self.next_tick = now + TICK_MILLIS;
            let (deps, clock) = (self.functions.tick.clone(), self.functions.campaign.clock.clone());
            self.began(What::Tick, Box::pin(async move { tick::tick(&deps, clock.now()).await }));
            return;
        }
        if let Some((&key, &deed)) = self.deeds.first_key_value().filter(|((at, _), _)| *at <= now) {
            self.deeds.remove(&key);
            let (functions, outside) = (self.functions.clone(), self.outside.clone());
            let going = Box::pin(async move { deeds::done(&functions, &outside, deed).await });
            self.began(What::Deed(deed), going);
            return;
        }
        let Some(mut waiting) = self.taken(now) else { return };
        waiting.attempts += 1;
        let going = self.handled(waiting.task.clone());
        self.began(What::Task(waiting), going);
    }

    /// Any of those that can be taken: a queue that keeps an order keeps it but for now and then, when it has waited long for
    /// whoever took the one before.
    fn taken(&mut self, now: i64) -> Option<Waiting> {
        let is_kept = self.processes.iter().any(
            |process| matches!(&process.what, What::Task(waiting) if waiting.task.queue() == Queue::Campaign),
        );
        let state = &mut *self.outside.state();
        let is_kept = is_kept && !state.rolls.is_among(20);
        let due = state.queue.waiting.range(..=(now, u64::MAX));
        let due = due.filter(|(_, waiting)| !(is_kept && waiting.task.queue() == Queue::Campaign));
        let keys: Vec<_> = due.map(|(key, _)| *key).take(16).collect();
        let place = state.rolls.place(keys.len());
        state.queue.waiting.remove(keys.get(place)?)
    }

    fn handled(&self, task: Task) -> Going {
        let Functions { campaign, send, receipt, .. } = self.functions.clone();
        match (task.queue(), self.protocol) {
            (Queue::Campaign, _) => Box::pin(async move { campaign::handle(&campaign, task).await }),
            (Queue::Receipt, _) => Box::pin(async move { receipt::handle(&receipt, task).await }),
            (_, Protocol::Ours) => Box::pin(async move { send::handle(&send, task).await }),
            (_, protocol) => {
                let provider = self.functions.provider.clone();
                Box::pin(async move { naive::handle(protocol, &send, &provider, task).await })
            }
        }
    }

    fn began(&mut self, what: What, going: Going) {
        self.ids += 1;
        let state = &mut *self.outside.state();
        let apart = state.weather.skew_millis;
        let skew = state.rolls.within(-apart, apart);
        self.processes.push(Process { id: self.ids, what, going, rests_until: 0, skew });
    }

    fn go_on(&mut self, place: usize, now: i64) {
        let is_ours = !matches!(self.processes[place].what, What::Deed(_));
        self.steps += u64::from(is_ours);
        let (dies, rests_until) = {
            let state = &mut *self.outside.state();
            let is_its_time = is_ours && state.weather.dies_at == Some(self.steps);
            let dies = is_its_time || state.rolls.is_among(state.weather.dies);
            let rests = state.rolls.is_among(state.weather.stands_still);
            let long = if state.rolls.below(2) == 0 { 30_000 } else { 600_000 };
            (dies, rests.then(|| now + state.rolls.within(1_000, long)))
        };
        if dies {
            let gone = self.processes.swap_remove(place);
            // Whatever it held goes with it.
            drop(gone.going);
            self.unfinished(gone.what, now);
            return;
        }
        if let Some(until) = rests_until {
            self.processes[place].rests_until = until;
            return;
        }
        let process = &mut self.processes[place];
        let withdraws = match process.what {
            What::Deed(Deed::Withdraw(who, _)) => Some(who),
            _ => None,
        };
        self.outside.state().running = Running { id: process.id, skew: process.skew, withdraws };
        let polled = process.going.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        self.outside.state().running = Running::default();
        if let Poll::Ready(ended) = polled {
            let process = self.processes.swap_remove(place);
            match ended {
                Ok(()) => {}
                Err(error) => self.failed(process.what, &error, now),
            }
        }
    }

    /// It was not done, and nobody says why.
    fn unfinished(&mut self, what: What, now: i64) {
        match what {
            What::Task(waiting) => self.outside.state().queue.unfinished(now, waiting),
            What::Tick => {}
            // Whoever pressed a button and heard nothing presses it again.
            What::Deed(deed) => {
                self.ids += 1;
                self.deeds.insert((now + 3_000, self.ids), deed);
            }
        }
    }

    fn failed(&mut self, what: What, error: &FlowError, now: i64) {
        if error.verdict() == Verdict::Dead {
            let told = match &what {
                What::Task(waiting) => format!("{:?}", waiting.task),
                What::Tick => "the clock".to_owned(),
                What::Deed(deed) => format!("{deed:?}"),
            };
            self.outside.state().witness.broken.push(format!("{told}: {error:?}"));
            return;
        }
        let What::Task(waiting) = what else { return self.unfinished(what, now) };
        let state = &mut *self.outside.state();
        let seconds = 5_i64.saturating_pow(waiting.attempts).min(3_600);
        let at = now + state.rolls.within(seconds * 500, seconds * 1_000);
        state.queue.put(at, waiting.task, waiting.attempts);
    }
}
