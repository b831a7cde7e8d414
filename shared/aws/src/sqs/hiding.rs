//! How long messages that were received stay hidden, told ten in a call.

use async_trait::async_trait;
use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry as Entry;
use flows::{FlowError, Wait, Waits};

use super::failed;
use crate::Clients;

const BATCH_MAX: usize = 10;

/// The queue that calls a function.
pub struct SqsWaits {
    clients: Clients,
    url: String,
}

impl SqsWaits {
    pub fn new(clients: Clients, url: String) -> Self {
        Self { clients, url }
    }
}

#[async_trait]
impl Waits for SqsWaits {
    async fn tell(&self, waits: Vec<Wait>) -> Result<(), FlowError> {
        let hidden =
            waits.into_iter().map(|wait| (wait.receipt, i32::try_from(wait.seconds).unwrap_or(i32::MAX)));
        hide(&self.clients, &self.url, hidden.collect()).await
    }
}

/// Each by its receipt, for so many seconds from now on. All are asked for, whatever becomes of some.
pub(super) async fn hide(clients: &Clients, url: &str, hidden: Vec<(String, i32)>) -> Result<(), FlowError> {
    let mut told = Ok(());
    for batch in hidden.chunks(BATCH_MAX) {
        told = told.and(hide_batch(clients, url, batch).await);
    }
    told
}

async fn hide_batch(clients: &Clients, url: &str, batch: &[(String, i32)]) -> Result<(), FlowError> {
    let entries = batch.iter().enumerate().map(|(place, (receipt, seconds))| {
        Entry::builder().id(place.to_string()).receipt_handle(receipt).visibility_timeout(*seconds).build()
    });
    let entries = entries.collect::<Result<Vec<_>, _>>().map_err(FlowError::broken)?;
    let asked = clients.sqs().change_message_visibility_batch().queue_url(url).set_entries(Some(entries));
    let answer = asked.send().await.map_err(|error| failed(&error))?;
    match answer.failed().first() {
        Some(first) => Err(FlowError::unavailable(format!("SQS did not hide a message: {}", first.code()))),
        None => Ok(()),
    }
}
