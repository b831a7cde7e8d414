//! A basket that somebody was about to pay for: known by its checkout's token, and left behind if nothing more happens.
//!
//! Words about one come in any order and more than once. What is newer counts, and that it has ended is never taken back.
//! Its end may be told by another name than its token: see `CartName`.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::{Customer, CustomerId, Minor, Timestamp};

/// Who has not gone on for so long has left it behind.
pub const QUIET: SignedDuration = SignedDuration::from_hours(1);
/// So long it is known; nobody goes on with an older one.
pub const CART_DAYS: i64 = 30;
/// A name that is still in use is noted anew as often, so that it is known about as long as what bears it.
const NAMED_ANEW: SignedDuration = SignedDuration::from_hours(24);
/// Of so many checkouts of one name it is known that they bear it, the newest.
pub const NAMESAKES_MAX: usize = 8;

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

/// What bears a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Namesakes {
    /// By their tokens, since when each is there.
    pub begun: BTreeMap<String, Timestamp>,
    /// All that were there by then have ended.
    pub ended_at: Option<Timestamp>,
    /// It means something until then.
    pub until: Timestamp,
}

impl Namesakes {
    #[must_use]
    pub fn with(&self, token: &str, begun_at: Timestamp, until: Timestamp) -> Self {
        let mut all = self.clone();
        all.begun.insert(token.to_owned(), to_millis(begun_at));
        while all.begun.len() > NAMESAKES_MAX {
            let oldest = all.begun.iter().min_by_key(|(token, at)| (**at, *token));
            let Some(oldest) = oldest.map(|(token, _)| token.clone()) else { break };
            all.begun.remove(&oldest);
        }
        all.until = self.until.max(to_millis(until));
        all
    }

    #[must_use]
    pub fn ended(&self, at: Timestamp) -> Self {
        let ended_at = self.ended_at.max(Some(to_millis(at)));
        Self { ended_at, until: self.until.max(after_days(ended_at.unwrap_or(at))), ..self.clone() }
    }

    /// When a checkout of that name has ended that was there since then.
    pub fn end_of(&self, begun_at: Timestamp) -> Option<Timestamp> {
        self.ended_at.filter(|ended_at| to_millis(begun_at) <= *ended_at)
    }

    /// The tokens of all that have ended.
    pub fn gone(&self) -> BTreeSet<String> {
        let gone = self.begun.iter().filter(|(_, begun_at)| self.end_of(**begun_at).is_some());
        gone.map(|(token, _)| token.clone()).collect()
    }
}

/// As it is kept.
fn to_millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

fn after_days(at: Timestamp) -> Timestamp {
    at.saturating_add(SignedDuration::from_hours(24 * CART_DAYS)).unwrap_or(at)
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cart {
    pub customer: Option<CustomerId>,
    pub total: Minor,
    /// Where they, and whoever else has it, can go on: sealed.
    pub way_back: Option<Vec<u8>>,
    /// Of the newest word. `None`: only what it became is known.
    pub updated_at: Option<Timestamp>,
    /// It was paid for, completed or thrown away.
    pub ended_at: Option<Timestamp>,
    /// With whom it stands as left behind, and since when.
    pub noted: Option<(CustomerId, Timestamp)>,
    /// What else it is named.
    pub names: BTreeSet<CartName>,
    /// When that was last noted where such names are found.
    pub named_at: Option<Timestamp>,
}

/// The last that a customer has left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftCart {
    pub token: String,
    pub at: Timestamp,
}

impl Cart {
    /// After a word of that instant. `None`: a newer one is known.
    pub fn told(&self, word: Self) -> Option<Self> {
        let says = |cart: &Self| (cart.updated_at, cart.customer, cart.total);
        let ended_at = self.ended_at.or(word.ended_at);
        let names: BTreeSet<_> = self.names.union(&word.names).cloned().collect();
        let named_at = self.named_at.max(word.named_at);
        if says(self) < says(&word) {
            return Some(Self { ended_at, noted: self.noted, names, named_at, ..word });
        }
        let is_late = says(self) > says(&word) && ended_at == self.ended_at && names == self.names;
        (!is_late).then(|| Self { ended_at, names, named_at, ..self.clone() })
    }

    /// Whether its names have to be noted, as the word has them: before the word counts.
    pub fn is_to_be_named(&self, word: &Self) -> bool {
        let is_old = |at: Timestamp| self.named_at.is_none_or(|named| at.duration_since(named) >= NAMED_ANEW);
        !word.names.is_subset(&self.names) || (!word.names.is_empty() && word.updated_at.is_some_and(is_old))
    }

    /// Whether nothing but its names is another.
    pub fn is_but_named(&self, other: &Self) -> bool {
        *self == Self { names: self.names.clone(), named_at: self.named_at, ..other.clone() }
    }

    #[must_use]
    pub fn ended(&self, at: Timestamp) -> Self {
        Self { ended_at: self.ended_at.or(Some(at)), ..self.clone() }
    }

    /// Whose it is left behind by now, and since when.
    pub fn left(&self, now: Timestamp) -> Option<(CustomerId, Timestamp)> {
        let at = self.updated_at.filter(|at| self.ended_at.is_none() && now.duration_since(*at) >= QUIET)?;
        Some((self.customer?, at))
    }

    /// When something is to be done about it.
    pub fn due_at(&self, now: Timestamp) -> Option<Timestamp> {
        if self.left(now) != self.noted {
            return Some(now);
        }
        let is_open = self.ended_at.is_none() && self.noted.is_none() && self.customer.is_some();
        self.updated_at.filter(|_| is_open).map(|at| at + QUIET)
    }

    /// When it is forgotten.
    pub fn ends_at(&self) -> Timestamp {
        after_days(self.updated_at.max(self.ended_at).unwrap_or_default())
    }
}

impl Customer {
    /// Whether they have left something behind, and bought nothing since.
    pub fn has_left_cart(&self) -> bool {
        self.left_cart
            .as_ref()
            .is_some_and(|cart| self.totals.last_order_at.is_none_or(|last| last < cart.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
    }

    fn word(minute: i64, total: i64, ended: Option<i64>) -> Cart {
        Cart {
            customer: Some(CustomerId::Shopify(7)),
            total: Minor::new(total).unwrap(),
            updated_at: Some(at(minute)),
            ended_at: ended.map(at),
            ..Cart::default()
        }
    }

    fn after(words: &[Cart]) -> Cart {
        words.iter().fold(Cart::default(), |held, word| held.told(word.clone()).unwrap_or(held))
    }

    #[test]
    fn words_in_any_order_end_the_same() {
        let words = [word(1, 100, None), word(5, 300, None), word(5, 200, None), word(3, 200, None)];
        for turn in 0..4 {
            let mut turned = words.clone();
            turned.rotate_left(turn);
            assert_eq!(after(&turned).total.get(), 300, "{turn}");
            turned.reverse();
            assert_eq!(after(&turned), after(&words), "{turn}");
        }
        assert_eq!(after(&[word(5, 300, None), word(1, 100, Some(2))]).ended_at, Some(at(2)), "it has ended");
        assert_eq!(after(&words).told(word(1, 100, None)), None);
        let sealed = Cart { way_back: Some(vec![1]), ..words[1].clone() };
        assert_eq!(
            after(&words).told(sealed),
            Some(after(&words)),
            "it is known, however it is sealed this time"
        );
    }

    #[test]
    fn what_bears_a_name_ends_with_it_and_what_came_later_does_not() {
        let bearing = |words: &[(&str, i64)]| {
            words
                .iter()
                .fold(Namesakes::default(), |all, (token, minute)| all.with(token, at(*minute), at(99)))
        };
        let all = bearing(&[("b", 5), ("a", 1), ("c", 9)]);
        assert_eq!((all.gone(), all.until), (BTreeSet::new(), at(99)));
        let ended = all.ended(at(5));
        assert_eq!(ended.gone(), BTreeSet::from(["a".to_owned(), "b".to_owned()]));
        assert_eq!(ended.ended(at(2)), ended, "an older word");
        assert_eq!((ended.end_of(at(5)), ended.end_of(at(6))), (Some(at(5)), None));
        assert_eq!(Namesakes::default().ended(at(5)).with("c", at(9), at(99)).gone(), BTreeSet::new());
        let many: Vec<_> = (0..20).map(|number| format!("t{number}")).collect();
        let many: Vec<_> = (0..).zip(&many).map(|(minute, token)| (token.as_str(), minute)).collect();
        assert_eq!(bearing(&many).begun.into_values().min(), Some(at(12)), "the newest are known");
    }

    #[test]
    fn names_are_noted_once_and_again_only_after_a_day() {
        let name = |it: &str| BTreeSet::from([CartName::Cart(it.to_owned())]);
        let named = |minute, names| Cart { names, ..word(minute, 100, None) };
        let noted = |cart: Cart| Cart { named_at: cart.updated_at, ..cart };
        let held = noted(named(0, name("k")));
        assert!(Cart::default().is_to_be_named(&held) && !Cart::default().is_to_be_named(&word(0, 1, None)));
        assert!(
            !held.is_to_be_named(&named(1_439, name("k"))) && held.is_to_be_named(&named(1_440, name("k")))
        );
        assert!(held.is_to_be_named(&named(0, name("other"))));
        // Also an older word tells a name.
        let late = held.told(noted(named(-5, name("other")))).unwrap();
        assert_eq!((late.names.len(), late.updated_at), (2, Some(at(0))));
        assert!(held.is_but_named(&late) && !held.is_but_named(&late.ended(at(1))));
        assert_eq!(late.told(noted(named(-5, name("other")))), None, "that is known");
    }

    #[test]
    fn who_has_not_gone_on_for_an_hour_has_left_it() {
        let cart = word(0, 100, None);
        assert_eq!((cart.left(at(59)), cart.due_at(at(59))), (None, Some(at(60))));
        let left = Some((CustomerId::Shopify(7), at(0)));
        assert_eq!((cart.left(at(60)), cart.due_at(at(60))), (left, Some(at(60))));
        let noted = Cart { noted: left, ..cart.clone() };
        assert_eq!(noted.due_at(at(90)), None);
        assert_eq!(noted.ended(at(95)).due_at(at(95)), Some(at(95)), "it is to be cleared");
        assert_eq!(cart.ended(at(10)).due_at(at(99)), None);
        assert_eq!(Cart { customer: None, ..cart }.due_at(at(99)), None, "nobody's");
    }
}
