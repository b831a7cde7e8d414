//! What a shop's own words about a customer count by: each by the instant at which it was so in the shop.

use std::collections::BTreeMap;

use crate::{Customer, Minor, Timestamp, customer::TooMuch, order::Contribution};

/// Up to when the shop's own words about a customer are known: an older one changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShopWords {
    /// Of the newest word that told of all of them.
    pub at: Option<Timestamp>,
    /// Of tags that were added or removed one by one, in small letters: when each was last.
    pub tags: BTreeMap<String, Timestamp>,
    /// When the shop counted what they bought, if some of it can be what we are not shown.
    pub totals_at: Option<Timestamp>,
}

/// Of how many tags it is known when they were last added or removed.
pub const TAG_WORDS_KEPT: usize = 64;

impl Customer {
    /// A tag was added or removed in the shop at that instant. Each tag is as its newest word has it. `false`: a newer one
    /// is known.
    pub fn tag_moved(&mut self, tag: &str, is_added: bool, at: Timestamp) -> bool {
        let name = tag.to_lowercase();
        if self.shop_words.tags.get(&name).is_some_and(|known| *known > at) {
            return false;
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
        true
    }
}

impl Customer {
    /// What the shop says that they bought by now, also of orders that we are not shown: as much as that is more than the
    /// orders that are here, the opening balance is. Of two counts the newer counts.
    pub fn shop_counted(
        self,
        orders: Option<i64>,
        spent: Option<Minor>,
        at: Timestamp,
    ) -> Result<Self, TooMuch> {
        if self.shop_words.totals_at.is_some_and(|known| known > at) {
            return Ok(self);
        }
        let before = self.opening;
        let mut counted = self.with_totals(orders, spent)?;
        // An order that the shop does not count, and we do, takes nothing away.
        counted.part_seen(Contribution {
            orders: counted.opening.orders.min(0),
            spent: counted.opening.spent.get().min(0),
        });
        if counted.opening != before {
            counted.shop_words.totals_at =
                Some(Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at));
        }
        Ok(counted)
    }

    /// Something that was so when the shop counted, and is told by an order only now, is no more beyond the orders.
    pub fn shown_of_count(&mut self, since: Timestamp, more: Contribution) {
        if self.shop_words.totals_at.is_some_and(|counted_at| since <= counted_at) {
            let orders = more.orders.min(self.opening.orders);
            self.part_seen(Contribution { orders, spent: more.spent.min(self.opening.spent.get()) });
        }
    }

    /// So much less of an opening balance.
    fn part_seen(&mut self, part: Contribution) {
        let Ok(spent) = Minor::new(self.opening.spent.get() - part.spent) else { return };
        self.opening.spent = spent;
        self.opening.orders -= part.orders;
        self.totals.spent -= part.spent;
        self.totals.orders -= part.orders;
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
                    let is_newest = customer.tag_moved(tag, is_added, at(second));
                    assert_eq!(customer.tag_moved(tag, is_added, at(second)), is_newest, "twice is once");
                }
                let tags: Vec<_> = customer.tags.iter().map(|tag| tag.to_lowercase()).collect();
                assert_eq!(tags, ["gold"], "from {first} by {step}");
            }
        }
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
            three.shown_of_count(at(second), order);
            assert_eq!(totals(&three), expected, "{second}");
        }
        // What the shop does not count is there still.
        let fewer = counted(&three, 1, 100, 20);
        assert_eq!((totals(&fewer), fewer.opening.orders), ((2, 800), 0));
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
