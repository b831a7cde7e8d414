//! Lines of a file that is written.

use crate::cell;

/// What is wrong with a row that was not stored, in a file of such rows. Brought again, the column says nothing.
pub const REASON_COLUMN: &str = "why_not_stored";

/// One row. Formulas become texts.
pub fn write<'a>(cells: impl IntoIterator<Item = &'a str>, out: &mut String) {
    for (place, text) in cells.into_iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        let text = cell::harmless(text);
        // What parts cells in another form of the file is no part of this one's form, and is quoted all the same.
        if text.contains(['"', ',', ';', '\t', '\n', '\r']) {
            out.push('"');
            out.push_str(&text.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&text);
        }
    }
    out.push_str("\r\n");
}
