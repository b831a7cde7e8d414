//! A customer: who they are, how they can be reached, and what they bought.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::{Consent, CustomerId, EmailAddress, Minor, Phone, Timestamp, order::Contribution};

#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    pub id: CustomerId,
    /// The permanent small number by which the audience knows them. Walk-ins are no audience and have none.
    pub slot: Option<u32>,
    pub kind: CustomerKind,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<EmailAddress>,
    pub phone: Option<Phone>,
    pub addresses: Vec<Address>,
    /// Compared without case; kept as first told.
    pub tags: BTreeSet<String>,
    /// As in "en" or "pt-BR".
    pub language: Option<String>,
    pub birthday: Option<jiff::civil::Date>,
    pub note: Option<String>,
    pub attributes: BTreeMap<String, AttributeValue>,
    pub email_consent: Option<Consent>,
    pub sms_consent: Option<Consent>,
    /// What the shop reports beyond the orders that we can see.
    pub opening: Opening,
    pub totals: Totals,
    /// The number that the next order gets.
    pub next_order: u32,
    pub created_at: Timestamp,
    /// When somebody last told something about them: newer wins.
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerKind {
    Person,
    /// Made from the address of an order that named no customer.
    Guest,
    /// Whoever left no address.
    WalkIn,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    pub line1: Option<String>,
    pub line2: Option<String>,
    pub city: Option<String>,
    /// As in "NY".
    pub region: Option<String>,
    pub postcode: Option<String>,
    /// Two letters: "US".
    pub country: Option<String>,
}

/// A value of a shop's own column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeValue {
    Text(String),
    /// Millionths.
    Number(i64),
    Yes(bool),
    Day(jiff::civil::Date),
    List(BTreeSet<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Opening {
    pub orders: i64,
    pub spent: Minor,
}

/// Invariant: `opening` and the contributions of all the customer's orders, summed. Moves only together with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    pub orders: i64,
    pub spent: i64,
    /// Of the orders that count.
    pub first_order_at: Option<Timestamp>,
    pub last_order_at: Option<Timestamp>,
}

/// The bits of `columns::Code::Reach`.
pub struct Reach;

impl Reach {
    pub const HAS_EMAIL: u8 = 1;
    pub const HAS_PHONE: u8 = 2;
    pub const EMAIL_SUPPRESSED: u8 = 4;
    pub const SMS_SUPPRESSED: u8 = 8;
    pub const GUEST: u8 = 16;
}

/// Why totals cannot move that way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a customer's totals would pass what can be counted")]
pub struct TooMuch;

/// An order before and after a change, as far as its customer cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moved {
    /// `None`: the customer did not have it.
    pub before: Option<Part>,
    /// `None`: the customer no longer has it.
    pub after: Option<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub contribution: Contribution,
    pub placed_at: Timestamp,
}

impl Totals {
    /// After one order moved. `Ok(None)`: the first or last order may now be another one, so that the history must be
    /// read: see `of`.
    pub fn moved(self, moved: &Moved) -> Result<Option<Self>, TooMuch> {
        let of = |part: Option<Part>| part.map_or(Contribution::default(), |part| part.contribution);
        let (before, after) = (of(moved.before), of(moved.after));
        let next = |total: i64, before: i64, after: i64| {
            total.checked_sub(before).and_then(|rest| rest.checked_add(after)).ok_or(TooMuch)
        };
        let orders = next(self.orders, before.orders, after.orders)?;
        let spent = next(self.spent, before.spent, after.spent)?;
        let counted =
            |part: Option<Part>| part.filter(|part| part.contribution.orders > 0).map(|part| part.placed_at);
        let (was, is) = (counted(moved.before), counted(moved.after));
        let was_at_an_end = was.is_some() && (was == self.first_order_at || was == self.last_order_at);
        if was_at_an_end && was != is {
            return Ok(None);
        }
        let first_order_at = self.first_order_at.into_iter().chain(is).min();
        let last_order_at = self.last_order_at.into_iter().chain(is).max();
        Ok(Some(Self { orders, spent, first_order_at, last_order_at }))
    }

    /// From nothing: what every history must add up to.
    pub fn of(opening: Opening, parts: impl IntoIterator<Item = Part>) -> Result<Self, TooMuch> {
        let mut totals = Self {
            orders: opening.orders,
            spent: opening.spent.get(),
            first_order_at: None,
            last_order_at: None,
        };
        for part in parts {
            let moved = Moved { before: None, after: Some(part) };
            // Nothing leaves, so no end is lost.
            totals = totals.moved(&moved)?.unwrap_or(totals);
        }
        Ok(totals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn part() -> impl Strategy<Value = Part> {
        (0..2_i64, 0..500_i64, 0..9_i64).prop_map(|(orders, spent, at)| Part {
            contribution: Contribution { orders, spent: spent * orders },
            placed_at: Timestamp::from_second(at).unwrap(),
        })
    }

    proptest! {
        #[test]
        fn totals_are_what_the_orders_add_up_to(changes in prop::collection::vec((0..4_usize, prop::option::of(part())), 0..40), spent in -50..50_i64) {
            let opening = Opening { orders: 3, spent: Minor::new(spent).unwrap() };
            let mut held = [None; 4];
            let mut totals = Totals::of(opening, []).unwrap();
            for (which, after) in changes {
                let moved = Moved { before: held[which], after };
                held[which] = after;
                let whole = Totals::of(opening, held.into_iter().flatten()).unwrap();
                totals = totals.moved(&moved).unwrap().unwrap_or(whole);
                prop_assert_eq!(totals, whole);
            }
        }
    }

    #[test]
    fn totals_never_wrap_around() {
        let opening = Opening { orders: i64::MAX, spent: Minor::ZERO };
        let part =
            Part { contribution: Contribution { orders: 1, spent: 0 }, placed_at: Timestamp::UNIX_EPOCH };
        assert_eq!(Totals::of(opening, [part]), Err(TooMuch));
    }
}
