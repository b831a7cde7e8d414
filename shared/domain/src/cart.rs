//! A basket that somebody was about to pay for: known by its checkout's token, and left behind if nothing more happens.
//!
//! Words about one come in any order and more than once. What is newer counts, and that it has ended is never taken back.

use jiff::SignedDuration;

use crate::{Customer, CustomerId, Minor, Timestamp};

/// Who has not gone on for so long has left it behind.
pub const QUIET: SignedDuration = SignedDuration::from_hours(1);
/// So long it is known; nobody goes on with an older one.
pub const CART_DAYS: i64 = 30;

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
        if says(self) < says(&word) {
            return Some(Self { ended_at, noted: self.noted, ..word });
        }
        let is_late = says(self) > says(&word) && ended_at == self.ended_at;
        (!is_late).then(|| Self { ended_at, ..self.clone() })
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
        let last = self.updated_at.max(self.ended_at).unwrap_or_default();
        last.saturating_add(SignedDuration::from_hours(24 * CART_DAYS)).unwrap_or(last)
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
