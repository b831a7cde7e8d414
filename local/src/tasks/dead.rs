//! Dead letters: kept until somebody replays or discards them.

use async_trait::async_trait;
use domain::Queue;
use flows::{DeadLetter, DeadLetters, FlowError, Sieve, Sifted};

use super::{
    LocalTasks,
    kept::{drop_one, keep, one_of},
    message::Message,
};

#[async_trait]
impl DeadLetters for LocalTasks {
    async fn list(&self, queue: Queue, limit: usize) -> Result<Vec<DeadLetter>, FlowError> {
        let mut dead = self.dead(queue)?;
        dead.truncate(limit);
        Ok(dead)
    }

    async fn replay(&self, queue: Queue, id: &str) -> Result<bool, FlowError> {
        let now = self.now();
        self.with_dead(queue, id, |dead| Some(Message::new(dead.group, dead.body, now, 0)))
    }

    async fn discard(&self, queue: Queue, id: &str) -> Result<bool, FlowError> {
        self.with_dead(queue, id, |_| None)
    }

    async fn sift(&self, queue: Queue, sieve: &dyn Sieve) -> Result<Sifted, FlowError> {
        let mut sifted = Sifted { hidden: Some(0), ..Sifted::default() };
        for letter in self.dead(queue)? {
            if sieve.is_to_go(&letter).await? {
                sifted.gone += u64::from(self.with_dead(queue, &letter.id, |_| None)?);
            } else {
                sifted.stayed += 1;
            }
        }
        Ok(sifted)
    }
}

impl LocalTasks {
    /// All of a queue, oldest first.
    pub fn dead(&self, queue: Queue) -> Result<Vec<DeadLetter>, FlowError> {
        let dead = self.messages(queue)?.into_iter().filter(|(_, message)| message.is_dead);
        Ok(dead.map(|(id, message)| message.dead_letter(id)).collect())
    }

    fn with_dead(
        &self,
        queue: Queue,
        id: &str,
        change: impl FnOnce(Message) -> Option<Message>,
    ) -> Result<bool, FlowError> {
        let Ok(id) = id.parse() else { return Ok(false) };
        self.change(|table| {
            let Some(dead) = one_of(table, queue, id)?.filter(|message| message.is_dead) else {
                return Ok(false);
            };
            match change(dead) {
                Some(changed) => keep(table, queue, &(id, changed))?,
                None => drop_one(table, queue, id)?,
            }
            Ok(true)
        })
    }
}
