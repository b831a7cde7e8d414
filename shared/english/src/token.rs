//! What somebody wrote, cut into words, numbers, days, quoted texts and signs, each with its place.

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Without capitals. Of a number: its digits. Of a quoted text: as it was written.
    pub(crate) word: String,
    /// From the first byte to the one behind the last.
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Stands right behind what is before it: the k of 5k.
    pub(crate) is_glued: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Number,
    /// 2026-03-05; 05.03.2026 becomes one.
    Day,
    Quoted,
    Sign,
}

/// The longer ones first.
const SIGNS: [&str; 10] = [">=", "<=", "==", "=>", "=<", "≥", "≤", ">", "<", "="];

/// Endings that hide a word: "haven't".
const SHORTENED: [(&str, &str, &str); 4] =
    [("can't", "can", "not"), ("cannot", "can", "not"), ("won't", "will", "not"), ("ain't", "are", "not")];

pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut cutter = Cutter { text, at: 0, tokens: Vec::new() };
    while let Some(letter) = cutter.rest().chars().next() {
        cutter.next(letter);
    }
    cutter.tokens
}

struct Cutter<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
}

impl<'t> Cutter<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn push(&mut self, kind: Kind, word: String, bytes: usize) {
        let is_glued = self.tokens.last().is_some_and(|last| last.to == self.at);
        let (from, to) = (self.at, self.at + bytes);
        self.tokens.push(Token { kind, word, from, to, is_glued });
        self.at = to;
    }

    fn next(&mut self, letter: char) {
        if letter.is_whitespace() {
            self.at += letter.len_utf8();
        } else if let Some(bytes) = day(self.rest()) {
            self.push(Kind::Day, self.rest()[..bytes].to_owned(), bytes);
        } else if let Some((day, bytes)) = dotted_day(self.rest()) {
            self.push(Kind::Day, day, bytes);
        } else if letter.is_ascii_digit() {
            self.number();
        } else if let Some(end) = self.quote(letter) {
            let text = self.rest()[letter.len_utf8()..end.0].to_owned();
            self.push(Kind::Quoted, text, end.1);
        } else if is_letter(letter) {
            self.word();
        } else if let Some(sign) = SIGNS.iter().find(|sign| self.rest().starts_with(**sign)) {
            self.push(Kind::Sign, (*sign).to_owned(), sign.len());
        } else {
            self.push(Kind::Sign, letter.to_string(), letter.len_utf8());
        }
    }

    /// `5,000`, `5,00,000`, `1.25`, and as most of Europe writes them. A comma that parts no thousands and no cents parts
    /// numbers.
    fn number(&mut self) {
        let is_listed =
            self.text[..self.at].strip_suffix(',').is_some_and(|before| before.ends_with(is_digit));
        let (word, end) = european(self.rest(), is_listed).unwrap_or_else(|| english(self.rest()));
        self.push(Kind::Number, word, end);
    }

    fn word(&mut self) {
        let rest = self.rest();
        let mut end = 0;
        let mut letters = rest.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            let next = letters.peek().map(|(_, next)| *next);
            let joins =
                matches!(letter, '\'' | '’' | '.' | '@' | '_') && next.is_some_and(char::is_alphabetic);
            // "Rs.5000" and "5 Rs. or": the point belongs to nothing.
            if !(is_letter(letter) || joins || (letter.is_alphanumeric() && at > 0)) {
                break;
            }
            end = at + letter.len_utf8();
        }
        let word = rest[..end].to_lowercase().replace('’', "'");
        let parts = SHORTENED.iter().find(|(short, ..)| *short == word);
        if let Some((_, one, two)) = parts {
            self.two(one, two, end);
        } else if let Some(verb) = word.strip_suffix("n't") {
            self.two(verb, "not", end);
        } else {
            let word = word.strip_suffix("'s").map_or_else(|| word.clone(), str::to_owned);
            self.push(Kind::Word, word, end);
        }
    }

    /// Two words that are written as one have its place both.
    fn two(&mut self, one: &str, two: &str, bytes: usize) {
        let from = self.at;
        self.push(Kind::Word, one.to_owned(), bytes);
        self.tokens.push(Token {
            kind: Kind::Word,
            word: two.to_owned(),
            from,
            to: from + bytes,
            is_glued: false,
        });
    }

    /// Where a quoted text ends, and where the quote does.
    fn quote(&self, letter: char) -> Option<(usize, usize)> {
        let end = match letter {
            '"' | '`' => letter,
            '“' | '”' | '„' => '”',
            '\'' => '\'',
            '‘' => '’',
            _ => return None,
        };
        let begin = letter.len_utf8();
        let inner = &self.rest()[begin..];
        let found = inner.char_indices().find(|(at, found)| {
            let behind = inner[at + found.len_utf8()..].chars().next();
            let is_end = *found == end || (letter == '“' && *found == '"');
            // An apostrophe within a word ends nothing.
            is_end && (!matches!(end, '\'' | '’') || !behind.is_some_and(char::is_alphanumeric))
        });
        let (at, found) = found.filter(|(at, _)| !inner[..*at].trim().is_empty())?;
        Some((begin + at, begin + at + found.len_utf8()))
    }
}

fn is_digit(letter: char) -> bool {
    letter.is_ascii_digit()
}

/// How many digits a text begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

const NUMBER_BYTES_MAX: usize = 20;

/// `10.000`, `10.000,50`, `10'000`, `10 000`, `10,50`: its digits with a point before the cents, and its bytes.
fn european(rest: &str, is_listed: bool) -> Option<(String, usize)> {
    let first = digits(rest);
    let (mut word, mut end) = (rest[..first].to_owned(), first);
    let mark =
        ['.', '\'', '’', ' ', '\u{a0}', '\u{202f}'].into_iter().find(|mark| rest[first..].starts_with(*mark));
    if let Some(mark) = mark.filter(|_| first <= 3 && !rest.starts_with('0')) {
        while let Some(group) = rest[end..].strip_prefix(mark).filter(|group| digits(group) == 3)
            && end <= NUMBER_BYTES_MAX
        {
            word.push_str(&group[..3]);
            end += mark.len_utf8() + 3;
        }
        // 1.234.56 is none of these.
        if rest[end..].strip_prefix(mark).is_some_and(|more| mark == '.' && more.starts_with(is_digit)) {
            return None;
        }
    }
    if let Some(part) = rest[end..].strip_prefix(',').filter(|_| !is_listed) {
        let cents = digits(part);
        let goes_on = part[cents..].strip_prefix([',', '.']).is_some_and(|more| more.starts_with(is_digit));
        if (1..=2).contains(&cents) && !goes_on {
            return Some((format!("{word}.{}", &part[..cents]), end + 1 + cents));
        }
    }
    (end > first).then_some((word, end))
}

fn english(rest: &str) -> (String, usize) {
    let mut end = digits(rest);
    while let Some(group) = rest[end..].strip_prefix(',') {
        let length = digits(group);
        let is_last = !group[length..].starts_with(',');
        let goes_on = length == 3 || (length == 2 && !is_last);
        if !goes_on || end > NUMBER_BYTES_MAX {
            break;
        }
        end += 1 + length;
    }
    if let Some(part) = rest[end..].strip_prefix('.') {
        let length = digits(part);
        end += if length > 0 { 1 + length } else { 0 };
    }
    (rest[..end].replace(',', ""), end)
}

fn is_letter(letter: char) -> bool {
    letter.is_alphabetic() || matches!(letter, '_' | '@')
}

/// How many bytes a day of the form 2026-03-05 takes, if one stands here.
fn day(rest: &str) -> Option<usize> {
    let text = rest.get(..10)?.as_bytes();
    let has_form = text
        .iter()
        .enumerate()
        .all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() });
    let ends = !rest[10..].starts_with(|letter: char| letter.is_alphanumeric() || letter == '-');
    (has_form && ends).then_some(10)
}

/// `05.03.2026` and `5.3.2026`, the day first as wherever days are written with points: as a day of the form above, and the
/// bytes that it takes.
fn dotted_day(rest: &str) -> Option<(String, usize)> {
    let part = |at: usize, most: usize| {
        let length = digits(&rest[at..]);
        (1..=most).contains(&length).then(|| (&rest[at..at + length], at + length))
    };
    let behind_point = |at: usize| rest[at..].starts_with('.').then_some(at + 1);
    let (day, end) = part(0, 2)?;
    let (month, end) = part(behind_point(end)?, 2)?;
    let (year, end) = part(behind_point(end)?, 4).filter(|(year, _)| year.len() == 4)?;
    let more = rest[end..].strip_prefix(['.', ',']).unwrap_or(&rest[end..]);
    let ends =
        !more.starts_with(is_digit) && !rest[end..].starts_with(|letter: char| letter.is_alphanumeric());
    ends.then(|| (format!("{year}-{month:0>2}-{day:0>2}"), end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found = tokens(text);
        let words: Vec<_> = found.iter().map(|token| token.word.as_str()).collect();
        assert_eq!(words, expected, "{text}");
        assert!(found.iter().all(|token| text.get(token.from..token.to).is_some()), "{text}");
    }

    #[test]
    fn words_numbers_and_signs_are_told_apart() {
        check("Spent ₹5,00,000.50", &["spent", "₹", "500000.50"]);
        check("1,2,3 and 5,000", &["1", ",", "2", ",", "3", "and", "5000"]);
        check(
            "over 10.000 euros, 1.234.567 or 10.000,50 €",
            &["over", "10000", "euros", ",", "1234567", "or", "10000.50", "€"],
        );
        check(
            "10'000 10 000 10\u{202f}000,5 0.500 1.2345",
            &["10000", "10000", "10000.5", "0.500", "1.2345"],
        );
        check("10,50 or 1,2,3 or 5,00,000", &["10.50", "or", "1", ",", "2", ",", "3", "or", "500000"]);
        check("on 05.03.2026, 2026 100 times", &["on", "2026-03-05", ",", "2026", "100", "times"]);
        check("5.3.2026. 31.12.2026", &["2026-03-05", ".", "2026-12-31"]);
        check("05.03.20261 5.3.2026.4", &["05.03", ".", "20261", "5.3", ".", "2026.4"]);
        check("05.03.26 5.3.2026,50", &["05.03", ".", "26", "5.3", ".", "2026.50"]);
        check("5k 90-day 3rd", &["5", "k", "90", "-", "day", "3", "rd"]);
        check("haven’t can't customers' Ada's", &["have", "not", "can", "not", "customers", "'", "ada"]);
        check("at-risk, one-time", &["at", "-", "risk", ",", "one", "-", "time"]);
        check("since 2026-03-05.", &["since", "2026-03-05", "."]);
        check("2026-03-055", &["2026", "-", "03", "-", "055"]);
        check("'big buyer' or “x y” or 'don't' \"", &["big buyer", "or", "x y", "or", "don't", "\""]);
        check("@gmail.com Rs.500 amount>=5", &["@gmail.com", "rs", ".", "500", "amount", ">=", "5"]);
        check("''", &["'", "'"]);
        check("q1 é ç ß 😀", &["q1", "é", "ç", "ß", "😀"]);
    }
}
