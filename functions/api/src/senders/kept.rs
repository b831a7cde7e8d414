//! Senders that are kept: listed, added, shown, checked and ended.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{Permission, Sender, SenderId, Standing};
use flows::{FlowError, senders};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{held, must_be_free, path_of, registrar, told::SenderTold, view::SenderView};
use crate::{
    App,
    cursor::{List, PageOf, Within},
    error::{Problem, ProblemDocument},
    input::{Asked, Input, Named},
    once::{Answer, Once},
    who::Acting,
};

/// Nothing more is to be told.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckTold {}

/// Senders
///
/// In whose name the shop's messages go out.
#[utoipa::path(get, operation_id = "list_senders", path = "/api/v1/senders", tag = "Sending", params(PageOf),
    responses((status = 200, body = List<SenderView>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(page): Asked<PageOf>,
) -> Result<Json<List<SenderView>>, Problem> {
    caller.must(Permission::ReadAccount)?;
    let secrets = deps.open_secrets().await?;
    let senders = caller.store.senders().await?;
    let views = senders.iter().map(|sender| SenderView::of(sender)).collect();
    let within = Within { secrets: &secrets, list: format!("{}/senders", caller.store.id()) };
    Ok(Json(page.of(views, |view: &SenderView| view.id.to_string(), &within)?))
}

/// Add a sender
///
/// The provider is told of it, and says what is to be done for its proof. Of addresses, domains and numbers each is one shop's: whoever
/// names it first has three days for the proof.
#[utoipa::path(post, operation_id = "add_sender", path = "/api/v1/senders", tag = "Sending", request_body = SenderTold,
    responses((status = 201, body = SenderView), (status = 409, description = "`sender_exists`; `sender_taken`: it is another shop's; \
    `too_many_senders`; `twilio_refused`: the shop's keys do not open its account", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn add(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(told): Input<SenderTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageAccount)?;
    let (identity, name) = told.understood()?;
    let now = deps.now();
    let sender = Sender {
        id: SenderId::new(now, deps.roll()),
        identity,
        name,
        standing: Standing::Unverified,
        records: Vec::new(),
        created_at: now,
        created_by: caller.maker().user,
        checked_at: None,
    };
    let identities = registrar(&deps, &caller, &sender.identity).await?;
    let desk = (&deps.store, &caller.store);
    let held = senders::begun(desk, &*identities, sender, now).await?;
    // From here on it is there: what the provider thinks of it can be asked again.
    let (sender, steps) = match senders::asked(desk, &*identities, &held, now).await {
        Ok(asked) => asked,
        // It will never be proven: nothing is left of it.
        Err(error @ (FlowError::Invalid(_) | FlowError::Conflict { .. })) => {
            senders::remove(desk, &*identities, &held).await?;
            return Err(error.into());
        }
        Err(error @ FlowError::Broken(_)) => return Err(error.into()),
        Err(error) => {
            tracing::warn!(function = "api", "a sender was added and could not be checked: {error}");
            ((*held).clone(), Vec::new())
        }
    };
    let answer = Answer::new(StatusCode::CREATED, &SenderView::of(&sender)).at(path_of(sender.id));
    once.commit_or_changed(steps, answer).await
}

/// A sender
#[utoipa::path(get, operation_id = "show_sender", path = "/api/v1/senders/{sender}", tag = "Sending",
    params(("sender" = String, Path, description = "the sender's id")),
    responses((status = 200, body = SenderView), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<SenderView>, Problem> {
    caller.must(Permission::ReadAccount)?;
    let held = held(&caller, &id).await?;
    Ok(Json(SenderView::of(&held)))
}

/// Check a sender
///
/// The provider is asked how it stands with its proof.
#[utoipa::path(post, operation_id = "check_sender", path = "/api/v1/senders/{sender}/check", tag = "Sending",
    request_body = CheckTold, params(("sender" = String, Path, description = "the sender's id")),
    responses((status = 200, body = SenderView), (status = 404, body = ProblemDocument),
    (status = 409, description = "`twilio_refused`: the shop's keys do not open its account", body = ProblemDocument),
    (status = 503, description = "the provider could not be asked", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn check(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(_told): Input<CheckTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageAccount)?;
    let found = || async {
        let held = held(&caller, &id).await?;
        let identities = registrar(&deps, &caller, &held.identity).await?;
        let desk = (&deps.store, &caller.store);
        let (sender, steps) = senders::asked(desk, &*identities, &held, deps.now()).await?;
        Ok((steps, Answer::new(StatusCode::OK, &SenderView::of(&sender))))
    };
    once.commit_anew(found).await
}

/// End a sender
///
/// The provider forgets it, and it is anybody's to add. Refused while a campaign that is not over is in its name.
#[utoipa::path(delete, operation_id = "end_sender", path = "/api/v1/senders/{sender}", tag = "Sending",
    params(("sender" = String, Path, description = "the sender's id")),
    responses((status = 204), (status = 404, body = ProblemDocument),
    (status = 409, description = "`sender_in_use`: it names the campaigns", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn end(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<StatusCode, Problem> {
    caller.must(Permission::ManageAccount)?;
    let held = held(&caller, &id).await?;
    must_be_free(&caller, &held).await?;
    let identities = registrar(&deps, &caller, &held.identity).await?;
    senders::remove((&deps.store, &caller.store), &*identities, &held).await?;
    Ok(StatusCode::NO_CONTENT)
}
