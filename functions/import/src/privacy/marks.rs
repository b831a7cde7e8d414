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
        assert!(marks.are_in_words(r#"{"search":"lovelace"}"#));
        assert!(!marks.are_in_words(r#"{"search":"albert"}"#), "two letters are in many words");
    }
}
