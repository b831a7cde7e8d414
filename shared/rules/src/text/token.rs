//! A text, cut into tokens.
//!
//! What other languages write (`==`, `"…"`, `&&`) is taken for what it means here, and told as wrong.

use chumsky::span::SimpleSpan;
use std::fmt;

use crate::problem::{Place, Problem, Wrong};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token<'s> {
    /// A name, or a named day.
    Word(&'s str),
    Key(Key),
    Text(String),
    Number(&'s str),
    /// Begins like a day or an offset.
    Date(&'s str),
    Sign(&'static str),
    Open,
    Close,
    Comma,
    Colon,
}

macro_rules! keys {
    ($($key:ident = $word:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Key { $($key,)* }

        impl Key {
            const ALL: &[Self] = &[$(Self::$key,)*];

            pub(crate) const fn word(self) -> &'static str {
                match self { $(Self::$key => $word,)* }
            }
        }
    };
}

keys! {
    And = "AND",
    Or = "OR",
    Not = "NOT",
    In = "IN",
    Between = "BETWEEN",
    Is = "IS",
    Null = "NULL",
    Contains = "CONTAINS",
    Starts = "STARTS",
    Ends = "ENDS",
    With = "WITH",
    Any = "ANY",
    All = "ALL",
    Length = "LENGTH",
    Matches = "MATCHES",
    True = "TRUE",
    False = "FALSE",
    Everyone = "EVERYONE",
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) | Self::Number(word) | Self::Date(word) => write!(f, "`{word}`"),
            Self::Key(key) => write!(f, "`{}`", key.word()),
            Self::Text(_) => f.write_str("a text"),
            Self::Sign(sign) => write!(f, "`{sign}`"),
            Self::Open => f.write_str("`(`"),
            Self::Close => f.write_str("`)`"),
            Self::Comma => f.write_str("`,`"),
            Self::Colon => f.write_str("`:`"),
        }
    }
}

pub(crate) type Tokens<'s> = Vec<(Token<'s>, SimpleSpan)>;

/// All tokens, and what is wrong with the letters.
pub(crate) fn tokens(text: &str) -> (Tokens<'_>, Vec<Problem>) {
    let mut cutter = Cutter { text, at: 0, depth: 0, tokens: Vec::new(), problems: Vec::new() };
    while let Some(letter) = cutter.rest().chars().next() {
        cutter.next(letter);
    }
    (cutter.tokens, cutter.problems)
}

struct Cutter<'s> {
    text: &'s str,
    at: usize,
    /// Brackets that are open: within them a comma parts values.
    depth: usize,
    tokens: Tokens<'s>,
    problems: Vec<Problem>,
}

/// The longer ones first, as written and as meant.
const SIGNS: [(&str, Token<'static>); 17] = [
    ("==", Token::Sign("=")),
    ("!=", Token::Sign("!=")),
    ("<>", Token::Sign("!=")),
    ("<=", Token::Sign("<=")),
    (">=", Token::Sign(">=")),
    ("&&", Token::Key(Key::And)),
    ("||", Token::Key(Key::Or)),
    ("=", Token::Sign("=")),
    ("<", Token::Sign("<")),
    (">", Token::Sign(">")),
    ("≤", Token::Sign("<=")),
    ("≥", Token::Sign(">=")),
    ("≠", Token::Sign("!=")),
    ("(", Token::Open),
    (")", Token::Close),
    (",", Token::Comma),
    (":", Token::Colon),
];

impl<'s> Cutter<'s> {
    fn rest(&self) -> &'s str {
        &self.text[self.at..]
    }

    fn next(&mut self, letter: char) {
        let begins_signed = self.rest()[letter.len_utf8()..].starts_with(|next: char| next.is_ascii_digit());
        if letter.is_whitespace() {
            self.at += letter.len_utf8();
        } else if let Some(end) = quote(letter) {
            self.quoted(letter, end);
        } else if letter.is_ascii_digit() || (matches!(letter, '+' | '-') && begins_signed) {
            self.number();
        } else if letter.is_alphabetic() || letter == '_' {
            self.word();
        } else if let Some((sign, token)) = SIGNS.iter().find(|(sign, _)| self.rest().starts_with(sign)) {
            let own = token.to_string();
            let found = self.push(sign.len(), token.clone());
            if own != format!("`{sign}`") {
                let meant = own.trim_matches('`').to_owned();
                self.problems.push(Problem::new(&found, unexpected(sign)).meaning(Some(meant)));
            }
        } else {
            let found = place(self.at, self.at + letter.len_utf8());
            self.at += letter.len_utf8();
            self.problems.push(Problem::new(&found, unexpected(&letter.to_string())));
        }
    }

    fn push(&mut self, bytes: usize, token: Token<'s>) -> Place {
        match token {
            Token::Open => self.depth += 1,
            Token::Close => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        let begin = self.at;
        self.at += bytes;
        self.tokens.push((token, (begin..self.at).into()));
        place(begin, self.at)
    }

    /// As many letters from here on as are of this kind.
    fn run(&self, is_part: impl Fn(char) -> bool) -> &'s str {
        let rest = self.rest();
        &rest[..rest.find(|letter| !is_part(letter)).unwrap_or(rest.len())]
    }

    fn word(&mut self) {
        let mut word = self.run(|letter| letter.is_alphanumeric() || letter == '_');
        // Behind a point the words are the shop's own, and may hold a hyphen.
        if self.rest()[word.len()..].starts_with('.') {
            word = self.run(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-'));
        }
        if word.eq_ignore_ascii_case("not_matches") {
            self.push(word.len(), Token::Key(Key::Not));
            let end = self.at;
            self.tokens.push((Token::Key(Key::Matches), (end..end).into()));
            return;
        }
        let key = Key::ALL.iter().find(|key| key.word().eq_ignore_ascii_case(word));
        self.push(word.len(), key.map_or(Token::Word(word), |key| Token::Key(*key)));
    }

    fn number(&mut self) {
        let sign = usize::from(self.rest().starts_with(['+', '-']));
        let run = |is_part: fn(char) -> bool| {
            let rest = &self.rest()[sign..];
            sign + rest.find(|letter| !is_part(letter)).unwrap_or(rest.len())
        };
        let digits = run(|letter| letter.is_ascii_digit());
        let rest = &self.rest()[digits..];
        let has_point =
            rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()));
        let is_day = sign == 0 && rest.starts_with('-');
        if !is_day && !rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
            let end = if has_point { run(|letter| letter.is_ascii_digit() || letter == '.') } else { digits };
            let number = &self.rest()[..end];
            let thousands = if self.depth == 0 && !has_point { thousands(&self.rest()[end..]) } else { 0 };
            let whole = self.rest()[..end + thousands].replace(',', "");
            let found = self.push(end + thousands, Token::Number(number));
            if thousands > 0 {
                self.problems.push(Problem::new(&found, unexpected(",")).meaning(Some(whole)));
            }
            return;
        }
        let end = if is_day {
            run(|letter| letter.is_alphanumeric() || matches!(letter, '-' | ':' | '.' | '+'))
        } else {
            run(|letter| letter.is_alphanumeric() || letter == '_')
        };
        let date = &self.rest()[..end];
        self.push(end, Token::Date(date));
    }

    fn quoted(&mut self, begin: char, end: char) {
        let mut text = String::new();
        let mut letters = self.rest().char_indices().skip(1).peekable();
        let mut bytes = None;
        while let Some((at, letter)) = letters.next() {
            if letter == end {
                bytes = Some(at + letter.len_utf8());
                break;
            }
            let escaped = letters.next_if(|(_, next)| letter == '\\' && (*next == end || *next == '\\'));
            text.push(escaped.map_or(letter, |(_, next)| next));
        }
        let found = self.push(bytes.unwrap_or(self.rest().len()), Token::Text(text));
        if bytes.is_none() {
            self.problems.push(Problem::new(&found, Wrong::NoEnd("this text")));
        }
        if begin != '\'' {
            self.problems
                .push(Problem::new(&found, unexpected(&begin.to_string())).meaning(Some("'…'".to_owned())));
        }
    }
}

/// How many bytes of `,000,000` go on with a number.
fn thousands(rest: &str) -> usize {
    let mut bytes = 0;
    while let Some(group) = rest[bytes..].strip_prefix(',') {
        if group.bytes().take_while(u8::is_ascii_digit).count() != 3 {
            break;
        }
        bytes += 4;
    }
    bytes
}

/// What ends a text that begins so.
const fn quote(letter: char) -> Option<char> {
    match letter {
        '\'' | '"' | '`' => Some(letter),
        '‘' | '’' => Some('’'),
        '“' | '”' => Some('”'),
        _ => None,
    }
}

fn unexpected(found: &str) -> Wrong {
    Wrong::Unexpected(format!("`{found}`"))
}

fn place(begin: usize, end: usize) -> Place {
    Place::Bytes(begin..end)
}
