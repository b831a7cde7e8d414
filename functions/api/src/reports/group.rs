//! By what a report's orders are parted.

use columns::{Buyer, List, Number};
use domain::{Currency, report::Dimension};
use insight::{Loyalty, Month, Tier};

use super::fold::Part;
use crate::analytics::{
    cohorts::named,
    customers::{level_name, tier_name},
    range::date_of,
};

/// A value of a dimension, as it is sorted. What is not known comes last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Value {
    /// A day, the first of a week or a month; Monday is 0; a place in a list of words.
    Number(i32),
    Word(Box<str>),
    Unknown,
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const VISITS: [&str; 2] = ["first", "later"];
const TIERS: [Tier; 4] = [Tier::Vip, Tier::Premium, Tier::Regular, Tier::New];
const LEVELS: [Loyalty; 4] = [Loyalty::Platinum, Loyalty::Gold, Loyalty::Silver, Loyalty::Bronze];
/// 1970-01-01 was a Thursday.
const MONDAY: i32 = 3;

/// An order, as far as it is told where it belongs.
pub(super) struct Placed<'a> {
    pub(super) buyer: &'a Buyer<'a>,
    pub(super) day: i32,
    /// Of the customer's orders that count it is the first.
    pub(super) is_first: bool,
    pub(super) currency: Currency,
    /// Of its lines, each once.
    pub(super) products: &'a [(Value, Part)],
}

impl Placed<'_> {
    /// One value, or several of those dimensions that a customer may have several of.
    pub(super) fn values(&self, dimension: Dimension) -> Vec<Value> {
        let somebody = |value: Value| if self.buyer.is_somebody() { value } else { Value::Unknown };
        let one = match dimension {
            Dimension::Day => Value::Number(self.day),
            Dimension::Week => Value::Number(self.day - (self.day + MONDAY).rem_euclid(7)),
            Dimension::Month => Value::Number(Month::of(self.day).0),
            Dimension::Weekday => Value::Number((self.day + MONDAY).rem_euclid(7)),
            Dimension::Visit => somebody(Value::Number(i32::from(!self.is_first))),
            Dimension::Tier => {
                let spent = self.buyer.number(Number::Spent).unwrap_or_default();
                let tier = Tier::of(spent, self.currency.digits());
                somebody(place(TIERS.iter().position(|known| *known == tier)))
            }
            Dimension::Loyalty => {
                let orders = self.buyer.number(Number::Orders).unwrap_or_default().max(0);
                let level = Loyalty::of(u32::try_from(orders).unwrap_or(u32::MAX));
                somebody(place(LEVELS.iter().position(|known| *known == level)))
            }
            Dimension::Country => return self.words(List::Countries),
            Dimension::City => return self.words(List::Cities),
            Dimension::Tag => return self.words(List::Tags),
            // Without lines it is of no product that anybody knows.
            Dimension::Product if self.products.is_empty() => Value::Unknown,
            Dimension::Product => return self.products.iter().map(|(product, _)| product.clone()).collect(),
        };
        vec![one]
    }

    fn words(&self, list: List) -> Vec<Value> {
        let words: Vec<_> = self.buyer.words(list).map(|word| Value::Word(word.into())).collect();
        if words.is_empty() { vec![Value::Unknown] } else { words }
    }
}

fn place(found: Option<usize>) -> Value {
    found.and_then(|place| i32::try_from(place).ok()).map_or(Value::Unknown, Value::Number)
}

impl Value {
    /// As it is told. `None`: it is not known.
    pub(super) fn shown(&self, dimension: Dimension) -> Option<String> {
        let number = match self {
            Self::Unknown => return None,
            Self::Word(word) => return Some(word.to_string()),
            Self::Number(number) => *number,
        };
        let place = usize::try_from(number).unwrap_or_default();
        Some(match dimension {
            Dimension::Month => named(Month(number)),
            Dimension::Weekday => WEEKDAYS.get(place)?.to_string(),
            Dimension::Visit => VISITS.get(place)?.to_string(),
            Dimension::Tier => tier_name(*TIERS.get(place)?).to_owned(),
            Dimension::Loyalty => level_name(*LEVELS.get(place)?).to_owned(),
            _ => date_of(number).to_string(),
        })
    }
}
