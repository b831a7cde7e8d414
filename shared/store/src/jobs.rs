//! Jobs: asked for, moved on, remembered for a while. One that somebody should be at is due work.

use domain::{
    Job, JobId, Timestamp,
    job::{JobState, Progress, Work},
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{Position, Range, RawKey, Sort, Within},
};

pub(crate) const DUE_JOB: &str = "job";

impl TenantStore {
    pub async fn job(&self, id: JobId) -> Result<Option<Held<Job>>, StoreError> {
        self.get(keys::job(self.id(), id)).await?.map(read_as::<JobRecord, _>).transpose()
    }

    /// Newest first, at most `limit`, and the one that the next part begins after.
    pub async fn jobs(
        &self,
        limit: u32,
        after: Option<JobId>,
    ) -> Result<(Vec<Held<Job>>, Option<JobId>), StoreError> {
        let position = |id| Position { key: keys::job(self.id(), id), index: None };
        let range = Range {
            within: Within::Partition(keys::tenant_partition(self.id())),
            sort: Sort::Prefix(keys::JOBS.to_owned()),
            backward: true,
            limit,
            after: after.map(position),
            consistent: true,
        };
        let page = self.table().query(&range).await?;
        let next = page.next.and_then(|next| next.key.sk.strip_prefix(keys::JOBS)?.parse().ok());
        let jobs = page.items.into_iter().map(read_as::<JobRecord, _>).collect::<Result<_, _>>()?;
        Ok((jobs, next))
    }

    pub fn job_made(&self, job: &Job) -> Step {
        Step(vec![self.job_entry(job, &JobRecord::from(job)).create()])
    }

    /// `Conflict` if somebody else moved it on.
    pub fn job_changed(&self, held: &Held<Job>, job: &Job) -> Step {
        Step(vec![self.job_entry(job, &JobRecord::from(job)).replace(held.version)])
    }

    /// `Conflict` if somebody else has moved it on, or ended it.
    pub async fn job_stands(&self, held: &Held<Job>) -> Result<(), StoreError> {
        let now = self.job(held.id).await?;
        if now.is_some_and(|now| now.version == held.version) { Ok(()) } else { Err(StoreError::Conflict(0)) }
    }

    fn job_entry<'a>(&self, job: &Job, record: &'a JobRecord) -> Entry<'a, JobRecord> {
        let name = format!("{}.{}", self.id(), job.id);
        let due: Option<RawKey> = job.is_due().then(|| keys::due(job.due_at, DUE_JOB, name));
        Entry::new(keys::job(self.id(), job.id), record).due(due).expiring(job.forgotten_at())
    }
}

#[derive(Serialize, Deserialize)]
struct JobRecord {
    id: JobId,
    work: Work,
    state: JobState,
    progress: Progress,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    ended_at: Option<Timestamp>,
    #[serde(with = "millisecond::required")]
    due_at: Timestamp,
}

impl From<&Job> for JobRecord {
    fn from(job: &Job) -> Self {
        let Job { id, work, state, progress, created_at, updated_at, ended_at, due_at } = job.clone();
        Self { id, work, state, progress, created_at, updated_at, ended_at, due_at }
    }
}

impl From<JobRecord> for Job {
    fn from(record: JobRecord) -> Self {
        let JobRecord { id, work, state, progress, created_at, updated_at, ended_at, due_at } = record;
        Self { id, work, state, progress, created_at, updated_at, ended_at, due_at }
    }
}
