//! Many customers in one request: each row by itself, so that one that is wrong spoils no other.

use std::collections::BTreeSet;

use axum::{extract::State, http::StatusCode, response::Response};
use columns::{ShardNumber, Slot};
use domain::{Customer, CustomerId, Permission, Timestamp};
use flows::{
    Fault, FlowError,
    record::{Held, Record, taken},
};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::SignedDuration;
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
    once::{Answer, Once},
    record::Desk,
    who::Acting,
};

const ROWS_MAX: usize = 5_000;
/// Rows that are stored side by side.
const AT_ONCE: usize = 16;
/// Rows that are not reached by then are to be sent again: the function has 29 seconds, and whoever asks the
/// answer. In one shard the table takes a few hundred new customers a second.
const SECONDS_MAX: SignedDuration = SignedDuration::from_secs(10);
/// What is wrong with one row is told so far: a row of nothing but mistakes shall not fill the answer.
const FAULTS_TOLD: usize = 5;

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

/// Whom a new customer will be: their id, and the slot that was taken for it.
#[derive(Clone, Copy)]
struct Berth(CustomerId, Slot);

/// Who stores the rows, and until when.
struct Clerk<'a> {
    record: Record<'a>,
    until: Timestamp,
}

/// Make many customers
///
/// Each row by itself: what is right is stored, the others say what is wrong with them. A row whose address somebody
/// has is skipped, so that the same request twice does no harm. Rows that time did not suffice for say so
/// (`not_reached`), and are to be sent again.
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
    let clerk = Clerk { record: desk.record(), until: scene.now + SECONDS_MAX };
    // Of two rows with one address, the second waits until it is known what became of the first.
    let (firsts, seconds) = apart(rows);
    let (free, known) = clerk.free_ones(firsts).await?;
    results.extend(known);
    let storing = stream::iter(free).map(|(row, berth)| clerk.stored(row, berth));
    let mut stored: Vec<_> = storing.buffer_unordered(AT_ONCE).try_collect().await?;
    for row in seconds {
        let (free, known) = clerk.free_ones(vec![row]).await?;
        results.extend(known);
        for (row, berth) in free {
            stored.push(clerk.stored(row, berth).await?);
        }
    }
    let mut shards = BTreeSet::new();
    for (result, touched) in stored {
        results.push(result);
        shards.extend(touched);
    }
    results.sort_unstable_by_key(|result| result.row);

    deps.keep(&caller.store, &shards.into_iter().collect::<Vec<_>>()).await;
    let count = |outcome: &str| results.iter().filter(|result| result.outcome == outcome).count();
    let (created, updated) = (count("created"), count("updated"));
    let (skipped, failed) = (count("skipped"), count("failed"));
    let answer = Answer::new(StatusCode::OK, &BulkView { created, updated, skipped, failed, results });
    // The request repeated finds its rows there and skips them.
    once.answer(answer).await
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

type Stored = (RowView, Vec<ShardNumber>);

impl Clerk<'_> {
    /// The rows whose addresses nobody has, with the slots that they get; the others with what they are told. Slots
    /// are taken for those alone who need one: one that is not used is lost.
    async fn free_ones(
        &self,
        rows: Vec<Row>,
    ) -> Result<(Vec<(Row, Option<Berth>)>, Vec<RowView>), FlowError> {
        let told = |row: &Row| (row.told.email.told().cloned(), row.told.phone.told().cloned());
        let addresses: Vec<_> = rows.iter().map(told).collect();
        let held = self.record.holders(&addresses).await?;
        let wanted = held.iter().filter(|held| **held == Held::Free).count();
        let ids: Vec<CustomerId> = (0..wanted).map(|_| self.record.new_customer()).collect();
        let slots = self.record.slots_taken_for(&ids).await?;
        let mut berths = ids.into_iter().zip(slots).map(|(id, slot)| Berth(id, slot));
        let (mut free, mut known) = (Vec::new(), Vec::new());
        for (row, held) in rows.into_iter().zip(held) {
            match held {
                Held::Free => free.push((row, berths.next())),
                Held::ByGuest | Held::For(_) => free.push((row, None)),
                Held::By(way, id) => known.push(skipped(row.number, Some(id), &taken(way, id))),
            }
        }
        Ok((free, known))
    }

    async fn stored(&self, row: Row, berth: Option<Berth>) -> Result<Stored, FlowError> {
        let Row { number, told } = row;
        let view = |outcome, id, errors| RowView { row: number, outcome, id, errors };
        let alone = |code, detail| vec![RowFault { pointer: String::new(), code, detail }];
        if self.record.clock.now() >= self.until {
            let detail = "time was up before this row's turn: send it again".to_owned();
            return Ok((view("failed", None, alone("not_reached", detail)), Vec::new()));
        }
        let apply = |customer: &mut Customer| told.apply(customer, Attributes::Kept);
        let (id, slot) = match berth {
            Some(Berth(id, slot)) => (id, Some(slot)),
            None => (self.record.new_customer(), None),
        };
        match self.record.done(|| self.record.customer_made_in(slot, id, apply)).await {
            Ok(plan) => {
                let outcome = if plan.outcome.id == id { "created" } else { "updated" };
                Ok((view(outcome, Some(plan.outcome.id), Vec::new()), plan.shards))
            }
            Err(FlowError::Invalid(faults)) => Ok((failed(number, faults), Vec::new())),
            Err(conflict @ FlowError::Conflict { code: "email_taken" | "phone_taken", .. }) => {
                Ok((skipped(number, None, &conflict), Vec::new()))
            }
            Err(FlowError::Conflict { code, sentence }) => {
                Ok((view("failed", None, alone(code, sentence)), Vec::new()))
            }
            Err(error) => Err(error),
        }
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
