//! The first page: what a time brought beside the time before, who brought most, and what was ordered last.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use columns::{Family, Number, OrderNumber, Program, Sale, Slot, Span, Test, Text, View};
use domain::{
    Currency, CustomerId, Permission, Zone,
    order::{Marks, OrderStatus},
};
use flows::{FlowError, identify::Caller};
use insight::Period;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    kept::{Weighs, weighs_itself},
    range::{Range, second_of, today},
    revenue::{RangeAsked, RevenueMetrics},
    sold::Calendar,
    told::{Figured, Grown, RangeView},
    top::{Bought, CustomerMetric, First, TopCustomer, customers_by, customers_view},
    trend::{PeriodView, beside_before, periods, readable},
};
use crate::{
    App,
    campaigns::{
        lately::{CampaignsLately, Lately},
        performance::PerformanceView,
    },
    customers::view::amount,
    error::Problem,
    input::Asked,
    orders::list::{OrderListed, listed},
    who::Acting,
};

const FAMILIES: [Family; 2] = [Family::Orders, Family::Name];
const TOP: usize = 5;
const RECENT: usize = 5;

#[derive(Serialize, ToSchema)]
pub(crate) struct Dashboard {
    range: RangeView,
    summary: Summary,
    /// By day up to 92 days, by week up to two years, else by month.
    trend: Vec<PeriodView>,
    /// Every order of the time that is no test, once: the cancelled ones by themselves.
    orders_by_status: Vec<StatusView>,
    /// Of those that were launched in the time. `null` for programs that may not read campaigns, as all that is told of them.
    campaign_stats: Option<CampaignsLately>,
    /// Who brought most in the time: at most 5.
    top_customers: Vec<TopCustomer>,
    recent_activity: Recent,
}

/// Beside as many days before.
#[derive(Serialize, ToSchema)]
pub(crate) struct Summary {
    /// People and guests, by now.
    total_customers: u64,
    /// Planning or sending, by now.
    active_campaigns: Option<usize>,
    /// Added in the time.
    new_customers: Grown,
    #[serde(flatten)]
    metrics: RevenueMetrics,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct StatusView {
    /// As an order's `status`, or `cancelled`.
    status: &'static str,
    orders: u64,
    /// What was asked for them.
    total: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Recent {
    /// Of the time, the newest first: at most 5.
    orders: Vec<OrderListed>,
    /// Those that were launched in the time, the newest first: at most 5.
    campaigns: Option<Vec<PerformanceView>>,
}

/// What a dashboard is made of.
struct Board {
    two: [Period; 2],
    trend: Vec<Period>,
    customers: u64,
    came: [u64; 2],
    by_status: BTreeMap<u8, (u64, i128)>,
    top: Vec<Bought>,
    newest: Vec<Placed>,
}

/// An order's place in time, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Placed {
    at: i64,
    slot: Slot,
    number: u32,
}

weighs_itself!(Placed);

impl Weighs for Board {
    fn bytes_beyond(&self) -> usize {
        let by_status = self.by_status.len() * size_of::<(u8, (u64, i128))>();
        self.trend.bytes_beyond() + by_status + self.top.bytes_beyond() + self.newest.bytes_beyond()
    }
}

/// The dashboard
///
/// For 7, 30, 90 or 365 days, or from one day to another; everything but `total_customers` and
/// `active_campaigns` is of these days.
#[utoipa::path(get, operation_id = "dashboard", path = "/api/v1/analytics/dashboard", tag = "Analytics",
    params(RangeAsked), responses((status = 200, body = Figured<Dashboard>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<RangeAsked>,
) -> Result<Json<Figured<Dashboard>>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    caller.must(Permission::ReadOrders)?;
    let (now, zone, currency) = (deps.now(), &caller.tenant.zone, caller.tenant.currency);
    let range = asked.told().understood(today(zone, now))?;
    let question = format!("dashboard {range:?} {zone}");
    let folded = deps.folded(&caller.store, &FAMILIES, question, |view| Board::of(view, range, zone)).await?;
    let board = &folded.figures;
    let lately = Lately::of(&caller, |at| range.has(today(zone, at))).await?;
    let (active_campaigns, campaign_stats, campaigns) = match lately {
        Some(Lately { active, stats, recent }) => (Some(active), Some(stats), Some(recent)),
        None => (None, None, None),
    };
    let dashboard = Dashboard {
        range: RangeView::of(range),
        summary: Summary {
            total_customers: board.customers,
            active_campaigns,
            new_customers: Grown::of(board.came[1], board.came[0]),
            metrics: RevenueMetrics::of(&board.two, currency),
        },
        trend: board.trend.iter().map(|period| PeriodView::of(period, currency)).collect(),
        orders_by_status: board.statuses(currency),
        campaign_stats,
        top_customers: customers_view(&folded.view, &board.top, currency),
        recent_activity: Recent { orders: recent(&caller, &folded.view, &board.newest).await?, campaigns },
    };
    Ok(Json(Figured::of(dashboard, &caller, now)))
}

impl Board {
    fn of(view: &View, range: Range, zone: &Zone) -> Result<Self, FlowError> {
        let added = |from: i32, until: i32| {
            let span = Span::new(second_of(zone, from), second_of(zone, until) - 1);
            count(view, Test::Number(Number::Added.into(), span))
        };
        let before = range.with_before().from;
        let calendar = Calendar::of(range, zone)?;
        let is_meant = |sale: &Sale| {
            sale.marks & Marks::TEST == 0 && calendar.day(sale.at).is_some_and(|day| range.has(day))
        };
        let mut by_status: BTreeMap<u8, (u64, i128)> = BTreeMap::new();
        let mut newest = First::new(RECENT, |one: &Placed, other: &Placed| other.cmp(one));
        for sale in view.sales(None, &[]).map_err(FlowError::broken)?.filter(is_meant) {
            let is_cancelled = sale.marks & Marks::CANCELLED > 0;
            let (orders, total) =
                by_status.entry(if is_cancelled { CANCELLED } else { sale.state }).or_default();
            *orders += 1;
            *total += i128::from(sale.amount);
            newest.add(Placed { at: sale.at, slot: sale.slot, number: sale.number });
        }
        Ok(Self {
            two: beside_before(view, range, zone)?,
            trend: periods(view, range, readable(range), zone)?,
            customers: count(view, Test::Everyone)?,
            came: [added(before, range.from)?, added(range.from, range.until)?],
            by_status,
            top: customers_by(view, Some(range), zone, CustomerMetric::Revenue, TOP)?,
            newest: newest.finish(),
        })
    }

    fn statuses(&self, currency: Currency) -> Vec<StatusView> {
        let of = |code: u8, status: &'static str| {
            let (orders, total) = self.by_status.get(&code).copied().unwrap_or_default();
            StatusView { status, orders, total: amount(total, currency) }
        };
        let states = OrderStatus::ALL.map(|state| of(state as u8, crate::orders::filter::name_of(state)));
        states.into_iter().chain([of(CANCELLED, "cancelled")]).collect()
    }
}

/// Behind the last of all states.
const CANCELLED: u8 = u8::MAX;

fn count(view: &View, test: Test) -> Result<u64, FlowError> {
    Ok(view.select(&Program::new(test)).map_err(FlowError::broken)?.total())
}

/// From the record. What has moved or gone since the columns were read is there no longer.
async fn recent(caller: &Caller, view: &View, newest: &[Placed]) -> Result<Vec<OrderListed>, FlowError> {
    let (mut places, mut rows) = (Vec::new(), Vec::new());
    for Placed { slot, number, .. } in newest {
        let Some(row) = view.row(*slot) else { continue };
        let at = row.orders.get(number).and_then(|order| order[OrderNumber::At]);
        let id = row[Text::Id].as_deref().and_then(|id| id.parse::<CustomerId>().ok());
        if let Some((id, at)) = id.zip(at) {
            places.push((id, at, *number));
            rows.push(row);
        }
    }
    let orders = caller.store.orders_at(&places).await?.into_iter().zip(&rows);
    Ok(orders.filter_map(|(order, row)| Some(listed(&order?, row, caller.tenant.currency))).collect())
}
