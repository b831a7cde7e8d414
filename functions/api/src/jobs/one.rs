//! Jobs: listed, shown, cancelled.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{Job, JobState, Permission, Task};
use flows::FlowError;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{found, must_do, view::JobView};
use crate::{
    App,
    cursor::{Within, limited},
    error::{Problem, ProblemDocument},
    input::{Asked, Named},
    once::{Answer, Done, Once},
    who::Acting,
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct JobsAsked {
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Jobs {
    items: Vec<JobView>,
    /// The cursor of the next page; `null` at the end.
    next: Option<String>,
}

/// Jobs
///
/// Newest first; of the last 30 days.
#[utoipa::path(get, operation_id = "list_jobs", path = "/api/v1/jobs", tag = "Files", params(JobsAsked),
    responses((status = 200, body = Jobs)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<JobsAsked>,
) -> Result<Json<Jobs>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let limit = limited(asked.limit)?;
    let secrets = deps.open_secrets().await?;
    let within = Within { secrets: &secrets, list: format!("{}/jobs", caller.store.id()) };
    let after = asked.cursor.as_deref().map(|cursor| within.unsealed(cursor)).transpose()?;
    let after = after.map(|after| after.parse().map_err(FlowError::broken)).transpose()?;
    let (jobs, next) = caller.store.jobs(u32::try_from(limit).unwrap_or(u32::MAX), after).await?;
    let next = next.map(|next| within.sealed(&next.to_string(), &*deps.dice)).transpose()?;
    Ok(Json(Jobs { items: jobs.iter().map(|job| JobView::of(job)).collect(), next }))
}

/// A job
///
/// How far it is and, once there is a file to take, where it is.
#[utoipa::path(get, operation_id = "show_job", path = "/api/v1/jobs/{job}", tag = "Files",
    params(("job" = String, Path, description = "the job's id")),
    responses((status = 200, body = JobView), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<JobView>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let held = found(&caller.store, &id).await?;
    // Who may not bring or take such files sees how the job goes, and no link.
    if must_do(&caller, &held).is_err() {
        return Ok(Json(JobView::of(&held)));
    }
    Ok(Json(JobView::linked(caller.store.id(), &held, &*deps.files).await?))
}

/// Cancel a job
///
/// What it has stored by then stays.
#[utoipa::path(post, operation_id = "cancel_job", path = "/api/v1/jobs/{job}/cancel", tag = "Files",
    params(("job" = String, Path, description = "the job's id")),
    responses((status = 200, body = JobView), (status = 404, body = ProblemDocument),
    (status = 409, description = "it has ended", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn cancel(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    // A job that is under way moves on several times a second at most: few tries are enough.
    for _ in 0..8 {
        let held = found(&caller.store, &id).await?;
        must_do(&caller, &held)?;
        if !held.is_open() {
            return Err(Problem::conflict("job_ended", format!("this job is {}", held.state.word())));
        }
        let job = Job::clone(&held).moved(JobState::Cancelled, deps.now());
        let answer = Answer::new(StatusCode::OK, &JobView::of(&job));
        let steps = vec![caller.store.job_changed(&held, &job)];
        if let Done::Answered(response) = once.clone().commit(steps, answer).await? {
            // Lists show what was stored until now. It may be asked for twice, and is due by nobody else.
            for shard in &held.progress.shards {
                deps.nudge(Task::RebuildShard { tenant: caller.store.id(), shard: *shard }).await;
            }
            return Ok(response);
        }
    }
    Err(Problem::conflict("changed_meanwhile", "the job goes on faster than it can be cancelled: try again"))
}
