//! Who is meant by a rule that is not saved: how many, some of them, and what each part of the rule does.

use std::collections::BTreeSet;

use asking::{Asking, shop_of};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use columns::{Family, Key, Number, Program, View};
use domain::{Currency, Permission, Timestamp, Zone};
use flows::{FlowError, identify::Caller};
use jiff::civil::Date;
use rules::Rule;
use segments::{Part, parts};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    sample,
    told::{RuleTold, RuleView, refused},
};
use crate::{
    App, Deps,
    analytics::value::Expected,
    cursor::limited,
    customers::{list::CustomerBrief, view::amount},
    error::Problem,
    input::{Asked, Input},
    once::{Answer, Once},
    shop::health::completeness,
    who::Acting,
};

/// What a caller tells of a segment that is not saved, and what they want to know of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewTold {
    /// Who is meant: as text, as JSON, or as the JSON of a system that merchants come from.
    #[serde(alias = "rules", alias = "filters", alias = "conditions")]
    #[schema(value_type = Object)]
    rule: Value,
    /// How many are in the sample at most: 1 to 100, 5 unless told.
    limit: Option<usize>,
    /// Whether `estimated_revenue` is told: that reads everybody's orders, too.
    #[serde(default)]
    estimate: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PreviewAsked {
    /// Who is meant: as text, or as JSON.
    #[serde(alias = "rule", alias = "filters")]
    rules: String,
    /// How many are in the sample at most: 1 to 100, 5 unless told.
    limit: Option<usize>,
    /// Whether `estimated_revenue` is told: that reads everybody's orders, too.
    #[serde(default)]
    estimate: bool,
}

impl PreviewAsked {
    fn told(self) -> PreviewTold {
        // No text of the language is an object or a list.
        let json =
            serde_json::from_str(&self.rules).ok().filter(|json: &Value| json.is_object() || json.is_array());
        let rule = json.unwrap_or(Value::String(self.rules));
        PreviewTold { rule, limit: self.limit, estimate: self.estimate }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Preview {
    #[serde(flatten)]
    read: RuleView,
    total: u64,
    /// All customers that there are.
    out_of: u64,
    /// What those who are meant have spent, together.
    total_spent: String,
    #[schema(value_type = String)]
    currency: Currency,
    /// If `estimate` was asked for: what they are expected to bring within a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_revenue: Option<Expected>,
    /// Those who spent most.
    sample: Vec<CustomerBrief>,
    /// In the order in which the rule shows them.
    leaves: Vec<LeafView>,
    completeness: Completeness,
    #[schema(value_type = String)]
    timezone: Zone,
    /// What was stored before is in it. Days are the shop's, and today is this instant's.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
}

/// How much of the shop the answer knows.
#[derive(Serialize, ToSchema)]
pub(crate) struct Completeness {
    /// Everything that changed in the connected shop until then is in it. `null`: not all was ever brought, or no shop is
    /// connected.
    #[schema(value_type = Option<String>, format = DateTime)]
    shop_until: Option<Timestamp>,
    /// Orders of before then are not here. `null`: all are.
    #[schema(value_type = Option<String>, format = DateTime)]
    orders_since: Option<Timestamp>,
    /// The conditions whose answer hangs on orders of before then, of the segments that are named, too: it may be wrong.
    looks_before: Vec<String>,
    /// Where the rule asks for scores: the day as of which they were worked out.
    #[schema(value_type = Option<String>, format = Date)]
    scores_as_of: Option<Date>,
}

impl Completeness {
    async fn of(caller: &Caller, asking: &Asking<'_>, rule: &Rule) -> Result<Self, Problem> {
        let (shop_until, orders_since) = completeness(&caller.store).await?;
        let looks_before = match orders_since {
            Some(since) => asking.looks_before(rule, since)?,
            None => Vec::new(),
        };
        Ok(Self { shop_until, orders_since, looks_before, scores_as_of: asking.scores_as_of() })
    }
}

/// A condition of the rule, asked by itself.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeafView {
    /// Where it stands in `rule`.
    pointer: String,
    text: String,
    /// How many of all customers it keeps.
    kept: u64,
    /// Of an opposite: how many of them only because nothing is known, or has happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_because_empty: Option<u64>,
}

/// A part of a rule and what is asked about it.
struct Leaf {
    part: Part,
    kept: Program,
    empty: Option<Program>,
}

impl Leaf {
    fn of(part: Part) -> Self {
        let (kept, empty) = (Program::new(part.test.clone()), part.empty.clone().map(Program::new));
        Self { part, kept, empty }
    }

    fn families(&self) -> BTreeSet<Family> {
        let programs = self.empty.iter().chain([&self.kept]);
        programs.flat_map(Program::families).collect()
    }

    fn view(self, view: &View) -> Result<LeafView, FlowError> {
        let count =
            |program: &Program| Ok::<_, FlowError>(view.select(program).map_err(FlowError::broken)?.total());
        Ok(LeafView {
            kept: count(&self.kept)?,
            kept_because_empty: self.empty.as_ref().map(count).transpose()?,
            pointer: self.part.at,
            text: self.part.text,
        })
    }
}

/// Who is meant by a rule
///
/// Nothing is saved. What is asked of a day is asked of the shop's day.
#[utoipa::path(post, operation_id = "preview_segment", path = "/api/v1/segments/preview", tag = "Segments",
    request_body = PreviewTold, responses((status = 200, body = Preview)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn preview(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(told): Input<PreviewTold>,
) -> Result<Response, Problem> {
    let preview = Box::pin(previewed(&deps, &caller, told)).await?;
    once.answer(Answer::new(StatusCode::OK, &preview)).await
}

/// Who is meant by a rule in a link
///
/// The same as `POST`, for a rule that is short enough.
#[utoipa::path(get, operation_id = "preview_segment_in_link", path = "/api/v1/segments/preview", tag = "Segments",
    params(PreviewAsked), responses((status = 200, body = Preview)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn asked(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<PreviewAsked>,
) -> Result<Json<Preview>, Problem> {
    Ok(Json(Box::pin(previewed(&deps, &caller, asked.told())).await?))
}

async fn previewed(deps: &Deps, caller: &Caller, told: PreviewTold) -> Result<Preview, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let limit = told.limit.map_or(Ok(sample::SAMPLE), |limit| limited(Some(limit)))?;
    let tenant = &caller.tenant;
    let shop = shop_of(caller).await?;
    let read = RuleTold::of(told.rule).read(&shop).map_err(refused)?;
    let now = deps.now();
    let asking = Asking::reading(caller, now, &read.rule, &shop).await?;
    let mut families = asking.families(&read.rule)?;
    let blank = parts(&read.rule, &asking.scene()).map_err(refused)?.into_iter().map(Leaf::of);
    families.extend(blank.flat_map(|leaf| leaf.families()));
    let view = deps.audience(&caller.store, &families.into_iter().collect::<Vec<_>>()).await?;

    let asking = asking.found(&view).await?;
    let program = asking.program(&read.rule)?;
    let leaves = parts(&read.rule, &asking.scene()).map_err(refused)?.into_iter().map(Leaf::of);
    let selected = view.select(&program).map_err(FlowError::broken)?;
    let spent = selected.tally(&Key::Everyone, &[Number::Spent]).pop_first();
    let spent = spent.and_then(|(_, tally)| Some(tally.sums.first()?.sum)).unwrap_or(0);
    let top = sample::top(&selected, limit);
    let estimated_revenue =
        if told.estimate { Some(Expected::of(deps, caller, &selected.members()).await?) } else { None };
    let everyone = Program::new(columns::Test::Everyone);
    Ok(Preview {
        read: RuleView::of(&read, &shop),
        total: selected.total(),
        out_of: view.select(&everyone).map_err(FlowError::broken)?.total(),
        total_spent: amount(spent, tenant.currency),
        currency: tenant.currency,
        estimated_revenue,
        sample: sample::shown(caller, &top).await?,
        leaves: leaves.map(|leaf| leaf.view(&view)).collect::<Result<_, _>>()?,
        completeness: Completeness::of(caller, &asking, &read.rule).await?,
        timezone: tenant.zone.clone(),
        as_of: now,
    })
}
