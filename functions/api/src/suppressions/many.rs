//! Many addresses at once: the list that a shop has where it wrote to its customers before. Each row by itself, so that one that
//! is wrong spoils no other; and the same list twice changes nothing.

use std::collections::{BTreeSet, HashSet};

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use columns::ShardNumber;
use domain::{
    EmailAddress, Permission, Phone, Timestamp,
    campaign::Actor,
    fields,
    suppression::{Cause, Suppressed},
};
use flows::{FlowError, identify::Caller, record::Record};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::Way;
use tables::{
    Head, HeaderFault, Piece, Place, Sheet,
    customers::{self, Field},
};
use utoipa::ToSchema;

use super::{SuppressionTold, by, theirs};
use crate::{
    App,
    error::Problem,
    files::uploaded,
    input::{self, Asked, Faults, Input},
    once::{Answer, Once},
    record::Desk,
    who::Acting,
};

const ROWS_MAX: usize = 5_000;
/// Addresses that are stored side by side.
const AT_ONCE: usize = 16;
/// Those that are not reached by then are to be sent again: the function has 29 seconds, and whoever asks the answer.
const SECONDS_MAX: SignedDuration = SignedDuration::from_secs(20);

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SuppressionsTold {
    /// 1 to 5,000; of each the reason is `import` unless told.
    #[schema(value_type = Vec<SuppressionTold>)]
    suppressions: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileAsked {
    reason: Option<String>,
    phone_country: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SuppressionsView {
    /// Addresses that nothing is sent to from now on.
    added: usize,
    /// Addresses that stood there already, with this reason or a graver one.
    unchanged: usize,
    failed: usize,
    /// One for each row, or address, that could not be put there.
    failures: Vec<FailedRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailedRow {
    /// From 1 on; of a file the first row beneath the header.
    row: u64,
    /// `not_reached`: time was up before its turn; send it again.
    code: &'static str,
    detail: String,
}

/// An address that is understood, and where it stood.
struct Row {
    number: u64,
    way: Way,
    address: String,
    cause: Cause,
}

#[derive(Default)]
struct Rows {
    told: Vec<Row>,
    failures: Vec<FailedRow>,
}

/// Write to many addresses no more
///
/// Each by itself, as one alone is told of. 207 if some could not be put on the list: they are told with what is wrong.
#[utoipa::path(post, operation_id = "suppress_many", path = "/api/v1/suppressions/bulk", tag = "Suppressions",
    request_body = SuppressionsTold, responses((status = 200, body = SuppressionsView),
    (status = 207, description = "some failed", body = SuppressionsView)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn add(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(asked): Input<SuppressionsTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    within("/suppressions", asked.suppressions.len())?;
    let mut rows = Rows::default();
    for (number, raw) in (1..).zip(&asked.suppressions) {
        let told = input::read::<SuppressionTold>(raw.get().as_bytes());
        match told.and_then(|told| told.understood(Cause::Import)) {
            Ok((way, address, cause)) => rows.told.push(Row { number, way, address, cause }),
            Err(problem) => rows.failures.push(FailedRow::of(number, &problem)),
        }
    }
    listed(&deps, &caller, once, rows).await
}

/// Write to the addresses of a file no more
///
/// CSV of at most 5,000 rows, as the body or as the part `file` of a form, with a column `email`, or `phone`, or both; what
/// stands in others is passed over. A file of nothing but addresses needs no header. 207 if some rows could not be put on the list.
#[utoipa::path(post, operation_id = "import_suppressions", path = "/api/v1/data/import/suppressions", tag = "Suppressions",
    params(("reason" = Option<String>, Query, description = "of all of them: `import` unless told, or `manual`, or `unsubscribe`"),
    ("phone_country" = Option<String>, Query, description = "of telephone numbers that do not say their own")),
    request_body(content = String, content_type = "text/csv"), responses((status = 200, body = SuppressionsView),
    (status = 207, description = "some failed", body = SuppressionsView)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn import(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Asked(asked): Asked<FileAsked>,
    request: Request,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let mut faults = Faults::default();
    let cause = faults.maybe("?reason", asked.reason.as_deref(), str::parse::<Cause>);
    theirs(&mut faults, "?reason", cause);
    let country = faults.maybe("?phone_country", asked.phone_country.as_deref(), fields::country);
    faults.none(Some(()))?;
    let file = uploaded::file(&request)?;
    let rows = rows_of(&file, cause.unwrap_or(Cause::Import), country.as_deref())?;
    listed(&deps, &caller, once, rows).await
}

fn within(at: &str, count: usize) -> Result<(), FlowError> {
    if (1..=ROWS_MAX).contains(&count) {
        return Ok(());
    }
    Err(FlowError::invalid(at, "out_of_range", format!("1 to {ROWS_MAX} rows are expected")))
}

/// What is looked for in a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Email,
    Phone,
    Either,
    Nothing,
}

/// A row may hold a mail address and a telephone number: then it is both.
fn rows_of(file: &[u8], cause: Cause, country: Option<&str>) -> Result<Rows, Problem> {
    let bad = |fault: HeaderFault| Problem::bad("bad_header", fault.to_string());
    let head = Head::read(file).map_err(bad)?;
    // A file of addresses alone has no header: what would be one is the first of them.
    let is_list = head.columns.iter().any(|cell| read(cell, Wanted::Either, country).is_ok());
    let (wanted, from) = if is_list {
        let begin = Place { offset: 0, row: 0, is_in_ruins: false };
        (vec![Wanted::Either; head.columns.len()], begin)
    } else {
        let wanted = |field: &Option<Field>| match field {
            Some(Field::Email) => Wanted::Email,
            Some(Field::Phone) => Wanted::Phone,
            _ => Wanted::Nothing,
        };
        let columns = customers::columns(&head.columns).map_err(bad)?;
        (columns.fields.iter().map(wanted).collect(), Sheet::new(&head).place())
    };
    let (mut sheet, piece, mut rows) = (Sheet::from(&head, from), Piece::whole(file), Rows::default());
    let mut count = 0;
    while let Some(row) = sheet.next_row(&piece) {
        count += 1;
        let (number, mut is_told) = (row.number, false);
        let mut failed = |code, detail| rows.failures.push(FailedRow { row: number, code, detail });
        if let Some(fault) = row.wrong {
            failed("invalid", fault.to_string());
            continue;
        }
        for (cell, wanted) in row.cells.iter().zip(&wanted) {
            if cell.is_empty() || *wanted == Wanted::Nothing {
                continue;
            }
            is_told = true;
            match read(cell, *wanted, country) {
                Ok((way, address)) => rows.told.push(Row { number, way, address, cause }),
                Err(detail) => failed("invalid", detail),
            }
        }
        if !is_told {
            failed("no_address", "has neither a mail address nor a telephone number".to_owned());
        }
    }
    within("", count)?;
    Ok(rows)
}

fn read(cell: &str, wanted: Wanted, country: Option<&str>) -> Result<(Way, String), String> {
    // The first may have the mark that some programs put before a text.
    let cell = cell.trim_start_matches('\u{feff}');
    let email = || cell.parse::<EmailAddress>().map(|it| (Way::Email, it.as_str().to_owned()));
    let phone = || Phone::parse(cell, country).map(|it| (Way::Phone, it.as_str().to_owned()));
    match wanted {
        Wanted::Email => email().map_err(|wrong| format!("`email` {wrong}")),
        Wanted::Phone => phone().map_err(|wrong| format!("`phone` {wrong}")),
        Wanted::Either | Wanted::Nothing => email()
            .or_else(|_| phone())
            .map_err(|_| "is neither a mail address nor a telephone number".to_owned()),
    }
}

/// Puts them on the list, side by side.
async fn listed(deps: &App, caller: &Caller, once: Once, rows: Rows) -> Result<Response, Problem> {
    let Rows { told, mut failures } = rows;
    let now = deps.now();
    let desk = Desk::of(deps, caller);
    let (mut seen, mut unchanged) = (HashSet::new(), 0);
    let (firsts, again): (Vec<_>, Vec<_>) =
        told.into_iter().partition(|row| seen.insert(row.address.clone()));
    unchanged += again.len();
    let clerk = Clerk { record: desk.record(), by: by(caller), now, until: now + SECONDS_MAX };
    let stored = stream::iter(firsts).map(|row| clerk.stored(row)).buffer_unordered(AT_ONCE);
    let (mut added, mut shards) = (0, BTreeSet::new());
    for became in stored.try_collect::<Vec<_>>().await? {
        match became {
            Became::Added(touched) => {
                added += 1;
                shards.extend(touched);
            }
            Became::Unchanged(touched) => {
                unchanged += 1;
                shards.extend(touched);
            }
            Became::NotReached(row) => {
                let detail = "time was up before its turn: send it again".to_owned();
                failures.push(FailedRow { row, code: "not_reached", detail });
            }
        }
    }
    deps.keep(&caller.store, &shards.into_iter().collect::<Vec<_>>()).await;
    failures.sort_by_key(|failed| failed.row);
    let status = if failures.is_empty() { StatusCode::OK } else { StatusCode::MULTI_STATUS };
    let view = SuppressionsView { added, unchanged, failed: failures.len(), failures };
    // The request repeated finds them there.
    once.answer(Answer::new(status, &view)).await
}

/// Who puts addresses on the list, and until when.
struct Clerk<'a> {
    record: Record<'a>,
    by: Actor,
    now: Timestamp,
    until: Timestamp,
}

/// With the shards in which somebody changed by it.
enum Became {
    Added(Vec<ShardNumber>),
    Unchanged(Vec<ShardNumber>),
    NotReached(u64),
}

impl Clerk<'_> {
    async fn stored(&self, row: Row) -> Result<Became, FlowError> {
        if self.record.clock.now() >= self.until {
            return Ok(Became::NotReached(row.number));
        }
        let digest = self.record.known_by(row.way, &row.address).await?;
        let told = Suppressed { cause: row.cause, since: self.now, message: None, by: self.by };
        let plan = self.record.done(|| self.record.suppressed(&digest, told)).await?;
        let is_new = plan.is_change && plan.outcome.held == Some(told);
        Ok(if is_new { Became::Added(plan.shards) } else { Became::Unchanged(plan.shards) })
    }
}

impl FailedRow {
    /// The first of what is wrong with it.
    fn of(row: u64, problem: &Problem) -> Self {
        match problem.faults.first() {
            Some(fault) => {
                let member = fault.at.trim_start_matches('/');
                let member = if member.is_empty() { String::new() } else { format!("`{member}` ") };
                Self { row, code: fault.code, detail: format!("{member}{}", fault.sentence) }
            }
            None => Self { row, code: problem.code, detail: problem.detail.clone() },
        }
    }
}
