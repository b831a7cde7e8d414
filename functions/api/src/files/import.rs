//! Customers brought in a file, small enough to be answered at once.
//!
//! Each row by itself. Somebody who is known is told what the row says and keeps their totals, so that the same file
//! twice changes nothing.

use axum::{
    body::Bytes,
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use domain::{Permission, customer::ChangedBy, fields};
use flows::{
    Fault, FlowError,
    bringing::{Clerk, Outcome},
    record::Record,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use tables::{
    CellFault, Head, Piece, Reading, Sheet,
    customers::{columns, read},
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
    let status = status(&outcome);
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
    let status = if processed_count == 0 { StatusCode::BAD_REQUEST } else { status(&outcome) };
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

fn status(outcome: &Outcome) -> StatusCode {
    if outcome.failed.is_empty() { StatusCode::OK } else { StatusCode::MULTI_STATUS }
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
    let head = Head::read(&file).and_then(|head| columns(&head.columns).map(|columns| (head, columns)));
    let (head, columns) = match head {
        Ok(head) => head,
        Err(fault) => return Ok(Err(Problem::bad("bad_header", fault.to_string()))),
    };
    let desk = Desk::of(deps, caller);
    let record = Record { by: ChangedBy::Import, ..desk.record() };
    let mut clerk = Clerk { record, is_dry: asked.dry_run, until: Some(reading.now + TIME_MAX) };
    let (mut outcome, mut rows, mut is_empty) = (Outcome::default(), Vec::new(), true);
    let (mut sheet, piece) = (Sheet::new(&head), Piece::whole(&file));
    while let Some(row) = sheet.next_row(&piece) {
        is_empty = false;
        match read(&columns, &row, &reading) {
            Ok(row) => rows.push(row),
            Err(faults) => outcome.fail(faults),
        }
        if rows.len() == ROWS_TOGETHER {
            clerk.customers(std::mem::take(&mut rows), &mut outcome).await?;
        }
    }
    clerk.customers(rows, &mut outcome).await?;
    if is_empty {
        return Ok(Err(Problem::bad("no_rows", "the file has no rows beneath its header")));
    }
    outcome.faults.sort_by_key(|fault| fault.row);
    deps.keep(&caller.store, &outcome.shards.iter().copied().collect::<Vec<_>>()).await;
    Ok(Ok(outcome))
}
