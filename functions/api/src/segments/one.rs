//! Segments that are kept: made, shown, changed, deleted.

use asking::{Facts, Others, shop_of};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use columns::ShardNumber;
use domain::{Permission, Segment, SegmentId, Task};
use flows::{FlowError, identify::Caller};
use serde::Serialize;
use store::{SegmentList, Step};
use utoipa::ToSchema;

use super::{
    editing::{Editor, SegmentTold, Told},
    id_of, launching, missing, path_of, references,
    told::RuleNote,
    view::{Counts, SegmentView},
};
use crate::{
    App, Deps,
    campaigns::{self, view::CampaignHead},
    error::{Problem, ProblemDocument},
    input::{Input, Named},
    once::{Answer, Done, Once},
    reports,
    who::Acting,
};

/// So often a change is planned again where others change segments at the same moment.
const TRIES: usize = 16;

/// A segment as it is from now on.
#[derive(Serialize, ToSchema)]
pub(crate) struct SegmentKept {
    #[serde(flatten)]
    segment: SegmentView,
    /// Where a rule of another system means not quite what it meant there.
    notes: Vec<RuleNote>,
    /// What was launched with it, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign: Option<CampaignHead>,
}

/// Make a segment
///
/// Whoever is meant is in it from the next moments on; on a list, whoever is put on it. A rule that cannot be asked is refused, with all that is wrong.
/// With `auto_launch` a `campaign` is made for it and launched in the same moment: if that cannot be, nothing is made.
#[utoipa::path(post, operation_id = "create_segment", path = "/api/v1/segments", tag = "Segments", request_body = SegmentTold,
    responses((status = 201, body = SegmentKept),
    (status = 409, description = "another has this name, or there are too many; or its campaign cannot go out", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn create(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(mut told): Input<SegmentTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let mut editor = editor(&deps, &caller).await?;
    let campaign = launching::taken(&mut told)?;
    let told = told.understood(&editor.shop)?.whole()?;
    editor.facts = told.facts(&caller, editor.now).await?;
    let id = SegmentId::new(editor.now, deps.roll());
    let launched = match campaign {
        Some(campaign) => Some(Box::pin(launching::ready(&deps, &caller, *campaign, (id, &told))).await?),
        None => None,
    };
    let response = committed(&deps, &caller, &once, |list| {
        let segment = editor.new_segment(&told, id, list)?;
        let with = launched.as_ref().map(|launched| &launched.head);
        let answer = editor.answered(StatusCode::CREATED, &segment, &told, (&Counts::default(), with));
        let answer = answer.at(path_of(id));
        let steps = [caller.store.segment_made(list, &segment)].into_iter();
        Ok((steps.chain(launched.as_ref().map(|launched| launched.step.clone())).collect(), answer))
    })
    .await?;
    if let Some(launched) = launched {
        deps.nudge(Task::KeepCampaign { tenant: caller.store.id(), campaign: launched.id }).await;
    }
    Ok(response)
}

/// A segment
#[utoipa::path(get, operation_id = "show_segment", path = "/api/v1/segments/{segment}", tag = "Segments",
    params(("segment" = String, Path, description = "the segment's id")),
    responses((status = 200, body = SegmentView), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<SegmentView>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let segment = caller.store.segment(id_of(&id)?).await?.ok_or_else(missing)?;
    let counts = Counts::of(&caller.store).await?;
    Ok(Json(SegmentView::of(&segment, &shop_of(&caller).await?, &counts)))
}

/// Replace a segment
///
/// A description that is left out is cleared; the state stays.
#[utoipa::path(put, operation_id = "replace_segment", path = "/api/v1/segments/{segment}", tag = "Segments", request_body = SegmentTold,
    params(("segment" = String, Path, description = "the segment's id")),
    responses((status = 200, body = SegmentKept), (status = 404, body = ProblemDocument),
    (status = 409, description = "another has this name, or it is not at the version that was told", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn replace(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<SegmentTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    launching::must_be_none(&told)?;
    let mut editor = editor(&deps, &caller).await?;
    let told = told.understood(&editor.shop)?.whole()?;
    editor.facts = told.facts(&caller, editor.now).await?;
    changed(&deps, &editor, &once, id_of(&id)?, &told).await
}

/// Change a segment
///
/// What is left out stays. `POST …/preview` tells before who would join and who would leave.
#[utoipa::path(patch, operation_id = "change_segment", path = "/api/v1/segments/{segment}", tag = "Segments", request_body = SegmentTold,
    params(("segment" = String, Path, description = "the segment's id")),
    responses((status = 200, body = SegmentKept), (status = 404, body = ProblemDocument),
    (status = 409, description = "another has this name, or it is not at the version that was told", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn change(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<SegmentTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    launching::must_be_none(&told)?;
    let mut editor = editor(&deps, &caller).await?;
    let told = told.understood(&editor.shop)?;
    editor.facts = told.facts(&caller, editor.now).await?;
    changed(&deps, &editor, &once, id_of(&id)?, &told).await
}

async fn changed(
    deps: &Deps,
    editor: &Editor<'_>,
    once: &Once,
    id: SegmentId,
    told: &Told,
) -> Result<Response, Problem> {
    let caller = editor.caller;
    let counts = Counts::of(&caller.store).await?;
    committed(deps, caller, once, |list| {
        let held = list.get(id).ok_or_else(missing)?;
        let segment = editor.changed(told, held, list)?;
        let answer = editor.answered(StatusCode::OK, &segment, told, (&counts, None));
        let is_change = segment != **held;
        let steps = is_change.then(|| caller.store.segment_changed(list, held, &segment));
        Ok((steps.into_iter().collect(), answer))
    })
    .await
}

/// Delete a segment
///
/// One that others name stays, and one that a campaign is for which is not over: they are told by name.
#[utoipa::path(delete, operation_id = "delete_segment", path = "/api/v1/segments/{segment}", tag = "Segments",
    params(("segment" = String, Path, description = "the segment's id")),
    responses((status = 204), (status = 404, body = ProblemDocument),
    (status = 409, description = "other segments name it, or campaigns, or reports", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn delete(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let (editor, id) = (editor(&deps, &caller).await?, id_of(&id)?);
    let quoted = |all: &[String]| all.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let campaigns = campaigns::named_by(&caller, id).await?;
    let reports = reports::named_by(&caller, id).await?;
    committed(&deps, &caller, &once, |list| {
        let held = list.get(id).ok_or_else(missing)?;
        let by = references::named_by(&id.to_string(), &Others::of(list, &editor.shop), list);
        if !by.is_empty() {
            let detail = format!("it is named by the segments {}: change those first", quoted(&by));
            return Err(Problem::conflict("segment_in_use", detail));
        }
        if !campaigns.is_empty() {
            let names = quoted(&campaigns);
            let detail =
                format!("the campaigns {names} are for it, and not over: cancel or change those first");
            return Err(Problem::conflict("segment_in_use", detail));
        }
        if !reports.is_empty() {
            let detail = format!("the reports {} ask for it: change those first", quoted(&reports));
            return Err(Problem::conflict("segment_in_use", detail));
        }
        Ok((vec![caller.store.segment_ended(list, held, editor.now)], Answer::empty(StatusCode::NO_CONTENT)))
    })
    .await
}

async fn editor<'a>(deps: &Deps, caller: &'a Caller) -> Result<Editor<'a>, FlowError> {
    Ok(Editor { caller, shop: shop_of(caller).await?, now: deps.now(), facts: Facts::default() })
}

impl Editor<'_> {
    fn answered(
        &self,
        status: StatusCode,
        segment: &Segment,
        told: &Told,
        (counts, launched): (&Counts, Option<&CampaignHead>),
    ) -> Answer {
        let notes = told.rule.as_ref().map(RuleNote::all).unwrap_or_default();
        let segment = SegmentView::of(segment, &self.shop, counts);
        Answer::new(status, &SegmentKept { segment, notes, campaign: launched.cloned() })
    }
}

/// Commits what is planned of the list as it is, with the answer to it; plans again where another segment has changed.
async fn committed(
    deps: &Deps,
    caller: &Caller,
    once: &Once,
    plan: impl Fn(&SegmentList) -> Result<(Vec<Step>, Answer), Problem>,
) -> Result<Response, Problem> {
    for _ in 0..TRIES {
        let list = caller.store.segments().await?;
        let (steps, answer) = plan(&list)?;
        let is_change = !steps.is_empty();
        if let Done::Answered(response) = once.clone().commit(steps, answer).await? {
            if is_change {
                // The clock asks for it in a minute, if this is lost.
                let shards: Vec<_> = ShardNumber::of_first(caller.store.slots().await?).collect();
                deps.keep(&caller.store, &shards).await;
            }
            return Ok(response);
        }
    }
    Err(Problem::conflict(
        "changed_meanwhile",
        "segments are changed faster than this can be done: try again",
    ))
}
