//! Text as it is compared: by rules without case, by searches and in orders without accents, too.
//!
//! To rules "JOSÉ" and "josé" are one text, however the accent was typed, and "Jose" is another (`uncased`). Who looks
//! for somebody may leave accents away (`fold`): of Latin and Greek letters alone, where an accent is an ornament. In
//! other scripts a mark is a letter: "राम" is not "रमा", "バス" is not "ハス", "й" is not "и".

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// For searches and orders: what has no simple letter beneath it (ø, ł) keeps it; ß and ligatures come apart. Folding what
/// is folded changes nothing.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_onto(&mut folded, text);
    folded
}

/// For rules: Unicode's simple case folding, in NFC. Doing it again changes nothing.
pub fn uncased(text: &str) -> String {
    let mut uncased = String::with_capacity(text.len());
    uncase_onto(&mut uncased, text);
    uncased
}

pub(crate) fn fold_onto(folded: &mut String, text: &str) {
    if text.is_ascii() {
        return lower_onto(folded, text);
    }
    let mut base = ' ';
    // Lower case first and last: some capitals come apart into small letters and marks, and some marks hide capitals.
    let letters = text.nfkd().flat_map(char::to_lowercase).filter(|letter| {
        if !is_combining_mark(*letter) {
            base = *letter;
        }
        !is_ornament(*letter, base)
    });
    let letters = letters.flat_map(|letter| match letter {
        'ß' => ['s'; 2].into_iter().take(2),
        'ς' => ['σ'; 2].into_iter().take(1),
        letter => [letter; 2].into_iter().take(1),
    });
    folded.extend(letters.nfc());
}

pub(crate) fn uncase_onto(uncased: &mut String, text: &str) {
    if text.is_ascii() {
        return lower_onto(uncased, text);
    }
    uncased.extend(text.nfc().map(uncased_letter).nfc());
}

fn lower_onto(lower: &mut String, ascii: &str) {
    let from = lower.len();
    lower.push_str(ascii);
    lower[from..].make_ascii_lowercase();
}

/// By its capital, as ς and σ, or ſ and s, are told apart by nothing else. What would become several letters stays, and so
/// does ı, which is no small I.
fn uncased_letter(letter: char) -> char {
    let one =
        |mut letters: Box<dyn Iterator<Item = char>>| letters.next().filter(|_| letters.next().is_none());
    if letter.is_ascii() || letter == 'ı' {
        return letter.to_ascii_lowercase();
    }
    let capital = one(Box::new(letter.to_uppercase())).unwrap_or(letter);
    one(Box::new(capital.to_lowercase())).unwrap_or(letter)
}

/// An accent on a Latin or Greek letter, or on none; or what only says how a sign is to be drawn.
fn is_ornament(mark: char, base: char) -> bool {
    let is_accent = matches!(mark,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}');
    let is_latin_or_greek = matches!(base,
        '\0'..='\u{2af}' | '\u{370}'..='\u{3ff}' | '\u{1d00}'..='\u{1dbf}' | '\u{1e00}'..='\u{1fff}'
        | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}' | '\u{ab30}'..='\u{ab6f}');
    let is_drawn = matches!(mark, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    is_drawn || is_accent && (is_latin_or_greek || !base.is_alphabetic())
}

/// How a text is folded, onto others.
pub(crate) type Onto = fn(&mut String, &str);

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
    pub(crate) fn new<'a, P: Iterator<Item = &'a str>>(onto: Onto, rows: impl Iterator<Item = P>) -> Self {
        let mut all = Self::default();
        for parts in rows {
            all.begin();
            for (place, part) in parts.enumerate() {
                if place > 0 {
                    all.text.push('\n');
                }
                onto(&mut all.text, part);
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
            ("Ωμέγα", "ωμεγα"),
            ("ｶﾞ", "ガ"),
            ("❤\u{fe0f}", "❤"),
            ("", ""),
        ] {
            assert_eq!(fold(told), folded, "{told:?}");
        }
    }

    #[test]
    fn a_mark_that_is_a_letter_of_its_script_stays() {
        for (one, other) in [
            ("राम", "रमा"),
            ("राम", "रम"),
            ("バス", "ハス"),
            ("пий", "пии"),
            ("ผู้", "ผ"),
            ("கி", "க"),
            ("بَ", "ب"),
        ] {
            assert_ne!(fold(one), fold(other));
            assert!(!fold(one).contains(&fold(other)) || !one.starts_with(other) || !fold(other).is_empty());
            assert_ne!(uncased(one), uncased(other));
        }
        // However it was typed.
        assert_eq!(fold("и\u{306}"), fold("Й"));
        assert_eq!(uncased("и\u{306}"), uncased("Й"));
        assert_eq!(fold("ハ\u{3099}ス"), "バス");
    }

    #[test]
    fn rules_leave_case_aside_and_accents_not() {
        for (told, is) in [
            ("VIP", "vip"),
            ("JOSÉ", "josé"),
            ("Jose\u{301}", "josé"),
            ("Straße", "straße"),
            ("STRAẞE", "straße"),
            ("ΟΔΟΣ", "οδοσ"),
            ("οδος", "οδοσ"),
            ("ſ", "s"),
            ("ı", "ı"),
            ("", ""),
        ] {
            assert_eq!(uncased(told), is, "{told:?}");
        }
        assert_ne!(uncased("José"), uncased("Jose"));
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in ".*") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
            prop_assert_eq!(uncased(&uncased(&text)), uncased(&text));
        }

        #[test]
        fn a_text_is_found_in_the_rows_that_hold_it(rows in prop::collection::vec("[ab\u{e9}\0]{0,5}", 0..9), needle in "[ab]{1,2}") {
            let folded = Folded::new(fold_onto, rows.iter().map(|row| std::iter::once(row.as_str())));
            let mut found = vec![];
            folded.containing(&fold(&needle), |row| found.push(row));
            let slowly: Vec<_> = (0..rows.len()).filter(|row| fold(&rows[*row]).contains(&needle)).collect();
            prop_assert_eq!(found, slowly);
        }
    }
}
