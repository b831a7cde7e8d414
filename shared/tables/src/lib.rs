//! Files that merchants bring and take: rows of CSV, and what they say of customers and orders.
//!
//! Pure: reads pieces of a file, one row at a time, and holds no more than that row. Nothing that stands in a cell stops
//! the reading of another.

mod cell;
mod cells;
pub mod customers;
mod head;
mod header;
mod json;
mod line;
pub mod orders;
mod sheet;

pub use cells::Reading;
pub use head::{HEAD_BYTES_MAX, Head};
pub use header::{Columns, HeaderFault};
pub use line::{REASON_COLUMN, write as write_line};
pub use sheet::{Piece, Place, RowFault, Sheet, SheetRow};

/// What is wrong with one cell or, without a column, with the whole row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFault {
    /// The first row beneath the header is 1.
    pub row: u64,
    /// As the file's header calls it.
    pub column: Option<String>,
    pub message: String,
}
