//! Customers and orders brought in a file, small enough to be answered at once.
//!
//! Each row by itself. Whoever and whatever is known is told what the row says, so that the same file twice changes
//! nothing.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use domain::{Permission, job::Kind};
use flows::{Fault, FlowError, bringing::Outcome};
use serde::{Deserialize, Serialize};
use tables::CellFault;
use utoipa::ToSchema;

use super::{
    brought::{Brought, imported},
    uploaded,
};
use crate::{
    App,
    error::Problem,
    input::Asked,
    once::{Answer, Once},
    who::Acting,
};

/// All are counted; so many are told: an answer holds 6 MB.
pub(super) const FAILURES_TOLD: usize = 5_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportAsked {
    #[serde(default)]
    pub(super) dry_run: bool,
    pub(super) attest: Option<String>,
    pub(super) phone_country: Option<String>,
    #[serde(default)]
    pub(super) attributes: bool,
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
    /// Columns that say nothing to us.
    unknown_columns: Vec<UnknownColumn>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct UnknownColumn {
    column: String,
    /// What may have been meant.
    meant: Option<&'static str>,
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
    let brought = file_of(&deps, &acting, Kind::Customers, asked.0, request).await??;
    once.answer(view(brought)?).await
}

/// Import orders from a file
///
/// CSV of at most 5 MB, as for customers: one row for each order, or one for each of its lines, with our headers,
/// Shopify's or other systems'. Whose an order is, is told by id, mail address or telephone number; of nobody's it fails.
/// The same order again is told what has become of it: paid, refunded, cancelled.
#[utoipa::path(post, operation_id = "import_orders", path = "/api/v1/data/import/orders", tag = "Files",
    params(("dry_run" = Option<bool>, Query, description = "look at the file, store nothing"),
    ("phone_country" = Option<String>, Query, description = "of telephone numbers that do not say their own")),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = ImportView), (status = 207, description = "some orders failed", body = ImportView)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn orders(
    State(deps): State<App>,
    acting: Acting,
    once: Once,
    asked: Asked<ImportAsked>,
    request: Request,
) -> Result<Response, Problem> {
    let brought = file_of(&deps, &acting, Kind::Orders, asked.0, request).await??;
    once.answer(view(brought)?).await
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
    let brought = file_of(&deps, &acting, Kind::Customers, asked.0, request).await?;
    once.answer(view_as_before(brought, "customers")).await
}

/// Import orders from a file, as another system's callers know it
///
/// As `/api/v1/data/import/orders`; what is wrong with the header is told as row 0.
#[utoipa::path(post, operation_id = "import_orders_as_before", path = "/api/data/import/orders", tag = "Files",
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = ImportViewAsBefore), (status = 207, description = "some rows failed", body = ImportViewAsBefore),
    (status = 400, description = "nothing could be stored", body = ImportViewAsBefore)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn orders_as_before(
    State(deps): State<App>,
    acting: Acting,
    once: Once,
    asked: Asked<ImportAsked>,
    request: Request,
) -> Result<Response, Problem> {
    let brought = file_of(&deps, &acting, Kind::Orders, asked.0, request).await?;
    once.answer(view_as_before(brought, "orders")).await
}

/// Within: a file in which there is nothing to read.
async fn file_of(
    deps: &App,
    acting: &Acting,
    kind: Kind,
    asked: ImportAsked,
    request: Request,
) -> Result<Result<Brought, Problem>, Problem> {
    let permission = match kind {
        Kind::Customers => Permission::ManageCustomers,
        Kind::Orders => Permission::ManageOrders,
    };
    acting.0.must(permission)?;
    let file = uploaded::file(&request)?;
    imported(deps, &acting.0, kind, asked, file).await
}

fn view(Brought { outcome, unknown_columns }: Brought) -> Result<Answer, Problem> {
    let (processed_count, failed_count) = (outcome.processed(), outcome.failed.len() as u64);
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
    let failures = told(outcome.faults);
    let unknown_columns = unknown_columns.into_iter().map(|(column, meant)| UnknownColumn { column, meant });
    let view = ImportView {
        processed_count,
        created,
        updated,
        unchanged,
        failed_count,
        failures,
        unknown_columns: unknown_columns.collect(),
    };
    Ok(Answer::new(status, &view))
}

fn view_as_before(brought: Result<Brought, Problem>, what: &str) -> Answer {
    let outcome = match brought {
        Ok(brought) => brought.outcome,
        Err(problem) => {
            let mut outcome = Outcome::default();
            outcome.faults.push(CellFault { row: 0, column: None, message: problem.detail });
            outcome
        }
    };
    let (processed_count, failed_count) = (outcome.processed(), outcome.failed.len() as u64);
    let status = if processed_count == 0 { StatusCode::BAD_REQUEST } else { status(&outcome) };
    let message = match status {
        StatusCode::OK => format!("{processed_count} {what} imported"),
        StatusCode::BAD_REQUEST => "nothing was imported".to_owned(),
        _ => format!("{processed_count} {what} imported, {failed_count} failed"),
    };
    let view = ImportViewAsBefore {
        success: processed_count > 0,
        message,
        count: (status == StatusCode::OK).then_some(processed_count),
        processed_count,
        failed_count,
        failures: told(outcome.faults),
    };
    Answer::new(status, &view)
}

fn told(faults: Vec<CellFault>) -> Vec<FailureView> {
    let told = faults.into_iter().take(FAILURES_TOLD);
    told.map(|CellFault { row, column, message }| FailureView { row, column, message }).collect()
}

fn status(outcome: &Outcome) -> StatusCode {
    if outcome.failed.is_empty() { StatusCode::OK } else { StatusCode::MULTI_STATUS }
}
