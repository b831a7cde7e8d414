//! What who watches was last told of how many are in each segment, and whether they are about to be told again.

use domain::{SegmentId, Timestamp};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
};

/// Of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// Somebody was asked then to tell what has changed, and has not begun.
    pub asked_at: Option<Timestamp>,
    pub told: BTreeMap<SegmentId, u64>,
}

impl TenantStore {
    pub async fn counted(&self) -> Result<Option<Held<Counted>>, StoreError> {
        self.get(keys::counted(self.id())).await?.map(read_as::<CountedRecord, _>).transpose()
    }

    /// `Conflict` if it is another by now. With what is held once it is committed. Forgotten a day after.
    pub fn counted_changed(
        &self,
        held: Option<&Held<Counted>>,
        counted: Counted,
        now: Timestamp,
    ) -> (Step, Held<Counted>) {
        const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);
        let record = CountedRecord::from(&counted);
        let entry = Entry::new(keys::counted(self.id()), &record).expiring(now + KEPT);
        (Step(vec![entry.in_place_of(held)]), Held::after(held, counted))
    }
}

#[derive(Serialize, Deserialize)]
struct CountedRecord {
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    asked_at: Option<Timestamp>,
    #[serde(with = "serde_bytes")]
    told: Vec<u8>,
}

impl From<&Counted> for CountedRecord {
    fn from(counted: &Counted) -> Self {
        let told: Vec<(SegmentId, u64)> = counted.told.iter().map(|(id, count)| (*id, *count)).collect();
        // Lists of known length always have a form.
        Self { asked_at: counted.asked_at, told: postcard::to_stdvec(&told).unwrap_or_default() }
    }
}

impl From<CountedRecord> for Counted {
    fn from(record: CountedRecord) -> Self {
        // What cannot be read was never told: it is told once more.
        let told: Vec<(SegmentId, u64)> = postcard::from_bytes(&record.told).unwrap_or_default();
        Self { asked_at: record.asked_at, told: told.into_iter().collect() }
    }
}
