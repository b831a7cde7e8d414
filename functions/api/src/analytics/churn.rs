//! Who is about to be lost: how many are at which risk, who they are, and what is told of one of them. Nothing is written.

use std::cmp::Reverse;

use axum::{Json, extract::State};
use columns::{Family, Slot};
use domain::{Currency, Permission};
use flows::{FlowError, identify::Caller};
use insight::{Churn, Risk};
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
    let (all, nightly) = (&standing.crowd.told, &standing.night.nightly);
    let (mut counts, mut spent, mut value) = ([0_u64; 4], [0_i128; 4], [0.0; 4]);
    for told in all {
        let level = told.churn(nightly).risk as usize;
        counts[level] += 1;
        spent[level] += i128::from(told.stand().spending.spent);
        value[level] += told.value(nightly).unwrap_or_default();
    }
    let tells_value = nightly.outlook.is_ok_and(|outlook| outlook.spending.is_ok());
    let levels = Risk::ALL.into_iter().zip(shares(&counts)).map(|(risk, percentage)| LevelView {
        level: risk.name(),
        customers: counts[risk as usize],
        percentage,
        total_spent: amount(spent[risk as usize], currency),
        expected_value: tells_value.then(|| money(value[risk as usize], currency)),
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
    let is_meant = |churn: &Churn| {
        let is_worth_it = churn.factors.monetary <= WORTH_IT || !asked.high_value_only;
        is_worth_it && churn.probability.map_or(churn.risk >= Risk::High, |lost| lost >= threshold)
    };
    let told = standing.crowd.told.iter().map(|told| (told, told.churn(&standing.night.nightly)));
    let meant = told.filter(|(_, churn)| is_meant(churn));
    let mut rest: Vec<(Rank, &Told)> = meant.map(|(told, churn)| (rank(told, &churn), told)).collect();
    let total = rest.len() as u64;
    rest.retain(|(rank, _)| after.is_none_or(|after| *rank > after));
    let is_more = rest.len() > limit;
    if is_more {
        // Only those that are shown are put in order.
        rest.select_nth_unstable_by_key(limit, |(rank, _)| *rank);
        rest.truncate(limit);
    }
    rest.sort_unstable_by_key(|(rank, _)| *rank);
    let next = match rest.last().filter(|_| is_more) {
        Some(((rank, slot), _)) => Some(within.sealed(&format!("{} {}", rank.0, slot.0), &*deps.dice)?),
        None => None,
    };
    let views = rest.iter().filter_map(|(_, told)| prediction(&standing, told, &caller));
    Ok(Json(List::new(views.collect(), total, next)))
}

/// Of a monetary score of 5, and of no other.
const WORTH_IT: f64 = 1e-9;

type Rank = (Reverse<u64>, Slot);

/// The most likely lost first, or where no model tells it those whose usual time has passed most often; among equals whoever has
/// been here longest.
fn rank(told: &Told, churn: &Churn) -> Rank {
    let factors = churn.factors;
    let times = || f64::from(factors.days_since_last) / factors.usual_days;
    // Of numbers from 0 on, the order of their bits is theirs.
    (Reverse(churn.probability.unwrap_or_else(times).max(0.0).to_bits()), told.slot)
}

fn rank_of(text: &str) -> Result<Rank, FlowError> {
    let read = || {
        let (rank, slot) = text.split_once(' ')?;
        Some((Reverse(rank.parse().ok()?), Slot(slot.parse().ok()?)))
    };
    read().ok_or_else(|| FlowError::invalid("?cursor", "not_a_cursor", "is not a cursor of this list"))
}

fn prediction(standing: &Standing, told: &Told, caller: &Caller) -> Option<PredictionView> {
    let row = standing.view.row(told.slot)?;
    Some(PredictionView::of(told, &standing.night.nightly, &row, caller.tenant.currency))
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
    let standing = Standing::of_one(deps, caller, slot).await?;
    let told = standing.crowd.told.iter().find(|told| told.slot == slot);
    let prediction = told.and_then(|told| prediction(&standing, told, caller));
    Ok((prediction, FitView::of(&standing.night)))
}
