//! What a shop's own words about a customer count by: each by the instant at which it was so in the shop.

use std::collections::BTreeMap;

use crate::{Customer, Timestamp};

/// Up to when the shop's own words about a customer are known: an older one changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShopWords {
    /// Of the newest word that told of all of them.
    pub at: Option<Timestamp>,
    /// Of tags that were added or removed one by one, in small letters: when each was last.
    pub tags: BTreeMap<String, Timestamp>,
}

/// Of how many tags it is known when they were last added or removed.
pub const TAG_WORDS_KEPT: usize = 64;

impl Customer {
    /// A tag was added or removed in the shop at that instant. Each tag is as its newest word has it.
    pub fn tag_moved(&mut self, tag: &str, is_added: bool, at: Timestamp) {
        let name = tag.to_lowercase();
        if self.shop_words.tags.get(&name).is_some_and(|known| *known > at) {
            return;
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
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else { return };
            self.shop_words.tags.remove(&oldest);
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
                    customer.tag_moved(tag, is_added, at(second));
                    customer.tag_moved(tag, is_added, at(second));
                }
                let tags: Vec<_> = customer.tags.iter().map(|tag| tag.to_lowercase()).collect();
                assert_eq!(tags, ["gold"], "from {first} by {step}");
            }
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
