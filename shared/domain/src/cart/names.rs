//! By what a checkout is named beside its token, and what is known of whatever bears such a name.
//!
//! That a checkout is deleted is told by its cart and a number, and webhooks tell no number of those that are there. So a
//! name leads to all that bear it, with the numbers that are known of them, and keeps what was said of it: which of them
//! are meant follows from all of that together, and so from no order in which it was heard.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use super::CART_DAYS;
use crate::Timestamp;

/// Of so many checkouts of one name it is known that they bear it, the newest.
pub const NAMESAKES_MAX: usize = 8;
/// Of so many checkouts of one cart it is known that they are deleted, the last.
pub const GONE_MAX: usize = 64;

/// By what a checkout is named where its own token is not told: in the word that it is deleted, and in some orders.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CartName {
    /// The token of the cart that it was made of.
    Cart(String),
    /// Its number, which GraphQL tells, and webhooks did once.
    Checkout(u64),
}

impl std::fmt::Display for CartName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cart(token) => write!(f, "cart.{token}"),
            Self::Checkout(id) => write!(f, "id.{id}"),
        }
    }
}

/// One that bears a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    pub at: Timestamp,
    /// If that is known.
    pub number: Option<u64>,
}

/// A checkout of the cart, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gone {
    /// When it was deleted, if it was.
    pub at: Option<Timestamp>,
    /// It is known which basket that is.
    pub is_known: bool,
}

/// What bears a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Namesakes {
    /// By their tokens.
    pub begun: BTreeMap<String, Begun>,
    /// All that were there by then have ended.
    pub ended_at: Option<Timestamp>,
    /// Of a cart: what was said of its checkouts by their numbers.
    pub gone: BTreeMap<u64, Gone>,
    /// Of a number: the carts that it was said to be of.
    pub carts: BTreeSet<String>,
    /// It means something until then.
    pub until: Timestamp,
}

impl Namesakes {
    /// Since the earliest instant that is told.
    #[must_use]
    pub fn with(&self, token: &str, begun: Begun, until: Timestamp) -> Self {
        let mut all = self.clone();
        let known = all.begun.get(token);
        let at = to_millis(begun.at);
        let at = known.map_or(at, |known| known.at.min(at));
        let number = begun.number.or(known.and_then(|known| known.number));
        all.begun.insert(token.to_owned(), Begun { at, number });
        let mut all = all.numbered();
        while all.begun.len() > NAMESAKES_MAX {
            let oldest = all.begun.iter().min_by_key(|(token, begun)| (begun.at, *token));
            let Some(oldest) = oldest.map(|(token, _)| token.clone()) else { break };
            all.begun.remove(&oldest);
        }
        all.until = self.until.max(to_millis(until));
        all
    }

    /// That one is known no more.
    #[must_use]
    pub fn without(&self, token: &str) -> Self {
        let mut all = self.clone();
        all.begun.remove(token);
        all
    }

    /// All that were there by then have ended: nothing says which.
    #[must_use]
    pub fn ended(&self, at: Timestamp) -> Self {
        let ended_at = self.ended_at.max(Some(to_millis(at)));
        Self { ended_at, ..self.clone() }.until_after(at)
    }

    /// The checkout of that number has ended. Which basket that is may be known by the number's own name.
    #[must_use]
    pub fn ended_by_number(&self, number: u64, at: Timestamp, is_known: bool) -> Self {
        let mut all = self.clone();
        let gone = all.gone.entry(number).or_default();
        *gone = Gone { at: gone.at.max(Some(to_millis(at))), is_known: gone.is_known || is_known };
        while all.gone.len() > GONE_MAX {
            let oldest = all.gone.iter().min_by_key(|(number, gone)| (gone.at, **number));
            let Some(oldest) = oldest.map(|(number, _)| *number) else { break };
            all.gone.remove(&oldest);
        }
        all.numbered().until_after(at)
    }

    /// It is known which basket has that number, for as long as that is known.
    #[must_use]
    pub fn known(&self, number: u64, until: Timestamp) -> Self {
        let mut all = Self { until: self.until.max(to_millis(until)), ..self.clone() };
        all.gone.entry(number).or_default().is_known = true;
        all
    }

    /// It was said to be of that cart.
    #[must_use]
    pub fn of_cart(&self, cart: &str) -> Self {
        let mut all = self.clone();
        all.carts.insert(cart.to_owned());
        all
    }

    /// When one of that name has ended: if all have, or it is the one that was named by its number, or may be, as nobody
    /// knows which that was.
    pub fn end_of(&self, begun: Begun) -> Option<Timestamp> {
        let may_be_it = |number: u64, gone: &Gone| match begun.number {
            Some(own) => own == number,
            None => !gone.is_known,
        };
        let named = self.gone.iter().filter(|(number, gone)| may_be_it(**number, gone));
        let ends = named.filter_map(|(_, gone)| gone.at).chain(self.ended_at);
        ends.filter(|at| to_millis(begun.at) <= *at).max()
    }

    /// The tokens of all that are known to bear it.
    pub fn tokens(&self) -> BTreeSet<String> {
        self.begun.keys().cloned().collect()
    }

    /// A number that one of them bears is known.
    fn numbered(mut self) -> Self {
        for number in self.begun.values().filter_map(|begun| begun.number) {
            if let Some(gone) = self.gone.get_mut(&number) {
                gone.is_known = true;
            }
        }
        self
    }

    fn until_after(self, at: Timestamp) -> Self {
        Self { until: self.until.max(after_days(to_millis(at))), ..self }
    }
}

/// As it is kept.
fn to_millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

pub(super) fn after_days(at: Timestamp) -> Timestamp {
    at.saturating_add(SignedDuration::from_hours(24 * CART_DAYS)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
    }

    fn begun(minute: i64) -> Begun {
        Begun { at: at(minute), number: None }
    }

    fn bearing(words: &[(&str, i64)]) -> Namesakes {
        let none = Namesakes::default();
        words.iter().fold(none, |all, (token, minute)| all.with(token, begun(*minute), at(99)))
    }

    #[test]
    fn what_bears_a_name_ends_with_it_and_what_came_later_does_not() {
        let all = bearing(&[("b", 5), ("a", 1), ("c", 9)]);
        assert_eq!((all.end_of(begun(1)), all.until), (None, at(99)));
        let ended = all.ended(at(5));
        assert_eq!(ended.ended(at(2)), ended, "an older word");
        assert_eq!((ended.end_of(begun(5)), ended.end_of(begun(6))), (Some(at(5)), None));
        let many: Vec<_> = (0..20).map(|number| format!("t{number}")).collect();
        let many: Vec<_> = (0..).zip(&many).map(|(minute, token)| (token.as_str(), minute)).collect();
        let kept = bearing(&many).begun;
        assert_eq!(kept.values().map(|begun| begun.at).min(), Some(at(12)), "the newest are known");
    }

    #[test]
    fn it_is_there_since_the_earliest_instant_that_is_told() {
        for minutes in [[3, 8], [8, 3]] {
            let all = bearing(&minutes.map(|minute| ("a", minute)));
            assert_eq!(all.begun["a"], begun(3), "{minutes:?}");
        }
    }

    #[test]
    fn a_number_says_which_of_a_cart_is_meant_if_anybody_knows_it() {
        let all = bearing(&[("a", 1), ("b", 2)]);
        let nobody_knows = all.ended_by_number(7, at(5), false);
        assert_eq!(
            (nobody_knows.end_of(begun(1)), nobody_knows.end_of(begun(2))),
            (Some(at(5)), Some(at(5)))
        );
        assert_eq!(nobody_knows.end_of(begun(6)), None, "begun later");
        let numbered = |number| Begun { number: Some(number), ..begun(1) };
        // Whichever is heard first.
        for known in [
            nobody_knows.with("a", numbered(7), at(99)),
            all.with("a", numbered(7), at(99)).ended_by_number(7, at(5), false),
            all.ended_by_number(7, at(5), true),
            all.known(7, at(99)).ended_by_number(7, at(5), false),
            nobody_knows.known(7, at(99)),
        ] {
            assert_eq!((known.end_of(numbered(7)), known.end_of(begun(2))), (Some(at(5)), None), "{known:?}");
        }
        let other = nobody_knows.with("b", numbered(8), at(99));
        assert_eq!(
            (other.end_of(begun(1)), other.end_of(numbered(8))),
            (Some(at(5)), None),
            "that is another"
        );
        let forgotten = nobody_knows.with("a", numbered(7), at(99)).without("a");
        assert_eq!(forgotten.end_of(begun(2)), None, "it stays known");
        assert_eq!(Namesakes::default().known(7, at(99)).until, at(99), "it is not forgotten at once");
        let many = (0..100)
            .fold(all, |all, number| all.ended_by_number(number, at(i64::try_from(number).unwrap()), false));
        assert_eq!((many.gone.len(), many.gone.contains_key(&99)), (GONE_MAX, true));
    }
}
