//! Who would join a segment and who would leave it, if it had another rule.

use asking::{Asking, Facts, Others, shop_of};
use axum::{extract::State, http::StatusCode, response::Response};
use columns::{Members, Program, Test, View};
use domain::{Permission, Timestamp};
use flows::{FlowError, identify::Caller};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

use super::{
    by_hand,
    editing::Editor,
    id_of, missing, sample,
    told::{RuleTold, RuleView, refused},
    view::readable_rule,
};
use crate::{
    App,
    customers::list::CustomerBrief,
    error::{Problem, ProblemDocument},
    input::{Input, Named},
    once::{Answer, Once},
    who::Acting,
};

/// What another rule would change.
#[derive(Serialize, ToSchema)]
pub(crate) struct EditPreview {
    #[serde(flatten)]
    read: RuleView,
    /// Whom the rule means that it has.
    before: u64,
    /// Whom the rule would mean that was told.
    total: u64,
    joining: Moving,
    leaving: Moving,
    /// What was stored before is in it. Days are the shop's, and today is this instant's.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Moving {
    count: u64,
    /// Those who spent most: at most 5.
    sample: Vec<CustomerBrief>,
}

impl Moving {
    /// Whoever is among `to` and not among `from`.
    async fn of(
        caller: &Caller,
        view: &View,
        from: &Arc<Members>,
        to: &Arc<Members>,
    ) -> Result<Self, FlowError> {
        let moves =
            Test::All(vec![Test::Members(to.clone()), Test::Not(Box::new(Test::Members(from.clone())))]);
        let (count, top) = {
            let moving = Program::new(moves);
            let selected = view.select(&moving).map_err(FlowError::broken)?;
            (selected.total(), sample::top(&selected, sample::SAMPLE))
        };
        Ok(Self { count, sample: sample::shown(caller, &top).await? })
    }
}

/// Who would join and leave
///
/// If the segment had this rule instead of its own. Nothing is saved; a rule that it could not have is refused.
#[utoipa::path(post, operation_id = "preview_segment_change", path = "/api/v1/segments/{segment}/preview", tag = "Segments",
    params(("segment" = String, Path, description = "the segment's id")), request_body = RuleTold,
    responses((status = 200, body = EditPreview), (status = 404, body = ProblemDocument),
    (status = 409, description = "no rule decides who is on a list", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn preview(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<RuleTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let id = id_of(&id)?;
    let (shop, now) = (shop_of(&caller).await?, deps.now());
    let list = caller.store.segments().await?;
    let segment = list.get(id).ok_or_else(missing)?;
    let read = told.read(&shop).map_err(refused)?;
    let others = Others::of(&list, &shop).knowing(&caller, &read.rule, now).await?;
    let own = &readable_rule(segment, &shop)?.ok_or_else(by_hand)?;
    let editor = Editor { caller: &caller, shop, now, facts: Facts::default() };
    editor.may_have(&id.to_string(), &read.rule, &others, &list)?;

    let (before, after) =
        (Asking::of(&caller, now, own, &others), Asking::of(&caller, now, &read.rule, &others));
    let mut families = before.families(own)?;
    families.extend(after.families(&read.rule)?);
    let view = deps.audience(&caller.store, &families.into_iter().collect::<Vec<_>>()).await?;
    let (before, after) =
        (before.found(&view).await?.program(own)?, after.found(&view).await?.program(&read.rule)?);
    let members = |program| Ok::<_, FlowError>(view.select(program).map_err(FlowError::broken)?.members());
    let (before, after) = (Arc::new(members(&before)?), Arc::new(members(&after)?));
    let preview = EditPreview {
        read: RuleView::of(&read, &editor.shop),
        before: before.len(),
        total: after.len(),
        joining: Moving::of(&caller, &view, &before, &after).await?,
        leaving: Moving::of(&caller, &view, &after, &before).await?,
        as_of: now,
    };
    once.answer(Answer::new(StatusCode::OK, &preview)).await
}
