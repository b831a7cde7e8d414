//! A queue in memory: what is left in it becomes text, as on its way to a queue, and the last thousand are held.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use flows::{FlowError, Left, Tasks};

/// `node/handler.mjs` holds as many.
const HELD: usize = 1_000;

#[derive(Default)]
pub(crate) struct Memory(Mutex<VecDeque<String>>);

impl Memory {
    pub(crate) fn keep(&self, message: String) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() == HELD {
            held.pop_front();
        }
        held.push_back(message);
    }
}

#[async_trait]
impl Tasks for Memory {
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError> {
        for left in tasks {
            self.keep(serde_json::to_string(&left.task).map_err(FlowError::broken)?);
        }
        Ok(())
    }
}
