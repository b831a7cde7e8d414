//! What customers are to the shop: tiers by what they spent, bands by how often they bought, and how many came each month.

use axum::{Json, extract::State};
use columns::{Family, Group, Key, Number, Program, Tally, Test, View};
use domain::{Permission, Zone};
use flows::FlowError;
use insight::{Loyalty, Month, Tier};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    cohorts::named,
    kept::Weighs,
    range::{Range, today},
    sold::Calendar,
    told::Figured,
};
use crate::{
    App,
    customers::view::{amount, average},
    error::Problem,
    who::Acting,
};

/// Months in which customers are counted as they came.
const MONTHS: i32 = 12;

pub(super) const TIERS: [Tier; 4] = [Tier::Vip, Tier::Premium, Tier::Regular, Tier::New];
const LEVELS: [Loyalty; 4] = [Loyalty::Platinum, Loyalty::Gold, Loyalty::Silver, Loyalty::Bronze];

#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerFigures {
    customers: u64,
    /// By what they spent, the most first: 10,000 and more of the currency, 5,000, 1,000, less.
    tiers: Vec<TierView>,
    /// By orders, the most first: 20 and more, 10, 5, fewer.
    loyalty: Vec<LoyaltyView>,
    /// The last twelve months, of which this is one, the oldest first.
    growth: Vec<MonthView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TierView {
    /// `vip`, `premium`, `regular` or `new`.
    tier: &'static str,
    customers: u64,
    total_spent: String,
    average_spent: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LoyaltyView {
    /// `platinum`, `gold`, `silver` or `bronze`.
    level: &'static str,
    customers: u64,
    orders: i64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct MonthView {
    /// As in `2026-11`.
    month: String,
    new_customers: u64,
    /// By its end, of those who are here now.
    customers: u64,
}

/// What customers are to the shop
///
/// Of people and guests, by their totals, which count what they bought before there were orders here.
#[utoipa::path(get, operation_id = "customer_figures", path = "/api/v1/analytics/customers", tag = "Analytics",
    responses((status = 200, body = Figured<CustomerFigures>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<Figured<CustomerFigures>>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let (now, zone, currency) = (deps.now(), &caller.tenant.zone, caller.tenant.currency);
    let this = Month::of(today(zone, now));
    let question = format!("people {this:?} {zone}");
    let folded = deps
        .folded(&caller.store, &[Family::Core], question, |view| {
            Counted::of(view, currency.digits(), this, zone)
        })
        .await?;
    let counted = &folded.figures;
    let tier = |(tier, tally): (Tier, &Tally)| {
        let spent = sum(tally);
        TierView {
            tier: tier_name(tier),
            customers: tally.count,
            total_spent: amount(spent, currency),
            average_spent: average(spent, tally.count.into(), currency),
        }
    };
    let level = |(level, tally): (Loyalty, &Tally)| LoyaltyView {
        level: level_name(level),
        customers: tally.count,
        orders: i64::try_from(sum(tally)).unwrap_or(i64::MAX),
    };
    let mut customers = counted.before;
    let growth = (this.0 - MONTHS + 1..).map(Month).zip(&counted.months).map(|(month, new_customers)| {
        customers += new_customers;
        MonthView { month: named(month), new_customers: *new_customers, customers }
    });
    let figures = CustomerFigures {
        growth: growth.collect(),
        customers: counted.tiers.iter().map(|tally| tally.count).sum(),
        tiers: TIERS.into_iter().zip(&counted.tiers).map(tier).collect(),
        loyalty: LEVELS.into_iter().zip(&counted.levels).map(level).collect(),
    };
    Ok(Json(Figured::of(figures, &caller, now)))
}

struct Counted {
    /// In the order of `TIERS`.
    tiers: [Tally; 4],
    levels: [Tally; 4],
    /// Those who came before the first of the months.
    before: u64,
    months: Vec<u64>,
}

impl Weighs for Counted {
    fn bytes_beyond(&self) -> usize {
        let tallies = self.tiers.iter().chain(&self.levels);
        self.months.bytes_beyond() + tallies.map(|tally| size_of_val(&*tally.sums)).sum::<usize>()
    }
}

impl Counted {
    fn of(view: &View, decimals: u32, this: Month, zone: &Zone) -> Result<Self, FlowError> {
        let everybody = Program::new(Test::Everyone);
        let selected = view.select(&everybody).map_err(FlowError::broken)?;
        let place = |found: Option<usize>| found.and_then(|place| i64::try_from(place).ok());
        let tier = |spent: i64| place(TIERS.iter().position(|tier| *tier == Tier::of(spent, decimals)));
        let level = |orders: i64| {
            let orders = u32::try_from(orders.max(0)).unwrap_or(u32::MAX);
            place(LEVELS.iter().position(|level| *level == Loyalty::of(orders)))
        };
        let first = Month(this.0 - MONTHS + 1);
        let range = Range { from: first.first_day(), until: Month(this.0 + 1).first_day() };
        let calendar = Calendar::of(range, zone)?;
        let month = |added: i64| calendar.day(added).map(|day| i64::from(Month::of(day).0));
        let tallied = |key: Key<'_>, sums: &[Number]| selected.tally(&key, sums);
        let added = tallied(Key::Number(Number::Added, &month), &[]);
        let came = |month: i32| added.get(&Group::Number(month.into())).map_or(0, |tally| tally.count);
        let of = |place: i64, tallies: &std::collections::BTreeMap<Group, Tally>| {
            tallies.get(&Group::Number(place)).cloned().unwrap_or_default()
        };
        let tiers = tallied(Key::Number(Number::Spent, &tier), &[Number::Spent]);
        let levels = tallied(Key::Number(Number::Orders, &level), &[Number::Orders]);
        Ok(Self {
            tiers: [0, 1, 2, 3].map(|place| of(place, &tiers)),
            levels: [0, 1, 2, 3].map(|place| of(place, &levels)),
            // Whoever came before is of the day before the first.
            before: came(first.0 - 1),
            months: (first.0..=this.0).map(came).collect(),
        })
    }
}

fn sum(tally: &Tally) -> i128 {
    tally.sums.first().map_or(0, |sum| sum.sum)
}

pub(crate) fn tier_name(tier: Tier) -> &'static str {
    match tier {
        Tier::Vip => "vip",
        Tier::Premium => "premium",
        Tier::Regular => "regular",
        Tier::New => "new",
    }
}

pub(crate) fn level_name(level: Loyalty) -> &'static str {
    match level {
        Loyalty::Platinum => "platinum",
        Loyalty::Gold => "gold",
        Loyalty::Silver => "silver",
        Loyalty::Bronze => "bronze",
    }
}
