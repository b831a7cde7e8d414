//! The rows of a file in a request: read one after the other, stored some thousand at a time.

use axum::body::Bytes;
use domain::{customer::ChangedBy, fields};
use flows::{
    FlowError,
    bringing::{Clerk, Outcome},
    identify::Caller,
    record::Record,
};
use jiff::SignedDuration;
use tables::{CellFault, Columns, Head, HeaderFault, Piece, Reading, Sheet, SheetRow, customers, orders};

use super::import::ImportAsked;
use crate::{App, error::Problem, record::Desk};

/// Rows whose addresses are looked up, and who are given slots, together.
const ROWS_TOGETHER: usize = 1_000;
/// Lambda's door waits 29 s for an answer.
const TIME_MAX: SignedDuration = SignedDuration::from_secs(24);

#[derive(Clone, Copy)]
pub(super) enum What {
    Customers,
    Orders,
}

/// What became of a file.
pub(super) struct Brought {
    pub(super) outcome: Outcome,
    /// With what may have been meant.
    pub(super) unknown_columns: Vec<(String, Option<&'static str>)>,
}

/// Within: a file in which there is nothing to read.
pub(super) async fn imported(
    deps: &App,
    caller: &Caller,
    what: What,
    asked: ImportAsked,
    file: Bytes,
) -> Result<Result<Brought, Problem>, Problem> {
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
    let desk = Desk::of(deps, caller);
    let record = Record { by: ChangedBy::Import, ..desk.record() };
    let clerk = Clerk::new(record, Some(reading.now + TIME_MAX));
    let clerk = if asked.dry_run { clerk.rehearsing() } else { clerk };
    let head = match Head::read(&file) {
        Ok(head) => head,
        Err(fault) => return Ok(Err(bad_header(&fault))),
    };
    let (sheet, piece, outcome) = (Sheet::new(&head), Piece::whole(&file), Outcome::default());
    let mut bringing = Bringing { sheet, piece, reading, clerk, outcome };
    let is_empty;
    let unknown_columns = match what {
        What::Customers => match customers::columns(&head.columns) {
            Ok(columns) => {
                is_empty = bringing.customers(&columns).await?;
                customers::unknown(&columns)
            }
            Err(fault) => return Ok(Err(bad_header(&fault))),
        },
        What::Orders => match orders::columns(&head.columns) {
            Ok(columns) => {
                is_empty = bringing.orders(&columns).await?;
                orders::unknown(&columns)
            }
            Err(fault) => return Ok(Err(bad_header(&fault))),
        },
    };
    if is_empty {
        return Ok(Err(Problem::bad("no_rows", "the file has no rows beneath its header")));
    }
    let mut outcome = bringing.outcome;
    outcome.faults.sort_by_key(|fault| fault.row);
    deps.keep(&caller.store, &outcome.shards.iter().copied().collect::<Vec<_>>()).await;
    Ok(Ok(Brought { outcome, unknown_columns }))
}

fn bad_header(fault: &HeaderFault) -> Problem {
    Problem::bad("bad_header", fault.to_string())
}

struct Bringing<'a> {
    sheet: Sheet,
    piece: Piece<'a>,
    reading: Reading<'a>,
    clerk: Clerk<'a>,
    outcome: Outcome,
}

/// Each says whether there were no rows.
impl Bringing<'_> {
    async fn customers(&mut self, columns: &Columns<customers::Field>) -> Result<bool, FlowError> {
        let (mut rows, mut is_empty) = (Vec::new(), true);
        while let Some(row) = self.sheet.next_row(&self.piece) {
            is_empty = false;
            match customers::read(columns, &row, &self.reading) {
                Ok(row) => rows.push(row),
                Err(faults) => self.outcome.fail(faults),
            }
            if rows.len() == ROWS_TOGETHER {
                self.clerk.customers(std::mem::take(&mut rows), &mut self.outcome).await?;
            }
        }
        self.clerk.customers(rows, &mut self.outcome).await?;
        Ok(is_empty)
    }

    async fn orders(&mut self, columns: &Columns<orders::Field>) -> Result<bool, FlowError> {
        let (mut rows, mut gatherer, mut is_empty) = (Vec::new(), orders::Gatherer::new(columns), true);
        loop {
            let (whole, is_last) = match self.sheet.next_row(&self.piece) {
                Some(row) => (gatherer.add(row), false),
                None => (gatherer.rest(), true),
            };
            if let Some(order) = whole {
                is_empty = false;
                match orders::read(columns, &order, &self.reading) {
                    Ok(row) => rows.push(row),
                    Err(faults) => self.failed(&order, faults),
                }
            }
            if rows.len() == ROWS_TOGETHER || is_last {
                self.clerk.orders(std::mem::take(&mut rows), &mut self.outcome).await?;
            }
            if is_last {
                return Ok(is_empty);
            }
        }
    }

    /// An order fails as a whole, and is counted once.
    fn failed(&mut self, rows: &[SheetRow], faults: Vec<CellFault>) {
        self.outcome.failed.extend(rows.first().map(|row| row.number));
        self.outcome.faults.extend(faults);
    }
}
