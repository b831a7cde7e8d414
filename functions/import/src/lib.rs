//! Files in and out: what merchants bring becomes the record, what they ask for becomes a file. And what the law asks for:
//! somebody's data in a file, or that nothing of them is left.
//!
//! A job is done a stretch at a time. Each stretch is counted in the commit that says how far the job is; whoever dies
//! within one does it again, and its rows change nothing the second time. The queue has one message of a job under way.

mod chosen;
mod exporting;
mod failed;
mod importing;
mod parts;
mod privacy;

use std::sync::Arc;

use domain::{Job, JobState, Task, job::Work};
use flows::{
    Clock, DeadLetters, Dice, Farewells, Files, FlowError, KeyWrap, Tasks, Verdict,
    error::OURS,
    files::{FileName, FilePart},
};
use jiff::SignedDuration;
use store::{Held, Store, StoreError, TenantStore};

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub tasks: Arc<dyn Tasks>,
    pub files: Arc<dyn Files>,
    pub keys: Arc<dyn KeyWrap>,
    pub dead: Arc<dyn DeadLetters>,
    pub farewells: Arc<dyn Farewells>,
    pub clock: Arc<dyn Clock>,
    pub dice: Arc<dyn Dice>,
}

pub async fn handle(deps: &Deps, task: Task) -> Result<(), FlowError> {
    let (tenant, job) = match task {
        Task::DoJob { tenant, job } => (tenant, job),
        Task::AnswerRequest { tenant, request } => return privacy::answered(deps, tenant, request).await,
        other => return Err(FlowError::broken(format!("not for this queue: {}", other.queue()))),
    };
    let store = deps.store.for_task(tenant);
    let Some(held) = store.job(job).await? else { return Ok(()) };
    if !held.is_due() {
        // Whoever cancelled it may have died before they had said so.
        shown_later(deps, &store, &held).await?;
        // Of this message a dead letter is to become: by it we are told.
        let is_ours = matches!(&held.state, JobState::Failed { why } if why == OURS);
        return if is_ours { Err(FlowError::broken("a job that has failed by our fault")) } else { Ok(()) };
    }
    let before = Job::clone(&held);
    let done = match held.work.clone() {
        Work::Import(import) => Box::pin(importing::go_on(deps, &store, held, import)).await,
        Work::Export(export) => Box::pin(exporting::go_on(deps, &store, held, &export)).await,
    };
    match done {
        Err(error) if error.is_overtaken() => {
            let is_the_same = store.job(job).await?.is_some_and(|now| *now == before);
            // Else somebody has moved the job on, or ended it.
            if is_the_same { Err(FlowError::unavailable(error)) } else { Ok(()) }
        }
        Err(error) if error.verdict() == Verdict::Dead => {
            // It would fail again each time: the merchant is told now, and we are told by a dead letter.
            let why = OURS.to_owned();
            if let Some(held) = store.job(job).await?.filter(|held| held.is_open()) {
                end(deps, &store, &held, JobState::Failed { why }).await?;
            }
            Err(error)
        }
        done => done,
    }
}

/// After so long the rest is left to the next message, so that others have their turn.
const STRETCH: SignedDuration = SignedDuration::from_secs(20);

/// The next message goes on.
async fn later(deps: &Deps, store: &TenantStore, held: &Held<Job>) -> Result<(), FlowError> {
    deps.tasks.leave(vec![Task::DoJob { tenant: store.id(), job: held.id }.into()]).await
}

/// Somebody makes the audience anew where the job has laid people down, and nobody has yet.
async fn shown_later(deps: &Deps, store: &TenantStore, job: &Job) -> Result<(), FlowError> {
    let shards = job.progress.shards.iter();
    let rebuilt = shards.map(|shard| Task::RebuildShard { tenant: store.id(), shard: *shard }.into());
    deps.tasks.leave(rebuilt.collect()).await
}

/// The job is so much further. `Conflict`: somebody cancelled it, or is at it, too.
async fn moved_on(store: &TenantStore, held: &Held<Job>, job: Job) -> Result<Held<Job>, FlowError> {
    store.commit(vec![store.job_changed(held, &job)]).await?;
    Ok(held.followed_by(job))
}

fn file(store: &TenantStore, job: &Job, part: FilePart) -> FileName {
    FileName::Job { tenant: store.id(), job: job.id, part }
}

/// The job is over. What was stored, and the audience does not show yet, is shown.
async fn end(deps: &Deps, store: &TenantStore, held: &Held<Job>, state: JobState) -> Result<(), FlowError> {
    shown_later(deps, store, held).await?;
    let ended = Job::clone(held).moved(state, deps.clock.now());
    match store.commit(vec![store.job_changed(held, &ended)]).await {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
