//! What is worked out each night, asked for by hand.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{Permission, Task, Timestamp, scoring::Scoring};
use serde::Serialize;
use store::Scores;
use utoipa::ToSchema;

use crate::{
    App,
    error::Problem,
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
