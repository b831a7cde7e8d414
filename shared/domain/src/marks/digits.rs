//! A telephone number in bytes, however it is written: with its country or without, with whatever people and programs put
//! between digits.
//!
//! It is the same number where its own digits stand one after another, and nothing but a country's or a way out of one stands
//! directly before them: so the end of a longer number is nobody's. Dates and amounts are written with the same signs: without its
//! country it is no number that reads as one of them, and none of a few digits.

use std::{borrow::Cow, ops::Range};

use crate::Phone;

/// What may lie between two digits of a number is no longer.
const BETWEEN_BYTES_MAX: usize = 48;
/// A number with all that may lie in it: 15 digits.
pub(super) const BYTES_MAX: usize = 15 * (4 + BETWEEN_BYTES_MAX);

/// Shorter numbers are in many texts: such a one is a telephone's only with its country.
const DIGITS_MIN: usize = 7;

/// The digits of a text, and where each stands.
pub(super) struct Digits<'a> {
    bytes: &'a [u8],
    all: Vec<u8>,
    places: Vec<usize>,
}

/// How a number's country stands before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Country {
    Not,
    /// As some number that stands apart.
    Apart,
    /// In one with the number, behind a `+`, or behind what people call to get out of theirs.
    Sure,
}

/// Nothing but what may lie in a number stands between two digits.
const APART: u8 = b' ';
/// Something else does.
const ENDS: u8 = b'|';

enum Sign {
    Digit(u8),
    Between,
    Other,
}

impl<'a> Digits<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let (mut all, mut places, mut at) = (Vec::new(), Vec::new(), 0);
        // Since the last digit: how many bytes, and whether they may lie in a number.
        let (mut between, mut may_go_on) = (0, false);
        while at < bytes.len() {
            let (sign, taken) = sign(&bytes[at..]);
            match sign {
                Sign::Digit(digit) => {
                    if between > 0 {
                        places.push(at);
                        all.push(if may_go_on && between <= BETWEEN_BYTES_MAX { APART } else { ENDS });
                    }
                    places.push(at);
                    all.push(digit);
                    (between, may_go_on) = (0, true);
                }
                Sign::Between => between += taken,
                Sign::Other => (between, may_go_on) = (between + taken, false),
            }
            at += taken;
        }
        Self { bytes, all, places }
    }

    /// From where to where in the text the number's own digits stand each time.
    pub(super) fn ranges(&self, phone: &Phone) -> Vec<Range<usize>> {
        let (mut ranges, mut from) = (Vec::new(), 0);
        while let Some(found) = self.found(phone, from) {
            from = found.end;
            ranges.push(self.places[found.start]..self.places[found.end - 1] + 1);
        }
        ranges
    }

    fn found(&self, phone: &Phone, from: usize) -> Option<Range<usize>> {
        let (country, number) = phone.country_and_number();
        let mut ends = (from..self.all.len()).filter_map(|at| Some(at..self.end(at, number)?));
        ends.find(|found| {
            self.may_stand_before(found.start, country) && self.is_told(found, country, number.len())
        })
    }

    /// Where it ends that begins there: where a group of digits does.
    fn end(&self, at: usize, number: &str) -> Option<usize> {
        let mut end = at;
        for digit in number.bytes() {
            if end > at && self.all.get(end) == Some(&APART) {
                end += 1;
            }
            if self.all.get(end) != Some(&digit) {
                return None;
            }
            end += 1;
        }
        self.all.get(end).is_none_or(|next| !next.is_ascii_digit()).then_some(end)
    }

    fn may_stand_before(&self, at: usize, country: &str) -> bool {
        let before = self.group_before(at).1;
        // As people call from within a country, and from others.
        matches!(&*before, "" | "0" | "8" | "01" | "06") || is_country(&before, country)
    }

    /// The digits that stand directly before a place, and where they begin.
    fn group_before(&self, at: usize) -> (usize, Cow<'_, str>) {
        let from =
            self.all[..at].iter().rposition(|digit| !digit.is_ascii_digit()).map_or(0, |other| other + 1);
        (from, String::from_utf8_lossy(&self.all[from..at]))
    }

    /// It is a telephone's number, and not a date or an amount of the same digits.
    fn is_told(&self, found: &Range<usize>, country: &str, digits: usize) -> bool {
        let told = self.country_before(found.start, country);
        if told == Country::Sure {
            return true;
        }
        let is_first = self.group_before(found.start).1.is_empty();
        let is_date = is_first && self.is_date(found);
        let is_amount = is_first && told == Country::Not && self.is_amount(found);
        digits >= DIGITS_MIN && !is_date && !is_amount
    }

    fn country_before(&self, at: usize, country: &str) -> Country {
        let (from, before) = self.group_before(at);
        if is_country(&before, country) {
            return Country::Sure;
        }
        if !matches!(&*before, "" | "0")
            || from.checked_sub(1).and_then(|apart| self.all.get(apart)) != Some(&APART)
        {
            return Country::Not;
        }
        let (first, apart) = self.group_before(from - 1);
        let is_out = *apart != *country;
        match is_country(&apart, country) {
            false => Country::Not,
            true if is_out || self.byte(self.places[first], -1) == Some(b'+') => Country::Sure,
            true => Country::Apart,
        }
    }

    /// It begins as a day does: a year at one end, and one sign between the three.
    fn is_date(&self, found: &Range<usize>) -> bool {
        let text = &self.bytes[self.places[found.start]..=self.places[found.end - 1]];
        let Some(sign) = text.iter().find(|byte| !byte.is_ascii_digit()) else { return false };
        let mut parts = text.splitn(3, |byte| byte == sign).map(|part| {
            let digits = part.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let number = std::str::from_utf8(&part[..digits]).ok().and_then(|part| part.parse::<u16>().ok());
            (digits, number.unwrap_or(u16::MAX))
        });
        let (Some(one), Some(two), Some(three)) = (parts.next(), parts.next(), parts.next()) else {
            return false;
        };
        let year = |(digits, year): (usize, u16)| digits == 4 && (1900..2100).contains(&year);
        let day = |(one_digits, one): (usize, u16), (other_digits, other): (usize, u16)| {
            let fits = |one: u16, other: u16| (1..=12).contains(&one) && (1..=31).contains(&other);
            one_digits <= 2 && other_digits <= 2 && (fits(one, other) || fits(other, one))
        };
        matches!(sign, b'-' | b'.' | b'/') && (year(one) && day(two, three) || year(three) && day(one, two))
    }

    /// It is one number with a point in it, or a part of one.
    fn is_amount(&self, found: &Range<usize>) -> bool {
        let (first, last) = (self.places[found.start], self.places[found.end - 1]);
        let mut others = self.bytes[first..=last].iter().filter(|byte| !byte.is_ascii_digit());
        let is_digit = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_digit());
        let is_point =
            |at: usize, by: isize| self.byte(at, by) == Some(b'.') && is_digit(self.byte(at, 2 * by));
        match (others.next(), others.next()) {
            (None, _) => is_point(first, -1) || is_point(last, 1),
            (only, None) => only == Some(&b'.'),
            _ => false,
        }
    }

    fn byte(&self, at: usize, by: isize) -> Option<u8> {
        self.bytes.get(at.checked_add_signed(by)?).copied()
    }
}

/// With or without what people call to get out of theirs; the number as it is called within the country may follow.
fn is_country(digits: &str, country: &str) -> bool {
    digits == country
        || digits.strip_suffix('0') == Some(country)
        || ["00", "011", "0011", "010"].iter().any(|out| digits.strip_prefix(out) == Some(country))
}

/// And how many bytes it takes.
fn sign(bytes: &[u8]) -> (Sign, usize) {
    match bytes {
        [digit @ b'0'..=b'9', ..] => (Sign::Digit(*digit), 1),
        [b' ' | b'(' | b')' | b'-' | b'.' | b'/' | b'+' | b'\t', ..] => (Sign::Between, 1),
        [b'\\', ..] => escaped(bytes),
        [0..=0x7f, ..] => (Sign::Other, 1),
        _ => {
            let some = &bytes[..bytes.len().min(4)];
            let valid = std::str::from_utf8(some).map_or_else(|bad| bad.valid_up_to(), str::len);
            match std::str::from_utf8(&some[..valid]).ok().and_then(|text| text.chars().next()) {
                Some(letter) => (of(letter), letter.len_utf8()),
                // In Latin-1 a space that does not break, and a hyphen that does not show.
                None if matches!(bytes[0], 0xa0 | 0xad) => (Sign::Between, 1),
                None => (Sign::Other, 1),
            }
        }
    }
}

/// As JSON writes a letter by its number, also within a text that is within another.
fn escaped(bytes: &[u8]) -> (Sign, usize) {
    let strokes = bytes.iter().take_while(|byte| **byte == b'\\').count();
    let told = bytes.get(strokes..strokes + 5).and_then(|told| std::str::from_utf8(told).ok());
    let letter =
        told.and_then(|told| u32::from_str_radix(told.strip_prefix('u')?, 16).ok()).and_then(char::from_u32);
    letter.map_or((Sign::Other, 1), |letter| (of(letter), strokes + 5))
}

fn of(letter: char) -> Sign {
    let digit = match letter {
        '0'..='9' => Some(u32::from(letter) - u32::from('0')),
        // Arabic, Persian, and as wide as a Chinese letter.
        '\u{660}'..='\u{669}' => Some(u32::from(letter) - 0x660),
        '\u{6f0}'..='\u{6f9}' => Some(u32::from(letter) - 0x6f0),
        '\u{ff10}'..='\u{ff19}' => Some(u32::from(letter) - 0xff10),
        _ => None,
    };
    if let Some(digit) =
        digit.and_then(|digit| char::from_digit(digit, 10)).and_then(|digit| u8::try_from(digit).ok())
    {
        return Sign::Digit(digit);
    }
    let is_space = letter.is_whitespace() && !matches!(letter, '\n' | '\r');
    let is_unseen = matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let is_stroke = matches!(
        letter,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' | '\u{b7}' | '\u{2022}' | '\u{30fb}'
    );
    let is_plain = matches!(letter, '(' | ')' | '-' | '.' | '/' | '+' | '\u{ff08}' | '\u{ff09}' | '\u{ff0b}');
    if is_space || is_unseen || is_stroke || is_plain { Sign::Between } else { Sign::Other }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(bytes: &[u8], phone: &Phone) -> bool {
        !Digits::of(bytes).ranges(phone).is_empty()
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let check = |phone: &str, told: &[&str], others: &[&str]| {
            let phone: Phone = phone.parse().unwrap();
            for told in told {
                assert!(hold(told.as_bytes(), &phone), "{told}");
            }
            for others in others {
                assert!(!hold(others.as_bytes(), &phone), "{others}");
            }
        };
        check(
            "+45 32 12 34 56",
            &[
                "32123456",
                "32 12 34 56",
                "+4532123456",
                "004532123456",
                "3212\u{a0}3456",
                "32\u{2011}12\u{2013}34-56",
                "32\u{202f}12\u{200b}34.56",
                r#""phone":"32\u00a012\u00a034\u00a056""#,
                r#"\"phone\":\"32\\u201112 34 56\""#,
                "３２１２３４５６",
                "call 9 at 32 12 34 56 or 7",
            ],
            &["3212345", "321234567", "932123456", "32,12,34,56", "32\n12 34 56", "32 12 34 57", ""],
        );
        check(
            "+65 6123 4567",
            &["6123 4567", "+65-6123-4567", "(65) 6123.4567"],
            &["16123 4567", "6123 45678"],
        );
        check(
            "+44 20 7946 0958",
            &["020 7946 0958", "+44 (0)20 7946 0958", "0044 20 79460958"],
            &["7946 0958"],
        );
        check("+39 06 6982 1234", &["06 6982 1234", "+39 0669821234"], &["6982 1234"]);
        check(
            "+1 415 555 0142",
            &["(415) 555-0142", "1.415.555.0142", "14155550142", "011 1 415 5550142"],
            &["2415 555 0142"],
        );
    }

    #[test]
    fn dates_amounts_and_other_short_numbers_are_no_telephones() {
        let check = |phone: &str, told: &[&str], others: &[&str]| {
            let phone: Phone = phone.parse().unwrap();
            for told in told {
                assert!(hold(told.as_bytes(), &phone), "{told}");
            }
            for others in others {
                assert!(!hold(others.as_bytes(), &phone), "{others}");
            }
        };
        check(
            "+45 20 26 11 22",
            &[
                "20261122",
                "20 26 11 22",
                "20.26.11.22",
                "2026 1122",
                "+45 2026-11-22",
                "+4520261122",
                "(45) 2026.1122",
            ],
            &[
                "2026-11-22",
                r#""created_at":"2026-11-22T10:00:00Z""#,
                "2026-11-22 10:00",
                "2026/11/22",
                "2026.11.22",
                "20261122.50",
                "202611.22",
                "3.20261122",
                "-20.261122",
            ],
        );
        check("+45 22 11 20 26", &["22112026", "22 11 20 26"], &["22.11.2026", "22/11/2026", "22-11-2026"]);
        // Saint Helena, and the Solomon Islands.
        check(
            "+290 22722",
            &["+290 22722", "+29022722", "0029022722", "00290 22722"],
            &["22722", "022722", "290 22722", "290.22722", "22722.00"],
        );
        // No date; and a country that ends with a nought, as people within it do not dial.
        check("+45 20 26 13 22", &["2026-13-22"], &[]);
        check("+30 210 123 4567", &["+302101234567", "00302101234567", "210 1234567"], &["52101234567"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_read_too() {
        let phone: Phone = "+45 32 12 34 56".parse().unwrap();
        assert!(hold(b"\xff32\xa012\xa034\xa056\xfe", &phone));
        assert!(!hold(b"32\xff12\xff34\xff56", &phone));
    }
}
