//! Customers by the month of their first order: how many came back in each month since, and what that brought.

use axum::{Json, extract::State};
use columns::View;
use domain::{Currency, Permission, Zone, days::number_of};
use flows::FlowError;
use insight::{Cohort, Cohorts, Month};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    range::{Range, date_of, today},
    shown::rounded,
    sold::Calendar,
    told::{Figured, share},
    trend::FAMILIES,
};
use crate::{
    App,
    customers::{
        filter::told,
        view::{amount, average},
    },
    error::Problem,
    input::{Asked, Faults},
    who::Acting,
};

const MONTHS: i32 = 6;
/// Ten years: a triangle of 7,260 cells.
const MONTHS_MAX: i32 = 120;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CohortsAsked {
    /// 1 to 120, 6 unless told: so many months until the last.
    months: Option<i32>,
    /// The last month, as in `2026-11`; this one unless told.
    until: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Triangle {
    months: i32,
    /// Each month once, also one in which nobody came; the oldest first.
    cohorts: Vec<CohortView>,
}

/// Those whose first order that counts, of all that are here, was in this month.
#[derive(Serialize, ToSchema)]
pub(crate) struct CohortView {
    /// As in `2026-11`.
    month: String,
    customers: u64,
    orders: u64,
    /// Up to the last month that was asked about.
    revenue: String,
    average_order_value: Option<String>,
    /// To the hundredth.
    average_orders: Option<f64>,
    /// What one of them has brought.
    revenue_per_customer: Option<String>,
    /// From the month itself to the last.
    cells: Vec<CellView>,
}

/// One month of a cohort.
#[derive(Serialize, ToSchema)]
pub(crate) struct CellView {
    /// Months since the first: 0 is the month itself, and 12 a year later.
    number: usize,
    month: String,
    /// Those who ordered in it, each once.
    customers: u64,
    /// Their share: 1 in the month itself. `null` of nobody.
    retention: Option<f64>,
    orders: u64,
    revenue: String,
}

/// Cohorts
///
/// Months are the shop's. Walk-ins, and whoever is gone, are in none.
#[utoipa::path(get, operation_id = "cohorts", path = "/api/v1/analytics/cohorts", tag = "Analytics",
    params(CohortsAsked), responses((status = 200, body = Figured<Triangle>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<CohortsAsked>,
) -> Result<Json<Figured<Triangle>>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let (now, zone, currency) = (deps.now(), &caller.tenant.zone, caller.tenant.currency);
    let mut faults = Faults::default();
    let last = faults.maybe("?until", told(asked.until.as_ref()), month);
    let months = asked.months.unwrap_or(MONTHS);
    if !(1..=MONTHS_MAX).contains(&months) {
        faults.add("?months", "out_of_range", format!("must be from 1 to {MONTHS_MAX}"));
    }
    faults.none(Some(()))?;
    let last = last.unwrap_or(Month::of(today(zone, now)));
    let first = Month(last.0 - (months - 1));
    let question = format!("cohorts {first:?} {last:?} {zone}");
    let folded =
        deps.folded(&caller.store, &FAMILIES, question, |view| triangle(view, first, last, zone)).await?;
    let cohorts = folded.figures.iter().map(|cohort| CohortView::of(cohort, currency)).collect();
    Ok(Json(Figured::of(Triangle { months, cohorts }, &caller, now)))
}

fn triangle(view: &View, first: Month, last: Month, zone: &Zone) -> Result<Vec<Cohort>, FlowError> {
    let range = Range { from: first.first_day(), until: Month(last.0 + 1).first_day() };
    let calendar = Calendar::of(range, zone)?;
    let mut cohorts = Cohorts::new(first, last);
    for buyer in view.buyers(None, &FAMILIES).map_err(FlowError::broken)? {
        if buyer.is_somebody() {
            cohorts.add(calendar.orders(&buyer));
        }
    }
    Ok(cohorts.finish())
}

impl CohortView {
    fn of(cohort: &Cohort, currency: Currency) -> Self {
        let orders = cohort.months.iter().map(|cell| cell.orders).sum();
        let revenue = cohort.months.iter().map(|cell| i128::from(cell.revenue)).sum();
        let cells = (0..).zip(&cohort.months).map(|(number, cell)| CellView {
            number: usize::try_from(number).unwrap_or_default(),
            month: named(Month(cohort.month.0 + number)),
            customers: cell.customers,
            retention: cohort.retention(usize::try_from(number).unwrap_or_default()).map(share),
            orders: cell.orders,
            revenue: amount(cell.revenue.into(), currency),
        });
        #[expect(clippy::cast_precision_loss, reason = "a mean of counts")]
        let mean = rounded(orders as f64 / cohort.customers as f64, 2);
        Self {
            month: named(cohort.month),
            customers: cohort.customers,
            orders,
            revenue: amount(revenue, currency),
            average_order_value: average(revenue, orders.into(), currency),
            average_orders: (cohort.customers > 0).then_some(mean),
            revenue_per_customer: average(revenue, cohort.customers.into(), currency),
            cells: cells.collect(),
        }
    }
}

/// As in `2026-11`.
pub(crate) fn named(month: Month) -> String {
    date_of(month.first_day()).strftime("%Y-%m").to_string()
}

/// A month of the years 1980 to 2200: beyond them nobody has ordered anything.
fn month(told: &str) -> Result<Month, String> {
    let wrong = || "is not a month: 2026-11 is one".to_owned();
    if told.len() != "2026-11".len() {
        return Err(wrong());
    }
    let first: Date = format!("{told}-01").parse().map_err(|_| wrong())?;
    if !(1980..=2200).contains(&first.year()) {
        return Err("must be one of the years 1980 to 2200".to_owned());
    }
    Ok(Month::of(number_of(first)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_named_and_read() {
        for name in ["1980-01", "1999-12", "2026-02", "2200-12"] {
            assert_eq!(month(name).map(named), Ok(name.to_owned()));
        }
        for wrong in ["2026", "2026-13", "2026-00", "26-01-1", "2026-1-", "1979-12", "2201-01", "month-1"] {
            assert!(month(wrong).is_err(), "{wrong}");
        }
    }
}
