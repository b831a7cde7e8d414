//! The queues, for those who run the installation: how full they are, what was given up and why, and what becomes of
//! it. Of a message only what it is about is shown: its body may hold somebody's personal data.

pub(crate) mod failed;
pub(crate) mod list;

use domain::Queue;
use flows::FlowError;

fn named(name: &str) -> Result<Queue, FlowError> {
    Queue::ALL.into_iter().find(|queue| queue.name() == name).ok_or(FlowError::NotFound("queue"))
}
