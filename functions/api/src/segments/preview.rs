//! Who is meant by a rule that is not saved: how many, some of them, and what each part of the rule does.

use std::collections::BTreeSet;

use asking::{Asking, shop_of};
use axum::{extract::State, http::StatusCode, response::Response};
use columns::{Family, Key, Number, Program, View};
use domain::{Currency, Permission, Timestamp, Zone};
use flows::{FlowError, identify::Caller};
use jiff::civil::Date;
use rules::Rule;
use segments::{Part, parts};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    sample,
    told::{RuleTold, RuleView, refused},
};
use crate::{
    App,
    customers::{list::CustomerBrief, view::amount},
    error::Problem,
    input::Input,
    once::{Answer, Once},
    shop::health::completeness,
    who::Acting,
};

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
    /// Those who spent most: at most 5.
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
    request_body = RuleTold, responses((status = 200, body = Preview)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn preview(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(told): Input<RuleTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let tenant = &caller.tenant;
    let shop = shop_of(&caller).await?;
    let read = told.read(&shop).map_err(refused)?;
    let now = deps.now();
    let asking = Asking::reading(&caller, now, &read.rule, &shop).await?;
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
    let top = sample::top(&selected);
    let everyone = Program::new(columns::Test::Everyone);
    let preview = Preview {
        read: RuleView::of(&read, &shop),
        total: selected.total(),
        out_of: view.select(&everyone).map_err(FlowError::broken)?.total(),
        total_spent: amount(spent, tenant.currency),
        currency: tenant.currency,
        sample: sample::shown(&caller, &top).await?,
        leaves: leaves.map(|leaf| leaf.view(&view)).collect::<Result<_, _>>()?,
        completeness: Completeness::of(&caller, &asking, &read.rule).await?,
        timezone: tenant.zone.clone(),
        as_of: now,
    };
    once.answer(Answer::new(StatusCode::OK, &preview)).await
}
