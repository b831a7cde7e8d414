//! What happened with somebody, for when it is to be forgotten.

use domain::{CustomerId, campaign::MessageId, timeline::Event};

use crate::{
    StoreError, TenantStore, keys,
    orders::{event_from, kind_of},
    table::{RawKey, When, Write},
};

/// All that happened with a customer apart from orders: it speaks of a person.
#[derive(Debug, Default)]
pub struct Past {
    keys: Vec<RawKey>,
    /// What they were written: what became of it stands elsewhere.
    pub messages: Vec<MessageId>,
}

impl Past {
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

impl TenantStore {
    pub async fn past_of(&self, customer: CustomerId) -> Result<Past, StoreError> {
        let mut past = Past::default();
        for item in self.all(keys::customer_partition(self.id(), customer), keys::EVENTS).await? {
            let kind = kind_of(&item.key.sk);
            if kind == Some('O') {
                continue;
            }
            past.keys.push(item.key.clone());
            if kind == Some('K')
                && let (_, Event::Written(written)) = event_from(item)?
            {
                past.messages.push(written.message);
            }
        }
        Ok(past)
    }

    /// Removes what was read, and nothing that came since. Doing it again does no harm.
    pub async fn past_forgotten(&self, past: &Past) -> Result<(), StoreError> {
        let writes: Vec<_> = past.keys.iter().map(|key| Write::Delete(key.clone(), When::Always)).collect();
        for some in writes.chunks(100) {
            self.table().write(some.to_vec()).await?;
        }
        Ok(())
    }
}
