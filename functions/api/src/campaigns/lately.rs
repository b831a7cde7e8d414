//! What campaigns did in some days, in few words: for the first page.

use domain::{Permission, Timestamp, campaign::Fate};
use flows::identify::Caller;
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

use super::{
    performance::PerformanceView,
    stats::{active, all_of, percent},
};

const RECENT: usize = 5;

/// Of those that were launched in the days, archived ones included, as they were counted last.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct CampaignsLately {
    total_campaigns: usize,
    /// To how many they were to go.
    total_messages: u64,
    delivered_messages: u64,
    /// Delivered, of a hundred that a provider has, or may have, taken; `null`: of none.
    delivery_rate_percent: Option<f64>,
}

/// All that a first page tells of campaigns.
pub(crate) struct Lately {
    /// Planning or sending, by now.
    pub(crate) active: usize,
    pub(crate) stats: CampaignsLately,
    /// The newest first.
    pub(crate) recent: Vec<PerformanceView>,
}

impl Lately {
    /// `None`: the caller may not read campaigns.
    pub(crate) async fn of(
        caller: &Caller,
        is_meant: impl Fn(Timestamp) -> bool,
    ) -> Result<Option<Self>, StoreError> {
        if caller.must(Permission::ReadCampaigns).is_err() {
            return Ok(None);
        }
        let all = caller.store.campaigns().await?;
        let mut meant: Vec<_> =
            all.iter().filter(|campaign| campaign.launched_at.is_some_and(&is_meant)).collect();
        meant.sort_by_key(|campaign| std::cmp::Reverse((campaign.launched_at, campaign.id)));
        let counts = all_of(meant.iter().copied());
        let delivered = counts.at(Fate::Delivered);
        let stats = CampaignsLately {
            total_campaigns: meant.len(),
            total_messages: counts.chosen,
            delivered_messages: delivered,
            delivery_rate_percent: percent(delivered, counts.out()),
        };
        let recent = meant.into_iter().take(RECENT).map(|campaign| PerformanceView::of(campaign)).collect();
        Ok(Some(Self { active: active(&all), stats, recent }))
    }
}
