//! How the queues are set up. `template.yaml` says the same; a test compares them.

use domain::Queue;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// How long a message that was taken stays hidden: six times what its function may take.
    pub visibility_seconds: u32,
    /// After so many receptions it is a dead letter.
    pub tries: u32,
    pub is_fifo: bool,
}

pub fn setting(queue: Queue) -> Setting {
    match queue {
        Queue::Audience | Queue::Campaign | Queue::Send => {
            Setting { visibility_seconds: 900, tries: 5, is_fifo: queue.is_fifo() }
        }
        Queue::Import | Queue::Ingest | Queue::Receipt | Queue::Sync => {
            Setting { visibility_seconds: 720, tries: 5, is_fifo: queue.is_fifo() }
        }
        Queue::Notify => Setting { visibility_seconds: 180, tries: 5, is_fifo: queue.is_fifo() },
    }
}
