//! In which a rule is asked.

use columns::{Dated, Members, Slot, Tagged};
use domain::{
    CampaignId, Currency, TenantId, Timestamp, Zone,
    campaign::{Upshot, Why, Written},
    template::Channel,
};
use insight::{Silence, rfm::Cuts};
use rules::Known;
use std::{collections::BTreeMap, sync::Arc};

/// One shop at one instant: the same for all of a run, however long it takes.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    pub tenant: TenantId,
    pub currency: Currency,
    pub zone: &'a Zone,
    /// To the second.
    pub now: Timestamp,
    pub given: &'a Given,
}

/// What was found elsewhere, and stands still by itself. What is not here cannot be asked.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Who is in each segment that may be named.
    pub segments: BTreeMap<Box<str>, Arc<Members>>,
    pub lists: BTreeMap<Box<str>, Arc<Members>>,
    /// Of each field that is estimated, the numbers of those who have one: the place of a word among those of its kind,
    /// minor units, days since 1970-01-01, whole numbers, and millionths of others.
    pub scores: BTreeMap<Known, BTreeMap<Slot, i64>>,
    /// Where the fifths of the shop's customers end.
    pub cuts: Option<Cuts>,
    /// What products are tagged with. `None`: there is too much of it.
    pub tagged: Option<Arc<Tagged>>,
    /// What became of messages. `None`: it was not looked up.
    pub outcomes: Option<Arc<Outcomes>>,
    /// Why other fields that are estimated have no numbers.
    pub silent: BTreeMap<Known, Silence>,
}

/// Of those who are asked about, as far as rules ask for it.
#[derive(Debug, Clone, Default)]
pub struct Outcomes {
    /// All campaigns that have written.
    pub written: Vec<Written>,
    pub told: Vec<Told>,
}

/// One kind of event of a campaign's messages.
#[derive(Debug, Clone)]
pub struct Told {
    pub campaign: CampaignId,
    pub channel: Channel,
    pub outcome: Upshot,
    pub by_person: Option<bool>,
    pub why: Option<Why>,
    pub whom: Arc<Dated>,
}
