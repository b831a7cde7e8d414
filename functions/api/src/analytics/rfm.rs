//! Recency, frequency and money: which of the eleven groups customers are in, by which cut points, and who they are.

use axum::{Json, extract::State};
use columns::{By, Family, Number, Program, View};
use domain::{Currency, Permission, Timestamp, Zone, days::date_of};
use flows::{FlowError, identify::Caller};
use insight::rfm::{Basis, Cell, Cells, Cuts, Group};
use jiff::civil::Date;
use segments::{Given, Scene, in_group};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    agreement::AgreementView,
    range::today,
    shares::shares,
    shown::rounded,
    standing::{Crowd, Night, Standing},
};
use crate::{
    App,
    cursor::{List, Within, limited},
    customers::{
        list::{CustomerBrief, place, text_of},
        view::{amount, average},
    },
    error::{Problem, ProblemDocument},
    input::{Asked, Named},
    who::Acting,
};

/// Where one score ends and the next begins: the least that has a score of 2, 3, 4 and 5; `null`: nobody has it.
#[derive(Serialize, ToSchema)]
pub(crate) struct CutsView {
    /// `fifths` of the shop's customers; `fixed`, where fewer than 100 have come back: recency by 40, 90 and 180 days, and there
    /// is no recency of 2.
    basis: &'static str,
    #[schema(value_type = Option<String>, format = Date)]
    as_of: Option<Date>,
    /// `null`: they were not kept yet, and are of this moment.
    #[schema(value_type = Option<String>, format = DateTime)]
    made_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Timestamp>,
    /// Of whom they are fifths: all who had ordered.
    customers: u64,
    /// The last order was on this day, or later.
    #[schema(value_type = Vec<Option<String>>)]
    recency: Vec<Option<Date>>,
    /// So many orders, or more.
    frequency: Vec<Option<i64>>,
    /// So much was spent, or more.
    monetary: Vec<Option<String>>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct GroupView {
    /// As Shopify calls it.
    group: &'static str,
    customers: u64,
    /// Of all customers; all groups together are 100.
    percentage: f64,
    orders: u64,
    total_spent: String,
    average_spent: Option<String>,
    average_order_value: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RfmDistribution {
    /// All eleven, those of nobody as well.
    groups: Vec<GroupView>,
    /// Everybody who is in a group: all customers. Who has not ordered is one of PROSPECTS.
    scored_customers: u64,
    /// Those who have ordered: they have scores.
    buyers: u64,
    cuts: CutsView,
    #[schema(value_type = String)]
    currency: Currency,
    #[schema(value_type = String)]
    timezone: Zone,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RfmMatrix {
    /// All 125, best first.
    cells: Vec<CellView>,
    average_scores: Option<AverageScores>,
    buyers: u64,
    cuts: CutsView,
    #[schema(value_type = String)]
    currency: Currency,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct CellView {
    recency: u8,
    frequency: u8,
    monetary: u8,
    group: &'static str,
    customers: u64,
    total_spent: String,
    average_spent: Option<String>,
}

/// On the mean of all who have ordered.
#[derive(Serialize, ToSchema)]
pub(crate) struct AverageScores {
    recency: f64,
    frequency: f64,
    monetary: f64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RfmSummary {
    customers: u64,
    buyers: u64,
    /// How many of all customers have scores.
    coverage_percentage: f64,
    champions: u64,
    /// In one of the groups `AT_RISK` and `PREVIOUSLY_LOYAL`.
    at_risk: u64,
    /// In one of the groups `ALMOST_LOST` and `DORMANT`.
    lost: u64,
    /// The fifth that has spent the most.
    high_value: u64,
    average_scores: Option<AverageScores>,
    /// Our groups beside those that Shopify itself says; `null` where it says none of anybody.
    shopify_agreement: Option<AgreementView>,
    cuts: CutsView,
}

/// Counted by the cut points that are kept.
struct Counted {
    cells: Cells,
    agreement: Option<AgreementView>,
    night: Night,
}

impl Counted {
    async fn read(deps: &App, caller: &Caller) -> Result<Self, Problem> {
        caller.must(Permission::ReadCustomers)?;
        let Standing { night, crowd, .. } = Standing::read(deps, caller, &[Family::Core]).await?;
        let cells = Cells::of(crowd.buyers.iter().map(|(_, buyer)| *buyer), &night.nightly.cuts);
        Ok(Self { cells, agreement: AgreementView::of(&crowd.agreement), night })
    }

    fn total(&self) -> u64 {
        self.cells.by_group().map(|(_, cell)| cell.customers).sum()
    }

    fn buyers(&self) -> u64 {
        self.cells.by_scores().map(|(_, cell)| cell.customers).sum()
    }

    fn within(&self, groups: &[Group]) -> u64 {
        let of = self.cells.by_group().filter(|(group, _)| groups.contains(group));
        of.map(|(_, cell)| cell.customers).sum()
    }

    #[expect(clippy::cast_precision_loss, reason = "customers are fewer than 2^52")]
    fn average_scores(&self) -> Option<AverageScores> {
        let (buyers, mut sums) = (self.buyers(), [0; 3]);
        for (scores, cell) in self.cells.by_scores() {
            let scores = [scores.recency(), scores.frequency(), scores.monetary()];
            sums.iter_mut().zip(scores).for_each(|(sum, score)| *sum += u64::from(score) * cell.customers);
        }
        let [recency, frequency, monetary] = sums.map(|sum| rounded(sum as f64 / buyers as f64, 2));
        (buyers > 0).then_some(AverageScores { recency, frequency, monetary })
    }
}

/// Groups of customers
///
/// By recency, frequency and money; equal customers are always in the same group.
#[utoipa::path(get, operation_id = "rfm_distribution", path = "/api/v1/analytics/rfm", tag = "Analytics",
    responses((status = 200, body = RfmDistribution)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn distribution(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<RfmDistribution>, Problem> {
    let counted = Counted::read(&deps, &caller).await?;
    let currency = caller.tenant.currency;
    Ok(Json(RfmDistribution {
        groups: groups(&counted.cells, currency),
        scored_customers: counted.total(),
        buyers: counted.buyers(),
        cuts: cuts_of(&counted.night, currency),
        currency,
        timezone: caller.tenant.zone.clone(),
    }))
}

/// All scores
///
/// How many customers have each three of scores.
#[utoipa::path(get, operation_id = "rfm_matrix", path = "/api/v1/analytics/rfm/matrix", tag = "Analytics",
    responses((status = 200, body = RfmMatrix)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn matrix(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<RfmMatrix>, Problem> {
    let counted = Counted::read(&deps, &caller).await?;
    let currency = caller.tenant.currency;
    let mut cells: Vec<_> = counted.cells.by_scores().collect();
    cells.sort_by_key(|(scores, _)| std::cmp::Reverse(*scores));
    let cell = |(scores, cell): (insight::rfm::Scores, Cell)| CellView {
        recency: scores.recency(),
        frequency: scores.frequency(),
        monetary: scores.monetary(),
        group: scores.group().name(),
        customers: cell.customers,
        total_spent: amount(cell.spent.into(), currency),
        average_spent: average(cell.spent.into(), cell.customers.into(), currency),
    };
    Ok(Json(RfmMatrix {
        cells: cells.into_iter().map(cell).collect(),
        average_scores: counted.average_scores(),
        buyers: counted.buyers(),
        cuts: cuts_of(&counted.night, currency),
        currency,
    }))
}

/// Groups in few words
#[utoipa::path(get, operation_id = "rfm_summary", path = "/api/v1/analytics/rfm/summary", tag = "Analytics",
    responses((status = 200, body = RfmSummary)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn summary(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<RfmSummary>, Problem> {
    let counted = Counted::read(&deps, &caller).await?;
    let (customers, buyers) = (counted.total(), counted.buyers());
    let best = counted.cells.by_scores().filter(|(scores, _)| scores.monetary() == 5);
    Ok(Json(RfmSummary {
        customers,
        buyers,
        coverage_percentage: shares(&[buyers, customers - buyers])[0],
        champions: counted.within(&[Group::Champions]),
        at_risk: counted.within(&[Group::AtRisk, Group::PreviouslyLoyal]),
        lost: counted.within(&[Group::AlmostLost, Group::Dormant]),
        high_value: best.map(|(_, cell)| cell.customers).sum(),
        average_scores: counted.average_scores(),
        cuts: cuts_of(&counted.night, caller.tenant.currency),
        shopify_agreement: counted.agreement,
    }))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GroupAsked {
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Customers of a group
///
/// Those who have spent most first.
#[utoipa::path(get, operation_id = "rfm_group", path = "/api/v1/analytics/rfm/segments/{group}", tag = "Analytics",
    params(("group" = String, Path, description = "the group's name: `CHAMPIONS`, or `at-risk`; or another system's, as `HIBERNATING`"), GroupAsked),
    responses((status = 200, body = List<CustomerBrief>),
    (status = 404, description = "there is no such group", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn customers(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(group): Named<String>,
    Asked(asked): Asked<GroupAsked>,
) -> Result<Json<List<CustomerBrief>>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let group = group_of(&group).ok_or(FlowError::NotFound("group"))?;
    let limit = limited(asked.limit)?;
    let secrets = deps.open_secrets().await?;
    let list = format!("{}/analytics/rfm/{}", caller.store.id(), group.name());
    let within = Within { secrets: &secrets, list };
    let after = asked.cursor.as_deref().map(|cursor| place(&within.unsealed(cursor)?)).transpose()?;

    let Standing { view, night, .. } = Standing::read(&deps, &caller, &[Family::Core, Family::Name]).await?;
    let (tenant, given) = (&caller.tenant, Given::default());
    let scene = Scene {
        tenant: caller.store.id(),
        currency: tenant.currency,
        zone: &tenant.zone,
        now: deps.now(),
        given: &given,
    };
    let program = Program::new(in_group(&scene, &night.nightly.cuts, group));
    let selected = view.select(&program).map_err(FlowError::broken)?;
    // One more than is shown tells whether there are more.
    let mut places = selected.sorted(By::Number(Number::Spent.into()), true, limit + 1, after);
    let is_more = places.len() > limit;
    places.truncate(limit);
    let next = match places.last().filter(|_| is_more) {
        Some(lowest) => Some(within.sealed(&text_of(lowest), &*deps.dice)?),
        None => None,
    };
    let rows = places.iter().filter_map(|place| view.row(place.slot));
    let briefs = rows.map(|row| CustomerBrief::of(&row, tenant.currency, false));
    Ok(Json(List::new(briefs.collect(), selected.total(), next)))
}

/// Whatever stands between its words, and in whichever letters; also as a system has it that merchants come from.
fn group_of(name: &str) -> Option<Group> {
    let plain = name.to_uppercase().replace(['-', ' '], "_");
    let named = |name: &str| Group::ALL.into_iter().find(|group| group.name() == name);
    named(&plain).or_else(|| named(rules::rfm_group(&plain)?))
}

/// Of customers who were read for something else.
pub(crate) async fn groups_in(
    view: &View,
    caller: &Caller,
    now: Timestamp,
) -> Result<Vec<GroupView>, FlowError> {
    let kept = caller.store.nightly().await?;
    let zone = &caller.tenant.zone;
    let crowd = Crowd::of(view, kept.as_ref(), zone, today(zone, now), false)?;
    let cells = Cells::of(crowd.buyers.iter().map(|(_, buyer)| *buyer), &crowd.nightly.cuts);
    Ok(groups(&cells, caller.tenant.currency))
}

/// All eleven, with their shares of all customers.
fn groups(cells: &Cells, currency: Currency) -> Vec<GroupView> {
    let counts: Vec<u64> = cells.by_group().map(|(_, cell)| cell.customers).collect();
    let view = |((group, cell), percentage): ((Group, Cell), f64)| GroupView {
        group: group.name(),
        customers: cell.customers,
        percentage,
        orders: cell.orders,
        total_spent: amount(cell.spent.into(), currency),
        average_spent: average(cell.spent.into(), cell.customers.into(), currency),
        average_order_value: average(cell.spent.into(), cell.orders.into(), currency),
    };
    cells.by_group().zip(shares(&counts)).map(view).collect()
}

fn cuts_of(night: &Night, currency: Currency) -> CutsView {
    let cuts: &Cuts = &night.nightly.cuts;
    CutsView {
        basis: match cuts.basis {
            Basis::Fifths => "fifths",
            Basis::FixedDays => "fixed",
        },
        as_of: date_of(cuts.as_of),
        made_at: night.made_at,
        next_at: night.next_at,
        customers: cuts.customers,
        recency: cuts.recency().map(|day| date_of(i32::try_from(day?).ok()?)).to_vec(),
        frequency: cuts.frequency().to_vec(),
        monetary: cuts.monetary().map(|spent| Some(amount(spent?.into(), currency))).to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_known_however_its_name_is_written() {
        for name in ["AT_RISK", "at-risk", "At Risk"] {
            assert_eq!(group_of(name), Some(Group::AtRisk), "{name}");
        }
        for (theirs, ours) in
            [("LOST", Group::Dormant), ("new_customers", Group::New), ("cannot-lose", Group::PreviouslyLoyal)]
        {
            assert_eq!(group_of(theirs), Some(ours), "{theirs}");
        }
        assert_eq!(group_of("whales"), None);
    }
}
