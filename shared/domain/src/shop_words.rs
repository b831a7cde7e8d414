//! What a shop's own words about a customer count by: each by the instant at which it was so in the shop.

use std::collections::BTreeMap;

use crate::{
    AskedConsents, Customer, Minor, Order, OrderId, Timestamp,
    customer::{Opening, TooMuch},
    order::Contribution,
};

/// What a word comes to beside what is known.
///
/// Shopify's instants are seconds, and much can happen within one: which of two words of the same second is the newer, only
/// the shop can say. So of those the first to come stays until the shop is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside<T> {
    /// It counts: so it is now.
    Counts(T),
    /// A newer one is known.
    Late,
    /// One of the same second is known. So it would be if this one was the last.
    Undecided(T),
}

/// Up to when the shop's own words about a customer are known: an older one changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShopWords {
    /// Of the newest word that told of all of them.
    pub at: Option<Timestamp>,
    /// Of tags that were added or removed one by one, in small letters: when each was last.
    pub tags: BTreeMap<String, Timestamp>,
    /// What its words about consents count by.
    pub asked_consents: AskedConsents,
    /// When the shop counted what they bought, if some of it can be what we are not shown.
    pub totals_at: Option<Timestamp>,
    /// By how much that count was more than the orders that were shown; less, where one of them was gone by then and nobody
    /// had said so.
    pub beyond: Contribution,
    /// Invariant: `as_shop_counts` of all the customer's orders, summed.
    pub shown: Contribution,
}

impl ShopWords {
    /// What is no word about anybody.
    #[must_use]
    pub fn figures(self) -> Self {
        Self { at: None, tags: BTreeMap::new(), asked_consents: AskedConsents::default(), ..self }
    }
}

/// Of how many tags it is known when they were last added or removed.
pub const TAG_WORDS_KEPT: usize = 64;

impl Customer {
    /// A tag was added or removed in the shop at that instant. Each tag is as its newest word has it.
    pub fn tag_moved(&mut self, tag: &str, is_added: bool, at: Timestamp) -> Beside<()> {
        let name = tag.to_lowercase();
        let known = self.shop_words.tags.get(&name).copied();
        if known.is_some_and(|known| known > at) {
            return Beside::Late;
        }
        if known == Some(at) && self.tags.iter().any(|held| held.to_lowercase() == name) != is_added {
            return Beside::Undecided(());
        }
        let held = self.tags.iter().find(|held| held.to_lowercase() == name).cloned();
        match held {
            Some(held) if !is_added => drop(self.tags.remove(&held)),
            None if is_added => drop(self.tags.insert(tag.to_owned())),
            _ => {}
        }
        self.shop_words.tags.insert(name, at);
        while self.shop_words.tags.len() > TAG_WORDS_KEPT {
            let oldest = self.shop_words.tags.iter().min_by_key(|(_, at)| **at);
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else { break };
            self.shop_words.tags.remove(&oldest);
        }
        Beside::Counts(())
    }
}

impl Order {
    /// What the shop's own count of its customer has it as: each order that is no test, also one that is no sale by now.
    pub fn as_shop_counts(&self) -> Contribution {
        match self.id {
            OrderId::Shopify(_) => Contribution { orders: i64::from(!self.is_test), ..self.contribution() },
            OrderId::Ours(_) => Contribution::default(),
        }
    }
}

impl Customer {
    /// What the shop says that they bought by now, also of orders that we are not shown: as much as that is more than its
    /// orders that are here, the opening balance is. Of two counts the newer counts.
    pub fn shop_counted(
        self,
        orders: Option<i64>,
        spent: Option<Minor>,
        at: Timestamp,
    ) -> Result<Self, TooMuch> {
        let words = &self.shop_words;
        if words.totals_at.is_some_and(|known| known > at) {
            return Ok(self);
        }
        let beyond = |count: Option<i64>, shown: i64, known: i64| {
            count.map_or(Ok(known), |count| count.checked_sub(shown).ok_or(TooMuch))
        };
        let beyond = Contribution {
            orders: beyond(orders, words.shown.orders, words.beyond.orders)?,
            spent: beyond(spent.map(Minor::get), words.shown.spent, words.beyond.spent)?,
        };
        let mut counted = self.opened_by(beyond)?;
        counted.shop_words.beyond = beyond;
        counted.shop_words.totals_at = Some(Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at));
        Ok(counted)
    }

    /// With as much of an opening balance as the shop counted beyond its orders.
    fn opened_by(mut self, beyond: Contribution) -> Result<Self, TooMuch> {
        let opening = Opening {
            orders: beyond.orders.max(0),
            spent: Minor::new(beyond.spent.max(0)).map_err(|_| TooMuch)?,
        };
        let moved = |total: i64, from: i64, to: i64| {
            total.checked_sub(from).and_then(|rest| rest.checked_add(to)).ok_or(TooMuch)
        };
        self.totals.orders = moved(self.totals.orders, self.opening.orders, opening.orders)?;
        self.totals.spent = moved(self.totals.spent, self.opening.spent.get(), opening.spent.get())?;
        self.opening = opening;
        Ok(self)
    }

    /// With nothing but the orders that are here.
    #[must_use]
    pub fn without_opening(mut self) -> Self {
        self.totals.orders -= self.opening.orders;
        self.totals.spent -= self.opening.spent.get();
        self.opening = Opening::default();
        self.shop_words.beyond = Contribution::default();
        self
    }

    /// So much more of what the shop counts is here.
    pub fn shown(&mut self, more: Contribution) {
        self.shop_words.shown = self.shop_words.shown.plus(more);
    }

    /// Something that was so when the shop counted, and is told by an order only now, is no more beyond the orders: it was
    /// placed by then, or paid back, or deleted.
    pub fn shown_of_count(&mut self, since: Timestamp, more: Contribution) {
        if self.shop_words.totals_at.is_none_or(|counted_at| since > counted_at) {
            return;
        }
        let beyond = self.shop_words.beyond.less(more);
        if let Ok(opened) = self.clone().opened_by(beyond) {
            *self = opened;
            self.shop_words.beyond = beyond;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CustomerId, customer::CustomerKind};

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(second)
    }

    #[test]
    fn a_tag_is_as_its_newest_word_has_it_in_any_order() {
        let words = [("VIP", true, 1), ("vip", false, 2), ("gold", true, 1), ("Gold", true, 3)];
        for first in 0..words.len() {
            for step in [1, 3] {
                let id = CustomerId::new(at(0), [1; 10]);
                let mut customer = Customer::new(id, 0, CustomerKind::Person, at(0));
                for place in 0..words.len() {
                    let (tag, is_added, second) = words[(first + place * step) % words.len()];
                    let beside = customer.tag_moved(tag, is_added, at(second));
                    assert_eq!(customer.tag_moved(tag, is_added, at(second)), beside, "twice is once");
                }
                let tags: Vec<_> = customer.tags.iter().map(|tag| tag.to_lowercase()).collect();
                assert_eq!(tags, ["gold"], "from {first} by {step}");
            }
        }
    }

    #[test]
    fn a_tag_that_came_and_went_within_one_instant_is_left_open() {
        let mut customer = Customer::new(CustomerId::new(at(0), [1; 10]), 0, CustomerKind::Person, at(0));
        for (is_added, second, beside) in [
            (true, 5, Beside::Counts(())),
            (false, 5, Beside::Undecided(())),
            (true, 5, Beside::Counts(())),
            (false, 4, Beside::Late),
            (false, 6, Beside::Counts(())),
            (true, 6, Beside::Undecided(())),
        ] {
            assert_eq!(customer.tag_moved("vip", is_added, at(second)), beside, "{is_added} {second}");
        }
        assert!(customer.tags.is_empty());
    }

    #[test]
    fn what_the_shop_counts_beyond_its_orders_is_there_until_they_come() {
        let id = CustomerId::new(at(0), [1; 10]);
        let new = Customer::new(id, 0, CustomerKind::Person, at(0));
        let counted = |customer: &Customer, orders, spent, second| {
            customer.clone().shop_counted(Some(orders), Minor::new(spent).ok(), at(second)).unwrap()
        };
        let totals = |customer: &Customer| (customer.totals.orders, customer.totals.spent);
        let mut three = counted(&new, 3, 900, 10);
        assert_eq!((totals(&three), three.opening.orders), ((3, 900), 3));
        assert_eq!(counted(&three, 1, 100, 9), three, "an older count");
        // An order of before the count comes: it was counted. One of after it was not.
        let order = Contribution { orders: 1, spent: 400 };
        for (second, expected) in [(5, (3, 900)), (11, (4, 1_300))] {
            three.totals.orders += order.orders;
            three.totals.spent += order.spent;
            three.shown(order);
            three.shown_of_count(at(second), order);
            assert_eq!(totals(&three), expected, "{second}");
        }
        // What the shop does not count is there still.
        let fewer = counted(&three, 1, 100, 20);
        assert_eq!((totals(&fewer), fewer.opening.orders), ((2, 800), 0));
    }

    /// What is told, in any order: two orders, that the first was deleted, and counts of before that and after.
    #[derive(Clone, Copy, PartialEq)]
    enum Told {
        Placed(i64),
        Gone(i64, i64),
        Counted { orders: i64, at: i64 },
    }

    #[test]
    fn an_order_that_was_deleted_unheard_is_not_taken_off_twice() {
        use Told::{Counted, Gone, Placed};
        // Two are not shown.
        let told = [
            Placed(5),
            Placed(15),
            Gone(5, 12),
            Counted { orders: 3, at: 10 },
            Counted { orders: 3, at: 20 },
        ];
        let one = Contribution { orders: 1, spent: 100 };
        let none = Contribution::default();
        for number in 0..120 {
            let mut left = told.to_vec();
            let mut rest = number;
            let mut customer = Customer::new(CustomerId::new(at(0), [1; 10]), 0, CustomerKind::Person, at(0));
            let (mut here, mut is_gone) = (Vec::new(), false);
            while !left.is_empty() {
                let told = left.remove(rest % left.len());
                rest /= left.len() + 1;
                let moved = match told {
                    // What is known to be deleted is not made.
                    Placed(5) if is_gone => continue,
                    Placed(placed_at) => {
                        here.push(placed_at);
                        Some((placed_at, one))
                    }
                    Gone(placed_at, gone_at) => {
                        is_gone = true;
                        here.contains(&placed_at).then_some((gone_at, none.less(one)))
                    }
                    Counted { orders, at: second } => {
                        let spent = Minor::new(100 * orders).ok();
                        customer = customer.shop_counted(Some(orders), spent, at(second)).unwrap();
                        None
                    }
                };
                if let Some((since, more)) = moved {
                    customer.totals.orders += more.orders;
                    customer.totals.spent += more.spent;
                    customer.shown(more);
                    customer.shown_of_count(at(since), more);
                }
            }
            assert_eq!((customer.totals.orders, customer.totals.spent), (3, 300), "in order {number}");
        }
    }

    #[test]
    fn only_so_many_words_are_remembered() {
        let mut customer = Customer::new(CustomerId::new(at(0), [1; 10]), 0, CustomerKind::Person, at(0));
        for number in 0..200 {
            customer.tag_moved(&format!("tag {number}"), number % 2 == 0, at(number));
        }
        assert_eq!(customer.shop_words.tags.len(), TAG_WORDS_KEPT);
        assert!(customer.shop_words.tags.contains_key("tag 199"));
    }
}
