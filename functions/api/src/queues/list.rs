//! How full the queues are.

use axum::{Json, extract::State};
use domain::{Queue, Timestamp};
use flows::Depth;
use futures::future::try_join_all;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    App,
    cursor::List,
    error::{Problem, ProblemDocument},
    who::Operating,
};

/// A queue, and how many messages it has.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queue)]
pub(crate) struct QueueView {
    /// Named as the function that it calls.
    queue: &'static str,
    waiting: usize,
    /// Under way, or failed and waiting for the next try.
    active: usize,
    /// Left for later, and never tried.
    delayed: usize,
    /// Given up: they wait for somebody to retry or discard them.
    failed: usize,
    /// How long the oldest has been there, failed ones aside; `null` if there is none, or nobody knows.
    oldest_seconds: Option<i64>,
}

impl QueueView {
    fn of(queue: Queue, depth: &Depth, now: Timestamp) -> Self {
        Self {
            queue: queue.name(),
            waiting: depth.waiting,
            active: depth.active,
            delayed: depth.delayed,
            failed: depth.failed,
            oldest_seconds: depth.oldest_at.map(|at| (now.as_second() - at.as_second()).max(0)),
        }
    }
}

/// Queues
///
/// How many messages wait, are under way, are left for later, and were given up. On AWS all counts are SQS's estimates,
/// and may be a minute behind; how old the oldest is is known at home only.
#[utoipa::path(get, operation_id = "list_queues", path = "/admin/queues", tag = "Operations",
    responses((status = 200, body = List<QueueView>),
    (status = 403, description = "the caller is no operator of this installation", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    _operator: Operating,
) -> Result<Json<List<QueueView>>, Problem> {
    let depths = try_join_all(Queue::ALL.map(|queue| deps.desk.depths.depth(queue))).await?;
    let views =
        Queue::ALL.into_iter().zip(&depths).map(|(queue, depth)| QueueView::of(queue, depth, deps.now()));
    Ok(Json(List::new(views.collect(), Queue::ALL.len() as u64, None)))
}
