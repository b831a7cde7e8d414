//! A process that is held up at the table while others go on: the moments that only bad luck finds.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio::sync::Notify;

tokio::task_local! {
    static HALT: Arc<Halt>;
}

struct Halt {
    before: u32,
    passed: AtomicU32,
    reached: Notify,
    panics: bool,
}

/// Runs it with a panic where it comes to the table for the `before`-th time (from 0).
pub async fn panicking<T>(before: u32, process: impl Future<Output = T>) -> T {
    HALT.scope(Arc::new(Halt::at(before, true)), process).await
}

/// Runs `slow` until it comes to the table for the `before`-th time (from 0), then all of `meanwhile`, then the rest
/// of `slow`. `None`: it never came to the table that often, and nothing else was run.
pub async fn overtaken<S, M>(
    slow: impl Future<Output = S>,
    before: u32,
    meanwhile: impl Future<Output = M>,
) -> Option<(S, M)> {
    let halt = Arc::new(Halt::at(before, false));
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
    fn at(before: u32, panics: bool) -> Self {
        Self { before, passed: AtomicU32::new(0), reached: Notify::new(), panics }
    }
}

/// The table is asked. Outside of `overtaken` nobody waits.
pub(super) async fn here() {
    let is_reached = HALT.try_with(|halt| {
        let is_reached = halt.passed.fetch_add(1, Ordering::SeqCst) == halt.before;
        assert!(!(is_reached && halt.panics), "a simulated panic");
        if is_reached {
            halt.reached.notify_one();
        }
        is_reached
    });
    if is_reached.unwrap_or(false) {
        tokio::task::yield_now().await;
    }
}
