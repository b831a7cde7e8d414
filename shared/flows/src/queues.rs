//! What stands in the queues, for those who mind them: how full each is, and what was given up.

use async_trait::async_trait;
use domain::{EmailAddress, Queue, Timestamp};
use std::sync::Arc;

use crate::FlowError;

/// What those who run the installation have before them.
#[derive(Clone)]
pub struct Desk {
    /// Who they are: the queues carry every tenant's work, so no tenant's role brings anybody here.
    pub operators: Vec<EmailAddress>,
    pub depths: Arc<dyn Depths>,
    pub dead_letters: Arc<dyn DeadLetters>,
}

/// How full the queues are.
#[async_trait]
pub trait Depths: Send + Sync {
    async fn depth(&self, queue: Queue) -> Result<Depth, FlowError>;
}

/// How many messages a queue has. `SQS` says about how many, and may be a minute behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    pub waiting: usize,
    /// Under way, or failed and waiting for the next try.
    pub active: usize,
    /// Left for later, and never tried.
    pub delayed: usize,
    /// Dead letters.
    pub failed: usize,
    /// When the oldest was left, dead letters aside, where that is known.
    pub oldest_at: Option<Timestamp>,
}

/// The messages that were tried often enough, or that nobody understands. None is ever dropped by itself.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// The longest there first, of as many as one look finds.
    async fn list(&self, queue: Queue, limit: usize) -> Result<Vec<DeadLetter>, FlowError>;

    /// Back into its queue, as if it were new. `false` if there is none of that id.
    async fn replay(&self, queue: Queue, id: &str) -> Result<bool, FlowError>;

    /// Gone for good. `false` if there is none of that id.
    async fn discard(&self, queue: Queue, id: &str) -> Result<bool, FlowError>;

    /// Each is shown to the sieve, a few at a time, and is gone for good if that says so. However many there are: what one call
    /// does not reach, the next one goes on with, soon after. One that somebody else looks at just now may be passed over: then
    /// more are hidden at the end than those that were shown and stay.
    async fn sift(&self, queue: Queue, sieve: &dyn Sieve) -> Result<Sifted, FlowError>;
}

/// What came of sifting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sifted {
    pub gone: u64,
    /// Shown, and to stay: hidden from whoever looks until all were shown, or for ten minutes.
    pub stayed: u64,
    /// At the end, where nothing more is to be seen: how many are hidden, also by others. `SQS` says about how many.
    pub hidden: Option<u64>,
}

/// Which dead letters are to go.
#[async_trait]
pub trait Sieve: Send + Sync {
    async fn is_to_go(&self, letter: &DeadLetter) -> Result<bool, FlowError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub id: String,
    /// As it came: it may be no task at all.
    pub body: String,
    pub attempts: u32,
    /// What was said of the last attempt, where that is known.
    pub why: Option<String>,
    /// When it was left, where that is known.
    pub left_at: Option<Timestamp>,
}
