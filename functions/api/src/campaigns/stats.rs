//! All campaigns together.

use std::collections::BTreeMap;

use axum::Json;
use domain::{
    Campaign, Permission,
    campaign::{Counts, Fate, State},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::CountsView;
use crate::{error::Problem, who::Acting};

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

/// Totals of campaigns
#[utoipa::path(get, operation_id = "show_campaign_stats", path = "/api/v1/campaigns/stats", tag = "Campaigns",
    responses((status = 200, body = CampaignStats)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(Acting(caller): Acting) -> Result<Json<CampaignStats>, Problem> {
    caller.must(Permission::ReadCampaigns)?;
    let all = caller.store.campaigns().await?;
    Ok(Json(CampaignStats::of(all.iter().map(|campaign| &**campaign))))
}

impl CampaignStats {
    fn of<'a>(all: impl Iterator<Item = &'a Campaign>) -> Self {
        let (mut total, mut active) = (0, 0);
        let (mut by_status, mut counts) = (BTreeMap::new(), Counts::default());
        for campaign in all {
            total += 1;
            active += usize::from(matches!(campaign.state, State::Planning | State::Sending));
            *by_status.entry(campaign.state.name()).or_default() += 1;
            if let Some((_, counted)) = &campaign.counted {
                counts += counted;
            }
        }
        let out: u64 = Fate::ALL.into_iter().filter(|fate| fate.is_out()).map(|fate| counts.at(fate)).sum();
        Self {
            total,
            active,
            by_status,
            delivery_rate_percent: percent(counts.at(Fate::Delivered), out),
            messages: CountsView::of(&counts, None),
        }
    }
}

/// To one hundredth.
fn percent(part: u64, whole: u64) -> Option<f64> {
    let hundredths = (u128::from(part) * 10_000).checked_div(u128::from(whole))?;
    u32::try_from(hundredths).ok().map(|hundredths| f64::from(hundredths) / 100.0)
}
