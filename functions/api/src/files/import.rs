//! Customers brought in a file, small enough to be answered at once.
//!
//! Each row by itself. Somebody who is known is told what the row says and keeps their totals, so that the same file
//! twice changes nothing.

use std::collections::BTreeSet;

use axum::{
    body::Bytes,
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use columns::{ShardNumber, Slot};
use domain::{
    CUSTOMER_BYTES_MAX, Customer, CustomerId, Permission, Timestamp,
    customer::{ChangedBy, Totals},
    fields,
};
use flows::{
    Fault, FlowError,
    record::{Held, Record},
};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use tables::{
    CellFault, Sheet,
    customers::{CustomerRow, Reading, columns, read},
};
use utoipa::ToSchema;

use super::uploaded;
use crate::{
    App,
    error::Problem,
    input::Asked,
    once::{Answer, Done, Once},
    record::Desk,
    who::Acting,
};

/// Rows whose addresses are looked up, and who are given slots, together.
const ROWS_TOGETHER: usize = 1_000;
const ROWS_AT_ONCE: usize = 16;
/// Lambda's door waits 29 s for an answer.
const TIME_MAX: SignedDuration = SignedDuration::from_secs(24);
/// All are counted; so many are told: an answer holds 6 MB.
const FAILURES_TOLD: usize = 5_000;
/// An answer of more bytes is not kept for an `Idempotency-Key`: the file sent again changes nothing.
const KEPT_BYTES_MAX: usize = 350_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportAsked {
    #[serde(default)]
    dry_run: bool,
    attest: Option<String>,
    phone_country: Option<String>,
    #[serde(default)]
    attributes: bool,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ImportView {
    /// Rows that are stored or stood so already.
    processed_count: u64,
    created: u64,
    updated: u64,
    /// Rows that told nothing new.
    unchanged: u64,
    failed_count: u64,
    /// One for each cell that is wrong; at most 5,000.
    failures: Vec<FailureView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct FailureView {
    /// The first row beneath the header is 1.
    row: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    message: String,
}

/// As another system's callers know it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportViewAsBefore {
    success: bool,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    processed_count: u64,
    failed_count: u64,
    failures: Vec<FailureView>,
}

#[derive(Default)]
struct Outcome {
    created: u64,
    updated: u64,
    unchanged: u64,
    failed: BTreeSet<u64>,
    faults: Vec<CellFault>,
    shards: BTreeSet<ShardNumber>,
}

enum Stored {
    Created(Vec<ShardNumber>),
    Updated(Vec<ShardNumber>),
    Unchanged,
    Failed(String),
}

/// Import customers from a file
///
/// CSV of at most 5 MB, as the body or as the part `file` of a form: parted by comma, semicolon or tab, in UTF-8 or
/// Latin-1, with our headers, Shopify's or other systems'. 207 if some rows could not be stored.
#[utoipa::path(post, operation_id = "import_customers", path = "/api/v1/data/import/customers", tag = "Files",
    params(("dry_run" = Option<bool>, Query, description = "look at the file, store nothing"),
    ("attest" = Option<String>, Query, description = "where the file's consents are from; without it no consent is raised"),
    ("phone_country" = Option<String>, Query, description = "of telephone numbers that do not say their own"),
    ("attributes" = Option<bool>, Query, description = "unknown columns become attributes")),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = ImportView), (status = 207, description = "some rows failed", body = ImportView)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn customers(
    State(deps): State<App>,
    acting: Acting,
    once: Once,
    asked: Asked<ImportAsked>,
    request: Request,
) -> Result<Response, Problem> {
    acting.0.must(Permission::ManageCustomers)?;
    let file = uploaded::file(&request)?;
    let outcome = imported(&deps, &acting, asked.0, file).await??;
    let processed_count = outcome.processed();
    if processed_count == 0 {
        let faults = outcome.faults.into_iter().take(FAILURES_TOLD).map(|fault| {
            let column = fault.column.unwrap_or_default();
            Fault {
                at: format!("/{}/{}", fault.row, crate::input::escaped(&column)),
                code: "invalid",
                sentence: fault.message,
            }
        });
        return Err(FlowError::Invalid(faults.collect()).into());
    }
    let status = outcome.status();
    let Outcome { created, updated, unchanged, .. } = outcome;
    let failed_count = outcome.failed.len() as u64;
    let failures = told(outcome.faults);
    let view = ImportView { processed_count, created, updated, unchanged, failed_count, failures };
    answered(once, Answer::new(status, &view)).await
}

/// Import customers from a file, as another system's callers know it
///
/// As `/api/v1/data/import/customers`; what is wrong with the header is told as row 0.
#[utoipa::path(post, operation_id = "import_customers_as_before", path = "/api/data/import/customers", tag = "Files",
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = ImportViewAsBefore), (status = 207, description = "some rows failed", body = ImportViewAsBefore),
    (status = 400, description = "nothing could be stored", body = ImportViewAsBefore)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn customers_as_before(
    State(deps): State<App>,
    acting: Acting,
    once: Once,
    asked: Asked<ImportAsked>,
    request: Request,
) -> Result<Response, Problem> {
    acting.0.must(Permission::ManageCustomers)?;
    let file = uploaded::file(&request)?;
    let outcome = match imported(&deps, &acting, asked.0, file).await? {
        Ok(outcome) => outcome,
        Err(problem) => {
            let fault = CellFault { row: 0, column: None, message: problem.detail };
            Outcome { faults: vec![fault], ..Outcome::default() }
        }
    };
    let (processed_count, failed_count) = (outcome.processed(), outcome.failed.len() as u64);
    let status = if processed_count == 0 { StatusCode::BAD_REQUEST } else { outcome.status() };
    let message = match status {
        StatusCode::OK => format!("{processed_count} customers imported"),
        StatusCode::BAD_REQUEST => "nothing was imported".to_owned(),
        _ => format!("{processed_count} customers imported, {failed_count} rows failed"),
    };
    let view = ImportViewAsBefore {
        success: processed_count > 0,
        message,
        count: (status == StatusCode::OK).then_some(processed_count),
        processed_count,
        failed_count,
        failures: told(outcome.faults),
    };
    answered(once, Answer::new(status, &view)).await
}

async fn answered(once: Once, answer: Answer) -> Result<Response, Problem> {
    if answer.bytes() > KEPT_BYTES_MAX {
        return Ok(answer.into_response());
    }
    match once.commit(Vec::new(), answer).await? {
        Done::Answered(response) => Ok(response),
        Done::Against(_) => Err(FlowError::broken("nothing was refused").into()),
    }
}

fn told(faults: Vec<CellFault>) -> Vec<FailureView> {
    let told = faults.into_iter().take(FAILURES_TOLD);
    told.map(|CellFault { row, column, message }| FailureView { row, column, message }).collect()
}

impl Outcome {
    fn processed(&self) -> u64 {
        self.created + self.updated + self.unchanged
    }

    fn status(&self) -> StatusCode {
        if self.failed.is_empty() { StatusCode::OK } else { StatusCode::MULTI_STATUS }
    }

    fn note(&mut self, row: u64, stored: Stored) {
        match stored {
            Stored::Created(shards) => {
                self.created += 1;
                self.shards.extend(shards);
            }
            Stored::Updated(shards) => {
                self.updated += 1;
                self.shards.extend(shards);
            }
            Stored::Unchanged => self.unchanged += 1,
            Stored::Failed(message) => self.fail(vec![CellFault { row, column: None, message }]),
        }
    }

    fn fail(&mut self, faults: Vec<CellFault>) {
        self.failed.extend(faults.iter().map(|fault| fault.row));
        self.faults.extend(faults);
    }
}

/// Within: a file in which there is nothing to read.
async fn imported(
    deps: &App,
    Acting(caller): &Acting,
    asked: ImportAsked,
    file: Bytes,
) -> Result<Result<Outcome, Problem>, Problem> {
    let wrong = |at: &str, wrong: &fields::BadField| FlowError::invalid(at, "invalid", wrong.to_string());
    let attested =
        asked.attest.as_deref().map(fields::method).transpose().map_err(|bad| wrong("?attest", &bad))?;
    let country = asked.phone_country.as_deref().map(fields::country).transpose();
    let reading = Reading {
        currency: caller.tenant.currency,
        zone: &caller.tenant.zone,
        now: deps.now(),
        country: country.map_err(|bad| wrong("?phone_country", &bad))?,
        attested,
        keeps_unknown: asked.attributes,
    };
    let opened = Sheet::open(&file[..]).map_err(FlowError::broken)?;
    let sheet = opened.and_then(|sheet| columns(sheet.header()).map(|columns| (sheet, columns)));
    let (mut sheet, columns) = match sheet {
        Ok(sheet) => sheet,
        Err(fault) => return Ok(Err(Problem::bad("bad_header", fault.to_string()))),
    };
    let desk = Desk::of(deps, caller);
    let record = Record { by: ChangedBy::Import, ..desk.record() };
    let clerk = Clerk { record, is_dry: asked.dry_run, until: reading.now + TIME_MAX };
    let (mut outcome, mut rows, mut is_empty) = (Outcome::default(), Vec::new(), true);
    while let Some(row) = sheet.next_row().map_err(FlowError::broken)? {
        is_empty = false;
        match read(&columns, &row, &reading) {
            Ok(row) => rows.push(row),
            Err(faults) => outcome.fail(faults),
        }
        if rows.len() == ROWS_TOGETHER {
            clerk.store(std::mem::take(&mut rows), &mut outcome).await?;
        }
    }
    clerk.store(rows, &mut outcome).await?;
    if is_empty {
        return Ok(Err(Problem::bad("no_rows", "the file has no rows beneath its header")));
    }
    outcome.faults.sort_by_key(|fault| fault.row);
    deps.keep(&caller.store, &outcome.shards.iter().copied().collect::<Vec<_>>()).await;
    Ok(Ok(outcome))
}

/// Who stores the rows, and until when.
struct Clerk<'a> {
    record: Record<'a>,
    is_dry: bool,
    until: Timestamp,
}

/// What is known of a row's person.
enum Known {
    /// Nobody has their addresses: the id and the slot that they get.
    New(CustomerId, Slot),
    Guest,
    Customer(CustomerId),
}

impl Clerk<'_> {
    async fn store(&self, rows: Vec<CustomerRow>, outcome: &mut Outcome) -> Result<(), FlowError> {
        // Of two rows with one address, the second waits until it is known what became of the first.
        let mut seen = BTreeSet::new();
        let (firsts, seconds): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| {
            let told =
                [row.email.as_ref().map(ToString::to_string), row.phone.as_ref().map(ToString::to_string)];
            told.into_iter().flatten().fold(true, |is_first, address| seen.insert(address) && is_first)
        });
        let known = self.known(firsts).await?;
        let storing = stream::iter(known).map(async |(row, known)| {
            let number = row.row;
            self.stored(row, known).await.map(|stored| (number, stored))
        });
        let stored: Vec<_> = storing.buffer_unordered(ROWS_AT_ONCE).try_collect().await?;
        for (row, stored) in stored {
            outcome.note(row, stored);
        }
        for row in seconds {
            for (row, known) in self.known(vec![row]).await? {
                let number = row.row;
                let stored = self.stored(row, known).await?;
                outcome.note(number, stored);
            }
        }
        Ok(())
    }

    /// Addresses are looked up together, and slots are taken together for those alone who need one.
    async fn known(&self, rows: Vec<CustomerRow>) -> Result<Vec<(CustomerRow, Known)>, FlowError> {
        let addresses: Vec<_> = rows.iter().map(|row| (row.email.clone(), row.phone.clone())).collect();
        let held = self.record.holders(&addresses).await?;
        let wanted = held.iter().filter(|held| **held == Held::Free).count();
        let ids: Vec<CustomerId> = (0..wanted).map(|_| self.record.new_customer()).collect();
        let slots: Vec<Slot> = if self.is_dry {
            vec![Slot(0); wanted]
        } else {
            self.record.store.slots_taken_for(&ids).await?.into_iter().collect()
        };
        let mut free = ids.into_iter().zip(slots);
        let mut all = Vec::new();
        for (row, held) in rows.into_iter().zip(held) {
            let known = match held {
                Held::By(_, id) => Known::Customer(id),
                Held::ByGuest => Known::Guest,
                Held::Free => match free.next() {
                    Some((id, slot)) => Known::New(id, slot),
                    None => return Err(FlowError::broken("fewer slots than rows")),
                },
            };
            all.push((row, known));
        }
        Ok(all)
    }

    async fn stored(&self, row: CustomerRow, known: Known) -> Result<Stored, FlowError> {
        if self.record.clock.now() >= self.until {
            return Ok(Stored::Failed("time was up before this row's turn: send it again".to_owned()));
        }
        if self.is_dry {
            return Ok(match known {
                Known::New(..) => Stored::Created(Vec::new()),
                Known::Guest | Known::Customer(_) => Stored::Updated(Vec::new()),
            });
        }
        let tell = |customer: &mut Customer| told_to(&row, customer);
        let meet = |customer: &mut Customer| {
            if customer.next_order == 1 && customer.totals == Totals::default() {
                let opening = row.opening();
                let with = customer.clone().with_totals(Some(opening.orders), Some(opening.spent));
                *customer = with.map_err(|wrong| FlowError::invalid("", "invalid", wrong.to_string()))?;
            }
            told_to(&row, customer)
        };
        let (done, is_new) = match known {
            Known::New(id, slot) => {
                let made = self.record.done(|| self.record.customer_made_in(Some(slot), id, meet)).await;
                let is_new = made.as_ref().is_ok_and(|plan| plan.outcome.id == id);
                (made, is_new)
            }
            Known::Guest => {
                let id = self.record.new_customer();
                (self.record.done(|| self.record.customer_made_in(None, id, meet)).await, false)
            }
            Known::Customer(id) => (self.record.done(|| self.record.customer_changed(id, tell)).await, false),
        };
        match done {
            Ok(plan) if is_new => Ok(Stored::Created(plan.shards)),
            Ok(plan) if plan.shards.is_empty() => Ok(Stored::Unchanged),
            Ok(plan) => Ok(Stored::Updated(plan.shards)),
            Err(FlowError::Invalid(faults)) => {
                let sentences: Vec<_> = faults.into_iter().map(|fault| fault.sentence).collect();
                Ok(Stored::Failed(sentences.join("; ")))
            }
            Err(FlowError::Conflict { sentence, .. }) => Ok(Stored::Failed(sentence)),
            Err(FlowError::NotFound(_)) => {
                Ok(Stored::Failed("the customer has just been deleted".to_owned()))
            }
            Err(error) => Err(error),
        }
    }
}

fn told_to(row: &CustomerRow, customer: &mut Customer) -> Result<(), FlowError> {
    let wrong = |sentence: String| FlowError::invalid("", "invalid", sentence);
    row.tell(customer).map_err(|bad| wrong(format!("the customer's tags or attributes {bad}")))?;
    if customer.bytes() > CUSTOMER_BYTES_MAX {
        return Err(wrong("is too much for one customer".to_owned()));
    }
    Ok(())
}
