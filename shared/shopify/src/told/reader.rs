//! Reads Shopify's words as ours, and notes what could not be kept.

use std::fmt::Display;

use domain::{BadMoney, Currency, EmailAddress, Minor, Phone, fields};

use super::Amount;

/// Of one thing's: beside them there is room for all else that is told of a customer (`domain::CUSTOMER_BYTES_MAX`).
const TAGS_BYTES_MAX: usize = 64 * 1024;

/// What must be known of a shop to understand its words.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The shop's, in which everything is counted here.
    pub currency: Currency,
    /// Two letters: of telephone numbers that do not say their own.
    pub country: Option<&'a str>,
}

/// Something that was told and is not kept as it was. Holds none of the words themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    pub what: &'static str,
    pub why: String,
}

/// Why a whole thing cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {why}")]
pub struct Unkept {
    pub what: &'static str,
    pub why: String,
}

impl Unkept {
    pub(crate) fn of(what: &'static str, why: impl Display) -> Self {
        Self { what, why: why.to_string() }
    }
}

pub(crate) struct Reader<'a> {
    reading: &'a Reading<'a>,
    passed_over: Vec<PassedOver>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(reading: &'a Reading<'a>) -> Self {
        Self { reading, passed_over: Vec::new() }
    }

    pub(crate) fn currency(&self) -> Currency {
        self.reading.currency
    }

    pub(crate) fn pass_over(&mut self, what: &'static str, why: impl Display) {
        self.passed_over.push(PassedOver { what, why: why.to_string() });
    }

    pub(crate) fn passed_over(self) -> Vec<PassedOver> {
        self.passed_over
    }

    /// `None` where it is wrong, which is noted.
    pub(crate) fn take<T, E: Display>(&mut self, what: &'static str, read: Result<T, E>) -> Option<T> {
        read.map_err(|why| self.pass_over(what, why)).ok()
    }

    /// A word of Shopify's that we know. Another is noted, and nothing.
    pub(crate) fn word<T>(&mut self, what: &'static str, known: Option<T>) -> Option<T> {
        self.take(what, known.ok_or("is a word that is not known"))
    }

    /// One line of at most so many letters: what is too long is cut, what hides or ends a line becomes a blank. An empty
    /// text is nothing.
    pub(crate) fn line(&mut self, what: &'static str, text: &str, chars_max: usize) -> Option<String> {
        let hides = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
        self.cut(what, &text.replace(hides, " "), chars_max)
    }

    /// As `line`, over any number of lines.
    pub(crate) fn text(&mut self, what: &'static str, text: &str, chars_max: usize) -> Option<String> {
        let hides = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
        self.cut(what, &text.replace(hides, " "), chars_max)
    }

    fn cut(&mut self, what: &'static str, text: &str, chars_max: usize) -> Option<String> {
        let text = text.trim();
        let kept = match text.char_indices().nth(chars_max) {
            Some((end, _)) => {
                self.pass_over(what, format_args!("was cut at {chars_max} characters"));
                text[..end].trim_end()
            }
            None => text,
        };
        (!kept.is_empty()).then(|| kept.to_owned())
    }

    /// A blank is nothing.
    pub(crate) fn email(&mut self, what: &'static str, text: &str) -> Option<EmailAddress> {
        let told = Some(text).filter(|text| !text.trim().is_empty())?;
        self.take(what, told.parse())
    }

    /// A blank is nothing.
    pub(crate) fn phone(&mut self, what: &'static str, text: &str) -> Option<Phone> {
        let told = Some(text).filter(|text| !text.trim().is_empty())?;
        let read = Phone::parse(told, self.reading.country);
        self.take(what, read)
    }

    /// Exactly. What is finer than the currency is rounded, half away from nothing, and noted.
    pub(crate) fn money(&mut self, what: &'static str, amount: &Amount) -> Result<Minor, Unkept> {
        match Minor::parse(&amount.0, self.currency()) {
            Err(BadMoney::TooFine(currency, digits)) => {
                self.pass_over(what, format_args!("was rounded to {digits} digits"));
                rounded(&amount.0, currency).map_err(|why| Unkept::of(what, why))
            }
            read => read.map_err(|why| Unkept::of(what, why)),
        }
    }

    /// Nothing is less than nothing.
    pub(crate) fn price(&mut self, what: &'static str, amount: &Amount) -> Result<Minor, Unkept> {
        let price = self.money(what, amount)?;
        domain::bill::not_negative(price).map_err(|why| Unkept::of(what, why))
    }

    /// Amounts are the shop's own: in another currency they would be other amounts.
    pub(crate) fn is_ours(&self, what: &'static str, currency: Option<&str>) -> Result<(), Unkept> {
        match currency {
            Some(told) if told != self.currency().to_string() => Err(Unkept::of(
                what,
                format_args!("is in another currency than the shop's {}", self.currency()),
            )),
            _ => Ok(()),
        }
    }

    pub(crate) fn tags(&mut self, told: Vec<String>) -> Vec<String> {
        let (mut all, mut bytes) = (Vec::new(), 0);
        for tag in told {
            let Some(tag) = self.line("tag", &tag, fields::TAG_CHARS_MAX) else { continue };
            bytes += tag.len();
            if all.len() == fields::TAGS_MAX || bytes > TAGS_BYTES_MAX {
                self.pass_over("tags", "beyond what may be kept were passed over");
                break;
            }
            all.push(tag);
        }
        all
    }
}

fn rounded(text: &str, currency: Currency) -> Result<Minor, BadMoney> {
    let digits = currency.digits() as usize;
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let (kept, finer) = part.split_at(digits.min(part.len()));
    let down = if kept.is_empty() { whole.to_owned() } else { format!("{whole}.{kept}") };
    let minor = Minor::parse(&down, currency)?.get();
    let is_up = finer.bytes().next().is_some_and(|digit| digit >= b'5');
    let away = if text.starts_with('-') { -1 } else { 1 };
    Minor::new(minor + if is_up { away } else { 0 })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const EUROS: &str = "EUR";

    pub(crate) fn reading(currency: &str) -> Reading<'static> {
        Reading { currency: currency.parse().unwrap(), country: Some("US") }
    }

    #[test]
    fn amounts_are_exact_or_rounded_and_told() {
        let check = |text: &str, currency: &str, expected: Option<i64>, is_noted: bool| {
            let reading = reading(currency);
            let mut reader = Reader::new(&reading);
            let read = reader.money("total", &Amount(text.to_owned()));
            assert_eq!(read.ok().map(Minor::get), expected, "{text}");
            assert_eq!(reader.passed_over().len(), usize::from(is_noted), "{text}");
        };
        check("231.1", EUROS, Some(23_110), false);
        check("0.0", EUROS, Some(0), false);
        check("11884.900", EUROS, Some(1_188_490), false);
        check("3.333", EUROS, Some(333), true);
        check("3.335", EUROS, Some(334), true);
        check("-3.335", EUROS, Some(-334), true);
        check("-0.004", EUROS, Some(0), true);
        check("-0.005", EUROS, Some(-1), true);
        check("99.5", "JPY", Some(100), true);
        check("100.0", "JPY", Some(100), false);
        check("1e3", EUROS, None, false);
        check("", EUROS, None, false);
    }

    #[test]
    fn texts_are_cut_and_never_refused() {
        let reading = reading(EUROS);
        let mut reader = Reader::new(&reading);
        assert_eq!(reader.line("name", " a\nb\u{2028}c ", 100).as_deref(), Some("a b c"));
        assert_eq!(reader.line("name", " \n", 100), None);
        assert_eq!(reader.text("note", "a\nb\0", 100).as_deref(), Some("a\nb"));
        assert!(reader.passed_over.is_empty());
        assert_eq!(reader.line("name", &"é".repeat(101), 100), Some("é".repeat(100)));
        let many = (0..251).map(|n| n.to_string()).collect();
        assert_eq!(reader.tags(many).len(), 250);
        let long = (0..100).map(|n| format!("{n:04}{}", "\u{1f375}".repeat(250))).collect();
        assert_eq!(reader.tags(long).len(), 65);
        assert_eq!((reader.email("email", "nobody"), reader.email("email", " ")), (None, None));
        assert_eq!(reader.phone("phone", ""), None);
        let noted: Vec<_> = reader.passed_over().into_iter().map(|it| it.what).collect();
        assert_eq!(noted, ["name", "tags", "tags", "email"]);
    }
}
