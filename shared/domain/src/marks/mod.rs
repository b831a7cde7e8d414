//! By what somebody is recognised in bytes: their addresses and numbers, however they are written.
//!
//! Whoever has an address or a number that only begins or ends as theirs is somebody else. A name alone is nobody's mark: it is looked for only where no more than a few words are lost if it is another's.

mod digits;
mod edges;

use std::{collections::BTreeSet, ops::Range};

use memchr::memmem;

use self::digits::Digits;
use crate::{CustomerId, EmailAddress, OrderId, Phone};

/// What stands around a mark, and says whether it is one, is no longer.
const AROUND_BYTES: usize = 64;
/// Pieces of a text of which each has so much of the one before miss no mark: none is longer than a number with all that may lie
/// in it, as addresses have at most 254 letters.
pub const OVERLAP_BYTES: usize = digits::BYTES_MAX + 2 * AROUND_BYTES;
/// Shorter words are in many texts.
const NAME_LETTERS_MIN: usize = 3;

/// By what somebody is known.
pub struct Known<'a> {
    pub ids: &'a BTreeSet<CustomerId>,
    pub emails: &'a BTreeSet<EmailAddress>,
    pub phones: &'a BTreeSet<Phone>,
    /// What they are called: each word by itself.
    pub names: &'a BTreeSet<String>,
    pub orders: &'a BTreeSet<OrderId>,
}

pub struct Marks {
    emails: Vec<String>,
    phones: Vec<Phone>,
    numbers: Vec<String>,
    /// Of them alone, and not of their orders.
    ids: Vec<String>,
    names: Vec<String>,
}

impl Marks {
    pub fn of(person: &Known<'_>) -> Self {
        let ids = person.ids.iter().map(ToString::to_string);
        let orders = person.orders.iter().map(ToString::to_string);
        // Shopify's number stands by itself where Shopify tells it.
        let number = |id: String| id.strip_prefix('s').map(str::to_owned).unwrap_or(id).to_lowercase();
        let names = person.names.iter().map(|name| name.to_lowercase());
        Self {
            emails: person.emails.iter().map(|email| email.as_str().to_lowercase()).collect(),
            phones: person.phones.iter().cloned().collect(),
            ids: person.ids.iter().map(|id| number(id.to_string())).collect(),
            numbers: ids.chain(orders).map(number).collect(),
            names: names.filter(|name| name.chars().count() >= NAME_LETTERS_MIN).collect(),
        }
    }

    pub fn are_in(&self, bytes: &[u8]) -> bool {
        self.are_in_piece(bytes, Piece::default())
    }

    /// The same of a piece. What stands at an edge behind which there is more is another piece's, which has `OVERLAP_BYTES` of this.
    pub fn are_in_piece(&self, bytes: &[u8], piece: Piece) -> bool {
        let from = if piece.has_more_before { AROUND_BYTES } else { 0 };
        let to = bytes.len().saturating_sub(if piece.has_more_after { AROUND_BYTES } else { 0 });
        let is_within = |found: &Range<usize>| from <= found.start && found.end <= to;
        let lower = bytes.to_ascii_lowercase();
        let mut emails = self.emails.iter().flat_map(|email| all_of(&lower, email));
        if emails.any(|found| is_within(&found) && edges::is_an_address(&lower, &found)) {
            return true;
        }
        let mut numbers = self.numbers.iter().flat_map(|number| all_of(&lower, number));
        if numbers.any(|found| is_within(&found) && edges::is_a_number(&lower, &found)) {
            return true;
        }
        if self.phones.is_empty() {
            return false;
        }
        let digits = Digits::of(bytes);
        self.phones.iter().flat_map(|phone| digits.ranges(phone)).any(|found| is_within(&found))
    }

    /// Also by name: for a few words that are worth little.
    pub fn are_in_words(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        let has = |name: &String| {
            let mut found = lower.match_indices(name.as_str()).map(|(at, _)| at..at + name.len());
            found.any(|found| edges::is_a_word(&lower, &found))
        };
        self.are_in(text.as_bytes()) || self.names.iter().any(has)
    }
}

/// Whether a text goes on beyond what there is of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Piece {
    pub has_more_before: bool,
    pub has_more_after: bool,
}

fn all_of(bytes: &[u8], mark: &str) -> impl Iterator<Item = Range<usize>> {
    memmem::find_iter(bytes, mark.as_bytes()).map(|at| at..at + mark.len()).collect::<Vec<_>>().into_iter()
}

/// Where somebody is named in words that stay: from where to where, and what is to stand there.
type Blot = (Range<usize>, &'static str);

/// In place of whom was named. It matches nobody.
const NOBODY: &str = "…";
/// In place of an id, which is a number in rules.
const NOBODYS_ID: &str = "0";
/// Shorter numbers are in many texts.
const ID_DIGITS_MIN: usize = 7;

impl Marks {
    /// Words of a merchant's own, in which they are not named any more: by an address, a number, an id, or by two of their names side by
    /// side. `None`: they are not named there.
    pub fn blotted(&self, text: &str) -> Option<String> {
        let lower = text.to_ascii_lowercase();
        let mut blots: Vec<Blot> = Vec::new();
        for email in &self.emails {
            let found = all_of(lower.as_bytes(), email);
            let found = found.filter(|found| edges::is_an_address(lower.as_bytes(), found));
            blots.extend(found.map(|found| (found, NOBODY)));
        }
        let digits = Digits::of(text.as_bytes());
        blots.extend(self.phones.iter().flat_map(|phone| digits.ranges(phone)).map(|found| (found, NOBODY)));
        for id in self.ids.iter().filter(|id| id.len() >= ID_DIGITS_MIN) {
            let found = all_of(lower.as_bytes(), id);
            let found = found.filter(|found| edges::is_a_number(lower.as_bytes(), found));
            blots.extend(found.map(|found| (found, NOBODYS_ID)));
        }
        blots.extend(self.named(text).into_iter().map(|found| (found, NOBODY)));
        blots.sort_by_key(|(found, _)| (found.start, found.end));
        let (mut blotted, mut from) = (String::new(), 0);
        for (found, instead) in &blots {
            // One may lie within another.
            if found.start >= from {
                blotted.push_str(&text[from..found.start]);
                blotted.push_str(instead);
            }
            // A digit may be as wide as a Chinese one.
            from = from.max(text.ceil_char_boundary(found.end));
        }
        blotted.push_str(&text[from..]);
        (!blots.is_empty()).then_some(blotted)
    }

    /// Two or more of their names with nothing but spaces between them: one alone is many people's.
    fn named(&self, text: &str) -> Vec<Range<usize>> {
        let mut words: Vec<Range<usize>> = Vec::new();
        for (at, letter) in text.char_indices() {
            match words.last_mut().filter(|word| word.end == at) {
                _ if !letter.is_alphanumeric() => {}
                Some(word) => word.end += letter.len_utf8(),
                None => words.push(at..at + letter.len_utf8()),
            }
        }
        words.retain(|word| self.names.contains(&text[word.clone()].to_lowercase()));
        let mut found: Vec<(Range<usize>, usize)> = Vec::new();
        for word in words {
            match found.last_mut().filter(|(last, _)| text[last.end..word.start].trim().is_empty()) {
                Some((last, count)) => (last.end, *count) = (word.end, *count + 1),
                None => found.push((word, 1)),
            }
        }
        found.into_iter().filter(|(_, count)| *count > 1).map(|(found, _)| found).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_recognised_however_it_is_written() {
        let marks = Marks::of(&Known {
            ids: &[CustomerId::Shopify(7_001_222)].into(),
            emails: &["ada@example.com".parse().unwrap()].into(),
            phones: &["+14155552671".parse().unwrap()].into(),
            names: &["Lovelace".to_owned(), "Byron".to_owned(), "Al".to_owned()].into(),
            orders: &[OrderId::Shopify(9_001_333)].into(),
        });
        for told in [
            "email,name\nADA@Example.com,Ada\n",
            r#"{"customer":{"id":7001222}}"#,
            "id,total\ns7001222,5\n",
            r#"{"id":9001333,"note":null}"#,
            "phone\n(415) 555-2671\n",
            "+1 415 555 2671",
        ] {
            assert!(marks.are_in(told.as_bytes()), "{told}");
        }
        for others in ["bada@example.org", "70012221", "170012220", "415 555 2672", "Lovelace", ""] {
            assert!(!marks.are_in(others.as_bytes()), "{others}");
        }
        for (told, expected) in [
            (
                r#"email = "Ada@example.com" AND number_of_orders > 3"#,
                Some(r#"email = "…" AND number_of_orders > 3"#),
            ),
            ("customer_id IN (7001222, 80)", Some("customer_id IN (0, 80)")),
            (r#"phone = "+14155552671""#, Some(r#"phone = "+1…""#)),
            (
                "Dear lovelace  Byron, call (415) 555-2671 or bada@example.com",
                Some("Dear …, call (… or bada@example.com"),
            ),
            ("All Lovelaces, and Lovelace alone", None),
            ("9001333", None),
        ] {
            assert_eq!(marks.blotted(told).as_deref(), expected, "{told}");
        }
        assert!(marks.are_in_words(r#"{"search":"lovelace"}"#));
        assert!(!marks.are_in_words(r#"{"search":"albert"}"#), "two letters are in many words");
    }

    fn marks_of(email: &str, name: &str) -> Marks {
        let (nothing, nobody, nowhere) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Marks::of(&Known {
            ids: &nobody,
            emails: &[email.parse().unwrap()].into(),
            phones: &nowhere,
            names: &[name.to_owned()].into(),
            orders: &nothing,
        })
    }

    #[test]
    fn whoever_has_an_address_that_ends_or_begins_as_another_is_somebody_else() {
        let marks = marks_of("ana@gmail.com", "Ann");
        for others in [
            r#"{"email":"joana@gmail.com"}"#,
            r#"{"email":"diana@gmail.com"}"#,
            "maria.ana@gmail.com",
            "o'ana@gmail.com",
            "shop+ana@gmail.com",
            "x_ana@gmail.com",
            "ana@gmail.com.br",
            "ana@gmail.community",
            "ana@gmail.com-mail.example",
            r"\u0061ana@gmail.com",
        ] {
            assert!(!marks.are_in(others.as_bytes()), "{others}");
            assert_eq!(marks.blotted(others), None, "{others}");
        }
        for (told, expected) in [
            ("ana@gmail.com", "…"),
            ("Write to ana@gmail.com.", "Write to …."),
            ("Write to ana@gmail.com. She answers.", "Write to …. She answers."),
            ("so...ana@gmail.com", "so...…"),
            ("email='ana@gmail.com' OR email = 'x'", "email='…' OR email = 'x'"),
            ("/unsubscribe/?email=ana@gmail.com&id=7", "/unsubscribe/?email=…&id=7"),
            ("<Ana@Gmail.com>", "<…>"),
            (r"Ana \u003cana@gmail.com\u003e", r"Ana \u003c…\u003e"),
            (r#"{\"note\":\"one\\nana@gmail.com\\ntwo\"}"#, r#"{\"note\":\"one\\n…\\ntwo\"}"#),
            (r"one\nana@gmail.com\ttwo", r"one\n…\ttwo"),
            ("?to=%3Cana@gmail.com%3E", "?to=%3C…%3E"),
            ("joana@gmail.com, ana@gmail.com", "joana@gmail.com, …"),
        ] {
            assert!(marks.are_in(told.as_bytes()), "{told}");
            assert_eq!(marks.blotted(told).as_deref(), Some(expected), "{told}");
        }
    }

    #[test]
    fn a_rule_that_names_somebody_else_stays_as_it_is() {
        for (forgotten, rule) in [
            ("smith@x.com", r#"email = "jane.smith@x.com""#),
            ("ada@example.com", r#"email = "ada@example.com.au""#),
            ("brien@x.com", r#"email = "o'brien@x.com""#),
            ("ada@example.com", r#"email = "ada@example.com-shop.example""#),
        ] {
            assert_eq!(marks_of(forgotten, "Nobody").blotted(rule), None, "{forgotten} in {rule}");
        }
    }

    #[test]
    fn a_text_in_pieces_says_the_same_as_the_whole() {
        let marks = marks_of("ana@gmail.com", "Ann");
        let (long, each) = (2 * OVERLAP_BYTES, 3 * OVERLAP_BYTES);
        for (told, is_hers) in
            [("ana@gmail.com", true), ("joana@gmail.com", false), ("ana@gmail.com.br", false)]
        {
            for before in each - 40..each + 40 {
                let text = format!("{} {told} {}", " ".repeat(before), " ".repeat(long));
                let (mut found, mut from) = (false, 0);
                while from + OVERLAP_BYTES < text.len() {
                    let to = text.len().min(from + each);
                    let piece = Piece { has_more_before: from > 0, has_more_after: to < text.len() };
                    found |= marks.are_in_piece(&text.as_bytes()[from..to], piece);
                    from = to - OVERLAP_BYTES;
                    if to == text.len() {
                        break;
                    }
                }
                assert_eq!(found, is_hers, "{told} at {before}");
            }
        }
    }

    #[test]
    fn a_name_is_a_whole_word() {
        let marks = marks_of("ana@gmail.com", "Ann");
        for others in ["channel", "planning", "Annabel", "JoAnn", r#"{"channel":"email"}"#, "änn"] {
            assert!(!marks.are_in_words(others), "{others}");
        }
        for hers in ["Ann", "ann's list", r#"{"search":"ann"}"#, "Mary-Ann", r"Dear\nAnn"] {
            assert!(marks.are_in_words(hers), "{hers}");
        }
        let marks = marks_of("ana@gmail.com", "欧阳修");
        assert!(marks.are_in_words("给欧阳修的信"), "not everybody puts spaces between words");
    }
}
