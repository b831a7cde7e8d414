//! The queues, durable in an embedded store: what is left survives a crash, and what was taken and not finished
//! comes again.
//!
//! Behaves as SQS does: visibility, attempts, delays, FIFO groups, dead letters after enough tries.

mod dead;
mod depths;
mod kept;
mod line;
mod message;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use domain::{Queue, task::TASK_BYTES_MAX};
use flows::{Clock, Dice, FlowError, Left, Tasks, again};
use redb::{Database, Durability, ReadableDatabase, ReadableTable, backends::InMemoryBackend};
use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio::sync::watch;

use crate::queues::{self, Setting};
use kept::{Entry, MESSAGES, all_of, each_of, keep};
use line::Line;
use message::Message;
pub use message::Taken;

/// SQS's limits.
const DELAY_SECONDS_MAX: u32 = 900;
const TAKEN_MAX: usize = 10;

/// So many changes that may be forgotten wait for the disk together, at the latest.
const LIGHT_MAX: u32 = 64;

/// What is said of a message that nobody finished, and nobody said why.
const UNFINISHED: &str = "its function never finished it";

pub struct LocalTasks {
    db: Database,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
    setting: fn(Queue) -> Setting,
    /// Changes since the disk was last waited for.
    light: AtomicU32,
    /// That something was left.
    left: watch::Sender<()>,
    /// Of a file, which is waited for.
    line: Option<Line>,
}

/// A text for a queue, a task or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    pub group: String,
    pub body: String,
    pub delay_seconds: u32,
}

impl LocalTasks {
    /// Opens or makes the file. A file that another process holds is `Unavailable`; so whoever had taken a message has
    /// died, and it comes again at once.
    pub fn open(path: &Path, clock: Arc<dyn Clock>, dice: Arc<dyn Dice>) -> Result<Self, FlowError> {
        let tasks = Self::on(Database::create(path).map_err(FlowError::unavailable)?, clock, dice)?;
        let tasks = Self { line: Some(Line::default()), ..tasks };
        tasks.released()?;
        Ok(tasks)
    }

    /// # Panics
    /// If there is no memory for an empty queue.
    pub fn in_memory(clock: Arc<dyn Clock>, dice: Arc<dyn Dice>) -> Self {
        let db = Database::builder().create_with_backend(InMemoryBackend::new());
        let tasks = db.map_err(FlowError::unavailable).and_then(|db| Self::on(db, clock, dice));
        tasks.expect("memory holds an empty queue")
    }

    fn on(db: Database, clock: Arc<dyn Clock>, dice: Arc<dyn Dice>) -> Result<Self, FlowError> {
        let transaction = db.begin_write().map_err(FlowError::unavailable)?;
        transaction.open_table(MESSAGES).map_err(FlowError::unavailable)?;
        transaction.commit().map_err(FlowError::unavailable)?;
        Ok(Self {
            db,
            clock,
            dice,
            setting: queues::setting,
            light: AtomicU32::new(0),
            left: watch::Sender::new(()),
            line: None,
        })
    }

    fn released(&self) -> Result<(), FlowError> {
        let now = self.now();
        self.change(|table| {
            for queue in Queue::ALL {
                for (id, message) in all_of(table, queue)? {
                    if message.attempts > 0 && message.visible_at > now {
                        keep(table, queue, &(id, Message { visible_at: now, ..message }))?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Leaves texts as they are, all or none.
    pub fn leave_raw(&self, queue: Queue, raw: Vec<Raw>) -> Result<(), FlowError> {
        self.leave_all(raw.into_iter().map(|raw| (queue, raw)).collect())
    }

    /// Changes whenever something is left: whoever rests need not look meanwhile.
    pub fn left(&self) -> watch::Receiver<()> {
        self.left.subscribe()
    }

    fn leave_all(&self, raw: Vec<(Queue, Raw)>) -> Result<(), FlowError> {
        let now = self.now();
        let kept = self.change(|table| {
            for (queue, Raw { group, body, delay_seconds }) in raw {
                let is_fifo = (self.setting)(queue).is_fifo;
                if self.line.is_some() && is_fifo && kept::waits(table, queue, &group, &body)? {
                    continue;
                }
                let range = table.range((queue.name(), 0)..=(queue.name(), u64::MAX));
                let last = range.map_err(FlowError::unavailable)?.next_back().transpose();
                let last = last.map_err(FlowError::unavailable)?.map_or(0, |(key, _)| key.value().1);
                let message = Message::new(group, body, now, delay_seconds);
                keep(table, queue, &(last + 1, message))?;
            }
            Ok(())
        });
        self.left.send_replace(());
        kept
    }

    /// Up to 10 that are visible, hidden from everybody else from now on. What has been tried often enough is a
    /// dead letter instead.
    pub fn take(&self, queue: Queue) -> Result<Vec<Taken>, FlowError> {
        let now = self.now();
        let setting = (self.setting)(queue);
        let receipt = self.roll();
        self.change_lightly(|table| {
            let (mut taken, mut changed, mut blocked) = (Vec::new(), Vec::new(), BTreeSet::new());
            for entry in each_of(table, queue)? {
                let (id, mut message) = entry?;
                if taken.len() == TAKEN_MAX {
                    break;
                }
                if message.is_dead || (setting.is_fifo && blocked.contains(&message.group)) {
                    continue;
                }
                if message.visible_at <= now && message.attempts >= setting.tries {
                    message.is_dead = true;
                    message.why.get_or_insert_with(|| UNFINISHED.to_owned());
                    changed.push((id, message));
                    continue;
                }
                // In a FIFO group one is under way at a time, and nothing passes it.
                if setting.is_fifo {
                    blocked.insert(message.group.clone());
                }
                if message.visible_at <= now {
                    message.attempts += 1;
                    message.visible_at = now + i64::from(setting.visibility_seconds) * 1_000;
                    message.receipt = receipt;
                    taken.push(message.taken(id));
                    changed.push((id, message));
                }
            }
            for entry in &changed {
                keep(table, queue, entry)?;
            }
            Ok(taken)
        })
    }

    /// Whether there is anything to take.
    pub fn is_any_visible(&self, queue: Queue) -> Result<bool, FlowError> {
        let now = self.now();
        let reading = self.db.begin_read().map_err(FlowError::unavailable)?;
        let table = reading.open_table(MESSAGES).map_err(FlowError::unavailable)?;
        for entry in each_of(&table, queue)? {
            let (_, message) = entry?;
            if !message.is_dead && message.visible_at <= now {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Finished: gone. A receipt that is not the newest changes nothing.
    pub fn done(&self, queue: Queue, taken: &Taken) -> Result<(), FlowError> {
        self.with_held(queue, taken, |_| None)
    }

    /// Not finished: visible again after so many seconds, or a dead letter if that was the last try.
    pub fn again(&self, queue: Queue, taken: &Taken, seconds: u32, why: &str) -> Result<(), FlowError> {
        let visible_at = self.now() + i64::from(seconds) * 1_000;
        let is_dead = taken.attempts >= (self.setting)(queue).tries;
        self.with_held(queue, taken, |held| {
            Some(Message { visible_at, why: Some(why.to_owned()), is_dead, ..held })
        })
    }

    /// Trying again cannot help.
    pub fn bury(&self, queue: Queue, taken: &Taken, why: &str) -> Result<(), FlowError> {
        self.with_held(queue, taken, |held| {
            Some(Message { why: Some(why.to_owned()), is_dead: true, ..held })
        })
    }

    /// When the next message can be taken, in milliseconds since 1970: one that is not dead and, in a FIFO group, waits for no
    /// other.
    pub fn next_visible_at(&self, queue: Queue) -> Result<Option<i64>, FlowError> {
        let (is_fifo, mut groups) = ((self.setting)(queue).is_fifo, BTreeSet::new());
        let alive = self.messages(queue)?.into_iter().filter(|(_, message)| !message.is_dead);
        let first = alive.filter(|(_, message)| !is_fifo || groups.insert(message.group.clone()));
        Ok(first.map(|(_, message)| message.visible_at).min())
    }

    /// What is not done yet, dead letters aside.
    pub fn undone(&self, queue: Queue) -> Result<Vec<String>, FlowError> {
        let alive = self.messages(queue)?.into_iter().filter(|(_, message)| !message.is_dead);
        Ok(alive.map(|(_, message)| message.body).collect())
    }

    /// How long a message waits that has failed so.
    pub fn wait_seconds(&self, error: &FlowError, attempts: u32) -> u32 {
        again::wait_seconds(error, attempts, &*self.dice)
    }

    fn with_held(
        &self,
        queue: Queue,
        taken: &Taken,
        change: impl FnOnce(Message) -> Option<Message>,
    ) -> Result<(), FlowError> {
        self.change_lightly(|table| {
            let Some(held) = kept::one_of(table, queue, taken.id)? else { return Ok(()) };
            if !held.is_held(taken) {
                return Ok(());
            }
            match change(held) {
                Some(changed) => keep(table, queue, &(taken.id, changed)),
                None => kept::drop_one(table, queue, taken.id),
            }
        })
    }

    fn messages(&self, queue: Queue) -> Result<Vec<Entry>, FlowError> {
        let reading = self.db.begin_read().map_err(FlowError::unavailable)?;
        all_of(&reading.open_table(MESSAGES).map_err(FlowError::unavailable)?, queue)
    }

    /// One transaction: all of it or, after an error, nothing.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut kept::Messages<'_>) -> Result<T, FlowError>,
    ) -> Result<T, FlowError> {
        self.changed(Durability::Immediate, change)
    }

    /// Does not wait for the disk: if the machine goes down, a message comes once more.
    fn change_lightly<T>(
        &self,
        change: impl FnOnce(&mut kept::Messages<'_>) -> Result<T, FlowError>,
    ) -> Result<T, FlowError> {
        // What is never waited for takes up ever more of the file.
        let is_enough = self.light.fetch_add(1, Ordering::Relaxed) % LIGHT_MAX == LIGHT_MAX - 1;
        self.changed(if is_enough { Durability::Immediate } else { Durability::None }, change)
    }

    fn changed<T>(
        &self,
        durability: Durability,
        change: impl FnOnce(&mut kept::Messages<'_>) -> Result<T, FlowError>,
    ) -> Result<T, FlowError> {
        let mut transaction = self.db.begin_write().map_err(FlowError::unavailable)?;
        transaction.set_durability(durability).map_err(FlowError::unavailable)?;
        let changed = change(&mut transaction.open_table(MESSAGES).map_err(FlowError::unavailable)?)?;
        transaction.commit().map_err(FlowError::unavailable)?;
        Ok(changed)
    }

    fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    fn roll(&self) -> u64 {
        let mut bytes = [0; 8];
        self.dice.fill(&mut bytes);
        u64::from_be_bytes(bytes)
    }
}

#[async_trait]
impl Tasks for LocalTasks {
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError> {
        let raw = tasks.iter().map(|left| raw(left, self.setting)).collect::<Result<_, _>>()?;
        match &self.line {
            Some(line) => line.left(raw, |texts| self.leave_all(texts)).await,
            None => self.leave_all(raw),
        }
    }
}

fn raw(left: &Left, setting: fn(Queue) -> Setting) -> Result<(Queue, Raw), FlowError> {
    let Left { task, delay_seconds } = left;
    let (queue, delay_seconds) = (task.queue(), *delay_seconds);
    let body = serde_json::to_string(task).map_err(FlowError::broken)?;
    fits(&body, delay_seconds, setting(queue).is_fifo)?;
    Ok((queue, Raw { group: task.group(), body, delay_seconds }))
}

fn fits(body: &str, delay_seconds: u32, is_fifo: bool) -> Result<(), FlowError> {
    if delay_seconds > DELAY_SECONDS_MAX || (is_fifo && delay_seconds > 0) {
        let sentence =
            format!("a task waits at most {DELAY_SECONDS_MAX} seconds, and on a FIFO queue not at all");
        return Err(FlowError::invalid("delay_seconds", "out_of_range", sentence));
    }
    if body.len() > TASK_BYTES_MAX {
        let sentence = format!("a task has at most {TASK_BYTES_MAX} bytes");
        return Err(FlowError::invalid("task", "too_large", sentence));
    }
    Ok(())
}
