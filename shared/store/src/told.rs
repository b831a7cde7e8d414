//! Whether it was told by mail that a campaign is over, and who does not want to hear of that.

use domain::{CampaignId, Timestamp, UserId};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read},
};

/// Of one campaign.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CampaignTold {
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Timestamp>,
    /// Somebody mails it until then.
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    pub claimed_until: Option<Timestamp>,
}

/// Which of our own mails a member wants: all, unless they say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailsWanted {
    /// That a campaign of theirs is over, or has failed.
    pub campaigns: bool,
}

impl Default for MailsWanted {
    fn default() -> Self {
        Self { campaigns: true }
    }
}

impl TenantStore {
    pub async fn campaign_told(&self, id: CampaignId) -> Result<Option<Held<CampaignTold>>, StoreError> {
        self.get(keys::campaign_told(self.id(), id)).await?.map(read::<CampaignTold>).transpose()
    }

    /// `Conflict` if it is another by now. With what is held once it is committed.
    pub fn campaign_told_changed(
        &self,
        id: CampaignId,
        held: Option<&Held<CampaignTold>>,
        told: CampaignTold,
    ) -> (Step, Held<CampaignTold>) {
        let entry = Entry::new(keys::campaign_told(self.id(), id), &told);
        (Step(vec![entry.in_place_of(held)]), Held::after(held, told))
    }

    pub async fn mails_wanted(&self, user: UserId) -> Result<MailsWanted, StoreError> {
        let held = self.get(keys::mails_wanted(self.id(), user)).await?;
        Ok(held.map(read::<MailsWanted>).transpose()?.map(Held::into_inner).unwrap_or_default())
    }

    pub fn mails_wanted_put(&self, user: UserId, wanted: MailsWanted) -> Step {
        Step(vec![Entry::new(keys::mails_wanted(self.id(), user), &wanted).overwrite()])
    }
}
