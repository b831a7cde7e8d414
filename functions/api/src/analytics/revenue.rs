//! Revenue: its trend, its sums by now, and beside the time before.

use axum::{Json, extract::State};
use columns::View;
use domain::{Currency, Permission, Zone};
use flows::FlowError;
use insight::Period;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    kept::Weighs,
    products::{PRODUCT_FAMILIES, ProductMetric, ProductsSold, SoldProduct, products_sold, products_view},
    range::{DAYS, Range, RangeTold, today},
    sold::{Calendar, Sums},
    tiers::{ByTier, TierRevenue},
    told::{Figured, Grown, GrownAmount, RangeView, SumsView},
    trend::{FAMILIES, PeriodView, beside_before, by, periods, readable},
};
use crate::{
    App,
    customers::filter::told,
    error::Problem,
    input::{Asked, Faults},
    who::Acting,
};

const TREND_DAYS_MAX: u32 = 366;
/// Products beside the revenue.
const TOP: usize = 5;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrendAsked {
    /// 1 to 366, 30 unless told: so many until today.
    days: Option<u32>,
    /// Instead: the first day.
    #[serde(alias = "startDate", alias = "start_date")]
    since: Option<String>,
    /// The last day; today unless told.
    #[serde(alias = "endDate", alias = "end_date")]
    until: Option<String>,
    /// `day` unless told, `week` or `month`.
    by: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Trend {
    range: RangeView,
    /// Each day, week or month once, also one without orders.
    items: Vec<PeriodView>,
}

/// Revenue over time
///
/// Of orders that count, on the day on which they were placed; refunds are taken off that day.
#[utoipa::path(get, operation_id = "revenue_trend", path = "/api/v1/analytics/revenue/trend", tag = "Analytics",
    params(TrendAsked), responses((status = 200, body = Figured<Trend>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn trend(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<TrendAsked>,
) -> Result<Json<Figured<Trend>>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let (now, zone) = (deps.now(), &caller.tenant.zone);
    let mut faults = Faults::default();
    let by = faults.take("?by", by(told(asked.by.as_ref()).unwrap_or("day")));
    let days = asked.days.unwrap_or(DAYS);
    let between = RangeTold { timeframe: None, since: asked.since.as_ref(), until: asked.until.as_ref() };
    if !(1..=TREND_DAYS_MAX).contains(&days) {
        faults.add("?days", "out_of_range", format!("must be from 1 to {TREND_DAYS_MAX}"));
    } else if asked.days.is_some() && between.is_told() {
        faults.add("?days", "invalid", "goes not together with a first or a last day");
    }
    let by = faults.none(by)?;
    let today = today(zone, now);
    let range = if between.is_told() { between.understood(today)? } else { Range::of_last(days, today) };
    let question = format!("trend {range:?} {by:?} {zone}");
    let folded =
        deps.folded(&caller.store, &FAMILIES, question, |view| periods(view, range, by, zone)).await?;
    let shown = |period: &Period| PeriodView::of(period, caller.tenant.currency);
    let trend = Trend { range: RangeView::of(range), items: folded.figures.iter().map(shown).collect() };
    Ok(Json(Figured::of(trend, &caller, now)))
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RevenueSummary {
    today: SumsView,
    /// The last 7 days, of which today is one.
    week: SumsView,
    /// The last 30.
    month: SumsView,
    /// All orders that are here. What customers bought before is not in it.
    all_time: SumsView,
}

/// Revenue by now
#[utoipa::path(get, operation_id = "revenue_summary", path = "/api/v1/analytics/revenue/summary", tag = "Analytics",
    responses((status = 200, body = Figured<RevenueSummary>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn summary(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<Figured<RevenueSummary>>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let (now, zone) = (deps.now(), &caller.tenant.zone);
    let today = today(zone, now);
    let question = format!("summary {today} {zone}");
    let folded = deps.folded(&caller.store, &FAMILIES, question, |view| sums(view, today, zone)).await?;
    let [of_today, week, month, all_time] =
        folded.figures.map(|sums| SumsView::of(sums.orders, sums.revenue, caller.tenant.currency));
    Ok(Json(Figured::of(RevenueSummary { today: of_today, week, month, all_time }, &caller, now)))
}

/// Of today, of the last 7 and 30 days, and of all, those that are dated ahead included.
fn sums(view: &View, today: i32, zone: &Zone) -> Result<[Sums; 4], FlowError> {
    let month = Range::of_last(30, today);
    let calendar = Calendar::of(month, zone)?;
    let ranges = [Range::of_last(1, today), Range::of_last(7, today), month];
    let mut sums = [Sums::default(); 4];
    for buyer in view.buyers(None, &FAMILIES).map_err(FlowError::broken)? {
        for sale in buyer.sales().filter(super::sold::counts) {
            sums[3].add(sale.net);
            let Some(day) = calendar.day(sale.at) else { continue };
            for (sums, _) in sums.iter_mut().zip(ranges).filter(|(_, range)| range.has(day)) {
                sums.add(sale.net);
            }
        }
    }
    Ok(sums)
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RangeAsked {
    /// `30d` unless told: so many days until today, up to `3660d`, or `1y`.
    timeframe: Option<String>,
    /// Instead: the first day.
    #[serde(alias = "startDate", alias = "start_date")]
    since: Option<String>,
    /// The last day; today unless told.
    #[serde(alias = "endDate", alias = "end_date")]
    until: Option<String>,
}

impl RangeAsked {
    pub(crate) fn told(&self) -> RangeTold<'_> {
        let Self { timeframe, since, until } = self;
        RangeTold { timeframe: timeframe.as_ref(), since: since.as_ref(), until: until.as_ref() }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RevenueFigures {
    range: RangeView,
    metrics: RevenueMetrics,
    /// By day up to 92 days, by week up to two years, else by month.
    timeline: Vec<PeriodView>,
    /// By how much those who ordered have spent in all.
    segments: Vec<TierRevenue>,
    /// Those that brought most.
    top_products: Vec<SoldProduct>,
}

/// Beside as many days before.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevenueMetrics {
    revenue: GrownAmount,
    orders: Grown,
    /// Those who ordered, each once.
    customers: Grown,
    average_order_value: Option<String>,
}

impl RevenueMetrics {
    pub(crate) fn of([before, now]: &[Period; 2], currency: Currency) -> Self {
        Self {
            revenue: GrownAmount::of(now.revenue, before.revenue, currency),
            orders: Grown::of(now.orders, before.orders),
            customers: Grown::of(now.customers, before.customers),
            average_order_value: crate::customers::view::average(
                now.revenue.into(),
                now.orders.into(),
                currency,
            ),
        }
    }
}

/// What is worked out of it.
struct Shown {
    two: [Period; 2],
    tiers: ByTier,
    timeline: Vec<Period>,
    products: ProductsSold,
}

impl Weighs for Shown {
    fn bytes_beyond(&self) -> usize {
        self.timeline.bytes_beyond() + self.products.bytes_beyond()
    }
}

/// Revenue of a time beside the time before
#[utoipa::path(get, operation_id = "revenue", path = "/api/v1/analytics/revenue", tag = "Analytics",
    params(RangeAsked), responses((status = 200, body = Figured<RevenueFigures>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<RangeAsked>,
) -> Result<Json<Figured<RevenueFigures>>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let (now, zone, currency) = (deps.now(), &caller.tenant.zone, caller.tenant.currency);
    let range = asked.told().understood(today(zone, now))?;
    let question = format!("revenue {range:?} {zone}");
    let folded = deps
        .folded(&caller.store, &PRODUCT_FAMILIES, question, |view| {
            let timeline = periods(view, range, readable(range), zone)?;
            let products = products_sold(view, Some(range), zone, ProductMetric::Revenue, TOP)?;
            let tiers = ByTier::of(view, range, zone, currency.digits())?;
            Ok(Shown { two: beside_before(view, range, zone)?, tiers, timeline, products })
        })
        .await?;
    let Shown { two, tiers, timeline, products } = &*folded.figures;
    let figures = RevenueFigures {
        range: RangeView::of(range),
        metrics: RevenueMetrics::of(two, currency),
        timeline: timeline.iter().map(|period| PeriodView::of(period, currency)).collect(),
        segments: tiers.view(currency),
        top_products: products_view(&caller, &folded.view, products).await?,
    };
    Ok(Json(Figured::of(figures, &caller, now)))
}
