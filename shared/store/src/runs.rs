//! Runs of a sync: begun, moved on, gone a day after their end; and what a tenant's runs have to do with each other.
//!
//! One is open at a time, because whoever begins or ends one changes the tenant's one item in the same step.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Run, RunId, Syncing, TenantId, Timestamp,
    run::{FailureUntold, Mode, OrdersHere, Part, PartState, RefusedRow, Resource, RunState, Tally},
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{Range, RawKey, Sort, Within},
};

pub(crate) const DUE_RUN: &str = "run";
pub(crate) const DUE_SYNC: &str = "sync";

impl TenantStore {
    pub async fn run(&self, id: RunId) -> Result<Option<Held<Run>>, StoreError> {
        self.get(keys::run(self.id(), id)).await?.map(read_as::<RunRecord, _>).transpose()
    }

    /// Newest first, at most `limit`. Of those that are to be forgotten, some may still be among them.
    pub async fn runs(&self, limit: u32) -> Result<Vec<Run>, StoreError> {
        let range = Range {
            within: Within::Partition(keys::tenant_partition(self.id())),
            sort: Sort::Prefix(keys::RUNS.to_owned()),
            backward: true,
            limit,
            after: None,
            consistent: true,
        };
        let items = self.table().query(&range).await?.items.into_iter();
        items.map(|item| Ok(read_as::<RunRecord, Run>(item)?.into_inner())).collect()
    }

    /// The one that is under way.
    pub async fn open_run(&self) -> Result<Option<Held<Run>>, StoreError> {
        match self.syncing().await?.and_then(|syncing| syncing.open) {
            Some(id) => self.run(id).await,
            None => Ok(None),
        }
    }

    pub async fn syncing(&self) -> Result<Option<Held<Syncing>>, StoreError> {
        self.get(keys::syncing(self.id())).await?.map(read_as::<SyncingRecord, _>).transpose()
    }

    pub fn run_made(&self, run: &Run) -> Step {
        Step(vec![self.run_entry(run, &self.run_record(run)).create()])
    }

    /// `Conflict` if somebody else moved it on.
    pub fn run_changed(&self, held: &Held<Run>, run: &Run) -> Step {
        Step(vec![self.run_entry(run, &self.run_record(run)).replace(held.version)])
    }

    /// `held`: what is known of it; `Conflict` if that is not so any more.
    pub fn syncing_changed(&self, held: Option<&Held<Syncing>>, syncing: &Syncing) -> Step {
        let record = SyncingRecord::from(syncing);
        let due: Option<RawKey> = syncing.next_at.map(|at| keys::due(at, DUE_SYNC, self.id()));
        let entry = Entry::new(keys::syncing(self.id()), &record).due(due);
        Step(vec![entry.in_place_of(held)])
    }

    fn run_record(&self, run: &Run) -> RunRecord {
        RunRecord { tenant: self.id(), ..RunRecord::from(run) }
    }

    fn run_entry<'a>(&self, run: &Run, record: &'a RunRecord) -> Entry<'a, RunRecord> {
        let name = format!("{}.{}", self.id(), run.id);
        let entry = Entry::new(keys::run(self.id(), run.id), record);
        match run.forgotten_at() {
            Some(at) => entry.expiring(at),
            None => entry.due(Some(keys::due(run.due_at, DUE_RUN, name))),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct RunRecord {
    id: RunId,
    tenant: TenantId,
    mode: Mode,
    parts: Vec<PartRecord>,
    #[serde(flatten)]
    state: RunState,
    step: u32,
    attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    stuck_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    refused: Vec<RefusedRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    missed: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    shards: BTreeSet<u32>,
    reached: u8,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    ended_at: Option<Timestamp>,
    #[serde(with = "millisecond::required")]
    due_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    told_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct PartRecord {
    of: Resource,
    #[serde(flatten)]
    state: PartState,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page_rows: Option<u16>,
    tally: Tally,
}

#[derive(Serialize, Deserialize)]
struct SyncingRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    open: Option<RunId>,
    /// In milliseconds.
    watermarks: BTreeMap<Resource, i64>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    owed: BTreeSet<Resource>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    reconciled_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_all_orders: bool,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    owes_orders_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    lacks_before: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    synced_at: Option<Timestamp>,
    failures: u32,
    /// Of which run the owners have still to be told that it has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    untold: Option<RunId>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    untold_claimed_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    next_at: Option<Timestamp>,
}

impl From<&Run> for RunRecord {
    fn from(run: &Run) -> Self {
        let Run { id, tenant, mode, parts, state, step, attempts, refused, missed, shards, .. } = run.clone();
        let Run { reached, created_at, updated_at, ended_at, due_at, told_at, stuck_since, .. } = *run;
        let parts = parts.into_iter().map(PartRecord::from).collect();
        Self {
            id,
            tenant,
            mode,
            parts,
            state,
            step,
            attempts,
            stuck_since,
            refused,
            missed,
            shards,
            reached,
            created_at,
            updated_at,
            ended_at,
            due_at,
            told_at,
        }
    }
}

impl From<RunRecord> for Run {
    fn from(record: RunRecord) -> Self {
        let RunRecord { id, tenant, mode, parts, state, step, attempts, refused, missed, shards, .. } =
            record;
        let RunRecord { reached, created_at, updated_at, ended_at, due_at, told_at, stuck_since, .. } =
            record;
        let parts = parts.into_iter().map(Part::from).collect();
        Self {
            id,
            tenant,
            mode,
            parts,
            state,
            step,
            attempts,
            stuck_since,
            refused,
            missed,
            shards,
            reached,
            created_at,
            updated_at,
            ended_at,
            due_at,
            told_at,
        }
    }
}

impl From<Part> for PartRecord {
    fn from(Part { of, state, since, total, page_rows, tally }: Part) -> Self {
        Self { of, state, since, total, page_rows, tally }
    }
}

impl From<PartRecord> for Part {
    fn from(PartRecord { of, state, since, total, page_rows, tally }: PartRecord) -> Self {
        Self { of, state, since, total, page_rows, tally }
    }
}

impl From<&Syncing> for SyncingRecord {
    fn from(syncing: &Syncing) -> Self {
        let Syncing { open, watermarks, owed, reconciled_at, orders, orders_from, synced_at, .. } =
            syncing.clone();
        let Syncing { failures, untold, next_at, .. } = *syncing;
        let watermarks = watermarks.into_iter().map(|(of, at)| (of, at.as_millisecond())).collect();
        let (has_all_orders, owes_orders_since) = match orders {
            OrdersHere::Lately => (false, None),
            OrdersHere::Owed(since) => (false, Some(since)),
            OrdersHere::All => (true, None),
        };
        Self {
            open,
            watermarks,
            owed,
            reconciled_at,
            has_all_orders,
            owes_orders_since,
            lacks_before: orders_from,
            synced_at,
            failures,
            untold: untold.map(|untold| untold.run),
            untold_claimed_until: untold.and_then(|untold| untold.claimed_until),
            next_at,
        }
    }
}

impl From<SyncingRecord> for Syncing {
    fn from(record: SyncingRecord) -> Self {
        let SyncingRecord { open, watermarks, owed, reconciled_at, synced_at, failures, next_at, .. } =
            record;
        let orders = match (record.has_all_orders, record.owes_orders_since) {
            (true, _) => OrdersHere::All,
            (false, Some(since)) => OrdersHere::Owed(since),
            (false, None) => OrdersHere::Lately,
        };
        let instant = |millis| Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
        let watermarks = watermarks.into_iter().map(|(of, millis)| (of, instant(millis))).collect();
        let orders_from = record.lacks_before;
        let claimed_until = record.untold_claimed_until;
        let untold = record.untold.map(|run| FailureUntold { run, claimed_until });
        Self {
            open,
            watermarks,
            owed,
            reconciled_at,
            orders,
            orders_from,
            synced_at,
            failures,
            untold,
            next_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_back_orders_are_here_is_kept() {
        let at = Timestamp::from_second(1_795_000_000).unwrap();
        for (orders, kept) in [
            (OrdersHere::Lately, None),
            (OrdersHere::Owed(at), Some("owes_orders_since")),
            (OrdersHere::All, Some("has_all_orders")),
        ] {
            let record = SyncingRecord::from(&Syncing { orders, ..Syncing::default() });
            let item: serde_dynamo::Item = serde_dynamo::to_item(&record).unwrap();
            let names: Vec<_> =
                item.into_inner().into_keys().filter(|name| name.contains("orders")).collect();
            assert_eq!(names, Vec::from_iter(kept));
            assert_eq!(Syncing::from(record).orders, orders);
        }
    }
}
