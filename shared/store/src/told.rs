//! Whether it was told that a campaign is over, was stopped, or did not begin, and who wants to hear of that, or of syncs that have
//! failed, by which ways.

use domain::{Campaign, CampaignId, Timestamp, UserId, campaign::State};
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
    /// That it was stopped for its harm was told of this of its moves: it may be stopped again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_told: Option<u32>,
    /// That it is a draft that asks since then was told: it may be scheduled again, and miss that time, too.
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    pub missed_told: Option<Timestamp>,
    /// Somebody mails it until then.
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    pub claimed_until: Option<Timestamp>,
}

/// Which of our own mails a member wants: all, unless they say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailsWanted {
    /// That a campaign of theirs is over, has failed, or was stopped.
    pub campaigns: bool,
    /// That a sync of a shop of theirs has failed.
    #[serde(default = "unless_told")]
    pub syncs: bool,
    #[serde(default, skip_serializing_if = "wants_none")]
    pub texts: TextsWanted,
}

/// Of which of these they want texts, too: of none, unless they say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TextsWanted {
    pub campaigns: bool,
    pub syncs: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn wants_none(texts: &TextsWanted) -> bool {
    *texts == TextsWanted::default()
}

fn unless_told() -> bool {
    true
}

impl CampaignTold {
    /// What is to be told of the campaign as it is.
    pub fn is_of(&self, campaign: &Campaign) -> bool {
        match campaign.state {
            State::Paused { .. } => self.stop_told == Some(campaign.turn),
            State::Draft => self.missed_told == campaign.missed_at,
            _ => self.told_at.is_some(),
        }
    }

    /// The same, marked.
    #[must_use]
    pub fn told_of(self, campaign: &Campaign, at: Timestamp) -> Self {
        match campaign.state {
            State::Paused { .. } => Self { stop_told: Some(campaign.turn), ..self },
            State::Draft => Self { missed_told: campaign.missed_at, ..self },
            _ => Self { told_at: Some(at), ..self },
        }
    }
}

impl Default for MailsWanted {
    fn default() -> Self {
        Self { campaigns: true, syncs: true, texts: TextsWanted::default() }
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
