//! Words that are sent to those who try them, and are counted nowhere.

use serde::{Deserialize, Serialize};

use crate::{CampaignId, CustomerId, EmailAddress, Phone, TemplateId, campaign::Byline};

/// To so many at once.
pub const TRIED_MAX: usize = 5;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tried {
    /// What providers call it: no campaign has that id, so what they tell of it is told of nobody.
    pub number: CampaignId,
    pub of: TriedOf,
    /// Which of a campaign's words.
    #[serde(default)]
    pub arm: u8,
    pub to: Vec<TriedBy>,
    /// For whom it is filled. `None`: for somebody made up.
    pub customer: Option<CustomerId>,
    /// In whose name, of a template; a campaign has its own.
    pub byline: Option<Byline>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriedOf {
    Campaign(CampaignId),
    Template(TemplateId),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriedBy {
    Mail(EmailAddress),
    Phone(Phone),
}
