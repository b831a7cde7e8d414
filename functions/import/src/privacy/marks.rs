//! By what somebody is recognised in bytes: their addresses and numbers, however they are written.
//!
//! A name alone is nobody's mark: it is looked for only where no more than a few words are lost if it is another's.

use domain::Phone;
use flows::privacy::Person;
use memchr::memmem;

use super::digits::{self, Digits};

/// No mark is longer: addresses have at most 254 letters.
pub(super) const BYTES_MAX: usize = digits::BYTES_MAX;
/// Shorter words are in many texts.
const NAME_LETTERS_MIN: usize = 3;

pub(super) struct Marks {
    emails: Vec<String>,
    phones: Vec<Phone>,
    numbers: Vec<String>,
    /// Of them alone, and not of their orders.
    ids: Vec<String>,
    names: Vec<String>,
}

impl Marks {
    pub(super) fn of(person: &Person) -> Self {
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

    pub(super) fn are_in(&self, bytes: &[u8]) -> bool {
        let lower = bytes.to_ascii_lowercase();
        if self.emails.iter().any(|email| memmem::find(&lower, email.as_bytes()).is_some()) {
            return true;
        }
        if self.numbers.iter().any(|number| stands_alone(&lower, number)) {
            return true;
        }
        if self.phones.is_empty() {
            return false;
        }
        let digits = Digits::of(bytes);
        self.phones.iter().any(|phone| digits.hold(phone))
    }

    /// Also by name: for a few words that are worth little.
    pub(super) fn are_in_words(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        self.are_in(text.as_bytes()) || self.names.iter().any(|name| lower.contains(name.as_str()))
    }
}

/// Where somebody is named in words that stay: from where to where, and what is to stand there.
type Blot = (std::ops::Range<usize>, &'static str);

/// In place of whom was named. It matches nobody.
const NOBODY: &str = "…";
/// In place of an id, which is a number in rules.
const NOBODYS_ID: &str = "0";
/// Shorter numbers are in many texts.
const ID_DIGITS_MIN: usize = 7;

impl Marks {
    /// Words of a merchant's own, in which they are not named any more: by an address, a number, an id, or by two of their names side by
    /// side. `None`: they are not named there.
    pub(super) fn blotted(&self, text: &str) -> Option<String> {
        let lower = text.to_ascii_lowercase();
        let mut blots: Vec<Blot> = Vec::new();
        for email in &self.emails {
            let found = lower.match_indices(email.as_str()).map(|(at, _)| at..at + email.len());
            blots.extend(found.filter(|found| is_an_address(&lower, found)).map(|found| (found, NOBODY)));
        }
        let digits = Digits::of(text.as_bytes());
        blots.extend(self.phones.iter().flat_map(|phone| digits.ranges(phone)).map(|found| (found, NOBODY)));
        for id in self.ids.iter().filter(|id| id.len() >= ID_DIGITS_MIN) {
            let found = lower.match_indices(id.as_str()).map(|(at, _)| at..at + id.len());
            blots.extend(
                found.filter(|found| is_a_number(lower.as_bytes(), found)).map(|found| (found, NOBODYS_ID)),
            );
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
    fn named(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        let mut words: Vec<std::ops::Range<usize>> = Vec::new();
        for (at, letter) in text.char_indices() {
            match words.last_mut().filter(|word| word.end == at) {
                _ if !letter.is_alphanumeric() => {}
                Some(word) => word.end += letter.len_utf8(),
                None => words.push(at..at + letter.len_utf8()),
            }
        }
        words.retain(|word| self.names.contains(&text[word.clone()].to_lowercase()));
        let mut found: Vec<(std::ops::Range<usize>, usize)> = Vec::new();
        for word in words {
            match found.last_mut().filter(|(last, _)| text[last.end..word.start].trim().is_empty()) {
                Some((last, count)) => (last.end, *count) = (word.end, *count + 1),
                None => found.push((word, 1)),
            }
        }
        found.into_iter().filter(|(_, count)| *count > 1).map(|(found, _)| found).collect()
    }
}

/// Not as the end or the beginning of a longer one.
fn is_an_address(text: &str, found: &std::ops::Range<usize>) -> bool {
    let is_part =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_+-%".contains(byte));
    let bytes = text.as_bytes();
    !is_part(found.start.checked_sub(1).and_then(|before| bytes.get(before)))
        && !is_part(bytes.get(found.end))
}

/// Not as a part of a longer number.
fn stands_alone(bytes: &[u8], number: &str) -> bool {
    memmem::find_iter(bytes, number.as_bytes()).any(|at| is_a_number(bytes, &(at..at + number.len())))
}

fn is_a_number(bytes: &[u8], found: &std::ops::Range<usize>) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    !is_part(found.start.checked_sub(1).and_then(|before| bytes.get(before)))
        && !is_part(bytes.get(found.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{CustomerId, OrderId};

    #[test]
    fn somebody_is_recognised_however_it_is_written() {
        let person = Person {
            ids: [CustomerId::Shopify(7_001_222)].into(),
            emails: ["ada@example.com".parse().unwrap()].into(),
            phones: ["+14155552671".parse().unwrap()].into(),
            names: ["Lovelace".to_owned(), "Byron".to_owned(), "Al".to_owned()].into(),
            orders: [OrderId::Shopify(9_001_333)].into(),
        };
        let marks = Marks::of(&person);
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
}
