//! All campaigns together.

use std::collections::BTreeMap;

use axum::Json;
use domain::{
    Campaign, Permission, Timestamp,
    campaign::{Counts, Fate},
};
use flows::counts::CountsView;
use serde::{Deserialize, Serialize};
use store::Held;
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::Problem,
    input::{Asked, Faults},
    who::Acting,
};

#[derive(Serialize, ToSchema)]
pub(crate) struct CampaignStats {
    /// Archived ones included.
    total: usize,
    /// Planning or sending.
    active: usize,
    #[schema(value_type = BTreeMap<String, u64>)]
    by_status: BTreeMap<&'static str, u64>,
    /// Of all of them, as they were counted last.
    messages: CountsView,
    /// Delivered, of a hundred that a provider has, or may have, taken; `null`: of none.
    delivery_rate_percent: Option<f64>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveriesAsked {
    /// Of campaigns that were launched from then on.
    #[serde(alias = "startDate")]
    #[param(value_type = Option<String>, format = DateTime)]
    start_date: Option<String>,
    /// And before then.
    #[serde(alias = "endDate")]
    #[param(value_type = Option<String>, format = DateTime)]
    end_date: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Deliveries {
    total_messages: u64,
    /// How many are where; none is left out.
    #[schema(value_type = BTreeMap<String, u64>)]
    status_distribution: BTreeMap<&'static str, u64>,
    /// From being handed over to being delivered; `null`: nothing was.
    average_delivery_ms: Option<u64>,
    /// Delivered, of a hundred that have come to an end; `null`: none has.
    success_rate_percent: Option<f64>,
}

/// What became of all messages
///
/// Of campaigns that were launched within a time, as they were counted last: each minute while they are sent, then ever more
/// rarely for two weeks.
#[utoipa::path(get, operation_id = "show_deliveries", path = "/api/v1/campaigns/deliveries", tag = "Campaigns",
    params(DeliveriesAsked), responses((status = 200, body = Deliveries)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn deliveries(
    Acting(caller): Acting,
    Asked(asked): Asked<DeliveriesAsked>,
) -> Result<Json<Deliveries>, Problem> {
    caller.must(Permission::ReadCampaigns)?;
    let mut faults = Faults::default();
    let from = faults.maybe("?start_date", asked.start_date.as_deref(), instant);
    let to = faults.maybe("?end_date", asked.end_date.as_deref(), instant);
    faults.none(Some(()))?;
    let is_within = |at: Timestamp| from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to);
    let all = caller.store.campaigns().await?;
    let counts = all_of(all.iter().filter(|campaign| campaign.launched_at.is_some_and(is_within)));
    let delivered = counts.at(Fate::Delivered);
    let ended = delivered + counts.at(Fate::Bounced) + counts.at(Fate::Failed);
    let distribution = Fate::ALL.into_iter().map(|fate| (fate.name(), counts.at(fate)));
    Ok(Json(Deliveries {
        total_messages: counts.chosen,
        status_distribution: distribution.collect(),
        average_delivery_ms: counts.delivery_millis.checked_div(delivered),
        success_rate_percent: percent(delivered, ended),
    }))
}

/// An instant, or a day's beginning in UTC.
fn instant(told: &str) -> Result<Timestamp, jiff::Error> {
    told.parse().or_else(|_| format!("{told}T00:00:00Z").parse())
}

/// Totals of campaigns
#[utoipa::path(get, operation_id = "show_campaign_stats", path = "/api/v1/campaigns/stats", tag = "Campaigns",
    responses((status = 200, body = CampaignStats)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(Acting(caller): Acting) -> Result<Json<CampaignStats>, Problem> {
    caller.must(Permission::ReadCampaigns)?;
    let all = caller.store.campaigns().await?;
    Ok(Json(CampaignStats::of(&all)))
}

impl CampaignStats {
    fn of(all: &[Held<Campaign>]) -> Self {
        let mut by_status = BTreeMap::new();
        for campaign in all {
            *by_status.entry(campaign.state.name()).or_default() += 1;
        }
        let counts = all_of(all);
        Self {
            total: all.len(),
            active: active(all),
            by_status,
            delivery_rate_percent: percent(counts.at(Fate::Delivered), counts.out()),
            messages: CountsView::of(&counts, None),
        }
    }
}

/// Of so many campaigns people are chosen or written to.
pub(super) fn active(all: &[Held<Campaign>]) -> usize {
    all.iter().filter(|campaign| campaign.state.is_under_way()).count()
}

/// What became of their messages, as they were counted last.
pub(super) fn all_of<'a>(all: impl IntoIterator<Item = &'a Held<Campaign>>) -> Counts {
    let mut counts = Counts::default();
    for (_, counted) in all.into_iter().filter_map(|campaign| campaign.counted.as_ref()) {
        counts += counted;
    }
    counts
}

/// To one hundredth.
pub(super) fn percent(part: u64, whole: u64) -> Option<f64> {
    let hundredths = (u128::from(part) * 10_000).checked_div(u128::from(whole))?;
    u32::try_from(hundredths).ok().map(|hundredths| f64::from(hundredths) / 100.0)
}
