//! What was given up: listed, sent back, thrown away.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{Queue, Task, TenantId, Timestamp};
use flows::{DeadLetter, FlowError, identify::Signed};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::named;
use crate::{
    App,
    cursor::{List, limited},
    error::{Problem, ProblemDocument},
    input::{Asked, Named},
    once::{Answer, Once},
    who::Operating,
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FailedAsked {
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
}

/// A message that was given up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FailedMessage)]
pub(crate) struct FailedView {
    id: String,
    /// What it asks for, such as `apply_event`; `null` if it is no task of ours.
    task: Option<String>,
    /// Whose it is, where the task says so.
    #[schema(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// Which shop has told it, where it is about an event of a shop.
    shop: Option<String>,
    /// How often it was tried. On AWS each look at this list counts as well.
    attempts: u32,
    /// What was said of the last try, where that is known; on AWS the log says it, by the message's id.
    why: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    left_at: Option<Timestamp>,
}

/// The tag of a task.
#[derive(Deserialize)]
struct Tagged {
    task: String,
}

impl FailedView {
    fn of(letter: DeadLetter) -> Self {
        // What is no task is not quoted: nobody knows what it holds.
        let task = Task::read(&letter.body).ok();
        let tagged = task.as_ref().and_then(|_| serde_json::from_str::<Tagged>(&letter.body).ok());
        let shop = match &task {
            Some(Task::ApplyEvent { event }) => Some(event.shop.to_string()),
            _ => None,
        };
        Self {
            id: letter.id,
            task: tagged.map(|tagged| tagged.task),
            tenant: task.as_ref().and_then(Task::tenant),
            shop,
            attempts: letter.attempts,
            why: letter.why,
            left_at: letter.left_at,
        }
    }
}

/// Messages that were given up
///
/// The longest there first. There is no next page: retry or discard what is shown, and look again. On AWS a look hides
/// what it shows from others for a moment, so that fewer may be shown than there are, and `total` is about how many.
#[utoipa::path(get, operation_id = "list_failed_messages", path = "/admin/queues/{queue}/failed", tag = "Operations",
    params(("queue" = String, Path, description = "the queue's name"), FailedAsked),
    responses((status = 200, body = List<FailedView>),
    (status = 403, description = "the caller is no operator of this installation", body = ProblemDocument),
    (status = 404, description = "no such queue", body = ProblemDocument)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    _operator: Operating,
    Named(queue): Named<String>,
    Asked(asked): Asked<FailedAsked>,
) -> Result<Json<List<FailedView>>, Problem> {
    let (queue, limit) = (named(&queue)?, limited(asked.limit)?);
    let letters = deps.desk.dead_letters.list(queue, limit).await?;
    // One look need not find all that there are: others may hide some from it.
    let total = deps.desk.depths.depth(queue).await?.failed.max(letters.len());
    let total = u64::try_from(total).unwrap_or(u64::MAX);
    Ok(Json(List::new(letters.into_iter().map(FailedView::of).collect(), total, None)))
}

/// Try a message again
///
/// It goes back into its queue as if it were new.
#[utoipa::path(post, operation_id = "retry_failed_message", path = "/admin/queues/{queue}/failed/{id}/retry",
    tag = "Operations", params(("queue" = String, Path, description = "the queue's name"),
    ("id" = String, Path, description = "the message's id")),
    responses((status = 204, description = "it waits in its queue"),
    (status = 403, description = "the caller is no operator of this installation", body = ProblemDocument),
    (status = 404, description = "no such queue, or no such message there", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn retry(
    State(deps): State<App>,
    Operating(signed): Operating,
    once: Once,
    Named(which): Named<(String, String)>,
) -> Result<Response, Problem> {
    let (queue, id) = (named(&which.0)?, which.1);
    ended(deps.desk.dead_letters.replay(queue, &id).await?, "retried", (&signed, queue, &id))?;
    once.answer(Answer::empty(StatusCode::NO_CONTENT)).await
}

/// Throw a message away
///
/// What it asked for is never done, unless something else asks for it.
#[utoipa::path(post, operation_id = "discard_failed_message", path = "/admin/queues/{queue}/failed/{id}/discard",
    tag = "Operations", params(("queue" = String, Path, description = "the queue's name"),
    ("id" = String, Path, description = "the message's id")),
    responses((status = 204, description = "it is gone"),
    (status = 403, description = "the caller is no operator of this installation", body = ProblemDocument),
    (status = 404, description = "no such queue, or no such message there", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn discard(
    State(deps): State<App>,
    Operating(signed): Operating,
    once: Once,
    Named(which): Named<(String, String)>,
) -> Result<Response, Problem> {
    let (queue, id) = (named(&which.0)?, which.1);
    ended(deps.desk.dead_letters.discard(queue, &id).await?, "discarded", (&signed, queue, &id))?;
    once.answer(Answer::empty(StatusCode::NO_CONTENT)).await
}

/// Who did it stands in the log: the message itself tells no more.
fn ended(was_there: bool, how: &str, (by, queue, id): (&Signed, Queue, &str)) -> Result<(), FlowError> {
    if !was_there {
        return Err(FlowError::NotFound("message among the failed ones of this queue"));
    }
    let (user, queue) = (tracing::field::display(by.user.id), queue.name());
    tracing::info!(
        function = "api",
        user,
        queue,
        message = id,
        how,
        "an operator has decided on a failed message"
    );
    Ok(())
}
