//! What campaigns have written to one customer, and what became of it.

use domain::{
    CustomerId,
    campaign::{Fate, MessageId},
    timeline::Event,
};
use serde::Serialize;
use store::{StoreError, TenantStore};
use utoipa::ToSchema;

/// As far back as is looked: each message is read where its campaign keeps it.
const MESSAGES_MAX: usize = 100;
const EVENTS_MAX: usize = 1_000;
const EVENTS_AT_ONCE: u32 = 250;

/// As they stand now.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct WrittenTo {
    /// Messages that were begun.
    total: usize,
    delivered: usize,
    /// Refused for good, or come back.
    failed: usize,
    opened: usize,
    clicked: usize,
    /// There are older ones, which are not counted: of the last 1,000 things that happened with them the last 100 messages are.
    has_older: bool,
}

impl WrittenTo {
    pub(crate) async fn of(store: &TenantStore, customer: CustomerId) -> Result<Self, StoreError> {
        let (ids, has_older) = written(store, customer).await?;
        let mut counted = Self { total: ids.len(), has_older, ..Self::default() };
        for message in store.messages(&ids).await?.into_values() {
            counted.delivered += usize::from(message.fate == Fate::Delivered);
            counted.failed += usize::from(matches!(message.fate, Fate::Failed | Fate::Bounced));
            counted.opened += usize::from(message.opened_at.is_some());
            counted.clicked += usize::from(message.clicked_at.is_some());
        }
        Ok(counted)
    }
}

/// The newest first, and whether there may be more.
async fn written(store: &TenantStore, customer: CustomerId) -> Result<(Vec<MessageId>, bool), StoreError> {
    let (mut ids, mut seen, mut after) = (Vec::new(), 0, None);
    loop {
        let read = store.events(customer, EVENTS_AT_ONCE, after.as_deref()).await?;
        seen += read.events.len();
        ids.extend(read.events.into_iter().filter_map(|(_, event)| match event {
            Event::Written(written) => Some(written.message),
            _ => None,
        }));
        after = read.next;
        let is_full = ids.len() > MESSAGES_MAX || seen >= EVENTS_MAX;
        if after.is_none() || is_full {
            let has_older = after.is_some() || ids.len() > MESSAGES_MAX;
            ids.truncate(MESSAGES_MAX);
            return Ok((ids, has_older));
        }
    }
}
