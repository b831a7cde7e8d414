//! The dead letters of our queues: looked at, sent back, or thrown away, one by one.
//!
//! SQS cannot look without taking: what is looked at is hidden for half a minute at most, and given back at
//! once, ten in a call. A letter that is sent back is deleted only when its queue has taken it: a crash in between leaves it
//! twice, never nowhere.
//!
//! Whoever sifts more than one call shows keeps those hidden that were shown, for ten minutes at most: so the next call sees
//! the rest, and nobody has to remember which. Meanwhile nobody else sees them, so one sifts at a time (`store/src/sifts.rs`), and at
//! the end it is asked how many are hidden: what others look at was not shown. SQS hides 120,000 at once, and refuses to show
//! more: that fails, and nothing is taken for searched.

use async_trait::async_trait;
use aws_sdk_sqs::{
    operation::receive_message::ReceiveMessageError,
    types::{Message, MessageSystemAttributeName as Attribute},
};
use domain::{Queue, Timestamp};
use flows::{DeadLetter, DeadLetters, FlowError, Sieve, Sifted};
use std::collections::BTreeMap;

use super::{DeadLetterUrls, depths::hidden, failed, hiding::hide, urls_of};
use crate::Clients;

const HIDDEN_SECONDS: i32 = 30;
/// Less than the 720 for which the queue of whoever sifts waits for them (`template.yaml`): who comes after somebody that died
/// sees all of it again. As long as `domain::privacy::SIFTED_SECONDS`.
const SIFTED_SECONDS: i32 = 600;
/// What SQS hides of one queue.
const HIDDEN_MAX: u32 = 120_000;
const WAIT_SECONDS: i32 = 1;
const RECEIVE_MAX: usize = 10;
/// How far one look goes into a queue: 100 calls.
const LOOK_MAX: usize = 1_000;

pub struct SqsDeadLetters {
    clients: Clients,
    urls: BTreeMap<Queue, DeadLetterUrls>,
}

impl SqsDeadLetters {
    pub fn new(clients: Clients, urls: BTreeMap<Queue, DeadLetterUrls>) -> Self {
        Self { clients, urls }
    }

    /// Takes until there are `limit`, or the one of that id, or no more. Each must be given back.
    async fn take(&self, url: &str, limit: usize, id: Option<&str>) -> Result<Vec<Message>, FlowError> {
        let mut taken: Vec<Message> = Vec::new();
        while taken.len() < limit {
            let most = limit - taken.len();
            let more = match self.receive(url, most, HIDDEN_SECONDS, WAIT_SECONDS).await {
                Ok(more) => more,
                Err(error) => {
                    self.give_back(url, receipts(taken)).await;
                    return Err(error);
                }
            };
            if more.is_empty() {
                break;
            }
            taken.extend(more);
            if id.is_some_and(|id| taken.iter().any(|message| is(message, id))) {
                break;
            }
        }
        Ok(taken)
    }

    /// Hidden for so long, after waiting for any for so long.
    async fn receive(
        &self,
        url: &str,
        at_most: usize,
        hidden_seconds: i32,
        wait_seconds: i32,
    ) -> Result<Vec<Message>, FlowError> {
        let at_most = i32::try_from(at_most.min(RECEIVE_MAX)).map_err(FlowError::broken)?;
        let asked = (self.clients.sqs().receive_message())
            .queue_url(url)
            .max_number_of_messages(at_most)
            .visibility_timeout(hidden_seconds)
            // A wait asks all of the queue's servers: without it an answer may be empty and the queue not.
            .wait_time_seconds(wait_seconds)
            .message_system_attribute_names(Attribute::ApproximateReceiveCount)
            .message_system_attribute_names(Attribute::SentTimestamp)
            .message_system_attribute_names(Attribute::MessageGroupId);
        match asked.send().await {
            Ok(told) => Ok(told.messages.unwrap_or_default()),
            Err(error) if error.as_service_error().is_some_and(ReceiveMessageError::is_over_limit) => {
                let why =
                    format!("{HIDDEN_MAX} dead letters are hidden, and SQS shows no more: some must go");
                tracing::error!(function = "aws", "{why}");
                Err(FlowError::unavailable(why))
            }
            Err(error) => Err(failed(&error)),
        }
    }

    /// What cannot be given back comes back by itself, once it is no longer hidden.
    async fn give_back(&self, url: &str, receipts: Vec<String>) {
        let _ = hide(&self.clients, url, receipts.into_iter().map(|receipt| (receipt, 0)).collect()).await;
    }

    /// As many as come with one call are shown to the sieve; `stay` has those that are to be given back, too. How many went.
    /// `None`: there are no more.
    async fn sifted_some(
        &self,
        url: &str,
        sieve: &dyn Sieve,
        stay: &mut Vec<String>,
    ) -> Result<Option<u64>, FlowError> {
        let mut taken = self.receive(url, RECEIVE_MAX, SIFTED_SECONDS, WAIT_SECONDS).await?;
        if taken.is_empty() {
            // Where too many are hidden, a wait ends as if there were none. Who does not wait is told.
            taken = self.receive(url, RECEIVE_MAX, SIFTED_SECONDS, 0).await?;
        }
        if taken.is_empty() {
            return Ok(None);
        }
        stay.extend(taken.iter().filter_map(|message| message.receipt_handle.clone()));
        let mut gone = 0;
        for message in &taken {
            if sieve.is_to_go(&letter(message)).await? {
                self.delete(url, message).await?;
                stay.retain(|receipt| message.receipt_handle.as_ref() != Some(receipt));
                gone += 1;
            }
        }
        Ok(Some(gone))
    }

    /// The one of that id, taken; the others given back. Not found in as far as a look goes is no answer.
    async fn find(&self, url: &str, id: &str) -> Result<Option<Message>, FlowError> {
        let mut taken = self.take(url, LOOK_MAX, Some(id)).await?;
        let looked_at = taken.len();
        let place = taken.iter().position(|message| is(message, id));
        let found = place.map(|place| taken.swap_remove(place));
        self.give_back(url, receipts(taken)).await;
        if found.is_none() && looked_at >= LOOK_MAX {
            return Err(FlowError::unavailable(format!("it is not among the first {LOOK_MAX} dead letters")));
        }
        Ok(found)
    }

    async fn send_back(&self, url: &str, id: &str, message: &Message) -> Result<(), FlowError> {
        let attributes = message.attributes.as_ref();
        let group = attributes.and_then(|attributes| attributes.get(&Attribute::MessageGroupId)).cloned();
        let asked = (self.clients.sqs().send_message())
            .queue_url(url)
            .set_message_body(message.body.clone())
            .set_message_group_id(group)
            .set_message_deduplication_id(super::is_fifo(url).then(|| id.to_owned()));
        asked.send().await.map(drop).map_err(|error| failed(&error))
    }

    async fn delete(&self, url: &str, message: &Message) -> Result<(), FlowError> {
        let asked = self.clients.sqs().delete_message().queue_url(url);
        let asked = asked.set_receipt_handle(message.receipt_handle.clone());
        asked.send().await.map(drop).map_err(|error| failed(&error))
    }
}

#[async_trait]
impl DeadLetters for SqsDeadLetters {
    /// `attempts` counts the looks at the list too: SQS takes each for a reception.
    async fn list(&self, queue: Queue, limit: usize) -> Result<Vec<DeadLetter>, FlowError> {
        let url = &urls_of(&self.urls, queue)?.dead_letters;
        let taken = self.take(url, limit.min(LOOK_MAX), None).await?;
        // Since when, and by id: one that came twice is one.
        let letters = taken.iter().map(letter).map(|letter| ((letter.left_at, letter.id.clone()), letter));
        let letters: BTreeMap<_, _> = letters.collect();
        self.give_back(url, receipts(taken)).await;
        Ok(letters.into_values().collect())
    }

    async fn replay(&self, queue: Queue, id: &str) -> Result<bool, FlowError> {
        let urls = urls_of(&self.urls, queue)?;
        let Some(message) = self.find(&urls.dead_letters, id).await? else { return Ok(false) };
        if let Err(error) = self.send_back(&urls.queue, id, &message).await {
            self.give_back(&urls.dead_letters, receipts(vec![message])).await;
            return Err(error);
        }
        self.delete(&urls.dead_letters, &message).await?;
        Ok(true)
    }

    async fn discard(&self, queue: Queue, id: &str) -> Result<bool, FlowError> {
        let url = &urls_of(&self.urls, queue)?.dead_letters;
        let Some(message) = self.find(url, id).await? else { return Ok(false) };
        self.delete(url, &message).await?;
        Ok(true)
    }

    async fn sift(&self, queue: Queue, sieve: &dyn Sieve) -> Result<Sifted, FlowError> {
        let url = &urls_of(&self.urls, queue)?.dead_letters;
        let (mut gone, mut stay) = (0, Vec::new());
        while stay.len() < LOOK_MAX && gone < LOOK_MAX as u64 {
            match self.sifted_some(url, sieve, &mut stay).await {
                Ok(Some(more)) => gone += more,
                Ok(None) => {
                    let hidden = hidden(&self.clients, url).await;
                    let stayed = stay.len() as u64;
                    self.give_back(url, stay).await;
                    return Ok(Sifted { gone, stayed, hidden: Some(hidden?) });
                }
                Err(error) => {
                    self.give_back(url, stay).await;
                    return Err(error);
                }
            }
        }
        Ok(Sifted { gone, stayed: stay.len() as u64, hidden: None })
    }
}

fn receipts(messages: Vec<Message>) -> Vec<String> {
    messages.into_iter().filter_map(|message| message.receipt_handle).collect()
}

fn letter(message: &Message) -> DeadLetter {
    let attribute = |name| message.attributes.as_ref()?.get(&name).map(String::as_str);
    let left_at = attribute(Attribute::SentTimestamp).and_then(|millis| millis.parse().ok());
    DeadLetter {
        id: message.message_id.clone().unwrap_or_default(),
        body: message.body.clone().unwrap_or_default(),
        attempts: attribute(Attribute::ApproximateReceiveCount)
            .and_then(|count| count.parse().ok())
            .unwrap_or_default(),
        why: None,
        left_at: left_at.and_then(|millis| Timestamp::from_millisecond(millis).ok()),
    }
}

fn is(message: &Message, id: &str) -> bool {
    message.message_id.as_deref() == Some(id)
}
