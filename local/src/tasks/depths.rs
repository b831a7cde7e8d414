//! How full the queues are, counted exactly.

use async_trait::async_trait;
use domain::Queue;
use flows::{Depth, Depths, FlowError};

use super::LocalTasks;

#[async_trait]
impl Depths for LocalTasks {
    async fn depth(&self, queue: Queue) -> Result<Depth, FlowError> {
        self.counted(queue)
    }
}

impl LocalTasks {
    pub fn counted(&self, queue: Queue) -> Result<Depth, FlowError> {
        let now = self.now();
        let mut depth = Depth::default();
        for (_, message) in self.messages(queue)? {
            let count = match () {
                () if message.is_dead => &mut depth.failed,
                () if message.visible_at <= now => &mut depth.waiting,
                () if message.attempts > 0 => &mut depth.active,
                () => &mut depth.delayed,
            };
            *count += 1;
            if !message.is_dead {
                depth.oldest_at = depth.oldest_at.into_iter().chain(message.left_at()).min();
            }
        }
        Ok(depth)
    }
}
