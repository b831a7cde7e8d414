//! A job as callers see it.

use std::time::Duration;

use domain::{
    Job, JobState, TenantId, Timestamp,
    job::{Fault, Kind, Work},
};
use flows::{
    Files, FlowError,
    files::{FileName, FilePart},
};
use serde::Serialize;
use utoipa::ToSchema;

/// How long a link to a file works.
pub(super) const LINK: Duration = Duration::from_hours(1);

#[derive(Serialize, ToSchema)]
pub(crate) struct JobView {
    id: String,
    /// `import` or `export`.
    work: &'static str,
    /// `customers` or `orders`.
    of: &'static str,
    /// `waiting` (for its file), `queued`, `running`, `done`, `failed` or `cancelled`.
    state: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// 0 to 100; only what is done is a hundred.
    percent: u8,
    /// What it is at.
    step: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Nothing is stored. Counts are what would become of the rows, looked at a quarter of a megabyte at a time: somebody
    /// whose rows stand further apart is counted as new with each.
    is_dry_run: bool,
    /// Rows that were looked at.
    rows: u64,
    created: u64,
    updated: u64,
    /// Rows that told nothing new.
    unchanged: u64,
    failed: u64,
    /// The first of all that is wrong; the rest is in the file of failed rows.
    failures: Vec<FaultView>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// Where to bring the file, to take what was made, or to take the rows that failed. Links work for an hour, and are
    /// made anew each time the job is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    upload: Option<UploadView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_rows_url: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct FaultView {
    row: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    message: String,
}

/// One `PUT` with the file as its body, and nothing else that says who you are.
#[derive(Serialize, ToSchema)]
pub(crate) struct UploadView {
    method: &'static str,
    url: String,
    /// What `content-length` must say.
    bytes: u64,
}

impl JobView {
    /// Without links.
    pub(super) fn of(job: &Job) -> Self {
        let (work, of, file, is_dry_run) = match &job.work {
            Work::Import(import) => ("import", import.of, import.file.clone(), import.is_dry),
            Work::Export(export) => ("export", export.of, None, false),
        };
        let why = match &job.state {
            JobState::Failed { why } => Some(why.clone()),
            _ => None,
        };
        let progress = &job.progress;
        let fault = |Fault { row, column, message }: Fault| FaultView { row, column, message };
        Self {
            id: job.id.to_string(),
            work,
            of: word(of),
            state: job.state.word(),
            why,
            percent: job.percent(),
            step: step(job),
            file,
            is_dry_run,
            rows: progress.rows,
            created: progress.created,
            updated: progress.updated,
            unchanged: progress.unchanged,
            failed: progress.failed,
            failures: progress.faults.iter().cloned().map(fault).collect(),
            created_at: job.created_at,
            updated_at: job.updated_at,
            ended_at: job.ended_at,
            upload: None,
            file_url: None,
            failed_rows_url: None,
        }
    }

    pub(super) async fn linked(tenant: TenantId, job: &Job, files: &dyn Files) -> Result<Self, FlowError> {
        let mut view = Self::of(job);
        let name = |part| FileName::Job { tenant, job: job.id, part };
        match (&job.state, &job.work) {
            (JobState::Waiting, Work::Import(import)) => {
                let url = files.link_to_bring(name(FilePart::Brought), import.bytes, LINK).await?;
                view.upload = Some(UploadView { method: "PUT", url, bytes: import.bytes });
            }
            (JobState::Done, Work::Import(_)) if job.progress.failed_pieces > 0 => {
                let called = format!("{}-not-stored.csv", view.of);
                view.failed_rows_url = Some(files.link_to_take(name(FilePart::Failed), &called, LINK).await?);
            }
            (JobState::Done, Work::Export(_)) => {
                let day = job.created_at.to_zoned(jiff::tz::TimeZone::UTC).date();
                let called = format!("{}-{day}.csv", view.of);
                view.file_url = Some(files.link_to_take(name(FilePart::Taken), &called, LINK).await?);
            }
            _ => {}
        }
        Ok(view)
    }
}

pub(super) fn word(of: Kind) -> &'static str {
    match of {
        Kind::Customers => "customers",
        Kind::Orders => "orders",
    }
}

fn step(job: &Job) -> &'static str {
    let progress = &job.progress;
    match (&job.state, &job.work) {
        (JobState::Waiting, _) => "waiting for the file",
        (JobState::Queued, _) => "waiting for its turn",
        (JobState::Running, Work::Import(_)) if progress.done < progress.of => "storing rows",
        (JobState::Running, Work::Import(_)) => "showing what was stored in lists",
        (JobState::Running, Work::Export(_)) => "writing the file",
        _ => "ended",
    }
}
