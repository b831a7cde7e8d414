//! Figures of orders, from the columns, in the shop's own days.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use columns::{Clause, Family, OrderCode, Sale};
use domain::{
    Currency, Permission, Timestamp, Zone, fields,
    order::{Marks, OrderStatus},
};
use flows::FlowError;
use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::filter::{STATES, end_of, placed_between};
use crate::{
    App,
    customers::view::{amount, average},
    error::Problem,
    input::{Asked, Faults},
    who::Acting,
};

const DAYS: u16 = 30;
const DAYS_MAX: u16 = 366;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SummaryAsked {
    /// Placed then or later: an instant, or a day of the shop's.
    #[serde(alias = "startDate")]
    since: Option<String>,
    /// Not itself.
    before: Option<String>,
    /// As `before`, but the whole day belongs to it.
    #[serde(rename = "endDate")]
    end_date: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct OrdersSummary {
    /// Those that count: paid, not cancelled, not wholly refunded, no tests.
    orders: u64,
    /// What they brought, less what was refunded of them.
    revenue: String,
    average_order_value: Option<String>,
    /// Of those that count, and of those refunded as a whole.
    refunded: String,
    /// Every order that is no test, once: the cancelled ones by themselves.
    by_status: Vec<OfStatus>,
    #[schema(value_type = String)]
    currency: Currency,
    #[schema(value_type = String)]
    timezone: Zone,
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct OfStatus {
    /// As an order's `status`, or `cancelled`.
    status: &'static str,
    orders: u64,
    /// What was asked for them.
    total: String,
    revenue: String,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    orders: u64,
    total: i128,
    net: i128,
}

impl Sums {
    fn add(&mut self, sale: &Sale) {
        self.orders += 1;
        self.total += i128::from(sale.amount);
        self.net += i128::from(sale.net);
    }
}

fn counts(sale: &Sale) -> bool {
    sale.marks & Marks::COUNTS > 0
}

fn no_tests() -> Clause {
    Clause::Bits(OrderCode::Marks, 0, Marks::TEST)
}

/// Figures of orders
///
/// Also of those whose customers are gone. What customers bought before there were orders here is not in them.
#[utoipa::path(get, operation_id = "orders_summary", path = "/api/v1/orders/stats/summary", tag = "Orders",
    params(SummaryAsked), responses((status = 200, body = OrdersSummary)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn summary(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<SummaryAsked>,
) -> Result<Json<OrdersSummary>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let (currency, zone) = (caller.tenant.currency, &caller.tenant.zone);
    let mut faults = Faults::default();
    let since = faults.maybe("?since", asked.since, |at| fields::instant(&at, zone));
    let before = faults.maybe("?before", asked.before, |at| fields::instant(&at, zone));
    let end = faults.maybe("?endDate", asked.end_date, |at| end_of(&at, zone));
    faults.none(Some(()))?;
    let clauses: Vec<_> =
        placed_between(since, before.into_iter().chain(end).min()).into_iter().chain([no_tests()]).collect();
    let view = deps.audience(&caller.store, &[Family::Orders]).await?;
    let (mut sold, mut refunded) = (Sums::default(), 0);
    let mut groups: BTreeMap<u8, Sums> = BTreeMap::new();
    for sale in view.sales(None, &clauses).map_err(FlowError::broken)? {
        let is_cancelled = sale.marks & Marks::CANCELLED > 0;
        // Behind the last of all states.
        groups.entry(if is_cancelled { u8::MAX } else { sale.state }).or_default().add(&sale);
        if counts(&sale) {
            sold.add(&sale);
            refunded += i128::from(sale.amount) - i128::from(sale.net);
        } else if sale.state == OrderStatus::Refunded as u8 {
            refunded += i128::from(sale.amount);
        }
    }
    let named = STATES.map(|(state, name)| (state as u8, name)).into_iter().chain([(u8::MAX, "cancelled")]);
    let by_status = named.map(|(state, status)| {
        let sums = groups.get(&state).copied().unwrap_or_default();
        let (total, revenue) = (amount(sums.total, currency), amount(sums.net, currency));
        OfStatus { status, orders: sums.orders, total, revenue }
    });
    Ok(Json(OrdersSummary {
        orders: sold.orders,
        revenue: amount(sold.net, currency),
        average_order_value: average(sold.net, sold.orders.into(), currency),
        refunded: amount(refunded, currency),
        by_status: by_status.collect(),
        currency,
        timezone: zone.clone(),
        as_of: deps.now(),
    }))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DailyAsked {
    /// 1 to 366, 30 unless told: so many until today.
    days: Option<u16>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Daily {
    /// Each day once, also one without orders.
    items: Vec<OfDay>,
    #[schema(value_type = String)]
    currency: Currency,
    #[schema(value_type = String)]
    timezone: Zone,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct OfDay {
    #[schema(value_type = String, format = Date)]
    date: Date,
    orders: u64,
    revenue: String,
}

/// Orders day by day
///
/// A day is from midnight to midnight where the shop is. Of orders that count.
#[utoipa::path(get, operation_id = "orders_daily", path = "/api/v1/orders/stats/daily", tag = "Orders",
    params(DailyAsked), responses((status = 200, body = Daily)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn daily(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<DailyAsked>,
) -> Result<Json<Daily>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let days = asked.days.unwrap_or(DAYS);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(
            FlowError::invalid("?days", "out_of_range", format!("must be from 1 to {DAYS_MAX}")).into()
        );
    }
    let (currency, zone) = (caller.tenant.currency, &caller.tenant.zone);
    let days = days_until(zone, deps.now(), days);
    let ends =
        [days.first(), days.last()].map(|day| day.and_then(|(_, from)| Timestamp::from_second(*from).ok()));
    let [since, before] = ends;
    let clauses: Vec<_> = placed_between(since, before).into_iter().chain([no_tests()]).collect();
    let view = deps.audience(&caller.store, &[Family::Orders]).await?;
    let mut sums = vec![Sums::default(); days.len() - 1];
    for sale in view.sales(None, &clauses).map_err(FlowError::broken)?.filter(counts) {
        // The last day that has begun by then.
        let day = days.partition_point(|(_, from)| *from <= sale.at);
        if let Some(sums) = day.checked_sub(1).and_then(|day| sums.get_mut(day)) {
            sums.add(&sale);
        }
    }
    let items = days.iter().zip(sums).map(|((date, _), sums)| OfDay {
        date: *date,
        orders: sums.orders,
        revenue: amount(sums.net, currency),
    });
    Ok(Json(Daily { items: items.collect(), currency, timezone: zone.clone() }))
}

/// That many days and the one after them, each with its first second: the last but one is today.
fn days_until(zone: &Zone, now: Timestamp, days: u16) -> Vec<(Date, i64)> {
    let today = zone.day_of(now);
    let begin = |date: Date| (date, zone.first_second(date));
    (0..=days).map(|day| begin(today.saturating_sub((i64::from(days) - 1 - i64::from(day)).days()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_from_midnight_to_midnight_of_the_shop() {
        let now: Timestamp = "2026-03-30T10:00:00Z".parse().unwrap();
        let hours = |zone: &str| {
            let days = days_until(&zone.parse().unwrap(), now, 3);
            assert_eq!(days[0].0.to_string(), "2026-03-28");
            days.windows(2).map(|two| (two[1].1 - two[0].1) / 3_600).collect::<Vec<_>>()
        };
        assert_eq!(hours("UTC"), [24, 24, 24]);
        assert_eq!(hours("Europe/Berlin"), [24, 23, 24]);
    }
}
