//! Shares of a campaign's messages: each of what it can be a share of, people apart from machines.

use domain::campaign::{Counts, Fate};
use serde::Serialize;
use utoipa::ToSchema;

use super::stats::percent;

/// In hundredths, to two decimals; `null`: there is nothing that it could be a share of.
#[expect(clippy::struct_field_names, reason = "callers read them among others")]
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RatesView {
    /// Delivered, of those that a provider has, or may have, taken.
    delivery_rate_percent: Option<f64>,
    /// Came back, of the same.
    bounce_rate_percent: Option<f64>,
    /// Opened by people, of those that were delivered.
    open_rate_percent: Option<f64>,
    /// Opened by machines alone, of the same.
    machine_open_rate_percent: Option<f64>,
    /// Followed by people, of those that were delivered.
    click_rate_percent: Option<f64>,
    /// Followed, of those that people opened.
    click_to_open_rate_percent: Option<f64>,
    unsubscribe_rate_percent: Option<f64>,
    complaint_rate_percent: Option<f64>,
}

impl RatesView {
    pub(crate) fn of(counts: &Counts) -> Self {
        let out = counts.out();
        let delivered = counts.at(Fate::Delivered);
        Self {
            delivery_rate_percent: percent(delivered, out),
            bounce_rate_percent: percent(counts.at(Fate::Bounced), out),
            open_rate_percent: percent(counts.opened, delivered),
            machine_open_rate_percent: percent(counts.opened_by_machines, delivered),
            click_rate_percent: percent(counts.clicked, delivered),
            click_to_open_rate_percent: percent(counts.clicked, counts.opened),
            unsubscribe_rate_percent: percent(counts.unsubscribed, delivered),
            complaint_rate_percent: percent(counts.complained, delivered),
        }
    }
}
