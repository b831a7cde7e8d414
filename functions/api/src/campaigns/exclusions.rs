//! Who was meant by a campaign and left out as it was planned, and why.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use columns::{ShardNumber, Slot};
use domain::{Campaign, Permission, Timestamp, campaign::Why};
use flows::{FlowError, identify::Caller};
use serde::{Deserialize, Serialize};
use store::Planned;
use tables::write_line;
use utoipa::{IntoParams, ToSchema};

use super::{
    held, id_of, path_of,
    people::{Form, Names, file, rest_of},
};
use crate::{
    App,
    cursor::{List, Within},
    customers::filter::told,
    error::{Problem, ProblemDocument},
    input::{Asked, Faults, Named},
    who::Acting,
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExclusionsAsked {
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// One of those in the campaign's `plan`.
    reason: Option<String>,
    /// `json` unless told, or `csv`: 10,000 rows from the cursor on; where the rest is stands in `Link`.
    format: Option<String>,
}

/// Somebody who was left out.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExclusionView {
    customer_id: Option<String>,
    /// As they are called now; `null`: they have no name, or are nobody any more.
    name: Option<String>,
    reason: &'static str,
    /// When the campaign was planned.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

/// Somebody of a plan: by which reason, in the plan's order, and in which slot.
type Spot = (usize, Slot);

/// Who was left out
///
/// One reason after the other, each with its people. Who was left out at the last moment is in `…/messages`, `skipped`.
#[utoipa::path(get, operation_id = "list_campaign_exclusions", path = "/api/v1/campaigns/{campaign}/exclusions", tag = "Campaigns",
    params(("campaign" = String, Path, description = "the campaign's id"), ExclusionsAsked),
    responses((status = 200, body = List<ExclusionView>), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
    Asked(asked): Asked<ExclusionsAsked>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadCampaigns)?;
    caller.must(Permission::ReadCustomers)?;
    let form = Form::told(asked.format.as_ref(), asked.limit)?;
    let mut faults = Faults::default();
    let sought: Option<Why> = faults.maybe("?reason", told(asked.reason.as_ref()), str::parse);
    faults.none(Some(()))?;
    let campaign = held(&caller, id_of(&id)?).await?;
    let secrets = deps.open_secrets().await?;
    let within = Within {
        secrets: &secrets,
        list: format!("{}/exclusions of {} {sought:?}", caller.store.id(), campaign.id),
    };
    let from = match &asked.cursor {
        Some(cursor) => read(&within.unsealed(cursor)?)?,
        None => (0, Slot(0)),
    };
    let (mut total, mut found) = (0, Vec::new());
    if let Some(planned) = caller.store.plan(campaign.id).await? {
        let reasons = planned.plan.left_out.iter().filter(|(why, _)| sought.is_none_or(|it| it == *why));
        total = reasons.map(|(_, count)| count).sum();
        found = from_there(&caller, &campaign, &planned, sought, from, form.rows() + 1).await?;
    }
    let next = found.get(form.rows()).map(|((place, slot), _)| format!("{place} {}", slot.0));
    let next = next.map(|next| within.sealed(&next, &*deps.dice)).transpose()?;
    found.truncate(form.rows());
    let (names, at) = (Names::read(&deps, &caller).await?, planned_at(&caller, &campaign).await?);
    let items = found.into_iter().map(|((_, slot), why)| {
        let who = names.of(slot);
        ExclusionView { customer_id: who.id, name: who.name, reason: why.name(), at }
    });
    if form == Form::File {
        let asked = [("reason", sought.map(Why::name))];
        let rest = next.map(|next| rest_of(&format!("{}/exclusions", path_of(campaign.id)), &asked, &next));
        return file(&format!("{}-exclusions.csv", campaign.id), written(items), rest);
    }
    Ok(Json(List::new(items.collect(), total, next)).into_response())
}

/// So many, from that one on: shard after shard, and no more of them than it takes.
async fn from_there(
    caller: &Caller,
    campaign: &Campaign,
    planned: &Planned,
    sought: Option<Why>,
    (first, from): Spot,
    limit: usize,
) -> Result<Vec<(Spot, Why)>, FlowError> {
    let shards: Vec<_> = ShardNumber::of_first(caller.store.slots().await?).collect();
    let mut found = Vec::new();
    for (place, (why, _)) in planned.plan.left_out.iter().enumerate().skip(first) {
        if sought.is_some_and(|sought| sought != *why) {
            continue;
        }
        let from = if place == first { from } else { Slot(0) };
        for shard in shards.iter().skip_while(|shard| **shard < from.shard()) {
            let people = caller.store.left_out_in(campaign.id, planned, *why, *shard).await?;
            let people = people.iter().filter(|slot| *slot >= from).take(limit - found.len());
            found.extend(people.map(|slot| ((place, slot), *why)));
            if found.len() >= limit {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// The first move after its launch says so, whether it went on or ended there.
async fn planned_at(caller: &Caller, campaign: &Campaign) -> Result<Option<Timestamp>, FlowError> {
    let moves = caller.store.campaign_moves(campaign.id).await?;
    let is_plan = |act: &str| matches!(act, "planned" | "failed");
    Ok(moves.iter().find(|moved| is_plan(&moved.act)).map(|moved| moved.at))
}

fn read(cursor: &str) -> Result<Spot, FlowError> {
    let spot = || {
        let (place, slot) = cursor.split_once(' ')?;
        Some((place.parse().ok()?, Slot(slot.parse().ok()?)))
    };
    spot().ok_or_else(|| FlowError::invalid("?cursor", "not_a_cursor", "is not a cursor of this list"))
}

fn written(items: impl Iterator<Item = ExclusionView>) -> String {
    let mut text = String::new();
    write_line(["customer_id", "name", "reason", "at"], &mut text);
    for item in items {
        let at = item.at.map(|at| at.to_string());
        let cells = [item.customer_id.as_deref(), item.name.as_deref(), Some(item.reason), at.as_deref()];
        write_line(cells.map(Option::unwrap_or_default), &mut text);
    }
    text
}
