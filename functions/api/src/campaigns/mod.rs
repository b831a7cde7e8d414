//! Campaigns: words for many, made, launched, stopped, and looked at.

pub(crate) mod audience;
pub(crate) mod best_time;
pub(crate) mod delivery;
pub(crate) mod exclusions;
pub(crate) mod figures;
pub(crate) mod history;
pub(crate) mod kept;
pub(crate) mod lately;
pub(crate) mod launch;
pub(crate) mod limits;
pub(crate) mod list;
pub(crate) mod messages;
pub(crate) mod moves;
pub(crate) mod one;
mod people;
pub(crate) mod performance;
mod rates;
pub(crate) mod results;
pub(crate) mod schedule;
pub(crate) mod simulate;
pub(crate) mod split;
pub(crate) mod stats;
pub(crate) mod told;
mod touches;
pub(crate) mod trial;
pub(crate) mod view;
mod walk;
pub(crate) mod written_to;

use domain::{Campaign, CampaignId, SegmentId, campaign::Who};
use flows::{FlowError, identify::Caller};
use store::{Held, StoreError};

fn path_of(id: CampaignId) -> String {
    format!("/api/v1/campaigns/{id}")
}

fn missing() -> FlowError {
    FlowError::NotFound("campaign")
}

fn id_of(named: &str) -> Result<CampaignId, FlowError> {
    named.parse().map_err(|_| missing())
}

async fn held(caller: &Caller, id: CampaignId) -> Result<Held<Campaign>, FlowError> {
    let found: Result<_, StoreError> = caller.store.campaign(id).await;
    found?.ok_or_else(missing)
}

/// The names of the campaigns that are not over and mean those of a segment.
pub(crate) async fn named_by(caller: &Caller, segment: SegmentId) -> Result<Vec<String>, FlowError> {
    let means = |campaign: &Campaign| match &campaign.audience {
        Who::Segment(id) => *id == segment,
        Who::Rule(rule) => rule.text.contains(&segment.to_string()),
    };
    let all = caller.store.campaigns().await?;
    let open = all.iter().filter(|campaign| !campaign.state.is_over() && means(campaign));
    Ok(open.map(|campaign| campaign.name.as_str().to_owned()).collect())
}
