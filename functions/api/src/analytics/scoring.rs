//! What is worked out each night, asked for by hand, and what was done so far.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    Permission, Task, Timestamp,
    scoring::{Scoring, ScoringRun},
};
use flows::FlowError;
use serde::{Deserialize, Serialize};
use store::Scores;
use utoipa::{IntoParams, ToSchema};

use crate::{
    App,
    cursor::{Within, limited},
    error::Problem,
    input::Asked,
    once::{Answer, Done, Once},
    who::Acting,
};

/// Whoever asks at the same moment, or does it, changes it a few times at most.
const TRIES: usize = 8;

/// What was asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScoringWanted {
    /// Always `wanted`: it is done in a moment, and `made_at` is another then.
    state: &'static str,
    /// Since when it is wanted.
    #[schema(value_type = String, format = DateTime)]
    wanted_at: Timestamp,
    /// When it was done the last time.
    #[schema(value_type = Option<String>, format = DateTime)]
    made_at: Option<Timestamp>,
}

/// Work it out now
///
/// Where the fifths end, and what is expected of each customer: as each night, and once, however often it is asked for. Segments
/// that ask for it are settled after it.
#[utoipa::path(post, operation_id = "recalculate_scores", path = "/api/v1/analytics/rfm/recalculate", tag = "Analytics",
    responses((status = 202, body = ScoringWanted)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn recalculate(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let (store, now) = (&caller.store, deps.now());
    for _ in 0..TRIES {
        let held = store.scores().await?;
        let before = held.as_ref().map(|held| held.scoring.clone());
        let scoring = before.unwrap_or_else(|| Scoring::begun(&caller.tenant.zone, now)).wanted(now);
        let wanted =
            ScoringWanted { state: "wanted", wanted_at: scoring.wanted_at, made_at: scoring.made_at };
        let nightly = held.as_ref().and_then(|held| held.nightly.clone());
        let steps = vec![store.scores_changed(held.as_ref(), &Scores { scoring, nightly })];
        let answer = Answer::new(StatusCode::ACCEPTED, &wanted);
        if let Done::Answered(response) = once.clone().commit(steps, answer).await? {
            deps.nudge(Task::ScoreShop { tenant: store.id() }).await;
            return Ok(response);
        }
    }
    Err(Problem::conflict("changed_meanwhile", "it is being worked out at this moment: try again"))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsAsked {
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ScoringRuns {
    items: Vec<ScoringRunView>,
    /// The cursor of the next page; `null` at the end.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ScoringRunView {
    /// `night`: a day of the shop's had begun. `hand`: somebody asked for it.
    cause: &'static str,
    #[schema(value_type = String, format = DateTime)]
    wanted_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ended_at: Timestamp,
    /// 1 the first time, and one more each time.
    edition: u64,
    /// All who had ordered.
    customers: u64,
    /// Whether models were found that tell what customers will do.
    fitted: bool,
    /// Why not.
    silence: Option<RunSilence>,
}

/// As `SilenceView`, of a time that is over.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunSilence {
    code: String,
    detail: String,
}

impl ScoringRunView {
    fn of(run: ScoringRun) -> Self {
        Self {
            cause: run.cause.name(),
            wanted_at: run.wanted_at,
            ended_at: run.ended_at,
            edition: run.edition,
            customers: run.customers,
            fitted: run.silence.is_none(),
            silence: run.silence.map(|(code, detail)| RunSilence { code, detail }),
        }
    }
}

/// What was worked out
///
/// Newest first; of the last 90 days.
#[utoipa::path(get, operation_id = "list_scoring_runs", path = "/api/v1/analytics/runs", tag = "Analytics", params(RunsAsked),
    responses((status = 200, body = ScoringRuns)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<RunsAsked>,
) -> Result<Json<ScoringRuns>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let limit = limited(asked.limit)?;
    let secrets = deps.open_secrets().await?;
    let within = Within { secrets: &secrets, list: format!("{}/analytics/runs", caller.store.id()) };
    let after = asked.cursor.as_deref().map(|cursor| within.unsealed(cursor)).transpose()?;
    let after = after.map(|after| after.parse().map_err(FlowError::broken)).transpose()?;
    let (runs, next) = caller.store.scoring_runs(u32::try_from(limit).unwrap_or(u32::MAX), after).await?;
    let next = next.map(|next| within.sealed(&next.to_string(), &*deps.dice)).transpose()?;
    Ok(Json(ScoringRuns { items: runs.into_iter().map(ScoringRunView::of).collect(), next }))
}
