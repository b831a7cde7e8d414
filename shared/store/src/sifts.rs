//! Who searches the dead letters of a queue just now: over all tenants one at a time, because a search hides what it was shown from
//! any other.

use domain::{Queue, RequestId, TenantId, Timestamp};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, StoreError, TenantStore, keys,
    record::{Entry, read},
    table::{When, Write},
};

impl TenantStore {
    /// It is this request's turn until then. `false`: it is another's.
    pub async fn sift_taken(
        &self,
        queue: Queue,
        by: RequestId,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<bool, StoreError> {
        let held = self.sift(queue).await?;
        if held.as_ref().is_some_and(|held| !self.is_its(held, by) && held.until > now) {
            return Ok(false);
        }
        let record = SiftRecord { tenant: self.id(), by, until };
        let entry = Entry::new(keys::sift(queue), &record);
        let write = entry.in_place_of(held.as_ref());
        match self.table().write(vec![write]).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// It is anybody's turn, if it was this request's.
    pub async fn sift_left(&self, queue: Queue, by: RequestId) -> Result<(), StoreError> {
        let Some(held) = self.sift(queue).await?.filter(|held| self.is_its(held, by)) else { return Ok(()) };
        let write = Write::Delete(keys::sift(queue), When::Version(held.version));
        match self.table().write(vec![write]).await {
            // It was too late, and is another's by now.
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn sift(&self, queue: Queue) -> Result<Option<Held<SiftRecord>>, StoreError> {
        self.get(keys::sift(queue)).await?.map(read::<SiftRecord>).transpose()
    }

    fn is_its(&self, held: &SiftRecord, by: RequestId) -> bool {
        held.tenant == self.id() && held.by == by
    }
}

#[derive(Serialize, Deserialize)]
struct SiftRecord {
    tenant: TenantId,
    by: RequestId,
    #[serde(with = "millisecond::required")]
    until: Timestamp,
}
