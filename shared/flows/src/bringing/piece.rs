//! A stretch of a file, read and stored.

use domain::job::Kind;
use tables::{CellFault, Columns, Head, HeaderFault, Piece, Place, Reading, Sheet, SheetRow, customers};

use super::{Clerk, Outcome};
use crate::FlowError;

/// Rows whose addresses are looked up, and who are given slots, together.
const ROWS_TOGETHER: usize = 1_000;

/// What a file's columns say.
pub enum Form {
    Customers(Columns<customers::Field>),
}

/// A row that could not be stored, as it stood there, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub cells: Vec<String>,
    pub row: u64,
}

impl Form {
    pub fn of(kind: Kind, head: &Head) -> Result<Self, HeaderFault> {
        match kind {
            Kind::Customers => customers::columns(&head.columns).map(Self::Customers),
            Kind::Orders => unimplemented!(),
        }
    }
}

impl Clerk<'_> {
    /// Stores what the whole rows of the piece say, and answers where the next piece begins, with all rows of it that
    /// were refused.
    pub async fn piece(
        &mut self,
        (form, head): (&Form, &Head),
        reading: &Reading<'_>,
        place: Place,
        piece: &Piece<'_>,
        outcome: &mut Outcome,
    ) -> Result<(Place, Vec<Refused>), FlowError> {
        let mut sheet = Sheet::from(head, place);
        let mut refused = Vec::new();
        let Form::Customers(columns) = form;
        loop {
            let some: Vec<SheetRow> =
                std::iter::from_fn(|| sheet.next_row(piece)).take(ROWS_TOGETHER).collect();
            if some.is_empty() {
                return Ok((sheet.place(), refused));
            }
            let mut rows = Vec::new();
            for row in &some {
                match customers::read(columns, row, reading) {
                    Ok(row) => rows.push(row),
                    Err(faults) => outcome.fail(faults),
                }
            }
            self.customers(rows, outcome).await?;
            let failed = some.into_iter().filter(|row| outcome.failed.contains(&row.number));
            refused.extend(failed.map(|row| Refused { cells: row.cells, row: row.number }));
        }
    }
}

/// As it is remembered with the job.
pub fn fault_of(fault: &CellFault) -> domain::job::Fault {
    let CellFault { row, column, message } = fault.clone();
    domain::job::Fault { row, column, message }
}
