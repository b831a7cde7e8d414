//! A process that is held up at the table, or at any port, while others go on: the moments that only bad luck finds.

use flows::FlowError;
use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use store::StoreError;
use tokio::sync::Notify;

use super::{Lost, crash};

tokio::task_local! {
    static HALT: Arc<Halt>;
    static AT_EVERY_PORT: ();
}

struct Halt {
    before: u32,
    passed: AtomicU32,
    reached: Notify,
    then: Then,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    GoesOn,
    Panics,
    Fails,
    HearsNothing,
    Dies(Moment),
}

/// When a process dies that comes to the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    BeforeTheCall,
    /// What it asked for is done, and it does not hear of it.
    AfterTheCall,
}

/// Runs it with a panic where it comes to the table for the `before`-th time (from 0).
pub async fn panicking<T>(before: u32, process: impl Future<Output = T>) -> T {
    HALT.scope(Arc::new(Halt::at(before, Then::Panics)), process).await
}

/// Runs it with a table that does not answer when it is asked for the `before`-th time (from 0). Says whether that came.
pub async fn failing<T>(before: u32, process: impl Future<Output = T>) -> (T, bool) {
    let halt = Arc::new(Halt::at(before, Then::Fails));
    let ended = HALT.scope(halt.clone(), process).await;
    (ended, halt.passed.load(Ordering::SeqCst) > before)
}

/// The same where what it asked for is done, and it does not hear of it. Reading the table does nothing, and does not count.
pub async fn hearing_nothing<T>(before: u32, process: impl Future<Output = T>) -> (T, bool) {
    let halt = Arc::new(Halt::at(before, Then::HearsNothing));
    let ended = HALT.scope(halt.clone(), process).await;
    (ended, halt.passed.load(Ordering::SeqCst) > before)
}

/// Runs it as a process that dies where it comes to the table for the `before`-th time (from 0). Says whether that came:
/// `process` is one that a world runs, and answers as such a one does that died.
pub async fn dying<T>(before: u32, moment: Moment, process: impl Future<Output = T>) -> (T, bool) {
    let halt = Arc::new(Halt::at(before, Then::Dies(moment)));
    let ended = HALT.scope(halt.clone(), process).await;
    (ended, halt.passed.load(Ordering::SeqCst) > before)
}

/// Runs `slow` until it comes to the table for the `before`-th time (from 0), then all of `meanwhile`, then the rest
/// of `slow`. `None`: it never came to the table that often, and nothing else was run.
pub async fn overtaken<S, M>(
    slow: impl Future<Output = S>,
    before: u32,
    meanwhile: impl Future<Output = M>,
) -> Option<(S, M)> {
    let halt = Arc::new(Halt::at(before, Then::GoesOn));
    let mut slow = pin!(HALT.scope(halt.clone(), slow));
    tokio::select! {
        biased;
        _ = &mut slow => return None,
        () = halt.reached.notified() => {}
    }
    let meanwhile = meanwhile.await;
    Some((slow.await, meanwhile))
}

impl Halt {
    fn at(before: u32, then: Then) -> Self {
        Self { before, passed: AtomicU32::new(0), reached: Notify::new(), then }
    }
}

/// Counts every port that the process comes to, and not the table alone.
pub async fn at_every_port<T>(process: impl Future<Output = T>) -> T {
    AT_EVERY_PORT.scope((), process).await
}

/// A call that reads the table. Outside of these nobody waits, and nothing fails.
pub(super) async fn at_reading<T>(
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let is_nothing_to_hear = HALT.try_with(|halt| halt.then == Then::HearsNothing).unwrap_or(false);
    if is_nothing_to_hear { call.await } else { around(call).await }
}

/// A call that writes there.
pub(super) async fn at_writing<T>(
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    around(call).await
}

/// A call of any other port.
pub(super) async fn at_port<T>(call: impl Future<Output = Result<T, FlowError>>) -> Result<T, FlowError> {
    if AT_EVERY_PORT.try_with(|()| ()).is_ok() { around(call).await } else { call.await }
}

async fn around<T, E: Lost>(call: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let then = here();
    match then {
        Some(Then::Fails) => return Err(E::lost()),
        Some(Then::Dies(Moment::BeforeTheCall)) => crash::now().await,
        Some(Then::GoesOn) => tokio::task::yield_now().await,
        _ => {}
    }
    let done = call.await;
    match then {
        Some(Then::Dies(Moment::AfterTheCall)) => crash::now().await,
        Some(Then::HearsNothing) => done.and(Err(E::lost())),
        _ => done,
    }
}

/// What is to happen at this call, if it is the one.
fn here() -> Option<Then> {
    let reached = HALT.try_with(|halt| {
        let is_reached = halt.passed.fetch_add(1, Ordering::SeqCst) == halt.before;
        assert!(!(is_reached && halt.then == Then::Panics), "a simulated panic");
        if is_reached {
            halt.reached.notify_one();
        }
        is_reached.then_some(halt.then)
    });
    reached.ok().flatten()
}
