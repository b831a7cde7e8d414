//! The contract of `Tasks`: what a queue of ours does, whoever runs it. Each implementation's tests run all of it
//! through a `Bench`, since receiving is the runtime's matter and no part of the port.

use async_trait::async_trait;
use domain::{InvitationId, Queue, Task, TenantId, Timestamp};
use std::{collections::BTreeSet, sync::Arc};

use crate::{DeadLetter, DeadLetters, Depth, Depths, FlowError, Left, Sieve, Sifted, Tasks};

/// A message as the receiver has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub body: String,
    /// How often it has been received, this time included.
    pub attempts: u32,
    /// What the receiver answers with.
    pub receipt: String,
}

/// An implementation on the bench: an empty queue whose messages become a dead letter after `tries` receptions.
#[async_trait]
pub trait Bench: Send + Sync {
    fn tasks(&self) -> Arc<dyn Tasks>;
    fn dead_letters(&self) -> Arc<dyn DeadLetters>;
    fn depths(&self) -> Arc<dyn Depths>;
    fn queue(&self) -> Queue;
    fn tries(&self) -> u32;
    /// Whether the queue keeps the order within a group.
    fn is_fifo(&self) -> bool;
    /// Up to 10 messages that are visible now.
    async fn take(&self) -> Vec<Taken>;
    async fn done(&self, taken: Taken);
    /// Gives it back: it is visible again after so many seconds.
    async fn again_after(&self, taken: Taken, seconds: u32);
    /// Gives it back: it is visible again at once.
    async fn again(&self, taken: Taken) {
        self.again_after(taken, 0).await;
    }
    /// Lets that time pass.
    async fn pass(&self, seconds: u32);
}

/// Every sentence of the contract, on fresh benches.
pub async fn check<B: Bench>(fresh: impl AsyncFn() -> B) {
    what_is_left_arrives(&fresh().await).await;
    a_delayed_task_waits(&fresh().await).await;
    too_long_a_delay_is_refused(&fresh().await).await;
    what_is_not_done_comes_again_and_ends_as_a_dead_letter(&fresh().await).await;
    what_failed_waits_as_long_as_was_told(&fresh().await).await;
    each_dead_letter_is_shown_and_those_that_are_to_go_are_gone(&fresh().await).await;
    a_group_keeps_its_order(&fresh().await).await;
    what_stands_in_a_queue_is_counted(&fresh().await).await;
}

fn task(number: u8, tenant: u8) -> Task {
    let at = Timestamp::UNIX_EPOCH;
    Task::MailInvitation {
        tenant: TenantId::new(at, [tenant; 10]),
        invitation: InvitationId::new(at, [number; 10]),
    }
}

fn read(taken: &Taken) -> Task {
    serde_json::from_str(&taken.body).expect("a message is a task")
}

async fn leave(bench: &impl Bench, tasks: impl IntoIterator<Item = Task>) {
    let left = tasks.into_iter().map(Left::from).collect();
    bench.tasks().leave(left).await.expect("the queue takes tasks");
}

/// All that is visible, done as it comes.
async fn drain(bench: &impl Bench) -> Vec<Task> {
    let mut seen = Vec::new();
    loop {
        let taken = bench.take().await;
        if taken.is_empty() {
            return seen;
        }
        for one in taken {
            seen.push(read(&one));
            bench.done(one).await;
        }
    }
}

async fn what_is_left_arrives(bench: &impl Bench) {
    leave(bench, []).await;
    assert!(bench.take().await.is_empty(), "nothing left, nothing there");
    let tasks: Vec<_> = (0..57).map(|number| task(number, number % 5)).collect();
    leave(bench, tasks.clone()).await;
    let seen: BTreeSet<_> = drain(bench).await.iter().map(|task| format!("{task:?}")).collect();
    let left: BTreeSet<_> = tasks.iter().map(|task| format!("{task:?}")).collect();
    assert_eq!(seen, left, "all of it, unchanged, at least once");
}

async fn a_delayed_task_waits(bench: &impl Bench) {
    if bench.is_fifo() {
        let left = vec![Left { task: task(1, 1), delay_seconds: 2 }];
        let refused = bench.tasks().leave(left).await;
        assert!(
            matches!(refused, Err(FlowError::Invalid(_))),
            "a FIFO queue delays no single message: {refused:?}"
        );
        return;
    }
    bench.tasks().leave(vec![Left { task: task(1, 1), delay_seconds: 2 }]).await.expect("a delay is fine");
    assert!(bench.take().await.is_empty(), "not before its time");
    bench.pass(3).await;
    assert_eq!(drain(bench).await, [task(1, 1)]);
}

async fn too_long_a_delay_is_refused(bench: &impl Bench) {
    let left = vec![Left::from(task(1, 1)), Left { task: task(2, 1), delay_seconds: 901 }];
    let refused = bench.tasks().leave(left).await;
    assert!(matches!(refused, Err(FlowError::Invalid(_))), "{refused:?}");
    assert!(bench.take().await.is_empty(), "a refused list leaves nothing");
}

async fn what_is_not_done_comes_again_and_ends_as_a_dead_letter(bench: &impl Bench) {
    leave(bench, [task(1, 1)]).await;
    for attempt in 1..=bench.tries() {
        let taken = bench.take().await;
        assert_eq!(taken.len(), 1, "attempt {attempt}");
        assert_eq!(taken[0].attempts, attempt);
        assert!(bench.take().await.is_empty(), "nobody else gets it meanwhile");
        for one in taken {
            bench.again(one).await;
        }
    }
    assert!(bench.take().await.is_empty(), "enough tries");
    let dead = bench.dead_letters();
    let listed = dead.list(bench.queue(), 10).await.expect("dead letters can be listed");
    assert_eq!(listed.len(), 1);
    assert_eq!(serde_json::from_str::<Task>(&listed[0].body).ok(), Some(task(1, 1)));

    assert!(dead.replay(bench.queue(), &listed[0].id).await.expect("and replayed"));
    let mut attempts = Vec::new();
    while let Some(one) = bench.take().await.pop() {
        attempts.push(one.attempts);
        bench.again(one).await;
    }
    assert_eq!(attempts, (1..=bench.tries()).collect::<Vec<_>>(), "as if it were new");
    let listed = dead.list(bench.queue(), 10).await.expect("listed again");
    assert_eq!(listed.len(), 1);
    assert!(dead.discard(bench.queue(), &listed[0].id).await.expect("and discarded"));
    assert!(dead.list(bench.queue(), 10).await.expect("listed").is_empty());
    assert!(!dead.discard(bench.queue(), &listed[0].id).await.expect("gone is gone"));
}

/// More than come with one call.
async fn each_dead_letter_is_shown_and_those_that_are_to_go_are_gone(bench: &impl Bench) {
    const LETTERS: u8 = 12;
    struct Odd;
    #[async_trait]
    impl Sieve for Odd {
        async fn is_to_go(&self, letter: &DeadLetter) -> Result<bool, FlowError> {
            Ok((1..LETTERS).step_by(2).any(|number| letter.body == text(number)))
        }
    }
    fn text(number: u8) -> String {
        serde_json::to_string(&task(number, number)).expect("it is JSON")
    }
    leave(bench, (0..LETTERS).map(|number| task(number, number))).await;
    for _ in 0..bench.tries() {
        let mut taken = Vec::new();
        loop {
            let more = bench.take().await;
            if more.is_empty() {
                break;
            }
            taken.extend(more);
        }
        for one in taken {
            bench.again(one).await;
        }
    }
    assert!(bench.take().await.is_empty(), "enough tries");
    let dead = bench.dead_letters();
    for gone in [6, 0] {
        let sifted = dead.sift(bench.queue(), &Odd).await.expect("dead letters can be sifted");
        let Sifted { stayed, hidden: Some(hidden), .. } = sifted else { panic!("there are few: {sifted:?}") };
        assert_eq!((sifted.gone, stayed), (gone, u64::from(LETTERS / 2)));
        assert!(hidden <= stayed, "nobody else looks at any: {sifted:?}");
    }
    let left = dead.list(bench.queue(), 100).await.expect("dead letters can be listed");
    let left: BTreeSet<String> = left.into_iter().map(|letter| letter.body).collect();
    assert_eq!(left, (0..LETTERS).step_by(2).map(text).collect());
}

async fn what_failed_waits_as_long_as_was_told(bench: &impl Bench) {
    leave(bench, [task(1, 1), task(2, 2)]).await;
    let mut taken = Vec::new();
    while taken.len() < 2 {
        taken.extend(bench.take().await);
    }
    for (one, seconds) in taken.into_iter().zip([2, 600]) {
        bench.again_after(one, seconds).await;
    }
    assert!(bench.take().await.is_empty(), "not before its time");
    bench.pass(3).await;
    let again = bench.take().await;
    assert_eq!(again.len(), 1, "each waits by itself");
    assert_eq!(again[0].attempts, 2);
}

async fn a_group_keeps_its_order(bench: &impl Bench) {
    if !bench.is_fifo() {
        return;
    }
    leave(bench, [task(1, 1), task(2, 1), task(3, 2)]).await;
    let first = bench.take().await;
    let groups: BTreeSet<_> = first.iter().map(|taken| read(taken).group()).collect();
    assert!(first.iter().any(|taken| read(taken) == task(1, 1)), "the oldest of the group comes first");
    if groups.len() < 2 {
        assert!(bench.take().await.iter().all(|taken| read(taken) == task(3, 2)), "other groups go on");
    }
    // What comes again comes before what stood behind it.
    for one in first.into_iter().rev() {
        bench.again(one).await;
    }
    let seen = drain(bench).await;
    let of_first: Vec<_> = seen.iter().filter(|seen| seen.group() == task(1, 1).group()).cloned().collect();
    assert_eq!(of_first, [task(1, 1), task(2, 1)]);
}

/// Takes and gives back until nothing comes any more.
async fn give_up(bench: &impl Bench) {
    loop {
        let taken = bench.take().await;
        if taken.is_empty() {
            return;
        }
        for one in taken {
            bench.again(one).await;
        }
    }
}

async fn depth(bench: &impl Bench) -> Depth {
    bench.depths().depth(bench.queue()).await.expect("a queue knows how full it is")
}

/// Since when its oldest stands there is for each to say, who knows it.
async fn what_stands_in_a_queue_is_counted(bench: &impl Bench) {
    assert_eq!(depth(bench).await, Depth::default());
    leave(bench, [task(1, 1), task(2, 2), task(3, 3)]).await;
    let delayed = usize::from(!bench.is_fifo());
    if !bench.is_fifo() {
        let later = vec![Left { task: task(4, 1), delay_seconds: 900 }];
        bench.tasks().leave(later).await.expect("a delay is fine");
    }
    let counts = |depth: Depth| (depth.waiting, depth.active, depth.delayed, depth.failed);
    assert_eq!(counts(depth(bench).await), (3, 0, delayed, 0));
    let mut taken = bench.take().await;
    let (rest, under_way) = (3 - taken.len(), taken.len());
    assert_eq!(counts(depth(bench).await), (rest, under_way, delayed, 0));
    bench.done(taken.pop().expect("one at least")).await;
    for one in taken {
        bench.again(one).await;
    }
    assert_eq!(counts(depth(bench).await), (2, 0, delayed, 0));
    give_up(bench).await;
    assert_eq!(counts(depth(bench).await), (0, 0, delayed, 2));
    let dead = bench.dead_letters().list(bench.queue(), 10).await.expect("dead letters can be listed");
    assert!(dead.iter().all(|letter| letter.left_at.is_some()), "{dead:?}");
    assert_eq!(counts(depth(bench).await), (0, 0, delayed, 2), "looking changes nothing");
}
