//! Why a customer is meant by a rule, or is not: part by part, and when that changes by time alone.

use asking::Asking;
use axum::{Json, extract::State, http::StatusCode, response::Response};
use columns::{Family, Slot};
use domain::{Currency, Customer, Permission, Timestamp, Zone};
use flows::{FlowError, identify::Caller};
use rules::{Imported, Rule, Shop};
use segments::{Explained, NotAsked, Reason, ReasonOf, Seen, explain};
use serde::Serialize;
use serde_json::{Value, json};
use store::{Held, TenantStore};
use utoipa::ToSchema;

use super::{
    by_hand, id_of, missing,
    told::{RuleTold, RuleView, refused},
    view::{Counts, readable_rule},
};
use crate::{
    App,
    customers::{
        present,
        view::{amount, average},
    },
    error::{Problem, ProblemDocument},
    input::{Input, Named},
    once::{Answer, Once},
    who::Acting,
};

#[derive(Serialize, ToSchema)]
pub(crate) struct Explanation {
    customer: String,
    #[serde(flatten)]
    read: RuleView,
    /// Whether the rule means them, now.
    holds: bool,
    /// From when on it does not, or does, if nobody tells anything of them. `null`: time alone changes nothing.
    #[schema(value_type = Option<String>, format = DateTime)]
    changes_at: Option<Timestamp>,
    /// There if they have so many orders that changes were looked for until then, and no further.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    changes_known_until: Option<Timestamp>,
    tree: ReasonView,
    /// Of a segment alone.
    #[serde(flatten)]
    kept: Option<Kept>,
    #[schema(value_type = String)]
    currency: Currency,
    #[schema(value_type = String)]
    timezone: Zone,
    /// Days are the shop's, and today is this instant's.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
}

/// What is kept of a segment and a customer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Kept {
    /// Whether they are in it.
    is_member: bool,
    /// Since when changes are settled in it; `null`: it is being found who is in it.
    #[schema(value_type = Option<String>, format = DateTime)]
    settled_at: Option<Timestamp>,
}

/// A part of the rule.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReasonView {
    /// Where it stands in `rule`.
    pointer: String,
    /// `everyone`, `all`, `any`, `not`, or `leaf`: a condition, or its opposite.
    kind: &'static str,
    holds: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    parts: Vec<ReasonView>,
    #[serde(flatten)]
    leaf: Option<ReasonLeaf>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ReasonLeaf {
    /// As the language has it.
    text: String,
    /// What is seen of the customer: a text, a number, an amount, a list, an instant, a day, whether they are in a segment,
    /// or of orders how many fit and what they come to. `null`: nothing is known, which fits no comparison.
    #[schema(value_type = Option<Object>)]
    value: Value,
    /// An opposite that holds only because nothing is known, or nothing has happened.
    holds_because_empty: bool,
    /// For people.
    why: String,
    /// From when on it does not hold, or does, if nobody tells anything of them.
    #[schema(value_type = Option<String>, format = DateTime)]
    changes_at: Option<Timestamp>,
}

impl ReasonView {
    fn of(reason: Reason, currency: Currency) -> Self {
        let (mut parts, mut leaf) = (Vec::new(), None);
        let kind = match reason.part {
            ReasonOf::Everyone => "everyone",
            ReasonOf::All(all) => {
                parts = all;
                "all"
            }
            ReasonOf::Any(any) => {
                parts = any;
                "any"
            }
            ReasonOf::Not(part) => {
                parts = vec![*part];
                "not"
            }
            ReasonOf::Leaf(told) => {
                leaf = Some(ReasonLeaf {
                    value: value(&told.seen, currency),
                    text: told.text,
                    holds_because_empty: told.is_because_empty,
                    why: told.why,
                    changes_at: told.changes_at,
                });
                "leaf"
            }
        };
        let parts = parts.into_iter().map(|part| Self::of(part, currency)).collect();
        Self { pointer: reason.at, kind, holds: reason.holds, parts, leaf }
    }
}

fn value(seen: &Seen, currency: Currency) -> Value {
    let money = |minor: i64| amount(minor.into(), currency);
    match seen {
        Seen::Nothing => Value::Null,
        Seen::Text(text) => json!(text),
        Seen::Texts(texts) => json!(texts),
        Seen::Whole(number) => json!(number),
        Seen::Number(millionths) => json!(domain::fields::show_number(*millionths)),
        Seen::Money(minor) => json!(money(*minor)),
        Seen::Average(spent, orders) => json!(average((*spent).into(), (*orders).into(), currency)),
        Seen::Yes(yes) | Seen::Within(yes) => json!(yes),
        Seen::At(at) => json!(at),
        Seen::Day(day) => json!(day.to_string()),
        Seen::Fitting { count, amount, quantity: None } => {
            json!({"count": count, "sum_amount": money(*amount)})
        }
        Seen::Fitting { count, amount, quantity: Some(quantity) } => {
            json!({"count": count, "sum_amount": money(*amount), "sum_quantity": quantity})
        }
    }
}

/// Why a customer is in a segment
///
/// Or is not: the rule part by part, each with what is seen of the customer, whether it holds and why, and when that changes
/// by time alone.
#[utoipa::path(get, operation_id = "explain_segment_member", path = "/api/v1/segments/{segment}/explain/{customer}", tag = "Segments",
    params(("segment" = String, Path, description = "the segment's id"), ("customer" = String, Path, description = "the customer's id")),
    responses((status = 200, body = Explanation), (status = 404, body = ProblemDocument),
    (status = 409, description = "no rule decides who is on a list", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_segment(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named((segment, customer)): Named<(String, String)>,
) -> Result<Json<Explanation>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let shop = Shop::new(caller.tenant.currency);
    let segment = caller.store.segment(id_of(&segment)?).await?.ok_or_else(missing)?;
    let rule = readable_rule(&segment, &shop)?.ok_or_else(by_hand)?;
    let settled_at = Counts::of(&caller.store).await?.settled_at(&segment);
    let customer = asked_of(&caller.store, &customer).await?;
    let (_, theirs) = caller.store.segments_of(Slot(customer.slot)).await?;
    let kept = Kept { is_member: theirs.contains(&segment.id), settled_at };
    let told = explained(&caller, &Imported { rule, notes: vec![] }, &customer, deps.now()).await?;
    Ok(Json(Explanation { kept: Some(kept), ..told }))
}

/// Why a customer is meant
///
/// By a rule that is not saved, or is not.
#[utoipa::path(post, operation_id = "explain_rule", path = "/api/v1/segments/explain/{customer}", tag = "Segments",
    params(("customer" = String, Path, description = "the customer's id")), request_body = RuleTold,
    responses((status = 200, body = Explanation), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_rule(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(customer): Named<String>,
    Input(told): Input<RuleTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let read = told.read(&Shop::new(caller.tenant.currency)).map_err(refused)?;
    let customer = asked_of(&caller.store, &customer).await?;
    let told = explained(&caller, &read, &customer, deps.now()).await?;
    once.answer(Answer::new(StatusCode::OK, &told)).await
}

/// Whom segments can mean.
async fn asked_of(store: &TenantStore, named: &str) -> Result<Held<Customer>, Problem> {
    let customer = present(store, named).await?;
    if customer.is_audience() {
        return Ok(customer);
    }
    let detail = "no segment asks of this customer: they stand for whoever buys without a name";
    Err(Problem::conflict("not_in_the_audience", detail))
}

async fn explained(
    caller: &Caller,
    read: &Imported,
    customer: &Customer,
    now: Timestamp,
) -> Result<Explanation, Problem> {
    let (tenant, shop) = (&caller.tenant, Shop::new(caller.tenant.currency));
    let explained = asked(caller, &read.rule, Slot(customer.slot), now).await?;
    Ok(Explanation {
        customer: customer.id.to_string(),
        read: RuleView::of(read, &shop),
        holds: explained.tree.holds,
        changes_at: explained.changes_at,
        changes_known_until: explained.known_until,
        tree: ReasonView::of(explained.tree, tenant.currency),
        kept: None,
        currency: tenant.currency,
        timezone: tenant.zone.clone(),
        as_of: now,
    })
}

/// Of the columns: their shard is read, and no other.
async fn asked(caller: &Caller, rule: &Rule, slot: Slot, now: Timestamp) -> Result<Explained, Problem> {
    let shop = Shop::new(caller.tenant.currency);
    let asking = Asking::reading(caller, now, rule, &shop).await?;
    let families: Vec<Family> = asking.families(rule)?.into_iter().chain([Family::Name]).collect();
    let view = caller.store.audience_around(slot, &families).await?;
    let asking = asking.found(&view).await?;
    let row = view.row(slot).unwrap_or_default();
    explain(rule, &asking.scene(), slot, &row).map_err(|wrong| match wrong {
        NotAsked::Unsupported(wrong) => refused(wrong),
        other => FlowError::broken(other).into(),
    })
}
