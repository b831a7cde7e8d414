//! A basket that somebody was about to pay for: known by its checkout's token, and left behind if nothing more happens.
//!
//! Words about one come in any order and more than once. What is newer counts, and that it has ended is never taken back.
//! Its end may be told by another name than its token: see `CartName`.

mod names;

use jiff::SignedDuration;
use std::collections::BTreeSet;

use crate::{Customer, CustomerId, Minor, Timestamp};
use names::after_days;

pub use names::{Begun, CartName, GONE_MAX, Gone, NAMESAKES_MAX, Namesakes};

/// Who has not gone on for so long has left it behind.
pub const QUIET: SignedDuration = SignedDuration::from_hours(1);
/// So long it is known; nobody goes on with an older one.
pub const CART_DAYS: i64 = 30;
/// A name that is still in use is noted anew as often, so that it is known about as long as what bears it.
const NAMED_ANEW: SignedDuration = SignedDuration::from_hours(24);
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cart {
    pub customer: Option<CustomerId>,
    pub total: Minor,
    /// Where they, and whoever else has it, can go on: sealed.
    pub way_back: Option<Vec<u8>>,
    /// The earliest instant that was told.
    pub begun_at: Option<Timestamp>,
    /// Of the newest word. `None`: only what it became is known.
    pub updated_at: Option<Timestamp>,
    /// It was paid for, completed or thrown away. That is never taken back.
    pub ended_at: Option<Timestamp>,
    /// It has ended with what one of its names says by now: whoever knows more may know that another was meant.
    pub ended_with: Option<Timestamp>,
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
    /// After a word of that instant. `None`: a newer one is known. What its names say is not asked here.
    pub fn told(&self, word: Self) -> Option<Self> {
        let says = |cart: &Self| (cart.updated_at, cart.customer, cart.total);
        let ended_at = earliest(self.ended_at, word.ended_at);
        let begun_at = earliest(self.begun_at, word.begun_at);
        let names: BTreeSet<_> = self.names.union(&word.names).cloned().collect();
        let named_at = self.named_at.max(word.named_at);
        let (ended_with, noted) = (self.ended_with, self.noted);
        if says(self) < says(&word) {
            return Some(Self { begun_at, ended_at, ended_with, noted, names, named_at, ..word });
        }
        let is_known = ended_at == self.ended_at && begun_at == self.begun_at && names == self.names;
        let is_late = says(self) > says(&word) && is_known;
        (!is_late).then(|| Self { begun_at, ended_at, names, named_at, ..self.clone() })
    }

    /// Whether its names have to be noted, as the word has them: before the word counts.
    pub fn is_to_be_named(&self, word: &Self) -> bool {
        let is_old = |at: Timestamp| self.named_at.is_none_or(|named| at.duration_since(named) >= NAMED_ANEW);
        let has_names = !(self.names.is_empty() && word.names.is_empty());
        let is_news = !word.names.is_subset(&self.names)
            || earliest(self.begun_at, word.begun_at) != self.begun_at
            || word.updated_at.is_some_and(is_old);
        has_names && is_news
    }

    /// The word, with all that is to be noted where its names are found.
    #[must_use]
    pub fn naming(&self, word: Self) -> Self {
        Self {
            names: self.names.union(&word.names).cloned().collect(),
            begun_at: earliest(self.begun_at, word.begun_at),
            named_at: self.updated_at.max(word.updated_at),
            ..word
        }
    }

    /// Until when its names have to be known: for as long as it is, also if it is told once more before they are noted anew.
    pub fn named_until(&self) -> Timestamp {
        let named_at = self.named_at.max(self.updated_at).unwrap_or_default();
        after_days(named_at).saturating_add(NAMED_ANEW).unwrap_or(named_at)
    }

    /// As one that bears a name.
    pub fn begun(&self) -> Option<Begun> {
        let number = self.names.iter().find_map(|name| match name {
            CartName::Checkout(number) => Some(*number),
            CartName::Cart(_) => None,
        });
        self.begun_at.map(|at| Begun { at, number })
    }

    pub fn has_ended(&self) -> bool {
        self.ended_at.is_some() || self.ended_with.is_some()
    }

    /// Whether nothing but its names is another.
    pub fn is_but_named(&self, other: &Self) -> bool {
        let (names, named_at, begun_at) = (self.names.clone(), self.named_at, self.begun_at);
        *self == Self { begun_at, names, named_at, ..other.clone() }
    }

    #[must_use]
    pub fn ended(&self, at: Timestamp) -> Self {
        Self { ended_at: earliest(self.ended_at, Some(at)), ..self.clone() }
    }

    /// Whose it is left behind by now, and since when.
    pub fn left(&self, now: Timestamp) -> Option<(CustomerId, Timestamp)> {
        let at = self.updated_at.filter(|at| !self.has_ended() && now.duration_since(*at) >= QUIET)?;
        Some((self.customer?, at))
    }

    /// When something is to be done about it.
    pub fn due_at(&self, now: Timestamp) -> Option<Timestamp> {
        if self.left(now) != self.noted {
            return Some(now);
        }
        let is_open = !self.has_ended() && self.noted.is_none() && self.customer.is_some();
        self.updated_at.filter(|_| is_open).map(|at| at + QUIET)
    }

    /// When it is forgotten. That it has ended keeps it no longer: its names are known as long, and no word comes so late.
    pub fn ends_at(&self) -> Timestamp {
        after_days(self.updated_at.or(self.ended_at).unwrap_or_default())
    }
}

fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

impl Customer {
    /// Whether they have left something behind, and bought nothing since.
    pub fn has_left_cart(&self) -> bool {
        self.left_cart_at().is_some()
    }

    /// Since when they have left something behind. Whoever has bought since, that basket or another, has not.
    pub fn left_cart_at(&self) -> Option<Timestamp> {
        let left = self.left_cart.as_ref().map(|cart| cart.at)?;
        self.totals.last_order_at.is_none_or(|last| last < left).then_some(left)
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
    fn its_names_are_known_for_as_long_as_it_is() {
        let name = |it: &str| BTreeSet::from([CartName::Cart(it.to_owned())]);
        let named = |minute, it| Cart { names: name(it), begun_at: Some(at(0)), ..word(minute, 100, None) };
        // The second name is told by an older word; the basket is told again as late as that needs no naming; then it ends.
        let words = [named(600, "k"), named(0, "other"), named(600 + 1_439, "k"), named(5_000, "k")];
        let (mut cart, mut until) = (Cart::default(), std::collections::BTreeMap::new());
        for told in words {
            if cart.is_to_be_named(&told) {
                let word = cart.naming(told.clone());
                for name in &word.names {
                    until.insert(name.clone(), word.named_until());
                }
                cart = cart.told(word).unwrap_or(cart);
            } else {
                cart = cart.told(told).unwrap_or(cart);
            }
            for state in [&cart, &cart.ended(at(20_000))] {
                assert!(until.values().all(|until| *until >= state.ends_at()), "{until:?} {state:?}");
            }
        }
        assert_eq!(until.len(), 2);
    }

    #[test]
    fn it_was_begun_when_the_earliest_word_says_and_its_names_are_noted_so() {
        let names = BTreeSet::from([CartName::Cart("k".to_owned())]);
        let told = |begun| Cart { names: names.clone(), begun_at: Some(at(begun)), ..word(9, 100, None) };
        let held = Cart::default().told(Cart::default().naming(told(9))).unwrap();
        assert!(!held.is_to_be_named(&told(9)) && held.is_to_be_named(&told(3)));
        let earlier = held.told(held.naming(told(3))).unwrap();
        assert_eq!((earlier.begun_at, earlier.is_to_be_named(&told(9))), (Some(at(3)), false));
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
