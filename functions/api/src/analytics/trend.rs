//! What came in day by day, week by week or month by month.

use columns::{Family, View};
use domain::{Currency, Zone};
use flows::FlowError;
use insight::{By, Period, Revenue};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    range::{Range, date_of},
    sold::Calendar,
};
use crate::customers::view::amount;

pub(crate) const FAMILIES: [Family; 1] = [Family::Orders];

/// A day, a week from Monday on, or a month: as much of it as was asked about.
#[derive(Serialize, ToSchema)]
pub(crate) struct PeriodView {
    /// Its first day.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// Its last.
    #[schema(value_type = String, format = Date)]
    until: Date,
    orders: u64,
    /// Those who ordered, each once: walk-ins are nobody.
    customers: u64,
    /// Of orders that count, on their own day; what was refunded of them since is taken off.
    revenue: String,
}

impl PeriodView {
    pub(crate) fn of(period: &Period, currency: Currency) -> Self {
        Self {
            date: date_of(period.from),
            until: date_of(period.until - 1),
            orders: period.orders,
            customers: period.customers,
            revenue: amount(period.revenue.into(), currency),
        }
    }
}

/// As the parameter has it.
pub(crate) fn by(told: &str) -> Result<By, String> {
    match told {
        "day" => Ok(By::Day),
        "week" => Ok(By::Week),
        "month" => Ok(By::Month),
        _ => Err("is not one of day, week, month".to_owned()),
    }
}

/// No more points than can be told apart in a chart.
pub(crate) fn readable(range: Range) -> By {
    match range.days() {
        0..=92 => By::Day,
        93..=732 => By::Week,
        _ => By::Month,
    }
}

/// Rising, without a gap.
pub(crate) fn periods(view: &View, range: Range, by: By, zone: &Zone) -> Result<Vec<Period>, FlowError> {
    let revenue = Revenue::new(range.from, range.until, by);
    folded(view, range, revenue, zone)
}

/// These days as one, behind as many before them.
pub(crate) fn beside_before(view: &View, range: Range, zone: &Zone) -> Result<[Period; 2], FlowError> {
    let revenue = Revenue::with_the_time_before(range.from, range.until);
    let periods = folded(view, range.with_before(), revenue, zone)?;
    periods.try_into().map_err(|_| FlowError::broken("a time and the one before it are two"))
}

fn folded(
    view: &View,
    range: Range,
    revenue: Option<Revenue>,
    zone: &Zone,
) -> Result<Vec<Period>, FlowError> {
    let mut revenue =
        revenue.ok_or_else(|| FlowError::invalid("?since", "out_of_range", "is too long a time"))?;
    let calendar = Calendar::of(range, zone)?;
    for buyer in view.buyers(None, &FAMILIES).map_err(FlowError::broken)? {
        if buyer.is_somebody() {
            revenue.add(calendar.orders(&buyer));
        } else {
            revenue.add_walk_ins(calendar.orders(&buyer));
        }
    }
    Ok(revenue.finish())
}
