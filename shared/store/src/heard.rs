//! What who watches was last told of a campaign, and when they are told next.

use domain::{CampaignId, Timestamp, campaign::Counts};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read},
};

/// Of one campaign.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CampaignHeard {
    /// Somebody was asked to tell by then, and has not begun.
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    pub asked_for: Option<Timestamp>,
    /// It is not told again before: what is told is read of all its chunks.
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Its status, and its counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<(String, Counts)>,
}

impl TenantStore {
    pub async fn campaign_heard(&self, id: CampaignId) -> Result<Option<Held<CampaignHeard>>, StoreError> {
        self.get(keys::campaign_heard(self.id(), id)).await?.map(read::<CampaignHeard>).transpose()
    }

    /// `Conflict` if it is another by now. With what is held once it is committed. Forgotten a day after.
    pub fn campaign_heard_changed(
        &self,
        id: CampaignId,
        held: Option<&Held<CampaignHeard>>,
        heard: CampaignHeard,
        now: Timestamp,
    ) -> (Step, Held<CampaignHeard>) {
        const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);
        let entry = Entry::new(keys::campaign_heard(self.id(), id), &heard).expiring(now + KEPT);
        (Step(vec![entry.in_place_of(held)]), Held::after(held, heard))
    }
}
