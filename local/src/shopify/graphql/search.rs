//! The search language of Shopify's lists: `updated_at:>='2026-01-01T00:00:00Z' AND -tag:vip`.
//!
//! A field that a list does not know is left out of account, as Shopify does, and named in the answer's warnings.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::{collections::BTreeSet, iter::Peekable, vec::IntoIter};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Search {
    All(Vec<Search>),
    Any(Vec<Search>),
    Not(Box<Search>),
    Is { field: String, how: How, value: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Equal,
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// What a field of something is.
pub(crate) enum Worth {
    Number(i64),
    /// In milliseconds.
    Instant(i64),
    Words(Vec<String>),
}

impl Search {
    /// What is no expression is searched for as a word of no field.
    pub(crate) fn parse(text: &str) -> Self {
        let mut words = words(text).into_iter().peekable();
        any(&mut words)
    }

    /// `worth`: what a field is; `None`: there is no such field. Those end up in `unknown`.
    pub(crate) fn holds(
        &self,
        worth: &mut dyn FnMut(&str) -> Option<Worth>,
        unknown: &mut BTreeSet<String>,
    ) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(worth, unknown)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(worth, unknown)),
            Self::Not(part) => !part.holds(worth, unknown),
            Self::Is { field, how, value } => {
                let Some(worth) = worth(field) else {
                    unknown.insert(field.clone());
                    return true;
                };
                worth.compares(*how, value)
            }
        }
    }

    /// In milliseconds: nothing before it can hold, nor anything after it.
    pub(crate) fn bounds(&self, field: &str) -> (Option<i64>, Option<i64>) {
        match self {
            Self::All(parts) => {
                parts.iter().map(|part| part.bounds(field)).fold((None, None), |all, part| {
                    let first = [all.0, part.0].into_iter().flatten().max();
                    let last = [all.1, part.1].into_iter().flatten().min();
                    (first, last)
                })
            }
            Self::Is { field: named, how, value } if named == field => match (how, instant(value)) {
                (How::Above | How::AtLeast, at) => (at, None),
                (How::Below | How::AtMost, at) => (None, at),
                (How::Equal, at) => (at, at),
            },
            _ => (None, None),
        }
    }
}

impl Worth {
    fn compares(&self, how: How, value: &str) -> bool {
        let against = |is: i64, told: Option<i64>| {
            told.is_some_and(|told| match how {
                How::Equal => is == told,
                How::Above => is > told,
                How::AtLeast => is >= told,
                How::Below => is < told,
                How::AtMost => is <= told,
            })
        };
        match self {
            Self::Number(is) => against(*is, value.parse().ok()),
            Self::Instant(is) => against(*is, instant(value)),
            Self::Words(words) => words.iter().any(|word| {
                let (word, value) = (word.to_lowercase(), value.to_lowercase());
                value.strip_suffix('*').map_or(word == value, |beginning| word.starts_with(beginning))
            }),
        }
    }
}

/// In milliseconds. A day begins at midnight, UTC.
fn instant(told: &str) -> Option<i64> {
    let at: Option<Timestamp> = told.parse().ok();
    let day = || told.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    at.or_else(day).map(Timestamp::as_millisecond)
}

/// Parentheses stand alone; blanks within quotes part nothing.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(' | ')') => {
                words.extend([std::mem::take(&mut word), letter.to_string()]);
            }
            (None, _) if letter.is_whitespace() => words.push(std::mem::take(&mut word)),
            _ => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

type Words = Peekable<IntoIter<String>>;

fn any(words: &mut Words) -> Search {
    let mut parts = vec![all(words)];
    while words.next_if(|word| word == "OR").is_some() {
        parts.push(all(words));
    }
    one_or(parts, Search::Any)
}

fn all(words: &mut Words) -> Search {
    let mut parts = Vec::new();
    while let Some(word) = words.next_if(|word| word != "OR" && word != ")") {
        match word.as_str() {
            "AND" => {}
            "NOT" => parts.extend(words.next().map(|word| Search::Not(Box::new(term(&word))))),
            "(" => {
                parts.push(any(words));
                words.next();
            }
            word => parts.push(term(word)),
        }
    }
    one_or(parts, Search::All)
}

fn one_or(mut parts: Vec<Search>, many: fn(Vec<Search>) -> Search) -> Search {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => many(parts.into_iter().chain(last).collect()),
    }
}

fn term(word: &str) -> Search {
    if let Some(word) = word.strip_prefix('-') {
        return Search::Not(Box::new(term(word)));
    }
    let (field, rest) = word.split_once(':').unwrap_or(("default", word));
    let signs =
        [(">=", How::AtLeast), ("<=", How::AtMost), (">", How::Above), ("<", How::Below), ("=", How::Equal)];
    let signed = signs.into_iter().find_map(|(sign, how)| Some((how, rest.strip_prefix(sign)?)));
    let (how, value) = signed.unwrap_or((How::Equal, rest));
    Search::Is { field: field.to_owned(), how, value: value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(search: &str, holds: bool) {
        let mut worth = |field: &str| match field {
            "updated_at" => Some(Worth::Instant(1_767_225_600_000)),
            "id" => Some(Worth::Number(5)),
            "tag" => Some(Worth::Words(vec!["vip".to_owned(), "Two Words".to_owned()])),
            _ => None,
        };
        assert_eq!(Search::parse(search).holds(&mut worth, &mut BTreeSet::new()), holds, "{search}");
    }

    #[test]
    fn a_search_means_what_shopify_says() {
        check("", true);
        check("updated_at:>='2026-01-01T00:00:00Z'", true);
        check("updated_at:>'2026-01-01T00:00:00Z'", false);
        check("updated_at:>=2026-01-01", true);
        check("updated_at:>='2026-01-01T01:00:00+01:00' AND updated_at:<'2026-01-01T00:00:01Z'", true);
        check("updated_at:>='2025-12-31T00:00:00Z' AND updated_at:<'2026-01-01T00:00:00Z'", false);
        check("id:5 tag:VIP", true);
        check("id:>5 OR tag:v*", true);
        check("id:>5 OR (tag:vip AND id:<5)", false);
        check("-tag:vip", false);
        check("NOT tag:'none'", true);
        check("tag:'two words'", true);
        check("id:abc", false);
    }

    #[test]
    fn what_is_not_known_is_told_and_left_out() {
        let mut unknown = BTreeSet::new();
        assert!(
            Search::parse("colour:red AND id:5")
                .holds(&mut |field| (field == "id").then_some(Worth::Number(5)), &mut unknown)
        );
        assert_eq!(unknown, BTreeSet::from(["colour".to_owned()]));
    }

    #[test]
    fn bounds_are_those_that_all_parts_agree_on() {
        let bounds = |search: &str| Search::parse(search).bounds("updated_at");
        assert_eq!(
            bounds("updated_at:>=1970-01-02 AND updated_at:<'1970-01-03' AND id:5"),
            (Some(86_400_000), Some(172_800_000))
        );
        assert_eq!(bounds("updated_at:>=1970-01-02 OR id:5"), (None, None));
    }
}
