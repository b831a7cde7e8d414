//! What became of one campaign's messages, counted as they stand now.

use axum::{Json, extract::State};
use domain::{
    CampaignId, Permission,
    campaign::{self, Fate},
};
use flows::{climbing::counted, counts::CountsView};
use serde::Serialize;
use utoipa::ToSchema;

use super::{held, id_of, stats::percent};
use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::Named,
    who::Acting,
};

#[derive(Serialize, ToSchema)]
pub(crate) struct Delivery {
    #[schema(value_type = String)]
    campaign_id: CampaignId,
    /// `not-started`, `in-progress`, `completed` or `failed`.
    status: &'static str,
    /// All who were chosen: `delivered`, `failed`, `skipped` and `pending` add up to it.
    total_messages: u64,
    delivered: u64,
    /// Refused for good, or come back.
    failed: u64,
    /// Left out at the last moment: nobody was asked to send it.
    skipped: u64,
    /// Not sent yet, on its way, or not known.
    pending: u64,
    /// Delivered, of a hundred that a provider has, or may have, taken; `null`: of none.
    #[serde(rename = "delivery_rate_percent")]
    rate_percent: Option<f64>,
    /// From being handed over to being delivered; `null`: nothing was.
    average_delivery_ms: Option<u64>,
    counts: CountsView,
}

/// What became of a campaign's messages
///
/// Counted with each call, over all of them.
#[utoipa::path(get, operation_id = "show_delivery", path = "/api/v1/campaigns/{campaign}/delivery", tag = "Campaigns",
    params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 200, body = Delivery), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<Delivery>, Problem> {
    caller.must(Permission::ReadCampaigns)?;
    let campaign = held(&caller, id_of(&id)?).await?;
    let (counts, _) = counted(&caller.store, &campaign).await?;
    let status = match campaign.state {
        campaign::State::Draft | campaign::State::Scheduled => "not-started",
        campaign::State::Planning | campaign::State::Sending | campaign::State::Paused { .. } => {
            "in-progress"
        }
        campaign::State::Sent | campaign::State::Cancelled => "completed",
        campaign::State::Failed { .. } => "failed",
    };
    let (delivered, failed) =
        (counts.at(Fate::Delivered), counts.at(Fate::Failed) + counts.at(Fate::Bounced));
    let skipped = counts.at(Fate::Skipped);
    Ok(Json(Delivery {
        campaign_id: campaign.id,
        status,
        total_messages: counts.chosen,
        delivered,
        failed,
        skipped,
        pending: counts.chosen.saturating_sub(delivered + failed + skipped),
        rate_percent: percent(delivered, counts.out()),
        average_delivery_ms: counts.delivery_millis.checked_div(delivered),
        counts: CountsView::of(&counts, Some(deps.now())),
    }))
}
