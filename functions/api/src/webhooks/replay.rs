//! An event that could not be applied is taken up once more.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    Permission, Task,
    event::{EventBody, Received},
};
use flows::FlowError;

use super::{WebhookView, body_to_replay, is_kept, named};
use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::Named,
    once::{Answer, Done, Once},
    who::Acting,
};

/// Take an event up again
///
/// One that was refused or has failed. What was applied needs no other try: its body is not kept, nor is one that speaks of somebody who has been forgotten. Bodies are kept for a week from when they came.
#[utoipa::path(post, operation_id = "replay_webhook", path = "/api/v1/tenants/me/webhooks/{webhook}/replay", tag = "Shop",
    params(("webhook" = String, Path, description = "the event's id")),
    responses((status = 202, body = WebhookView), (status = 404, body = ProblemDocument),
    (status = 409, description = "it was applied, its body is not kept any more, or no shop is connected", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn replay(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let missing = || FlowError::NotFound("event");
    let (at, id) = named(&id).ok_or_else(missing)?;
    let noted = caller.store.event_noted(at, id).await?.ok_or_else(missing)?;
    let Some(body) = body_to_replay(&noted) else {
        return Err(Problem::conflict(
            "nothing_to_replay",
            format!("this event is {}", noted.outcome.name()),
        ));
    };
    if !is_kept(&*deps.files, &noted).await? {
        let sentence = "its body is not kept any more: sync the shop to learn what it said".to_owned();
        return Err(Problem::conflict("body_gone", sentence));
    }
    let Some(connection) = caller.store.connection().await?.filter(|connection| connection.is_open()) else {
        return Err(Problem::conflict("not_connected", "no shop is connected"));
    };
    let event = Received {
        shop: connection.shop.clone(),
        topic: noted.topic.clone(),
        version: noted.version.clone(),
        id: noted.id.clone(),
        event_id: None,
        triggered_at: Some(noted.at),
        received_at: deps.now(),
        is_replayed: true,
        body: EventBody::File(body),
    };
    // Left twice, it is applied once.
    deps.tasks.leave(vec![Task::ApplyEvent { event: Box::new(event) }.into()]).await?;
    match once.commit(Vec::new(), Answer::new(StatusCode::ACCEPTED, &WebhookView::of(&noted, true))).await? {
        Done::Answered(response) => Ok(response),
        Done::Against(_) => Err(Problem::conflict("changed_meanwhile", "somebody does the same: try again")),
    }
}
