//! A process that is held up at the table while others go on: the moments that only bad luck finds.

use std::{
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};
use store::StoreError;
use tokio::sync::Notify;

use super::crash;

tokio::task_local! {
    static HALT: Arc<Halt>;
}

struct Halt {
    before: u32,
    passed: AtomicU32,
    reached: Notify,
    then: Then,
    /// The call that it dies after is under way.
    is_last: AtomicBool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    GoesOn,
    Panics,
    Fails,
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
        Self {
            before,
            passed: AtomicU32::new(0),
            reached: Notify::new(),
            then,
            is_last: AtomicBool::new(false),
        }
    }
}

/// A call of the table. Outside of these nobody waits, and nothing fails.
pub(super) async fn around<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    here().await?;
    let done = call.await;
    let is_last = HALT.try_with(|halt| halt.is_last.load(Ordering::SeqCst));
    if is_last.unwrap_or(false) { crash::now().await } else { done }
}

async fn here() -> Result<(), StoreError> {
    let reached = HALT.try_with(|halt| {
        let is_reached = halt.passed.fetch_add(1, Ordering::SeqCst) == halt.before;
        assert!(!(is_reached && halt.then == Then::Panics), "a simulated panic");
        if is_reached {
            halt.reached.notify_one();
        }
        is_reached.then_some(halt.then)
    });
    match reached.ok().flatten() {
        Some(Then::Fails) => {
            Err(StoreError::Unavailable(Arc::new(io::Error::other("a simulated failure of the table"))))
        }
        Some(Then::Dies(Moment::BeforeTheCall)) => crash::now().await,
        Some(Then::Dies(Moment::AfterTheCall)) => {
            let _ = HALT.try_with(|halt| halt.is_last.store(true, Ordering::SeqCst));
            Ok(())
        }
        Some(Then::GoesOn | Then::Panics) => {
            tokio::task::yield_now().await;
            Ok(())
        }
        None => Ok(()),
    }
}
