//! How figures are told: with their currency, the shop's time zone, and as of when they are.

use domain::{Currency, Tenant, Timestamp, Zone};
use flows::identify::Caller;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::{range::Range, shown::rounded};
use crate::customers::view::{amount, average};

/// Figures, with what they are counted in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Figured<T> {
    #[serde(flatten)]
    figures: T,
    #[schema(value_type = String)]
    currency: Currency,
    /// Whose days these are.
    #[schema(value_type = String)]
    timezone: Zone,
    /// What was stored before is in them.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
}

impl<T> Figured<T> {
    pub(crate) fn of(figures: T, caller: &Caller, now: Timestamp) -> Self {
        Self::in_shop(figures, &caller.tenant, now)
    }

    /// As `of`, where somebody asks who is no caller.
    pub(crate) fn in_shop(figures: T, tenant: &Tenant, now: Timestamp) -> Self {
        Self { figures, currency: tenant.currency, timezone: tenant.zone.clone(), as_of: now }
    }
}

/// The days that were asked about, both included.
#[derive(Serialize, ToSchema)]
pub(crate) struct RangeView {
    #[schema(value_type = String, format = Date)]
    since: Date,
    #[schema(value_type = String, format = Date)]
    until: Date,
    days: u32,
}

impl RangeView {
    pub(crate) fn of(range: Range) -> Self {
        Self { since: range.first(), until: range.last(), days: range.days() }
    }
}

/// A number beside what it was in as many days before.
#[derive(Serialize, ToSchema)]
pub(crate) struct Grown {
    value: u64,
    before: u64,
    /// 0.5: half as much again. `null`: there was nothing before.
    growth: Option<f64>,
}

/// The same of an amount.
#[derive(Serialize, ToSchema)]
pub(crate) struct GrownAmount {
    value: String,
    before: String,
    growth: Option<f64>,
}

impl Grown {
    pub(crate) fn of(value: u64, before: u64) -> Self {
        let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Self { value, before, growth: insight::growth(signed(before), signed(value)).map(share) }
    }
}

impl GrownAmount {
    pub(crate) fn of(value: i64, before: i64, currency: Currency) -> Self {
        Self {
            value: amount(value.into(), currency),
            before: amount(before.into(), currency),
            growth: insight::growth(before, value).map(share),
        }
    }
}

/// Orders, what they brought, and what one of them is worth.
#[derive(Serialize, ToSchema)]
pub(crate) struct SumsView {
    orders: u64,
    /// Less what was refunded.
    revenue: String,
    average_order_value: Option<String>,
}

impl SumsView {
    pub(crate) fn of(orders: u64, revenue: i128, currency: Currency) -> Self {
        Self {
            orders,
            revenue: amount(revenue, currency),
            average_order_value: average(revenue, orders.into(), currency),
        }
    }
}

/// To four digits: a hundredth of a percent.
pub(crate) fn share(share: f64) -> f64 {
    rounded(share, 4)
}
