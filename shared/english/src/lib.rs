//! What a merchant says in plain English, as a rule of the segment language.
//!
//! A small grammar, no guesses: words, then conditions, then how they are joined. What it makes is text of the language,
//! read by `rules` like anybody's, so it can only make what type-checks. What is not understood is told with its place;
//! it never lets in whom the words keep out, and where nothing is understood there is no rule: never everybody. Each
//! condition is looked for once where it could begin, so the work grows with the length of the prompt.

mod consent;
mod days;
mod doubts;
mod gap;
mod join;
mod last;
mod leaf;
mod mail;
mod measure;
mod number;
mod orders;
mod period;
mod person;
mod places;
mod products;
mod reader;
mod states;
mod tags;
mod token;
mod tree;
mod when;

use std::fmt;

use jiff::civil::Date;
use rules::{Rule, Shop};

pub use gap::Gap;
pub use products::Products;

use crate::{reader::Reader, tree::Unsafe};

/// A prompt is no letter.
pub const PROMPT_BYTES_MAX: usize = 2_000;

/// For whom and when something is said.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    pub shop: &'a Shop,
    /// The shop's.
    pub today: Date,
    /// `None`: not looked up. Then no product is known, and `Understood::asks_products` says whether one was named.
    pub products: Option<&'a Products>,
}

/// What a prompt comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    pub rule: Result<Rule, NoRule>,
    /// In the order in which it was said.
    pub not_understood: Vec<Gap>,
    /// How words were taken that could be taken otherwise.
    pub assumptions: Vec<String>,
    /// What is likely not meant: rules that exclude themselves, other currencies.
    pub warnings: Vec<String>,
    pub asks_products: bool,
}

/// Why there is no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoRule {
    NothingSaid,
    NotUnderstood,
    /// What is to be left out was not understood, and without it more would be meant than was said.
    Exclusion,
    /// The language does not allow what was said, in its own words.
    Refused(String),
}

impl fmt::Display for NoRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingSaid => f.write_str("No condition was said, so there is no rule; everybody is EVERYONE in the language."),
            Self::NotUnderstood => f.write_str("Nothing was understood, so there is no rule: nobody is meant."),
            Self::Exclusion => f.write_str(
                "Who is to be left out was not understood, so there is no rule: without that, more people would be meant than \
                 was said.",
            ),
            Self::Refused(why) => write!(f, "What was said makes no rule: {why}."),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    pub bytes: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "has {} bytes, and at most {PROMPT_BYTES_MAX} may be: say it in fewer words", self.bytes)
    }
}

/// The rule that the words say, and all that was noted on the way.
pub fn understand(prompt: &str, setting: Setting<'_>) -> Result<Understood, TooLong> {
    if prompt.len() > PROMPT_BYTES_MAX {
        return Err(TooLong { bytes: prompt.len() });
    }
    let mut reader = Reader::new(prompt, setting);
    let read = reader.sentence();
    let mut warnings = reader.warnings;
    let rule = match read {
        Err(Unsafe) => Err(NoRule::Exclusion),
        Ok(None) if reader.gaps.is_empty() => Err(NoRule::NothingSaid),
        Ok(None) => Err(NoRule::NotUnderstood),
        Ok(Some(rule)) => allowed(rule.canonical(), setting.shop),
    };
    if let Ok(rule) = &rule {
        warnings.extend(doubts::doubts(rule));
    } else {
        reader.assumptions.clear();
    }
    Ok(Understood {
        rule,
        not_understood: reader.gaps,
        assumptions: reader.assumptions,
        warnings,
        asks_products: reader.wants_products,
    })
}

/// As anybody would read its text: the limits hold for all of it.
fn allowed(rule: Rule, shop: &Shop) -> Result<Rule, NoRule> {
    match Rule::parse(&rule.to_string(), shop) {
        Ok(read) if read == rule => Ok(rule),
        Ok(_) => Err(NoRule::NotUnderstood),
        Err(problems) => Err(NoRule::Refused(problems.first().map(ToString::to_string).unwrap_or_default())),
    }
}
