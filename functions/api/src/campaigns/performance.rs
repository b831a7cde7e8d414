//! All campaigns beside one another: their rates, as they were counted last.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{Campaign, CampaignId, Permission, Timestamp, campaign::Counts};
use flows::{FlowError, counts::CountsView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{figures::shown, rates::RatesView};
use crate::{
    App,
    cursor::{Within, limited},
    customers::filter::told,
    error::Problem,
    input::Asked,
    who::Acting,
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PerformanceAsked {
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Instead of a list: all that `GET /api/v1/campaigns/{campaign}/analytics` tells of that one.
    #[serde(alias = "campaignId")]
    campaign_id: Option<String>,
    /// With `campaign_id` only: 1 to 90, 7 unless told.
    #[serde(alias = "windowDays")]
    window_days: Option<i64>,
}

/// A page of campaigns that were launched, the newest first, and all of them together.
#[derive(Serialize, ToSchema)]
pub(crate) struct PerformancePage {
    items: Vec<PerformanceView>,
    total: usize,
    next: Option<String>,
    /// Of all, archived ones included.
    #[serde(flatten)]
    together: TogetherView,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct PerformanceView {
    #[schema(value_type = String)]
    campaign_id: CampaignId,
    name: String,
    channel: &'static str,
    status: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    launched_at: Option<Timestamp>,
    /// As they were counted last.
    counts: CountsView,
    #[serde(flatten)]
    rates: RatesView,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TogetherView {
    messages: CountsView,
    rates: RatesView,
}

/// How campaigns did
///
/// Those that were launched, the newest first. Reads none of their messages.
#[utoipa::path(get, operation_id = "campaign_performance", path = "/api/v1/analytics/campaigns", tag = "Analytics",
    params(PerformanceAsked), responses((status = 200, body = PerformancePage)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<PerformanceAsked>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadCampaigns)?;
    caller.must(Permission::ReadOrders)?;
    if let Some(id) = told(asked.campaign_id.as_ref()) {
        let figures = Box::pin(shown(&deps, &caller, id, asked.window_days)).await?;
        return Ok(Json(figures).into_response());
    }
    if asked.window_days.is_some() {
        let sentence = "goes only together with `campaign_id`";
        return Err(FlowError::invalid("?window_days", "invalid", sentence).into());
    }
    let limit = limited(asked.limit)?;
    let secrets = deps.open_secrets().await?;
    let within = Within { secrets: &secrets, list: format!("{}/performance", caller.store.id()) };
    let after = match &asked.cursor {
        Some(cursor) => {
            let id = within.unsealed(cursor)?.parse::<CampaignId>();
            Some(id.map_err(|_| FlowError::broken("a cursor of campaigns names none"))?)
        }
        None => None,
    };
    let mut all = caller.store.campaigns().await?;
    all.retain(|campaign| campaign.launched_at.is_some());
    let mut sum = Counts::default();
    all.iter().filter_map(|campaign| campaign.counted.as_ref()).for_each(|(_, counts)| sum += counts);
    let older = all.iter().rev().filter(|campaign| after.is_none_or(|after| campaign.id < after));
    let shown: Vec<_> = older.take(limit + 1).collect();
    let next = match shown.get(limit - 1).filter(|_| shown.len() > limit) {
        Some(last) => Some(within.sealed(&last.id.to_string(), &*deps.dice)?),
        None => None,
    };
    let items = shown.into_iter().take(limit).map(|campaign| PerformanceView::of(campaign)).collect();
    let together = TogetherView { messages: CountsView::of(&sum, None), rates: RatesView::of(&sum) };
    Ok(Json(PerformancePage { items, total: all.len(), next, together }).into_response())
}

impl PerformanceView {
    pub(super) fn of(campaign: &Campaign) -> Self {
        let (at, counts) = campaign.counted.clone().unzip();
        let counts = counts.unwrap_or_default();
        Self {
            campaign_id: campaign.id,
            name: campaign.name.as_str().to_owned(),
            channel: campaign.channel.name(),
            status: campaign.state.name(),
            launched_at: campaign.launched_at,
            rates: RatesView::of(&counts),
            counts: CountsView::of(&counts, at),
        }
    }
}
