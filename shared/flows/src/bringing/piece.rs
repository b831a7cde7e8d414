//! A stretch of a file, read and stored some thousand rows at a time.

use domain::job::Kind;
use tables::{
    CellFault, Columns, Head, HeaderFault, Piece, Place, Reading, Sheet, SheetRow, customers, orders,
};

use super::{Clerk, Outcome};
use crate::FlowError;

/// Rows whose addresses are looked up, and who are given slots, together.
const ROWS_TOGETHER: usize = 1_000;

/// A file's head, and what its columns say.
pub struct Form {
    head: Head,
    columns: What,
}

enum What {
    Customers(Columns<customers::Field>),
    Orders(Columns<orders::Field>),
}

/// How far a file is stored, and what of it could not be.
pub struct Read {
    /// Where the next piece begins.
    pub place: Place,
    /// The rows of all that was refused, as they stood there: of a job's file.
    pub refused: Vec<SheetRow>,
}

impl Form {
    /// `keeps_unknown`: columns that we do not know become attributes.
    pub fn of(kind: Kind, head: Head, keeps_unknown: bool) -> Result<Self, HeaderFault> {
        if kind == Kind::Customers && keeps_unknown {
            customers::kept_apart(&head.columns)?;
        }
        let columns = match kind {
            Kind::Customers => What::Customers(customers::columns(&head.columns)?),
            Kind::Orders => What::Orders(orders::columns(&head.columns)?),
        };
        Ok(Self { head, columns })
    }

    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Columns that we do not know, with what may have been meant.
    pub fn unknown(&self) -> Vec<(String, Option<&'static str>)> {
        match &self.columns {
            What::Customers(columns) => customers::unknown(columns),
            What::Orders(columns) => orders::unknown(columns),
        }
    }

    /// Whether a row can be told from another that says the same: else the file must be read in one piece.
    pub fn names_rows(&self) -> bool {
        match &self.columns {
            What::Customers(_) => true,
            What::Orders(columns) => orders::names_orders(columns),
        }
    }

    /// Where the first row begins.
    pub fn start(&self) -> Place {
        Sheet::new(&self.head).place()
    }
}

impl Clerk<'_> {
    /// Stores what the whole rows of a piece say. Overtaken where somebody has cancelled the job meanwhile: some of them
    /// may be stored.
    pub async fn piece(
        &mut self,
        form: &Form,
        reading: &Reading<'_>,
        place: Place,
        piece: &Piece<'_>,
        outcome: &mut Outcome,
    ) -> Result<Read, FlowError> {
        let sheet = Sheet::from(&form.head, place);
        match &form.columns {
            What::Customers(columns) => {
                if self.is_dry {
                    self.look_ahead(form, columns, reading, place, piece);
                }
                self.people_of(columns, reading, sheet, piece, outcome).await
            }
            What::Orders(columns) => self.orders_of(columns, reading, sheet, piece, outcome).await,
        }
    }

    fn look_ahead(
        &mut self,
        form: &Form,
        columns: &Columns<customers::Field>,
        reading: &Reading<'_>,
        place: Place,
        piece: &Piece<'_>,
    ) {
        let mut ahead = Sheet::from(&form.head, place);
        while let Some(row) = ahead.next_row(piece) {
            if let Ok(row) = customers::read(columns, &row, reading) {
                self.foresee(&row);
            }
        }
    }

    async fn people_of(
        &mut self,
        columns: &Columns<customers::Field>,
        reading: &Reading<'_>,
        mut sheet: Sheet,
        piece: &Piece<'_>,
        outcome: &mut Outcome,
    ) -> Result<Read, FlowError> {
        let (mut refused, keeps) = (Vec::new(), self.lot.is_some());
        let mut has_begun = false;
        loop {
            let some = std::iter::from_fn(|| sheet.next_row(piece));
            let some: Vec<SheetRow> = some.take(ROWS_TOGETHER).collect();
            if some.is_empty() {
                return Ok(Read { place: sheet.place(), refused });
            }
            if std::mem::replace(&mut has_begun, true) {
                self.goes_on().await?;
            }
            let mut rows = Vec::new();
            for row in &some {
                match customers::read(columns, row, reading) {
                    Ok(row) => rows.push(row),
                    Err(faults) => outcome.fail(faults),
                }
            }
            self.customers(rows, outcome).await?;
            let is_refused = |row: &SheetRow| keeps && outcome.failed.contains(&row.number);
            refused.extend(some.into_iter().filter(is_refused));
        }
    }

    /// An order fails as a whole, and is counted once.
    async fn orders_of(
        &mut self,
        columns: &Columns<orders::Field>,
        reading: &Reading<'_>,
        mut sheet: Sheet,
        piece: &Piece<'_>,
        outcome: &mut Outcome,
    ) -> Result<Read, FlowError> {
        let (mut refused, keeps) = (Vec::new(), self.lot.is_some());
        let mut gatherer = orders::Gatherer::new(columns);
        let mut has_begun = false;
        loop {
            let (mut some, mut is_over) = (Vec::new(), false);
            while some.len() < ROWS_TOGETHER && !is_over {
                let whole = if let Some(row) = sheet.next_row(piece) {
                    gatherer.add(row)
                } else {
                    is_over = true;
                    // Behind a piece there may be more rows of its last order.
                    if piece.is_last { gatherer.rest() } else { None }
                };
                some.extend(whole);
            }
            if std::mem::replace(&mut has_begun, true) {
                self.goes_on().await?;
            }
            let mut rows = Vec::new();
            for order in &some {
                match orders::read(columns, order, reading) {
                    Ok(row) => rows.push(row),
                    Err(faults) => {
                        outcome.failed.extend(order.first().map(|row| row.number));
                        outcome.tell(faults);
                    }
                }
            }
            self.orders(rows, outcome).await?;
            let is_refused = |order: &Vec<SheetRow>| {
                keeps && order.first().is_some_and(|row| outcome.failed.contains(&row.number))
            };
            refused.extend(some.into_iter().filter(is_refused).flatten());
            if is_over {
                return Ok(Read { place: gatherer.place(&sheet), refused });
            }
        }
    }
}

/// As it is remembered with a job.
pub fn fault_of(fault: &CellFault) -> domain::job::Fault {
    let CellFault { row, column, message } = fault.clone();
    domain::job::Fault { row, column, message }
}
