//! That a day of the shop's began, and who is in its segments was settled with it: a list of what was done.

use domain::{Timestamp, settlement::Sweep};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{Position, Range, Sort, Within},
};

impl TenantStore {
    /// `Conflict` if it is known already.
    pub fn segments_swept(&self, sweep: &Sweep) -> Step {
        let key = keys::sweep(self.id(), sweep.wanted_at);
        Step(vec![Entry::new(key, &SweepRecord::from(sweep)).expiring(sweep.forgotten_at()).create()])
    }

    /// What was done: newest first, at most `limit`, and the one that the next part begins after.
    pub async fn sweeps(
        &self,
        limit: u32,
        after: Option<Timestamp>,
    ) -> Result<(Vec<Sweep>, Option<Timestamp>), StoreError> {
        let position = |at| Position { key: keys::sweep(self.id(), at), index: None };
        let range = Range {
            within: Within::Partition(keys::tenant_partition(self.id())),
            sort: Sort::Prefix(keys::SWEEPS.to_owned()),
            backward: true,
            limit,
            after: after.map(position),
            consistent: true,
        };
        let page = self.table().query(&range).await?;
        let read = |item| Ok(read_as::<SweepRecord, Sweep>(item)?.into_inner());
        let sweeps: Vec<Sweep> = page.items.into_iter().map(read).collect::<Result<_, StoreError>>()?;
        let next = page.next.and(sweeps.last()).map(|sweep| sweep.wanted_at);
        Ok((sweeps, next))
    }
}

#[derive(Serialize, Deserialize)]
struct SweepRecord {
    #[serde(with = "millisecond::required")]
    wanted_at: Timestamp,
    #[serde(with = "millisecond::required")]
    ended_at: Timestamp,
    segments: u32,
    shards: u32,
    before: u64,
    after: u64,
}

impl From<&Sweep> for SweepRecord {
    fn from(sweep: &Sweep) -> Self {
        let Sweep { wanted_at, ended_at, segments, shards, before, after } = *sweep;
        Self { wanted_at, ended_at, segments, shards, before, after }
    }
}

impl From<SweepRecord> for Sweep {
    fn from(record: SweepRecord) -> Self {
        let SweepRecord { wanted_at, ended_at, segments, shards, before, after } = record;
        Self { wanted_at, ended_at, segments, shards, before, after }
    }
}
