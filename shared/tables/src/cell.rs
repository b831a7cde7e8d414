//! One cell: its letters, and the mark that keeps a spreadsheet from calculating it.
//!
//! `meant(harmless(text))` is the text, whatever it is.

use encoding_rs::WINDOWS_1252;

/// UTF-8 or else Latin-1 in the form that Windows writes. Each cell by itself: so a file is read without a look ahead.
pub(crate) fn letters(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Whether a spreadsheet would take it for a formula, perhaps behind marks that are there already.
fn is_formula(text: &str) -> bool {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let bare = text.trim_start_matches('\'');
    let rest = bare.strip_prefix(['=', '+', '-', '@', '\t', '\r']);
    rest.is_some_and(|rest| !bare.starts_with(['+', '-']) || !is_number(rest))
}

/// As it is written into a file: a formula becomes a text.
pub(crate) fn harmless(text: &str) -> String {
    if is_formula(text) { format!("'{text}") } else { text.to_owned() }
}

/// What was meant by a cell that `harmless` wrote.
pub(crate) fn meant(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_become_texts_and_numbers_stay() {
        let check = |text: &str, cell: &str| assert_eq!(harmless(text), cell);
        check("=1+1", "'=1+1");
        check("@sum", "'@sum");
        check("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0");
        check("-2+3", "'-2+3");
        check("'=1", "''=1");
        check("-12.50", "-12.50");
        check("+14155552671", "+14155552671");
        check("'tis", "'tis");
        check("a=b", "a=b");
        check("", "");
    }

    #[test]
    fn letters_are_of_either_alphabet() {
        assert_eq!(letters("Zoë".as_bytes()), "Zoë");
        assert_eq!(letters(b"Zo\xeb"), "Zoë");
        assert_eq!(letters(b"\x80 5"), "€ 5");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_it_was_meant(text in "['=+@\\-\\t\\r0-9a.]{0,6}|.{0,8}") {
            let cell = harmless(&text);
            prop_assert_eq!(meant(&cell), text.as_str());
        }
    }
}
