//! Text as it is compared: without case and without accents.
//!
//! "José", "JOSE" and "josé" fold to the same, however the accent was typed. What has no simple letter beneath it
//! (ø, ł) keeps it; ß and ligatures come apart.

use std::fmt::Write;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Folding what is folded changes nothing.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_onto(&mut folded, text);
    folded
}

pub(crate) fn fold_onto(folded: &mut String, text: &str) {
    if text.is_ascii() {
        let from = folded.len();
        folded.push_str(text);
        folded[from..].make_ascii_lowercase();
        return;
    }
    // Lower case first and last: some capitals come apart into small letters and marks, and some marks hide capitals.
    for plain in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match plain {
            'ß' => folded.push_str("ss"),
            'ς' => folded.push('σ'),
            mark if is_combining_mark(mark) => {}
            _ => {
                let _ = folded.write_char(plain);
            }
        }
    }
}

/// The texts of one column, folded, one after the other. A NUL stands before each, so that nothing is found across
/// the border of two.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    text: String,
    /// Where each row's text begins; one more than there are rows.
    starts: Vec<u32>,
}

impl Folded {
    /// Each row is the parts that it gives, a line break between them.
    pub(crate) fn new<'a, P: Iterator<Item = &'a str>>(rows: impl Iterator<Item = P>) -> Self {
        let mut all = Self::default();
        for parts in rows {
            all.begin();
            for (place, part) in parts.enumerate() {
                if place > 0 {
                    all.text.push('\n');
                }
                fold_onto(&mut all.text, part);
            }
        }
        all.begin();
        all
    }

    fn begin(&mut self) {
        self.text.push('\0');
        self.starts.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub(crate) fn get(&self, row: usize) -> &str {
        &self.text[self.starts[row] as usize..self.starts[row + 1] as usize - 1]
    }

    /// Calls `hit` once for each row that contains the text, in order.
    pub(crate) fn containing(&self, needle: &str, mut hit: impl FnMut(usize)) {
        if needle.contains('\0') {
            return;
        }
        let finder = memchr::memmem::Finder::new(needle);
        let (mut row, mut from) = (0, 0);
        while let Some(found) = finder.find(&self.text.as_bytes()[from..]) {
            let at = from + found;
            row += self.starts[row + 1..].partition_point(|start| *start as usize <= at);
            if row >= self.len() {
                return;
            }
            hit(row);
            row += 1;
            from = self.starts[row] as usize;
            if row >= self.len() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_person_is_found_under_every_spelling() {
        for (told, folded) in [
            ("José", "jose"),
            ("JOSE", "jose"),
            ("Jose\u{301}", "jose"),
            ("ÅNGSTRÖM", "angstrom"),
            ("Straße", "strasse"),
            ("ΟΔΟΣ", "οδοσ"),
            ("İstanbul", "istanbul"),
            ("Søren", "søren"),
            ("", ""),
        ] {
            assert_eq!(fold(told), folded, "{told:?}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in ".*") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }

        #[test]
        fn a_text_is_found_in_the_rows_that_hold_it(rows in prop::collection::vec("[ab\u{e9}\0]{0,5}", 0..9), needle in "[ab]{1,2}") {
            let folded = Folded::new(rows.iter().map(|row| std::iter::once(row.as_str())));
            let mut found = vec![];
            folded.containing(&fold(&needle), |row| found.push(row));
            let slowly: Vec<_> = (0..rows.len()).filter(|row| fold(&rows[*row]).contains(&needle)).collect();
            prop_assert_eq!(found, slowly);
        }
    }
}
