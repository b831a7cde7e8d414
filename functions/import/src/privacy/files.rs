//! Somebody's traces in files: what merchants brought and took, and what was gathered of people. A file that speaks of them goes whole.
//!
//! Files may be far longer than one message has time to read. So a search says how far it has come, and the next message
//! goes on from there.

use domain::{
    Job, JobState, Timestamp,
    job::Work,
    marks::{Marks, OVERLAP_BYTES, Piece},
    privacy::{Asks, FileSearched, Request},
};
use flows::{
    FlowError,
    files::{FileName, FilePart},
};
use store::Held;

use super::Desk;

const AT_ONCE: u32 = 100;
const PIECE_BYTES: usize = 4 * 1024 * 1024;

/// Whether somebody is at files of a job that was asked for before the record had forgotten them: until that has ended, it may
/// hold anybody.
pub(super) async fn are_under_way(desk: &Desk<'_>, request: &Request) -> Result<bool, FlowError> {
    let is_before = |job: &Job| request.forgotten_at.is_none_or(|at| job.created_at <= at);
    let mut after = None;
    loop {
        let (jobs, next) = desk.store.jobs(AT_ONCE, after).await?;
        if jobs.iter().any(|job| is_under_way(&job.state) && is_before(job)) {
            return Ok(true);
        }
        match next {
            Some(next) => after = Some(next),
            None => return Ok(false),
        }
    }
}

/// Somebody is at the job's files.
fn is_under_way(state: &JobState) -> bool {
    matches!(state, JobState::Queued | JobState::Running)
}

/// How many have gone; and where the next message goes on, if not all were searched.
pub(super) async fn files_gone(
    desk: &Desk<'_>,
    from: Option<FileSearched>,
    marks: &Marks,
    until: Timestamp,
) -> Result<(u64, Option<FileSearched>), FlowError> {
    let (mut gone, mut after) = (0, from.map(|from| from.job));
    if let Some(from) = from
        && let Some(job) = desk.store.job(from.job).await?
    {
        let (some, rest) = job_gone(desk, &job, from, marks, until).await?;
        gone += some;
        if rest.is_some() {
            return Ok((gone, rest));
        }
    }
    loop {
        let (jobs, next) = desk.store.jobs(AT_ONCE, after).await?;
        // Who is at one that was asked for since meets nobody.
        for job in jobs.iter().filter(|job| !is_under_way(&job.state)) {
            let first = FileSearched { job: job.id, part: 0, bytes: 0 };
            let (some, rest) = job_gone(desk, job, first, marks, until).await?;
            gone += some;
            if rest.is_some() {
                return Ok((gone, rest));
            }
            if desk.deps.clock.now() >= until {
                return Ok((gone, Some(FileSearched { part: u32::MAX, ..first })));
            }
        }
        match next {
            Some(next) => after = Some(next),
            None => return Ok((gone + gathered_gone(desk, marks).await?, None)),
        }
    }
}

/// The same of one job.
async fn job_gone(
    desk: &Desk<'_>,
    job: &Held<Job>,
    from: FileSearched,
    marks: &Marks,
    until: Timestamp,
) -> Result<(u64, Option<FileSearched>), FlowError> {
    let mut gone = 0;
    for (part, of_job) in (0..).zip(parts(job)).skip_while(|(part, _)| *part < from.part) {
        let name = FileName::Job { tenant: desk.store.id(), job: job.id, part: of_job };
        let bytes = if part == from.part { from.bytes } else { 0 };
        match searched(desk, name, bytes, marks, Some(until)).await? {
            Searched::Gone => gone += 1,
            Searched::Clean => {}
            Searched::UpTo(bytes) => return Ok((gone, Some(FileSearched { part, bytes, ..from }))),
        }
    }
    wordless(desk, job, marks).await?;
    Ok((gone, None))
}

async fn gathered_gone(desk: &Desk<'_>, marks: &Marks) -> Result<u64, FlowError> {
    let (mut gone, mut after) = (0, None);
    loop {
        let (requests, next) = desk.store.requests(AT_ONCE, after).await?;
        for told in requests.iter().filter(|told| told.asks == Asks::Data) {
            let name = FileName::Person { tenant: desk.store.id(), request: told.id };
            gone += u64::from(file_gone(desk, name, marks).await?);
        }
        match next {
            Some(next) => after = Some(next),
            None => return Ok(gone),
        }
    }
}

pub(super) fn parts(job: &Job) -> Vec<FilePart> {
    let whole = [FilePart::Brought, FilePart::Failed, FilePart::Chosen, FilePart::Taken];
    whole.into_iter().chain((0..job.progress.failed_pieces).map(FilePart::FailedPiece)).collect()
}

/// What was asked for, what the file was called and what was wrong with it may be somebody's words: of a job that has ended,
/// nobody needs them.
async fn wordless(desk: &Desk<'_>, held: &Held<Job>, marks: &Marks) -> Result<(), FlowError> {
    let mut job = Job::clone(held);
    job.progress.faults.retain(|fault| !marks.are_in_words(&fault.message));
    match &mut job.work {
        Work::Import(import) => import.file = import.file.take().filter(|file| !marks.are_in_words(file)),
        Work::Export(export) if marks.are_in_words(&export.asked) => "{}".clone_into(&mut export.asked),
        Work::Export(_) => {}
    }
    if let JobState::Failed { why } = &mut job.state
        && marks.are_in_words(why)
    {
        "something was wrong with it".clone_into(why);
    }
    if job == **held {
        return Ok(());
    }
    Ok(desk.store.commit(vec![desk.store.job_changed(held, &job)]).await?)
}

/// Whether it was there and spoke of them.
pub(super) async fn file_gone(desk: &Desk<'_>, name: FileName, marks: &Marks) -> Result<bool, FlowError> {
    Ok(matches!(searched(desk, name, 0, marks, None).await?, Searched::Gone))
}

enum Searched {
    Gone,
    Clean,
    /// The time is up: so many bytes speak of nobody.
    UpTo(u64),
}

/// From a place on. A piece is always read, so that whoever goes on comes further.
async fn searched(
    desk: &Desk<'_>,
    name: FileName,
    from: u64,
    marks: &Marks,
    until: Option<Timestamp>,
) -> Result<Searched, FlowError> {
    let files = &*desk.deps.files;
    let (mut from, mut end) = (from, Vec::new());
    let mut has_more_before = from > 0;
    loop {
        let more = match files.read(name, from, PIECE_BYTES).await {
            Ok(more) => more,
            Err(FlowError::NotFound(_)) => return Ok(Searched::Clean),
            Err(error) => return Err(error),
        };
        // Fewer there are only at the end.
        let has_more_after = more.len() == PIECE_BYTES;
        from += more.len() as u64;
        // A mark may lie across two pieces, and what is around it says whether it is one.
        let mut bytes = std::mem::take(&mut end);
        bytes.extend(more);
        if marks.are_in_piece(&bytes, Piece { has_more_before, has_more_after }) {
            files.remove(name).await?;
            return Ok(Searched::Gone);
        }
        if !has_more_after {
            return Ok(Searched::Clean);
        }
        let rest = bytes.len().saturating_sub(OVERLAP_BYTES);
        has_more_before |= rest > 0;
        end = bytes.split_off(rest);
        if until.is_some_and(|until| desk.deps.clock.now() >= until) {
            return Ok(Searched::UpTo(from - end.len() as u64));
        }
    }
}
