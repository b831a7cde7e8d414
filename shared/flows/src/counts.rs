//! How many messages of a campaign are where, as everybody is told: over HTTP, and over a socket.

use std::collections::BTreeMap;

use domain::{
    Timestamp,
    campaign::{Counts, Fate},
    prices::show_micros,
};
use serde::Serialize;

/// Where the messages are: what is here from `pending` to `delivered` adds up to `chosen`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CountsView {
    /// `null`: of several campaigns, or of none.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub counted_at: Option<Timestamp>,
    pub chosen: u64,
    pub pending: u64,
    pub sending: u64,
    pub skipped: u64,
    /// The provider may have taken it, and nobody knows.
    pub unknown: u64,
    pub failed: u64,
    /// The provider has it, and no more is known yet.
    pub sent: u64,
    pub bounced: u64,
    pub delivered: u64,
    /// Of those that were skipped, failed, bounced or are unknown: why.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, u64>))]
    pub reasons: BTreeMap<&'static str, u64>,
    /// By people; of those that were delivered.
    pub opened: u64,
    pub clicked: u64,
    pub opened_by_machines: u64,
    pub clicked_by_machines: u64,
    pub complained: u64,
    pub unsubscribed: u64,
    /// What the messages cost that a provider took, or may have taken, as planned: in the shop's currency.
    pub cost: String,
}

impl CountsView {
    pub fn of(counts: &Counts, counted_at: Option<Timestamp>) -> Self {
        Self {
            counted_at,
            chosen: counts.chosen,
            pending: counts.at(Fate::Planned),
            sending: counts.at(Fate::Claimed),
            skipped: counts.at(Fate::Skipped),
            unknown: counts.at(Fate::Unknown),
            failed: counts.at(Fate::Failed),
            sent: counts.at(Fate::Sent),
            bounced: counts.at(Fate::Bounced),
            delivered: counts.at(Fate::Delivered),
            reasons: counts.whys.iter().map(|(why, count)| (why.name(), *count)).collect(),
            opened: counts.opened,
            clicked: counts.clicked,
            opened_by_machines: counts.opened_by_machines,
            clicked_by_machines: counts.clicked_by_machines,
            complained: counts.complained,
            unsubscribed: counts.unsubscribed,
            cost: show_micros(counts.cost_micros),
        }
    }
}
