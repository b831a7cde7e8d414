//! What is told of a customer, field by field, however it comes: as JSON, as a cell of a file.
//!
//! Each reads a text as people write it and gives the one form that is kept. An error is the end of a sentence that
//! begins with the field's name, and says what was expected.

use jiff::{Timestamp, civil::Date};
use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Zone,
    country::country as country_of,
    customer::{Address, AttributeValue},
};

pub const NAME_CHARS_MAX: usize = 100;
pub const TAG_CHARS_MAX: usize = 255;
pub const TAGS_MAX: usize = 250;
pub const NOTE_CHARS_MAX: usize = 5_000;
pub const ADDRESSES_MAX: usize = 20;
/// Of a street, a city, a company.
pub const PLACE_CHARS_MAX: usize = 200;
pub const POSTCODE_CHARS_MAX: usize = 20;
pub const ATTRIBUTES_MAX: usize = 100;
pub const ATTRIBUTE_NAME_CHARS_MAX: usize = 64;
pub const ATTRIBUTE_CHARS_MAX: usize = 1_000;
pub const ATTRIBUTE_WORDS_MAX: usize = 250;
/// Of a segment.
pub const DESCRIPTION_CHARS_MAX: usize = 1_000;
/// How somebody agreed: "checkout, box not ticked before".
pub const METHOD_CHARS_MAX: usize = 200;

/// A number of a shop's own column is kept in millionths: a trillion of them fit.
const NUMBER_MAX: i64 = 1_000_000_000_000;
const MILLIONTHS: i64 = 1_000_000;

/// Why something told is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadField {
    #[error("must be 1 to {0} characters on one line")]
    Line(usize),
    #[error("must be 1 to {0} characters, without control characters")]
    Text(usize),
    #[error("may hold at most {0}")]
    TooMany(usize),
    #[error("is not a language: a tag like en or pt-BR is expected")]
    Language,
    #[error("is not a day: one like 1990-12-31 is expected")]
    Day,
    #[error("lies in the future")]
    Future,
    #[error("is not a country: two letters of ISO 3166 are expected, US for one")]
    Country,
    #[error("is an address in which nothing stands: tell at least one part")]
    EmptyAddress,
    #[error("is not an instant: one like 2026-01-31T09:30:00Z, or a day like 2026-01-31, is expected")]
    Instant,
    #[error(
        "is not a number: digits and at most one point with 6 digits behind it are expected, below a trillion"
    )]
    Number,
    #[error("is not a name of an attribute: 1 to 64 small letters, digits and underscores are expected")]
    AttributeName,
}

/// One line: without blanks around it, and without anything that ends or hides a line.
pub fn line(text: &str, chars_max: usize) -> Result<String, BadField> {
    let text = text.trim();
    let is_plain = !text.chars().any(|letter| letter.is_control() || ends_a_line(letter));
    let fits = (1..=chars_max).contains(&text.chars().count());
    if is_plain && fits { Ok(text.to_owned()) } else { Err(BadField::Line(chars_max)) }
}

/// Any lines.
fn text(text: &str, chars_max: usize) -> Result<String, BadField> {
    let text = text.trim();
    let is_plain = text.chars().all(|letter| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t'));
    let fits = (1..=chars_max).contains(&text.chars().count());
    if is_plain && fits { Ok(text.to_owned()) } else { Err(BadField::Text(chars_max)) }
}

fn ends_a_line(letter: char) -> bool {
    matches!(letter, '\u{2028}' | '\u{2029}')
}

/// A first or a last name.
pub fn name(text: &str) -> Result<String, BadField> {
    line(text, NAME_CHARS_MAX)
}

/// A whole name, taken apart: the last word is the last name. A single word is a first name.
pub fn whole_name(text: &str) -> Result<(String, Option<String>), BadField> {
    let whole = line(text, NAME_CHARS_MAX * 2 + 1)?;
    match whole.rsplit_once(char::is_whitespace) {
        Some((first, last)) => Ok((name(first)?, Some(name(last)?))),
        None => Ok((name(&whole)?, None)),
    }
}

pub fn tag(text: &str) -> Result<String, BadField> {
    line(text, TAG_CHARS_MAX)
}

/// These tags, each once, as it is told first. What is held already keeps its spelling.
pub fn tags(
    held: &BTreeSet<String>,
    told: impl IntoIterator<Item = String>,
) -> Result<BTreeSet<String>, BadField> {
    let known: BTreeMap<String, &String> = held.iter().map(|tag| (tag.to_lowercase(), tag)).collect();
    let mut all = BTreeMap::new();
    for tag in told {
        let key = tag.to_lowercase();
        let kept = known.get(&key).map_or(tag, |held| (*held).clone());
        all.entry(key).or_insert(kept);
    }
    if all.len() > TAGS_MAX { Err(BadField::TooMany(TAGS_MAX)) } else { Ok(all.into_values().collect()) }
}

/// A tag of BCP 47, as far as shops use it: a language, perhaps a script, perhaps a region.
pub fn language(text: &str) -> Result<String, BadField> {
    let mut parts = text.trim().split(['-', '_']);
    let letters = |part: &str, lengths: &[usize]| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    let first = parts.next().filter(|part| letters(part, &[2, 3])).ok_or(BadField::Language)?;
    let mut tag = first.to_ascii_lowercase();
    let mut rest = parts.collect::<Vec<_>>().into_iter().peekable();
    if let Some(script) = rest.next_if(|part| letters(part, &[4])) {
        let (head, tail) = script.split_at(1);
        tag = format!("{tag}-{}{}", head.to_ascii_uppercase(), tail.to_ascii_lowercase());
    }
    let is_area = |part: &str| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(region) = rest.next_if(|part| letters(part, &[2]) || is_area(part)) {
        tag = format!("{tag}-{}", region.to_ascii_uppercase());
    }
    if rest.next().is_none() { Ok(tag) } else { Err(BadField::Language) }
}

/// A day of the calendar, as in 2026-01-31 and in no other form.
pub fn day(text: &str) -> Result<Date, BadField> {
    let text = text.trim();
    let has_form =
        text.len() == 10 && text.is_ascii() && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    if has_form { text.parse().map_err(|_| BadField::Day) } else { Err(BadField::Day) }
}

pub fn birthday(text: &str, today: Date) -> Result<Date, BadField> {
    let day = day(text)?;
    if day > today { Err(BadField::Future) } else { Ok(day) }
}

/// Its two capitals.
pub fn country(text: &str) -> Result<String, BadField> {
    country_of(text).ok_or(BadField::Country)
}

/// A street, a city, a region, a company.
pub fn place(text: &str) -> Result<String, BadField> {
    line(text, PLACE_CHARS_MAX)
}

pub fn postcode(text: &str) -> Result<String, BadField> {
    line(text, POSTCODE_CHARS_MAX)
}

/// Something stands in it.
pub fn address(address: Address) -> Result<Address, BadField> {
    if address == Address::default() { Err(BadField::EmptyAddress) } else { Ok(address) }
}

pub fn note(told: &str) -> Result<String, BadField> {
    text(told, NOTE_CHARS_MAX)
}

/// Of a segment.
pub fn description(told: &str) -> Result<String, BadField> {
    text(told, DESCRIPTION_CHARS_MAX)
}

pub fn method(text: &str) -> Result<String, BadField> {
    line(text, METHOD_CHARS_MAX)
}

pub fn attribute_name(text: &str) -> Result<String, BadField> {
    let fits = (1..=ATTRIBUTE_NAME_CHARS_MAX).contains(&text.len());
    let letters = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if fits && letters { Ok(text.to_owned()) } else { Err(BadField::AttributeName) }
}

pub fn attribute_text(told: &str) -> Result<AttributeValue, BadField> {
    text(told, ATTRIBUTE_CHARS_MAX).map(AttributeValue::Text)
}

/// Exactly: what is finer than a millionth is refused, unless what is finer is only zeros.
pub fn attribute_number(told: &str) -> Result<AttributeValue, BadField> {
    let unsigned = told.strip_prefix('-').unwrap_or(told);
    let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let finer = part.trim_end_matches('0');
    if !is_digits(whole) || !is_digits(part) || finer.len() > 6 {
        return Err(BadField::Number);
    }
    let whole: i64 = whole.parse().map_err(|_| BadField::Number)?;
    let finer: i64 = format!("{finer:0<6}").parse().map_err(|_| BadField::Number)?;
    if whole >= NUMBER_MAX {
        return Err(BadField::Number);
    }
    let millionths = whole * MILLIONTHS + finer;
    Ok(AttributeValue::Number(if told.starts_with('-') { -millionths } else { millionths }))
}

/// As `attribute_number` reads it, without zeros at the end.
pub fn show_number(millionths: i64) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let (whole, finer) =
        (millionths.unsigned_abs() / MILLIONTHS as u64, millionths.unsigned_abs() % MILLIONTHS as u64);
    let finer = format!("{finer:06}");
    match finer.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        finer => format!("{sign}{whole}.{finer}"),
    }
}

pub fn attribute_words(told: impl IntoIterator<Item = String>) -> Result<AttributeValue, BadField> {
    let words = told.into_iter().map(|word| line(&word, ATTRIBUTE_CHARS_MAX));
    let words: BTreeSet<String> = words.collect::<Result<_, _>>()?;
    if words.len() > ATTRIBUTE_WORDS_MAX {
        return Err(BadField::TooMany(ATTRIBUTE_WORDS_MAX));
    }
    Ok(AttributeValue::List(words))
}

/// An instant of RFC 3339, or the beginning of a day where the shop is.
pub fn instant(text: &str, zone: &Zone) -> Result<Timestamp, BadField> {
    let text = text.trim();
    if let Ok(day) = day(text) {
        let begin = day.to_zoned(zone.time_zone().clone()).map_err(|_| BadField::Instant)?;
        return Ok(begin.timestamp());
    }
    // Years of more digits than four, or before 1970, are no instants of a shop.
    let instant: Timestamp = text.parse().map_err(|_| BadField::Instant)?;
    let is_of_a_shop =
        instant >= Timestamp::UNIX_EPOCH && text.as_bytes().first().is_some_and(u8::is_ascii_digit);
    if is_of_a_shop { Ok(instant) } else { Err(BadField::Instant) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Debug;

    #[expect(clippy::needless_pass_by_value, reason = "what was read is made where it is checked")]
    fn check<T: PartialEq + Debug>(told: &str, read: Result<T, BadField>, expected: Result<T, BadField>) {
        assert_eq!(read, expected, "{told:?}");
    }

    #[test]
    fn names_are_lines() {
        check("", name(" Ada "), Ok("Ada".to_owned()));
        check("", name(&"é".repeat(100)), Ok("é".repeat(100)));
        for wrong in ["", "  ", "a\nb", "a\tb", "a\u{2028}b", "\u{7f}", &"a".repeat(101)] {
            check(wrong, name(wrong), Err(BadField::Line(100)));
        }
        check("", whole_name("Ada"), Ok(("Ada".to_owned(), None)));
        check(
            "",
            whole_name(" Ada King  Lovelace"),
            Ok(("Ada King".to_owned(), Some("Lovelace".to_owned()))),
        );
        assert!(whole_name("").is_err());
    }

    #[test]
    fn a_tag_is_held_once_as_it_was_told_first() {
        let list = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<BTreeSet<_>>();
        let told = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        assert_eq!(tags(&list(&[]), told(&["VIP", "vip", "new"])), Ok(list(&["VIP", "new"])));
        assert_eq!(tags(&list(&["Vip"]), told(&["VIP"])), Ok(list(&["Vip"])));
        assert_eq!(tags(&list(&["Vip"]), told(&[])), Ok(list(&[])));
        let many = (0..251).map(|n| n.to_string());
        assert_eq!(tags(&list(&[]), many.clone()), Err(BadField::TooMany(250)));
        assert!(tags(&list(&[]), many.take(250)).is_ok());
    }

    #[test]
    fn languages_have_one_spelling() {
        let ok = |told: &str, tag: &str| check(told, language(told), Ok(tag.to_owned()));
        ok("en", "en");
        ok("PT_br", "pt-BR");
        ok("zh-hans-cn", "zh-Hans-CN");
        ok("es-419", "es-419");
        ok("fil", "fil");
        for wrong in ["", "e", "english", "en-", "en-USA", "en-US-x", "1n", "é"] {
            check(wrong, language(wrong), Err(BadField::Language));
        }
    }

    #[test]
    fn days_are_days_of_the_calendar() {
        let today = jiff::civil::date(2026, 9, 21);
        check("", birthday("1990-12-31", today), Ok(jiff::civil::date(1990, 12, 31)));
        check("", birthday("2026-09-21", today), Ok(today));
        check("", birthday("2026-09-22", today), Err(BadField::Future));
        for wrong in [
            "",
            "31-12-2025",
            "2025-02-30",
            "2025-2-3",
            "2025-01-01T00:00",
            "20250101",
            "2025-13-01",
            "2025–01-1",
        ] {
            check(wrong, birthday(wrong, today), Err(BadField::Day));
        }
    }

    #[test]
    fn instants_are_exact_or_the_beginning_of_a_shops_day() {
        let (utc, berlin) = (Zone::UTC, "Europe/Berlin".parse().unwrap());
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        check("", instant("2026-01-31T09:30:00Z", &utc), Ok(at("2026-01-31T09:30:00Z")));
        check("", instant("2026-01-31T09:30:00.5+02:00", &utc), Ok(at("2026-01-31T07:30:00.5Z")));
        check("", instant("2026-01-31", &utc), Ok(at("2026-01-31T00:00:00Z")));
        check("", instant("2026-07-31", &berlin), Ok(at("2026-07-30T22:00:00Z")));
        for wrong in [
            "",
            "now",
            "2026-01-31 09:30",
            "1769851800",
            "-000001-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-02-30",
        ] {
            check(wrong, instant(wrong, &utc), Err(BadField::Instant));
        }
    }

    #[test]
    fn numbers_are_exact() {
        let ok = |told: &str, millionths: i64| {
            check(told, attribute_number(told), Ok(AttributeValue::Number(millionths)));
        };
        ok("0", 0);
        ok("-12.5", -12_500_000);
        ok("0.000001", 1);
        ok("1.0000000", 1_000_000);
        ok("999999999999.999999", 999_999_999_999_999_999);
        let plain = ["", "-", ".5", "5.", "1e3", "1,5", "+1", " 1", "\u{0661}"];
        let long = ["0.0000001", "1000000000000", "99999999999999999999", "1.2.3"];
        for wrong in plain.into_iter().chain(long) {
            check(wrong, attribute_number(wrong), Err(BadField::Number));
        }
    }

    #[test]
    fn attributes_have_plain_names_and_bounded_values() {
        check("", attribute_name("shoe_size2"), Ok("shoe_size2".to_owned()));
        for wrong in ["", "Shoe", "shoe size", "größe", "a.b", &"a".repeat(65)] {
            check(wrong, attribute_name(wrong), Err(BadField::AttributeName));
        }
        assert!(attribute_text(&"é".repeat(1_000)).is_ok());
        assert!(attribute_text(&"é".repeat(1_001)).is_err());
        assert!(attribute_text("\0").is_err());
        let words = ["b", "a", "b"].map(str::to_owned);
        check("", attribute_words(words.clone()), Ok(AttributeValue::List(words.into())));
        assert!(attribute_words((0..251).map(|n| n.to_string())).is_err());
        check("", note("two\nlines"), Ok("two\nlines".to_owned()));
        assert!(note(&"a".repeat(5_001)).is_err());
        assert!(address(Address::default()).is_err());
    }

    proptest! {
        #[test]
        fn a_number_that_is_shown_can_be_read(millionths in -999_999_999_999_999_999..=999_999_999_999_999_999_i64) {
            prop_assert_eq!(attribute_number(&show_number(millionths)), Ok(AttributeValue::Number(millionths)));
        }

        #[test]
        fn what_was_read_reads_the_same_again(told in ".{0,12}") {
            for read in [name, tag, language, country, place, note] {
                if let Ok(kept) = read(&told) {
                    prop_assert_eq!(read(&kept), Ok(kept.clone()));
                }
            }
        }
    }
}
