//! Many customers in one request: each row by itself, so that one that is wrong spoils no other.

use std::collections::BTreeSet;

use axum::{extract::State, http::StatusCode, response::Response};
use columns::Slot;
use domain::{Customer, CustomerId, Permission};
use flows::{
    Fault, FlowError,
    record::{Held, Record, taken},
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{
    applied::Attributes,
    told::{CustomerTold, Scene, Told},
};
use crate::{
    App,
    error::Problem,
    input::{self, Input},
    once::{Answer, Done, Once},
    record::Desk,
    who::Acting,
};

const ROWS_MAX: usize = 5_000;
/// Rows that are stored side by side.
const AT_ONCE: usize = 16;
/// What is wrong with one row is told so far: a row of nothing but mistakes shall not fill the answer.
const FAULTS_TOLD: usize = 5;
/// An answer of more bytes is not kept for an `Idempotency-Key`: an item holds 400 KB. The request repeated finds its
/// rows there and skips them.
const KEPT_BYTES_MAX: usize = 350_000;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkTold {
    /// 1 to 5,000 customers, each with a mail address or a telephone number.
    #[schema(value_type = Vec<CustomerTold>)]
    customers: Vec<Box<RawValue>>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct BulkView {
    created: usize,
    /// Guests who became the customer of their row.
    updated: usize,
    /// Rows whose address somebody has.
    skipped: usize,
    failed: usize,
    /// One for each row, in their order.
    results: Vec<RowView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RowView {
    /// From 1 on.
    row: usize,
    /// `created`, `updated`, `skipped` or `failed`.
    outcome: &'static str,
    /// Whom the row is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    id: Option<CustomerId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<RowFault>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RowFault {
    /// A JSON pointer into the row.
    pointer: String,
    code: &'static str,
    detail: String,
}

/// A row that is understood, and where it stood.
struct Row {
    number: usize,
    told: Told,
}

/// Make many customers
///
/// Each row by itself: what is right is stored, the others say what is wrong with them. A row whose address somebody
/// has is skipped, so that the same request twice does no harm.
#[utoipa::path(post, operation_id = "make_customers", path = "/api/v1/customers/bulk", tag = "Customers", request_body = BulkTold,
    responses((status = 200, body = BulkView)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn create(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(asked): Input<BulkTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    if !(1..=ROWS_MAX).contains(&asked.customers.len()) {
        let sentence = format!("must hold 1 to {ROWS_MAX} rows");
        return Err(FlowError::invalid("/customers", "out_of_range", sentence).into());
    }
    let scene = Scene::of(&caller, deps.now());
    let (mut rows, mut results) = (Vec::new(), Vec::new());
    for (number, raw) in (1..).zip(&asked.customers) {
        match understood(raw, scene) {
            Ok(told) => rows.push(Row { number, told }),
            Err(problem) => results.push(failed(number, problem.faults)),
        }
    }

    let desk = Desk::of(&deps, &caller);
    let record = desk.record();
    // Of two rows with one address, the second waits until it is known what became of the first.
    let (firsts, seconds) = apart(rows);
    let (free, known) = free_ones(&record, firsts).await?;
    results.extend(known);
    let mut shards = BTreeSet::new();
    let stored: Vec<_> = stream::iter(free)
        .map(|(row, slot)| stored(&record, row, slot))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    for (result, touched) in stored {
        results.push(result);
        shards.extend(touched);
    }
    for row in seconds {
        let (result, touched) = stored_alone(&record, row).await?;
        results.push(result);
        shards.extend(touched);
    }
    results.sort_unstable_by_key(|result| result.row);

    deps.keep(&caller.store, &shards.into_iter().collect::<Vec<_>>()).await;
    let count = |outcome: &str| results.iter().filter(|result| result.outcome == outcome).count();
    let (created, updated) = (count("created"), count("updated"));
    let (skipped, failed) = (count("skipped"), count("failed"));
    let answer = Answer::new(StatusCode::OK, &BulkView { created, updated, skipped, failed, results });
    if answer.bytes() > KEPT_BYTES_MAX {
        return Ok(answer.into_response());
    }
    match once.commit(Vec::new(), answer).await? {
        Done::Answered(response) => Ok(response),
        Done::Against(_) => Err(FlowError::broken("nothing was refused").into()),
    }
}

fn understood(raw: &RawValue, scene: Scene<'_>) -> Result<Told, Problem> {
    let told = input::read::<CustomerTold>(raw.get().as_bytes())?.understood(scene)?;
    if told.has_address() {
        return Ok(told);
    }
    let sentence = "tell a mail address or a telephone number: by it a row that comes twice is known";
    Err(FlowError::invalid("", "no_address", sentence).into())
}

/// Those whose addresses no earlier row has, and the others.
fn apart(rows: Vec<Row>) -> (Vec<Row>, Vec<Row>) {
    let mut seen = BTreeSet::new();
    rows.into_iter().partition(|row| {
        let told =
            [row.told.email.told().map(ToString::to_string), row.told.phone.told().map(ToString::to_string)];
        let told: Vec<String> = told.into_iter().flatten().collect();
        let is_first = told.iter().all(|address| !seen.contains(address));
        seen.extend(told);
        is_first
    })
}

/// The rows whose addresses nobody has, with the slots that they get; the others with what they are told. Slots are
/// taken for those alone who need one: one that is not used is lost.
async fn free_ones(
    record: &Record<'_>,
    rows: Vec<Row>,
) -> Result<(Vec<(Row, Option<Slot>)>, Vec<RowView>), FlowError> {
    let addresses: Vec<_> =
        rows.iter().map(|row| (row.told.email.told().cloned(), row.told.phone.told().cloned())).collect();
    let held = record.holders(&addresses).await?;
    let wanted = held.iter().filter(|held| **held == Held::Free).count();
    let mut next = match u32::try_from(wanted) {
        Ok(wanted) if wanted > 0 => record.store.slots_taken(wanted).await?.0,
        _ => 0,
    };
    let (mut free, mut known) = (Vec::new(), Vec::new());
    for (row, held) in rows.into_iter().zip(held) {
        match held {
            Held::Free => {
                free.push((row, Some(Slot(next))));
                next += 1;
            }
            Held::ByGuest => free.push((row, None)),
            Held::By(way, id) => known.push(skipped(row.number, Some(id), &taken(way, id))),
        }
    }
    Ok((free, known))
}

type Stored = (RowView, Vec<columns::ShardNumber>);

async fn stored_alone(record: &Record<'_>, row: Row) -> Result<Stored, FlowError> {
    let told = [(row.told.email.told().cloned(), row.told.phone.told().cloned())];
    match record.holders(&told).await?.first() {
        Some(Held::By(way, id)) => Ok((skipped(row.number, Some(*id), &taken(*way, *id)), Vec::new())),
        _ => stored(record, row, None).await,
    }
}

async fn stored(record: &Record<'_>, row: Row, slot: Option<Slot>) -> Result<Stored, FlowError> {
    let Row { number, told } = row;
    let apply = |customer: &mut Customer| told.apply(customer, Attributes::Kept);
    let view = |outcome, id, errors| RowView { row: number, outcome, id, errors };
    match record.done(|| record.customer_made_in(slot, None, apply)).await {
        Ok(plan) => {
            let is_new = slot.is_none_or(|slot| slot.0 == plan.outcome.slot) && plan.outcome.next_order == 1;
            let outcome = if is_new { "created" } else { "updated" };
            Ok((view(outcome, Some(plan.outcome.id), Vec::new()), plan.shards))
        }
        Err(FlowError::Invalid(faults)) => Ok((failed(number, faults), Vec::new())),
        Err(conflict @ FlowError::Conflict { code: "email_taken" | "phone_taken", .. }) => {
            Ok((skipped(number, None, &conflict), Vec::new()))
        }
        Err(FlowError::Conflict { code, sentence }) => {
            let fault = RowFault { pointer: String::new(), code, detail: sentence };
            Ok((view("failed", None, vec![fault]), Vec::new()))
        }
        Err(error) => Err(error),
    }
}

fn skipped(row: usize, id: Option<CustomerId>, why: &FlowError) -> RowView {
    let code = match why {
        FlowError::Conflict { code, .. } => code,
        _ => "skipped",
    };
    // Whoever has it is named: the sentence would say no more.
    let fault = || RowFault { pointer: String::new(), code, detail: why.to_string() };
    let errors = if id.is_some() { Vec::new() } else { vec![fault()] };
    RowView { row, outcome: "skipped", id, errors }
}

fn failed(row: usize, faults: Vec<Fault>) -> RowView {
    let told = faults.into_iter().take(FAULTS_TOLD);
    let errors = told.map(|Fault { at, code, sentence }| RowFault { pointer: at, code, detail: sentence });
    RowView { row, outcome: "failed", id: None, errors: errors.collect() }
}
