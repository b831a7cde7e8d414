//! A telephone number in bytes, however it is written: with its country or without, with whatever people and programs put
//! between digits.
//!
//! It is the same number where its own digits stand one after another, and nothing but a country's or a way out of one stands
//! directly before them: so the end of a longer number is nobody's.

use domain::Phone;

/// What may lie between two digits of a number is no longer.
const BETWEEN_BYTES_MAX: usize = 48;
/// A number with all that may lie in it: 15 digits.
pub(super) const BYTES_MAX: usize = 15 * (4 + BETWEEN_BYTES_MAX);

/// The digits of a text, and where each stands.
pub(super) struct Digits {
    all: Vec<u8>,
    places: Vec<usize>,
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

impl Digits {
    pub(super) fn of(bytes: &[u8]) -> Self {
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
        Self { all, places }
    }

    pub(super) fn hold(&self, phone: &Phone) -> bool {
        self.found(phone, 0).is_some()
    }

    /// From where to where in the text the number's own digits stand each time.
    pub(super) fn ranges(&self, phone: &Phone) -> Vec<std::ops::Range<usize>> {
        let (mut ranges, mut from) = (Vec::new(), 0);
        while let Some(found) = self.found(phone, from) {
            from = found.end;
            ranges.push(self.places[found.start]..self.places[found.end - 1] + 1);
        }
        ranges
    }

    fn found(&self, phone: &Phone, from: usize) -> Option<std::ops::Range<usize>> {
        let (country, number) = phone.country_and_number();
        let mut ends = (from..self.all.len()).filter_map(|at| Some(at..self.end(at, number)?));
        ends.find(|found| self.may_stand_before(found.start, country))
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
        let from =
            self.all[..at].iter().rposition(|digit| !digit.is_ascii_digit()).map_or(0, |other| other + 1);
        let before = String::from_utf8_lossy(&self.all[from..at]);
        // As people call from within a country, and from others.
        matches!(&*before, "" | "0" | "8" | "01" | "06")
            || before.strip_suffix('0').unwrap_or(&before) == country
            || ["00", "011", "0011", "010"].iter().any(|out| before.strip_prefix(out) == Some(country))
    }
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

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let check = |phone: &str, told: &[&str], others: &[&str]| {
            let phone: Phone = phone.parse().unwrap();
            for told in told {
                assert!(Digits::of(told.as_bytes()).hold(&phone), "{told}");
            }
            for others in others {
                assert!(!Digits::of(others.as_bytes()).hold(&phone), "{others}");
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
    fn bytes_that_are_no_text_are_read_too() {
        let phone: Phone = "+45 32 12 34 56".parse().unwrap();
        assert!(Digits::of(b"\xff32\xa012\xa034\xa056\xfe").hold(&phone));
        assert!(!Digits::of(b"32\xff12\xff34\xff56").hold(&phone));
    }
}
