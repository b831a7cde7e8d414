//! How full the queues are, as far as SQS tells: about so many, and nothing of the oldest, which `CloudWatch` alone
//! knows.

use async_trait::async_trait;
use aws_sdk_sqs::types::QueueAttributeName as Attribute;
use domain::Queue;
use flows::{Depth, Depths, FlowError};
use std::collections::{BTreeMap, HashMap};

use super::{DeadLetterUrls, failed, urls_of};
use crate::Clients;

const COUNTS: [Attribute; 3] = [
    Attribute::ApproximateNumberOfMessages,
    Attribute::ApproximateNumberOfMessagesNotVisible,
    Attribute::ApproximateNumberOfMessagesDelayed,
];

pub struct SqsDepths {
    clients: Clients,
    urls: BTreeMap<Queue, DeadLetterUrls>,
}

impl SqsDepths {
    pub fn new(clients: Clients, urls: BTreeMap<Queue, DeadLetterUrls>) -> Self {
        Self { clients, urls }
    }

    async fn counts(&self, url: &str) -> Result<[usize; 3], FlowError> {
        let asked = self.clients.sqs().get_queue_attributes().queue_url(url);
        let asked = asked.set_attribute_names(Some(COUNTS.to_vec()));
        let told = asked.send().await.map_err(|error| failed(&error))?.attributes.unwrap_or_default();
        let [waiting, hidden, delayed] = COUNTS.map(|name| count(&told, &name));
        Ok([waiting?, hidden?, delayed?])
    }
}

#[async_trait]
impl Depths for SqsDepths {
    async fn depth(&self, queue: Queue) -> Result<Depth, FlowError> {
        let urls = urls_of(&self.urls, queue)?;
        let (living, dead) = tokio::join!(self.counts(&urls.queue), self.counts(&urls.dead_letters));
        let [waiting, active, delayed] = living?;
        // One that somebody looks at right now is one, too.
        Ok(Depth { waiting, active, delayed, failed: dead?.into_iter().sum(), oldest_at: None })
    }
}

/// How many messages of it somebody looks at right now.
pub(super) async fn hidden(clients: &Clients, url: &str) -> Result<u64, FlowError> {
    let name = Attribute::ApproximateNumberOfMessagesNotVisible;
    let asked = clients.sqs().get_queue_attributes().queue_url(url).attribute_names(name.clone());
    let told = asked.send().await.map_err(|error| failed(&error))?.attributes.unwrap_or_default();
    Ok(count(&told, &name)? as u64)
}

fn count(told: &HashMap<Attribute, String>, name: &Attribute) -> Result<usize, FlowError> {
    let count = told.get(name).and_then(|count| count.parse().ok());
    count.ok_or_else(|| FlowError::unavailable(format!("SQS did not say {}", name.as_str())))
}
