//! Campaigns that are kept: made, shown, replaced, deleted, and made again.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    Campaign, CampaignId, Name, Permission, UserId,
    campaign::{CAMPAIGNS_MAX, Moved, State as Stage},
};
use flows::identify::Caller;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    held, id_of,
    kept::{shown, understood, whole},
    moves::actor,
    path_of,
    told::{CampaignTold, Head, Told},
    view::CampaignView,
};
use crate::{
    App, Deps,
    error::{Problem, ProblemDocument},
    input::{Faults, Input, Named},
    once::{Answer, Once},
    templates::view::WordsView,
    who::Acting,
};

/// As the history of a draft has it.
pub(super) const CHANGED: &str = "changed";

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DuplicateTold {
    /// The same with `(copy)` unless told.
    name: Option<String>,
}

/// Make a campaign
///
/// A draft: nobody gets anything before it is launched. All that is wrong with it is told at once, with its place.
#[utoipa::path(post, operation_id = "create_campaign", path = "/api/v1/campaigns", tag = "Campaigns", request_body = CampaignTold,
    responses((status = 201, body = CampaignView), (status = 409, description = "there are too many", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn create(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(told): Input<CampaignTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCampaigns)?;
    let told = told.understood(&deps, &caller).await?;
    must_fit(&caller).await?;
    let campaign = drafted(&deps, &caller, &told);
    let words = WordsView::all(told.words.clone(), &told.ready)?;
    let answer = Answer::new(StatusCode::CREATED, &CampaignView::fresh(&campaign, &words));
    let answer = answer.at(path_of(campaign.id));
    once.commit_or_changed(vec![caller.store.campaign_made(&campaign, &told.words)], answer).await
}

/// A campaign
///
/// With its words, who was chosen, what became of the messages, and its last moves.
#[utoipa::path(get, operation_id = "show_campaign", path = "/api/v1/campaigns/{campaign}", tag = "Campaigns",
    params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 200, body = CampaignView), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<CampaignView>, Problem> {
    caller.must(Permission::ReadCampaigns)?;
    let (campaign, words) = whole(&caller, &id).await?;
    Ok(Json(shown(&caller, &campaign, words).await?))
}

/// Replace a draft
///
/// With all of it: what is left out is as it is at first. What is not a draft any more stays as it is.
#[utoipa::path(put, operation_id = "replace_campaign", path = "/api/v1/campaigns/{campaign}", tag = "Campaigns", request_body = CampaignTold,
    params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 200, body = CampaignView), (status = 404, body = ProblemDocument),
    (status = 409, description = "it is no draft, or not at the version that was told", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn replace(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<CampaignTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCampaigns)?;
    must_be_draft(&*held(&caller, id_of(&id)?).await?, "changed")?;
    let told = told.understood(&deps, &caller).await?;
    let found = || async {
        let (held, words) = whole(&caller, &id).await?;
        must_be_draft(&held, "changed")?;
        if told.version.is_some_and(|version| version != held.edition) {
            let detail = format!("it is at version {} by now: look at it again", held.edition);
            return Err(Problem::conflict("changed_meanwhile", detail));
        }
        let campaign = changed(&held, &told, caller.maker().user, &deps);
        let (campaign, steps) = if campaign.says_the_same_as(&held) && words == told.words {
            ((*held).clone(), Vec::new())
        } else {
            let moved = Moved::of(CHANGED, &campaign, actor(&caller), campaign.updated_at);
            let step = caller.store.campaign_changed_and_moved(&held, (&campaign, &told.words), &moved);
            (campaign, vec![step])
        };
        let view = shown(&caller, &campaign, told.words.clone()).await?;
        Ok((steps, Answer::new(StatusCode::OK, &view)))
    };
    once.commit_anew(found).await
}

/// Delete a draft
///
/// What has begun is archived instead: what became of its messages stays known.
#[utoipa::path(delete, operation_id = "delete_campaign", path = "/api/v1/campaigns/{campaign}", tag = "Campaigns",
    params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 204), (status = 404, body = ProblemDocument),
    (status = 409, description = "it is no draft", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn delete(
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCampaigns)?;
    let id = id_of(&id)?;
    let found = || async {
        let held = held(&caller, id).await?;
        must_be_draft(&held, "deleted")?;
        Ok((vec![caller.store.campaign_ended(&held)], Answer::empty(StatusCode::NO_CONTENT)))
    };
    once.commit_anew(found).await
}

/// Make a campaign again
///
/// A new draft that says the same to the same, whatever became of the one that it is made of.
#[utoipa::path(post, operation_id = "duplicate_campaign", path = "/api/v1/campaigns/{campaign}/duplicate", tag = "Campaigns",
    request_body = DuplicateTold, params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 201, body = CampaignView), (status = 404, body = ProblemDocument),
    (status = 409, description = "there are too many", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn duplicate(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<DuplicateTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCampaigns)?;
    let (held, words) = whole(&caller, &id).await?;
    let mut it = Faults::default();
    let name = told.name.unwrap_or_else(|| copy_of(&held.name));
    let name = it.take("/name", name.parse::<Name>());
    let name = it.none(name)?;
    must_fit(&caller).await?;
    let campaign =
        (*held).copied(CampaignId::new(deps.now(), deps.roll()), name, caller.maker().user, deps.now());
    let view = WordsView::all(words.clone(), &understood(&words)?)?;
    let answer = Answer::new(StatusCode::CREATED, &CampaignView::fresh(&campaign, &view));
    let answer = answer.at(path_of(campaign.id));
    once.commit_or_changed(vec![caller.store.campaign_made(&campaign, &words)], answer).await
}

/// One that nobody has seen yet.
pub(super) fn drafted(deps: &Deps, caller: &Caller, told: &Told) -> Campaign {
    let (now, by) = (deps.now(), caller.maker().user);
    let id = CampaignId::new(now, deps.roll());
    let Head { name, description, kind, channel, audience, byline, rules } = told.head.clone();
    let draft = Campaign::draft(id, name, kind, channel, audience, by, now);
    let (template, is_wordless) = (told.template, told.words.is_empty());
    Campaign { description, byline, template, is_wordless, rules, ..draft }
}

fn changed(held: &Campaign, told: &Told, by: UserId, deps: &Deps) -> Campaign {
    let Head { name, description, kind, channel, audience, byline, rules } = told.head.clone();
    Campaign {
        name,
        description,
        is_wordless: told.words.is_empty(),
        kind,
        channel,
        audience,
        byline,
        template: told.template,
        rules,
        edition: held.edition + 1,
        turn: held.turn + 1,
        updated_at: deps.now(),
        updated_by: by,
        ..held.clone()
    }
}

/// It fits wherever a name does.
fn copy_of(name: &Name) -> String {
    const COPY: &str = " (copy)";
    let kept: String = name.as_str().chars().take(100 - COPY.len()).collect();
    format!("{}{COPY}", kept.trim_end())
}

fn must_be_draft(held: &Campaign, what: &str) -> Result<(), Problem> {
    if held.state == Stage::Draft {
        return Ok(());
    }
    let instead = match &held.state {
        Stage::Scheduled => "take it off the schedule first",
        state if state.is_over() => "archive or duplicate it instead",
        _ => "pause or cancel it, or duplicate it",
    };
    let detail = format!("it is {}, and only a draft can be {what}: {instead}", held.state.name());
    Err(Problem::conflict("not_a_draft", detail))
}

/// Lists of them are read whole.
pub(super) async fn must_fit(caller: &Caller) -> Result<(), Problem> {
    let open = caller.store.campaigns().await?.iter().filter(|campaign| !campaign.is_archived).count();
    if open < CAMPAIGNS_MAX {
        return Ok(());
    }
    let detail = format!("there are {CAMPAIGNS_MAX} campaigns that are not archived: archive some first");
    Err(Problem::conflict("too_many_campaigns", detail))
}
