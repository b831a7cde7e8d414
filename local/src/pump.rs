//! Brings each message to its function's door, by itself, and does with it what the door's answer says.
//!
//! No message is dropped: what is not done comes again, and what cannot be done is a dead letter.

use domain::Queue;
use flows::{FlowError, Verdict};
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use std::panic::AssertUnwindSafe;

use crate::{
    faults::crash,
    product::Product,
    tasks::{LocalTasks, Taken},
};

/// Brings what is visible now, at most ten messages of each queue, one after the other; answers how many there were.
pub async fn pump(tasks: &LocalTasks, product: &Product) -> Result<usize, FlowError> {
    let mut count = 0;
    for queue in Queue::ALL {
        count += pump_queue(tasks, product, queue, 1).await?;
    }
    Ok(count)
}

/// The same of one queue, so many side by side.
pub async fn pump_queue(
    tasks: &LocalTasks,
    product: &Product,
    queue: Queue,
    at_once: usize,
) -> Result<usize, FlowError> {
    // Looking is cheap, taking is a write.
    if !tasks.is_any_visible(queue)? {
        return Ok(0);
    }
    let taken = tasks.take(queue)?;
    let count = taken.len();
    let bringing = stream::iter(taken).map(|taken| async move { bring(tasks, product, queue, &taken).await });
    bringing.buffer_unordered(at_once).try_collect::<()>().await?;
    Ok(count)
}

async fn bring(tasks: &LocalTasks, product: &Product, queue: Queue, taken: &Taken) -> Result<(), FlowError> {
    let handling = AssertUnwindSafe(product.handle(queue, &taken.body)).catch_unwind();
    match crash::watched(handling).await {
        Some(Ok(Ok(()))) => tasks.done(queue, taken),
        Some(Ok(Err(error))) => {
            tracing::warn!(queue = queue.name(), attempts = taken.attempts, "not done: {error}");
            match error.verdict() {
                Verdict::Dead => tasks.bury(queue, taken, &error.to_string()),
                Verdict::Again => {
                    let seconds = tasks.wait_seconds(&error, taken.attempts);
                    tasks.again(queue, taken, seconds, &error.to_string())
                }
            }
        }
        Some(Err(_)) => {
            tracing::error!(queue = queue.name(), attempts = taken.attempts, "its function panicked");
            tasks.bury(queue, taken, "its function panicked")
        }
        // The process is gone, as far as the queue can tell: the message stays hidden until its time is up.
        None => Ok(()),
    }
}
