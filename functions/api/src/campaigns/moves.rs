//! What is done with a campaign: each move is one write that holds only if nobody else has moved it.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    Campaign, CampaignId, Permission, Task,
    campaign::{Act, Actor, Moved, NotNow},
    template::Channel,
};
use flows::{
    FlowError, climbing,
    error::chain,
    identify::{self, Caller},
    sending,
    wording::Wording,
};
use serde::Deserialize;
use store::Step;
use utoipa::ToSchema;

use super::{
    audience, held, id_of,
    one::{drafted, must_fit},
    told::Told,
    view::CampaignHead,
};
use crate::{
    App, Deps,
    error::{Problem, ProblemDocument},
    input::{Input, Named},
    once::{Answer, Once},
    senders::byline::must_be_heard,
    who::Acting,
};

/// Nothing more is to be told.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveTold {}

/// Launch a campaign
///
/// Answered at once; who gets it is found from then on, and stays so. Of several who launch it at once one does.
#[utoipa::path(post, operation_id = "launch_campaign", path = "/api/v1/campaigns/{campaign}/launch", tag = "Campaigns",
    request_body = MoveTold, params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 200, body = CampaignHead), (status = 404, body = ProblemDocument),
    (status = 409, description = "not now: it says what can be done; or whom it is for is not there any more; or its sender is not \
    verified (`sender_not_verified`, `sender_needed`, `sender_gone`), or nobody takes such messages (`no_provider`)", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn launch(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(_told): Input<MoveTold>,
) -> Result<Response, Problem> {
    moved(&deps, &caller, once, &id, Act::Launch).await
}

/// Take a campaign off the schedule
///
/// It is a draft again.
#[utoipa::path(post, operation_id = "unschedule_campaign", path = "/api/v1/campaigns/{campaign}/unschedule", tag = "Campaigns",
    request_body = MoveTold, params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 200, body = CampaignHead), (status = 404, body = ProblemDocument),
    (status = 409, description = "not now: it says what can be done", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn unschedule(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(_told): Input<MoveTold>,
) -> Result<Response, Problem> {
    moved(&deps, &caller, once, &id, Act::Unschedule).await
}

/// Pause a campaign
///
/// What a provider has taken is under way; nothing else is sent until it is resumed.
#[utoipa::path(post, operation_id = "pause_campaign", path = "/api/v1/campaigns/{campaign}/pause", tag = "Campaigns",
    request_body = MoveTold, params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 200, body = CampaignHead), (status = 404, body = ProblemDocument),
    (status = 409, description = "not now: it says what can be done", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn pause(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(_told): Input<MoveTold>,
) -> Result<Response, Problem> {
    moved(&deps, &caller, once, &id, Act::Pause).await
}

/// Resume a campaign
///
/// It goes on where it was paused.
#[utoipa::path(post, operation_id = "resume_campaign", path = "/api/v1/campaigns/{campaign}/resume", tag = "Campaigns",
    request_body = MoveTold, params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 200, body = CampaignHead), (status = 404, body = ProblemDocument),
    (status = 409, description = "not now: it says what can be done", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn resume(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(_told): Input<MoveTold>,
) -> Result<Response, Problem> {
    moved(&deps, &caller, once, &id, Act::Resume).await
}

/// Cancel a campaign
///
/// For good: who has not been written to by now is told so in the campaign's messages.
#[utoipa::path(post, operation_id = "cancel_campaign", path = "/api/v1/campaigns/{campaign}/cancel", tag = "Campaigns",
    request_body = MoveTold, params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 200, body = CampaignHead), (status = 404, body = ProblemDocument),
    (status = 409, description = "not now: it says what can be done", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn cancel(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(_told): Input<MoveTold>,
) -> Result<Response, Problem> {
    moved(&deps, &caller, once, &id, Act::Cancel).await
}

/// Archive a campaign
///
/// Lists leave it out unless they are asked for what is archived.
#[utoipa::path(post, operation_id = "archive_campaign", path = "/api/v1/campaigns/{campaign}/archive", tag = "Campaigns",
    request_body = MoveTold, params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 200, body = CampaignHead), (status = 404, body = ProblemDocument),
    (status = 409, description = "not now: it says what can be done", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn archive(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(_told): Input<MoveTold>,
) -> Result<Response, Problem> {
    moved(&deps, &caller, once, &id, Act::Archive).await
}

/// Take a campaign out of the archive
#[utoipa::path(post, operation_id = "unarchive_campaign", path = "/api/v1/campaigns/{campaign}/unarchive", tag = "Campaigns",
    request_body = MoveTold, params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 200, body = CampaignHead), (status = 404, body = ProblemDocument),
    (status = 409, description = "not now: it says what can be done; or there are too many", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn unarchive(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(_told): Input<MoveTold>,
) -> Result<Response, Problem> {
    moved(&deps, &caller, once, &id, Act::Unarchive).await
}

/// Moves it, if it is where it can be moved so, and leaves what is to be done about it.
pub(super) async fn moved(
    deps: &Deps,
    caller: &Caller,
    once: Once,
    named: &str,
    act: Act,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCampaigns)?;
    let id = id_of(named)?;
    let found = || async {
        let (held, now) = (held(caller, id).await?, deps.now());
        let after = held.moved(act.clone(), now).map_err(|wrong| not_now(&wrong, &held, &act))?;
        match act {
            Act::Launch | Act::Schedule(_) => must_be_ready(deps, caller, &held).await?,
            Act::Unarchive => must_fit(caller).await?,
            _ => {}
        }
        let moved = Moved::of(act.name(), &after, actor(caller), now);
        let step = caller.store.campaign_moved(&held, &after, &moved);
        let answer = Answer::new(StatusCode::OK, &CampaignHead::of(&after));
        Ok((vec![step], answer))
    };
    let response = once.commit_anew(found).await?;
    if matches!(act, Act::Launch | Act::Resume | Act::Cancel) {
        deps.nudge(Task::KeepCampaign { tenant: caller.store.id(), campaign: id }).await;
    }
    if let Err(error) = climbing::changed(&caller.store, &*deps.tasks, id, deps.now()).await {
        tracing::warn!(tenant = %caller.store.id(), "nobody was asked to tell of a campaign: {}", chain(&error));
    }
    Ok(response)
}

/// One that is launched in the moment in which it is made, for whom its teller means.
pub(crate) struct Launched {
    pub(crate) id: CampaignId,
    pub(crate) step: Step,
    pub(crate) head: CampaignHead,
}

/// What would keep it from being launched is told, and then nothing is made. Whom it is for is made with it.
pub(crate) async fn launched(deps: &Deps, caller: &Caller, told: &Told) -> Result<Launched, Problem> {
    caller.must(Permission::ManageCampaigns)?;
    must_fit(caller).await?;
    let (draft, act, at) = (drafted(deps, caller, told), Act::Launch, deps.now());
    must_be_heard(deps, caller, &draft).await?;
    must_be_priced(caller, &draft).await?;
    let after = draft.moved(act.clone(), at).map_err(|wrong| not_now(&wrong, &draft, &act))?;
    let moved = Moved::of(act.name(), &after, actor(caller), at);
    let step = caller.store.campaign_made_and_moved(&after, &told.words, &moved);
    Ok(Launched { id: after.id, step, head: CampaignHead::of(&after) })
}

/// What would fail later is told now: words that nobody can fill, nobody who may say them, or nobody whom they are for.
async fn must_be_ready(deps: &Deps, caller: &Caller, held: &Campaign) -> Result<(), Problem> {
    for words in caller.store.campaign_words(held).await?.iter().flatten() {
        Wording::of(words)?;
    }
    must_be_heard(deps, caller, held).await?;
    must_be_priced(caller, held).await?;
    audience::must_be_there(&held.audience, caller, deps.now()).await
}

/// With a budget, nobody is chosen whose message has no price that is known.
async fn must_be_priced(caller: &Caller, held: &Campaign) -> Result<(), Problem> {
    if held.rules.budget_micros.is_none() {
        return Ok(());
    }
    let (prices, currency) = (sending::prices(&caller.store).await?, caller.tenant.currency);
    let has_any = match held.channel {
        Channel::Email => prices.mail_micros.is_some(),
        Channel::Sms => prices.text_micros.values().any(Option::is_some),
    };
    if prices.currency == currency && has_any {
        return Ok(());
    }
    let detail = format!(
        "it has a budget, and what such messages cost is not known in {currency}: tell the shop's prices at PATCH /api/v1/sending, or \
         take the budget away"
    );
    Err(Problem::conflict("no_prices", detail))
}

pub(super) fn actor(caller: &Caller) -> Actor {
    match &caller.actor {
        identify::Actor::Person { user, .. } => Actor::User(user.id),
        identify::Actor::Program { key, .. } => Actor::Key(key.id),
    }
}

pub(super) fn not_now(wrong: &NotNow, held: &Campaign, act: &Act) -> Problem {
    if *wrong == NotNow::Passed {
        let is_repeated = matches!(act, Act::Schedule(schedule) if schedule.is_repeated());
        let at = if is_repeated { "/until" } else { "/at" };
        return FlowError::invalid(at, "passed", wrong.to_string()).into();
    }
    let archived = if held.is_archived { ", and archived" } else { "" };
    let detail = match allowed(held).as_slice() {
        [] => format!("{wrong}{archived}"),
        allowed => format!("{wrong}{archived}; what can be done with it now: {}", allowed.join(", ")),
    };
    Problem::conflict("not_now", detail)
}

/// What may be done with it, by the last parts of the paths that do it.
pub(super) fn allowed(campaign: &Campaign) -> Vec<&'static str> {
    let acts = [
        (Act::Launch, "launch"),
        (Act::Unschedule, "unschedule"),
        (Act::Pause, "pause"),
        (Act::Resume, "resume"),
        (Act::Cancel, "cancel"),
        (Act::Archive, "archive"),
        (Act::Unarchive, "unarchive"),
    ];
    let may = acts.into_iter().filter(|(act, _)| campaign.moved(act.clone(), campaign.updated_at).is_ok());
    // What can be launched can be scheduled, if the date has not passed.
    may.flat_map(|(_, name)| if name == "launch" { vec![name, "schedule"] } else { vec![name] }).collect()
}
