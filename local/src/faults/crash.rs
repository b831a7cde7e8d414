//! A process that dies in the middle: nothing after that moment runs, and whoever called it hears nothing.

use std::sync::Arc;
use tokio::sync::Notify;

tokio::task_local! {
    static DYING: Arc<Notify>;
}

/// Runs it as a process of its own. `None`: it died.
pub async fn watched<T>(process: impl Future<Output = T>) -> Option<T> {
    let dying = Arc::new(Notify::new());
    let death = dying.clone();
    tokio::select! {
        biased;
        () = death.notified() => None,
        done = DYING.scope(dying, process) => Some(done),
    }
}

/// Dies. Outside of `watched` nobody notices, and it waits for ever.
pub(super) async fn now<T>() -> T {
    let _ = DYING.try_with(|dying| dying.notify_one());
    std::future::pending().await
}
