//! A row as it is written into a file.

use crate::harmless;

/// What is wrong with a row that was not stored, in a file of such rows. Brought again, the column says nothing.
pub const REASON_COLUMN: &str = "why_not_stored";

/// One line. Formulas become texts.
pub fn written<'a>(cells: impl IntoIterator<Item = &'a String>) -> Vec<u8> {
    let cells: Vec<_> = cells.into_iter().map(|cell| quoted(&harmless(cell))).collect();
    let mut line = cells.join(",").into_bytes();
    line.push(b'\n');
    line
}

fn quoted(cell: &str) -> String {
    let is_plain = !cell.contains(['"', ',', ';', '\t', '\r', '\n']) && cell.trim() == cell;
    if is_plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}
