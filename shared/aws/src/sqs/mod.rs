//! Tasks on SQS: in batches, each with its group, so that one large tenant delays no other (fair queues).
//!
//! On a FIFO queue a message is sent only after the one before it in its group was taken, and its deduplication
//! id is a roll of dice: the SDK's repetition of a call is dropped, but the same task left twice is two tasks.

mod batch;
mod dead;
mod depths;
mod hiding;

use async_trait::async_trait;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::Queue;
use flows::{Dice, FlowError, Left, Tasks};
use std::{collections::BTreeMap, fmt::Write as _, sync::Arc, time::Duration};

use crate::{Clients, failure::Failure};
use batch::{Message, batches};

pub use dead::SqsDeadLetters;
pub use depths::SqsDepths;
pub use hiding::SqsWaits;

const DELAY_SECONDS_MAX: u32 = 900;
/// The pauses before the entries that SQS did not take are sent again: 0.35 s together.
const WAITS_MS: [u64; 3] = [50, 100, 200];

/// Where a queue and its dead letters are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterUrls {
    pub queue: String,
    pub dead_letters: String,
}

pub struct SqsTasks {
    clients: Clients,
    urls: BTreeMap<Queue, String>,
    dice: Arc<dyn Dice>,
}

/// A queue took fewer than it was given.
#[derive(Debug, thiserror::Error)]
#[error("SQS did not take {missing} of {of} tasks for `{queue}`: {code}")]
struct NotLeft {
    queue: Queue,
    missing: usize,
    of: usize,
    code: String,
}

impl SqsTasks {
    /// A URL that ends in `.fifo` is a FIFO queue's.
    pub fn new(clients: Clients, urls: BTreeMap<Queue, String>, dice: Arc<dyn Dice>) -> Self {
        Self { clients, urls, dice }
    }

    /// Everything that can be known to be wrong is, before anything is sent.
    fn message(&self, left: &Left) -> Result<Message, FlowError> {
        let is_fifo = is_fifo(self.url(left.task.queue())?);
        let delay_seconds_max = if is_fifo { 0 } else { DELAY_SECONDS_MAX };
        if left.delay_seconds > delay_seconds_max {
            let sentence = format!("a task of this queue waits at most {delay_seconds_max} seconds");
            return Err(FlowError::invalid("/delay_seconds", "delay_too_long", sentence));
        }
        let body = serde_json::to_string(&left.task).map_err(FlowError::broken)?;
        let delay_seconds = i32::try_from(left.delay_seconds).map_err(FlowError::broken)?;
        let nonce = is_fifo.then(|| self.nonce());
        Message { body, group: left.task.group(), delay_seconds, nonce }.checked()
    }

    fn url(&self, queue: Queue) -> Result<&str, FlowError> {
        let url = self.urls.get(&queue).map(String::as_str);
        url.ok_or_else(|| FlowError::broken(format!("no URL is known for the queue `{queue}`")))
    }

    fn nonce(&self) -> String {
        let mut bytes = [0; 16];
        self.dice.fill(&mut bytes);
        bytes.iter().fold(String::with_capacity(32), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    async fn send(&self, queue: Queue, messages: Vec<Message>) -> Result<(), FlowError> {
        let url = self.url(queue)?;
        let of = messages.len();
        let mut taken = 0;
        for batch in batches(messages, is_fifo(url)) {
            let size = batch.len();
            if let Err((untaken, refusal)) = self.send_batch(url, batch).await {
                let missing = of - taken - (size - untaken);
                let error = NotLeft { queue, missing, of, code: refusal.code };
                let is_ours = refusal.is_ours;
                return Err(if is_ours { FlowError::broken(error) } else { FlowError::unavailable(error) });
            }
            taken += size;
        }
        Ok(())
    }

    /// Or how many of the batch were not taken, and why.
    async fn send_batch(&self, url: &str, mut batch: Vec<Message>) -> Result<(), (usize, Refusal)> {
        let mut waits = WAITS_MS.into_iter();
        loop {
            let refusal = match self.try_batch(url, &mut batch).await {
                Ok(None) => return Ok(()),
                Ok(Some(refusal)) => refusal,
                // The SDK has already tried as often as it may.
                Err(refusal) => return Err((batch.len(), refusal)),
            };
            match waits.next().filter(|_| !refusal.is_ours) {
                Some(wait) => tokio::time::sleep(Duration::from_millis(wait)).await,
                None => return Err((batch.len(), refusal)),
            }
        }
    }

    /// Leaves in `batch` what was not taken, and answers why it was not.
    async fn try_batch(&self, url: &str, batch: &mut Vec<Message>) -> Result<Option<Refusal>, Refusal> {
        let unbuilt =
            |wrong: aws_sdk_sqs::error::BuildError| Refusal { code: wrong.to_string(), is_ours: true };
        let entries = batch.iter().enumerate().map(|(place, message)| {
            SendMessageBatchRequestEntry::builder()
                .id(place.to_string())
                .message_body(&message.body)
                .message_group_id(&message.group)
                .set_delay_seconds(message.nonce.is_none().then_some(message.delay_seconds))
                .set_message_deduplication_id(message.nonce.clone())
                .build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>().map_err(unbuilt)?;
        let asked = self.clients.sqs().send_message_batch().queue_url(url).set_entries(Some(entries));
        let answer = asked.send().await.map_err(|error| Refusal::of(Failure::of("SQS", &error)))?;
        let failed = answer.failed();
        let Some(first) = failed.iter().find(|entry| entry.sender_fault()).or(failed.first()) else {
            return Ok(None);
        };
        let refusal = Refusal { code: first.code().to_owned(), is_ours: first.sender_fault() };
        let mut place = 0;
        batch.retain(|_| {
            let id = place.to_string();
            place += 1;
            failed.iter().any(|entry| entry.id() == id)
        });
        Ok(Some(refusal))
    }
}

/// Why a message was not taken; ours if the same again would be refused again.
struct Refusal {
    code: String,
    is_ours: bool,
}

impl Refusal {
    fn of(failure: Failure) -> Self {
        let is_ours = failure.is_refused()
            || failure.is(&["AWS.SimpleQueueService.BatchRequestTooLong", "InvalidMessageContents"]);
        Self { code: failure.code, is_ours }
    }
}

#[async_trait]
impl Tasks for SqsTasks {
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError> {
        let mut by_queue: BTreeMap<Queue, Vec<Message>> = BTreeMap::new();
        for left in &tasks {
            by_queue.entry(left.task.queue()).or_default().push(self.message(left)?);
        }
        for (queue, messages) in by_queue {
            self.send(queue, messages).await?;
        }
        Ok(())
    }
}

#[expect(clippy::case_sensitive_file_extension_comparisons, reason = "SQS writes it in small letters only")]
fn is_fifo(url: &str) -> bool {
    url.ends_with(".fifo")
}

fn urls_of(urls: &BTreeMap<Queue, DeadLetterUrls>, queue: Queue) -> Result<&DeadLetterUrls, FlowError> {
    let urls = urls.get(&queue);
    urls.ok_or_else(|| FlowError::broken(format!("no dead letters are known for the queue `{queue}`")))
}

fn failed<E: aws_sdk_sqs::error::ProvideErrorMetadata>(
    error: &aws_sdk_sqs::error::SdkError<E, aws_sdk_sqs::config::http::HttpResponse>,
) -> FlowError {
    Failure::of("SQS", error).unavailable()
}
