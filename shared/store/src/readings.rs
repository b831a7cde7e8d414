//! When a thing was last read of the shop: who is asked to read it for what happened before need not.

use domain::{Thing, Timestamp};
use jiff::{SignedDuration, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};

use crate::{
    Step, StoreError, TenantStore, keys,
    record::{Entry, read},
};

/// Nobody asks for what happened longer ago.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

impl TenantStore {
    /// When the shop was last asked for it, of those times that it answered.
    pub async fn read_at(&self, thing: Thing) -> Result<Option<Timestamp>, StoreError> {
        let item = self.get(keys::reading(self.id(), thing)).await?;
        Ok(item.map(read::<ReadingRecord>).transpose()?.map(|reading| reading.at))
    }

    /// The shop was asked for it at that instant, and what it answered is kept.
    pub fn thing_read(&self, thing: Thing, at: Timestamp) -> Step {
        let record = ReadingRecord { at };
        let entry = Entry::new(keys::reading(self.id(), thing), &record).expiring(at + KEPT);
        Step(vec![entry.overwrite()])
    }
}

#[derive(Serialize, Deserialize)]
struct ReadingRecord {
    #[serde(with = "millisecond::required")]
    at: Timestamp,
}
