//! Who is about to be lost: how many are at which risk, who they are, and what is told of one of them. Nothing is written.

use axum::{Json, extract::State};
use columns::{Family, Slot};
use domain::{Currency, Permission};
use flows::{FlowError, identify::Caller};
use insight::Risk;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    predicted::PredictionView,
    shares::shares,
    shown::{FitView, money},
    standing::{Standing, Told},
};
use crate::{
    App,
    cursor::{List, Within, limited},
    customers::{present, view::amount},
    error::{Problem, ProblemDocument},
    input::{Asked, Faults, Named},
    who::Acting,
};

#[derive(Serialize, ToSchema)]
pub(crate) struct ChurnDistribution {
    /// All four, the least first.
    levels: Vec<LevelView>,
    /// Everybody who has ordered here.
    customers: u64,
    fit: FitView,
    #[schema(value_type = String)]
    currency: Currency,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LevelView {
    /// `LOW`, `MEDIUM`, `HIGH` or `CRITICAL`.
    level: &'static str,
    customers: u64,
    /// Of all who have ordered; all levels together are 100.
    percentage: f64,
    /// What they have brought so far.
    total_spent: String,
    /// What they are expected to bring within a year.
    expected_value: Option<String>,
}

/// Who is about to be lost
///
/// How many customers are at which risk, as of the last night, and by what it is told. Nothing is written by asking.
#[utoipa::path(get, operation_id = "churn_distribution", path = "/api/v1/analytics/churn", tag = "Analytics",
    responses((status = 200, body = ChurnDistribution)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn distribution(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<ChurnDistribution>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let currency = caller.tenant.currency;
    let standing = Standing::read(&deps, &caller, &[Family::Orders]).await?;
    let all = &standing.crowd.told;
    let at = |risk: Risk| all.iter().filter(move |told| told.churn.risk == risk);
    let counts = Risk::ALL.map(|risk| at(risk).count() as u64);
    let tells_value = standing.night.nightly.outlook.is_ok_and(|outlook| outlook.spending.is_ok());
    let levels = Risk::ALL.into_iter().zip(shares(&counts)).map(|(risk, percentage)| LevelView {
        level: risk.name(),
        customers: at(risk).count() as u64,
        percentage,
        total_spent: amount(at(risk).map(|told| i128::from(told.stand.spending.spent)).sum(), currency),
        expected_value: tells_value.then(|| money(at(risk).filter_map(Told::value).sum(), currency)),
    });
    Ok(Json(ChurnDistribution {
        levels: levels.collect(),
        customers: all.len() as u64,
        fit: FitView::of(&standing.night),
        currency,
    }))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AtRiskAsked {
    /// How likely they are lost at least, from 0 to 1: 0.6 unless told. Where no model tells it, who is at a risk of HIGH or more is
    /// in the list.
    threshold: Option<f64>,
    /// Only the fifth that has spent the most.
    #[serde(default, alias = "highValueOnly")]
    high_value_only: bool,
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

const THRESHOLD: f64 = 0.6;

/// Customers at risk
///
/// Those who are most likely lost first.
#[utoipa::path(get, operation_id = "churn_high_risk", path = "/api/v1/analytics/churn/high-risk", tag = "Analytics",
    params(AtRiskAsked), responses((status = 200, body = List<PredictionView>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn high_risk(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<AtRiskAsked>,
) -> Result<Json<List<PredictionView>>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let limit = limited(asked.limit)?;
    let threshold = asked.threshold.unwrap_or(THRESHOLD);
    let mut faults = Faults::default();
    if !(0.0..=1.0).contains(&threshold) {
        faults.add("?threshold", "out_of_range", "must be from 0 to 1");
    }
    faults.none(Some(()))?;
    let secrets = deps.open_secrets().await?;
    let list = format!("{}/churn from {threshold}, {}", caller.store.id(), asked.high_value_only);
    let within = Within { secrets: &secrets, list };
    let after = asked.cursor.as_deref().map(|cursor| rank_of(&within.unsealed(cursor)?)).transpose()?;

    let standing = Standing::read(&deps, &caller, &[Family::Orders, Family::Name]).await?;
    let is_meant = |told: &&Told| {
        let is_worth_it = told.churn.factors.monetary <= WORTH_IT || !asked.high_value_only;
        is_worth_it && told.churn.probability.map_or(told.churn.risk >= Risk::High, |lost| lost >= threshold)
    };
    let mut all: Vec<&Told> = standing.crowd.told.iter().filter(is_meant).collect();
    all.sort_by_key(|told| rank(told));
    let total = all.len() as u64;
    let start = after.map_or(0, |after| all.partition_point(|told| rank(told) <= after));
    let shown = all.get(start..(start + limit).min(all.len())).unwrap_or_default();
    let is_more = start + shown.len() < all.len();
    let next = match shown.last().filter(|_| is_more) {
        Some(least) => {
            let (rank, slot) = rank(least);
            Some(within.sealed(&format!("{} {}", rank.0, slot.0), &*deps.dice)?)
        }
        None => None,
    };
    let views = shown.iter().filter_map(|told| prediction(&standing, told, &caller));
    Ok(Json(List::new(views.collect(), total, next)))
}

/// Of a monetary score of 5, and of no other.
const WORTH_IT: f64 = 1e-9;

/// The most likely lost first; among equals whoever has been here longest.
fn rank(told: &Told) -> (std::cmp::Reverse<u64>, Slot) {
    // Of numbers from 0 on, the order of their bits is theirs.
    (std::cmp::Reverse(told.rank().max(0.0).to_bits()), told.slot)
}

fn rank_of(text: &str) -> Result<(std::cmp::Reverse<u64>, Slot), FlowError> {
    let read = || {
        let (rank, slot) = text.split_once(' ')?;
        Some((std::cmp::Reverse(rank.parse().ok()?), Slot(slot.parse().ok()?)))
    };
    read().ok_or_else(|| FlowError::invalid("?cursor", "not_a_cursor", "is not a cursor of this list"))
}

fn prediction(standing: &Standing, told: &Told, caller: &Caller) -> Option<PredictionView> {
    let row = standing.view.row(told.slot)?;
    let outlook = standing.night.nightly.outlook.as_ref().ok();
    Some(PredictionView::of(told, outlook, &row, caller.tenant.currency))
}

#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerChurn {
    /// `null`: has not ordered here.
    prediction: Option<PredictionView>,
    fit: FitView,
}

/// How likely a customer is lost
///
/// With what stands behind it, and what to do.
#[utoipa::path(get, operation_id = "churn_of_customer", path = "/api/v1/analytics/churn/customers/{customer}", tag = "Analytics",
    params(("customer" = String, Path, description = "the customer's id")),
    responses((status = 200, body = CustomerChurn), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_customer(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<CustomerChurn>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let customer = present(&caller.store, &id).await?;
    let (prediction, fit) = of_slot(&deps, &caller, Slot(customer.slot)).await?;
    Ok(Json(CustomerChurn { prediction, fit }))
}

pub(super) async fn of_slot(
    deps: &App,
    caller: &Caller,
    slot: Slot,
) -> Result<(Option<PredictionView>, FitView), FlowError> {
    let standing = Standing::read(deps, caller, &[Family::Orders, Family::Name]).await?;
    let told = standing.crowd.told.iter().find(|told| told.slot == slot);
    let prediction = told.and_then(|told| prediction(&standing, told, caller));
    Ok((prediction, FitView::of(&standing.night)))
}
