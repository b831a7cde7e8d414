//! What customers are worth: what they have brought, and what is expected of them within a year. Of all, of one, of a segment, and
//! of those who came in the same month.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use columns::{Family, Members, Number, Program, Slot, Test};
use domain::{Currency, Permission, SegmentId, days::date_of};
use flows::{FlowError, identify::Caller};
use insight::{Month, Nightly};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    predicted::PredictionView,
    shown::{FitView, SilenceView, money},
    standing::{Standing, Told},
};
use crate::{
    App, Deps,
    customers::{
        present,
        view::{amount, average},
    },
    error::{Problem, ProblemDocument},
    input::Named,
    who::Acting,
};

/// What some customers are worth together.
#[derive(Serialize, ToSchema)]
pub(crate) struct ValueView {
    customers: u64,
    /// Those who have ordered here.
    buyers: u64,
    /// What they have brought so far, refunds subtracted.
    historic: String,
    average_historic: Option<String>,
    /// What they are expected to bring within a year. `null`: too little is known, see `fit`.
    predicted: Option<String>,
    average_predicted: Option<String>,
    /// Both together.
    total: Option<String>,
    /// The orders that are expected within a year.
    expected_orders: Option<f64>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LifetimeValue {
    #[serde(flatten)]
    value: ValueView,
    fit: FitView,
    #[schema(value_type = String)]
    currency: Currency,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct CohortValues {
    /// By the month of the first order, the newest last.
    items: Vec<CohortValue>,
    fit: FitView,
    #[schema(value_type = String)]
    currency: Currency,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct CohortValue {
    /// Its first day.
    #[schema(value_type = Option<String>, format = Date)]
    month: Option<Date>,
    #[serde(flatten)]
    value: ValueView,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerValue {
    /// What they have brought so far, refunds subtracted.
    historic: String,
    /// `null`: has not ordered here.
    prediction: Option<PredictionView>,
    fit: FitView,
    #[schema(value_type = String)]
    currency: Currency,
}

/// A sum over customers.
#[derive(Default)]
struct Sum {
    customers: u64,
    buyers: u64,
    spent: i128,
    orders: f64,
    value: f64,
}

impl Sum {
    fn add(&mut self, told: &Told, nightly: &Nightly) {
        self.buyers += 1;
        self.orders += told.orders(nightly).unwrap_or_default();
        self.value += told.value(nightly).unwrap_or_default();
    }

    fn view(&self, standing: &Standing, currency: Currency) -> ValueView {
        let outlook = standing.night.nightly.outlook.as_ref().ok();
        let tells_value = outlook.is_some_and(|outlook| outlook.spending.is_ok());
        #[expect(clippy::cast_precision_loss, reason = "customers and amounts are below 2^52")]
        let (spent, buyers) = (self.spent as f64, self.buyers.max(1) as f64);
        ValueView {
            customers: self.customers,
            buyers: self.buyers,
            historic: amount(self.spent, currency),
            average_historic: average(self.spent, self.customers.into(), currency),
            predicted: tells_value.then(|| money(self.value, currency)),
            average_predicted: (tells_value && self.buyers > 0).then(|| money(self.value / buyers, currency)),
            total: tells_value.then(|| money(spent + self.value, currency)),
            expected_orders: outlook.map(|_| super::shown::rounded(self.orders, 1)),
        }
    }
}

impl Standing {
    fn value_of(&self, caller: &Caller, whose: impl Fn(Slot) -> bool) -> Result<LifetimeValue, FlowError> {
        let mut sum = Sum::default();
        let everyone = Program::new(Test::Everyone);
        let all = self.view.select(&everyone).map_err(FlowError::broken)?;
        for (_, [spent]) in all.numbers([Number::Spent]).filter(|(slot, _)| whose(*slot)) {
            sum.customers += 1;
            sum.spent += i128::from(spent.unwrap_or_default());
        }
        let told = &self.crowd.told;
        told.iter().filter(|told| whose(told.slot)).for_each(|told| sum.add(told, &self.night.nightly));
        let currency = caller.tenant.currency;
        Ok(LifetimeValue { value: sum.view(self, currency), fit: FitView::of(&self.night), currency })
    }
}

/// What some are expected to bring within a year.
#[derive(Serialize, ToSchema)]
pub(crate) struct Expected {
    /// `null`: too little is known.
    amount: Option<String>,
    /// Why nothing is told.
    silence: Option<SilenceView>,
}

impl Expected {
    pub(crate) async fn of(deps: &Deps, caller: &Caller, whose: &Members) -> Result<Self, FlowError> {
        let standing = Standing::read(deps, caller, &[Family::Orders]).await?;
        let nightly = &standing.night.nightly;
        let (mut sum, silence) = (Sum::default(), standing.night.silence());
        let told = standing.crowd.told.iter().filter(|told| whose.has(told.slot));
        told.for_each(|told| sum.add(told, nightly));
        let of_value =
            || nightly.outlook.as_ref().ok().and_then(|outlook| outlook.spending.err()).map(SilenceView::of);
        let silence = silence.map(SilenceView::told).or_else(of_value);
        let amount = sum.view(&standing, caller.tenant.currency).predicted;
        Ok(Self { amount, silence })
    }
}

async fn read(deps: &App, caller: &Caller) -> Result<Standing, Problem> {
    caller.must(Permission::ReadCustomers)?;
    Ok(Standing::read(deps, caller, &[Family::Orders]).await?)
}

/// What customers are worth
#[utoipa::path(get, operation_id = "lifetime_value", path = "/api/v1/analytics/value", tag = "Analytics",
    responses((status = 200, body = LifetimeValue)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_all(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<LifetimeValue>, Problem> {
    Ok(Json(read(&deps, &caller).await?.value_of(&caller, |_| true)?))
}

/// What a segment is worth
///
/// Of those who are in it, as far as that is settled.
#[utoipa::path(get, operation_id = "value_of_segment", path = "/api/v1/analytics/value/segments/{segment}", tag = "Analytics",
    params(("segment" = String, Path, description = "the segment's id")),
    responses((status = 200, body = LifetimeValue), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_segment(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<LifetimeValue>, Problem> {
    let missing = || FlowError::NotFound("segment");
    let id: SegmentId = id.parse().map_err(|_| missing())?;
    caller.must(Permission::ReadCustomers)?;
    caller.store.segment(id).await?.ok_or_else(missing)?;
    let members: Members = caller.store.members_of(id).await?;
    Ok(Json(read(&deps, &caller).await?.value_of(&caller, |slot| members.has(slot))?))
}

/// What those are worth who came in the same month
#[utoipa::path(get, operation_id = "value_by_cohort", path = "/api/v1/analytics/value/cohorts", tag = "Analytics",
    responses((status = 200, body = CohortValues)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn by_cohort(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<CohortValues>, Problem> {
    let standing = read(&deps, &caller).await?;
    let currency = caller.tenant.currency;
    let mut cohorts: BTreeMap<Month, Sum> = BTreeMap::new();
    for told in &standing.crowd.told {
        let sum = cohorts.entry(Month::of(told.first_day())).or_default();
        sum.customers += 1;
        sum.spent += i128::from(told.stand().spending.spent);
        sum.add(told, &standing.night.nightly);
    }
    let items = cohorts.into_iter().map(|(month, sum)| CohortValue {
        month: date_of(month.first_day()),
        value: sum.view(&standing, currency),
    });
    Ok(Json(CohortValues { items: items.collect(), fit: FitView::of(&standing.night), currency }))
}

/// What a customer is worth
#[utoipa::path(get, operation_id = "value_of_customer", path = "/api/v1/analytics/value/customers/{customer}", tag = "Analytics",
    params(("customer" = String, Path, description = "the customer's id")),
    responses((status = 200, body = CustomerValue), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_customer(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<CustomerValue>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let customer = present(&caller.store, &id).await?;
    let (prediction, fit) = super::churn::of_slot(&deps, &caller, Slot(customer.slot)).await?;
    let currency = caller.tenant.currency;
    Ok(Json(CustomerValue {
        historic: amount(customer.totals.spent.into(), currency),
        prediction,
        fit,
        currency,
    }))
}
