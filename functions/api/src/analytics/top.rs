//! Who brings most.

use std::cmp::Ordering;

use axum::{Json, extract::State};
use columns::{Family, Number, Slot, View};
use domain::{Currency, Permission, Zone};
use flows::FlowError;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    kept::weighs_itself,
    range::{Range, RangeTold, today},
    sold::{Calendar, Sums},
    told::{Figured, RangeView},
    trend::FAMILIES,
};
use crate::{
    App,
    cursor::limited,
    customers::{
        filter::told,
        list::CustomerBrief,
        view::{amount, average},
    },
    error::Problem,
    input::{Asked, Faults},
    who::Acting,
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TopAsked {
    /// How many at most: 1 to 100, 20 unless told.
    pub(super) limit: Option<usize>,
    /// Of customers `revenue` unless told, `orders` or `average_order_value`; of products `revenue` unless told, or `units`.
    #[serde(alias = "by")]
    metric: Option<String>,
    /// So many days until today, up to `3660d`, or `1y`. All time unless told.
    timeframe: Option<String>,
    /// Instead: the first day.
    #[serde(alias = "startDate", alias = "start_date")]
    since: Option<String>,
    /// The last day; today unless told.
    #[serde(alias = "endDate", alias = "end_date")]
    until: Option<String>,
}

impl TopAsked {
    pub(super) fn range(&self, today: i32) -> Result<Option<Range>, Problem> {
        let Self { timeframe, since, until, .. } = self;
        let told = RangeTold { timeframe: timeframe.as_ref(), since: since.as_ref(), until: until.as_ref() };
        told.is_told().then(|| told.understood(today)).transpose()
    }

    pub(super) fn metric<M>(&self, read: impl FnOnce(&str) -> Result<M, String>) -> Result<M, Problem> {
        let mut faults = Faults::default();
        let metric = faults.take("?metric", read(told(self.metric.as_ref()).unwrap_or("revenue")));
        faults.none(metric)
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum CustomerMetric {
    Revenue,
    Orders,
    Average,
}

impl CustomerMetric {
    fn read(told: &str) -> Result<Self, String> {
        match told {
            "revenue" | "total_spent" | "totalSpent" | "spent" => Ok(Self::Revenue),
            "orders" | "orders_count" | "ordersCount" => Ok(Self::Orders),
            "average_order_value" | "averageOrderValue" | "avgOrderValue" => Ok(Self::Average),
            _ => Err("is not one of revenue, orders, average_order_value".to_owned()),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::Orders => "orders",
            Self::Average => "average_order_value",
        }
    }

    /// The better first; of equals whoever came first.
    fn order(self, one: &Bought, other: &Bought) -> Ordering {
        let better = match self {
            Self::Revenue => other.sums.revenue.cmp(&one.sums.revenue),
            Self::Orders => other.sums.orders.cmp(&one.sums.orders),
            // Shares are compared exactly, over one divisor.
            Self::Average => {
                let share = |one: &Bought, other: &Bought| one.sums.revenue * i128::from(other.sums.orders);
                share(other, one).cmp(&share(one, other))
            }
        };
        better.then(one.slot.cmp(&other.slot))
    }
}

/// What one customer bought.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bought {
    slot: Slot,
    sums: Sums,
}

weighs_itself!(Bought);

/// A customer beside what they brought.
#[derive(Serialize, ToSchema)]
pub(crate) struct TopCustomer {
    customer: CustomerBrief,
    orders: u64,
    /// Less what was refunded.
    revenue: String,
    average_order_value: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TopCustomers {
    metric: &'static str,
    /// `null`: all time, and what they bought before there were orders here.
    range: Option<RangeView>,
    items: Vec<TopCustomer>,
}

/// Who brings most
#[utoipa::path(get, operation_id = "top_customers", path = "/api/v1/analytics/customers/top", tag = "Analytics",
    params(TopAsked), responses((status = 200, body = Figured<TopCustomers>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn customers(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<TopAsked>,
) -> Result<Json<Figured<TopCustomers>>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    caller.must(Permission::ReadOrders)?;
    let (now, zone) = (deps.now(), &caller.tenant.zone);
    let (limit, metric) = (limited(asked.limit)?, asked.metric(CustomerMetric::read)?);
    let range = asked.range(today(zone, now))?;
    let question = format!("customers {metric:?} {range:?} {limit} {zone}");
    let families = [Family::Orders, Family::Name];
    let folded = deps
        .folded(&caller.store, &families, question, |view| customers_by(view, range, zone, metric, limit))
        .await?;
    let top = TopCustomers {
        metric: metric.name(),
        range: range.map(RangeView::of),
        items: customers_view(&folded.view, &folded.figures, caller.tenant.currency),
    };
    Ok(Json(Figured::of(top, &caller, now)))
}

pub(crate) fn customers_by(
    view: &View,
    range: Option<Range>,
    zone: &Zone,
    metric: CustomerMetric,
    limit: usize,
) -> Result<Vec<Bought>, FlowError> {
    let calendar = range.map(|range| Ok::<_, FlowError>((Calendar::of(range, zone)?, range))).transpose()?;
    let mut top = First::new(limit, move |one: &Bought, other: &Bought| metric.order(one, other));
    for buyer in view.buyers(None, &FAMILIES).map_err(FlowError::broken)?.filter(columns::Buyer::is_somebody)
    {
        let mut sums = Sums::default();
        if let Some((calendar, range)) = &calendar {
            for order in calendar.orders(&buyer).filter(|order| range.has(order.day)) {
                sums.add(order.net);
            }
        } else {
            let number = |number: Number| buyer.number(number).unwrap_or_default();
            let orders = u64::try_from(number(Number::Orders)).unwrap_or_default();
            sums = Sums { orders, revenue: number(Number::Spent).into() };
        }
        if sums.orders > 0 {
            top.add(Bought { slot: buyer.slot(), sums });
        }
    }
    Ok(top.finish())
}

pub(crate) fn customers_view(view: &View, top: &[Bought], currency: Currency) -> Vec<TopCustomer> {
    let shown = |bought: &Bought| {
        let Sums { orders, revenue } = bought.sums;
        Some(TopCustomer {
            customer: CustomerBrief::of(&view.row(bought.slot)?, currency, false),
            orders,
            revenue: amount(revenue, currency),
            average_order_value: average(revenue, orders.into(), currency),
        })
    };
    top.iter().filter_map(shown).collect()
}

/// The first few of many, in an order.
pub(crate) struct First<T, F> {
    limit: usize,
    order: F,
    kept: Vec<T>,
}

impl<T, F: Fn(&T, &T) -> Ordering> First<T, F> {
    pub(crate) fn new(limit: usize, order: F) -> Self {
        Self { limit, order, kept: Vec::new() }
    }

    pub(crate) fn add(&mut self, one: T) {
        self.kept.push(one);
        // Sorted now and then, what is thrown away costs little each.
        if self.kept.len() >= 2 * self.limit + 1_000 {
            self.cut();
        }
    }

    pub(crate) fn finish(mut self) -> Vec<T> {
        self.cut();
        self.kept
    }

    fn cut(&mut self) {
        self.kept.sort_unstable_by(&self.order);
        self.kept.truncate(self.limit);
    }
}
