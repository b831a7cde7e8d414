//! Where orders stand in a list.

use std::cmp::Ordering;

use columns::{Sale, Slot};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SalesBy {
    Placed,
    Total,
    Number,
}

/// Where an order stands in a list, so that the least comes first. No two orders share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    /// What has no value comes last, either way.
    is_absent: bool,
    key: i64,
    slot: u32,
    number: u32,
}

impl Standing {
    pub fn of(sale: &Sale, by: SalesBy, backward: bool) -> Self {
        let key = match by {
            SalesBy::Placed => Some(sale.at),
            SalesBy::Total => Some(sale.amount),
            SalesBy::Number => sale.called,
        };
        let here = Self {
            is_absent: key.is_none(),
            key: key.unwrap_or_default(),
            slot: sale.slot.0,
            number: sale.number,
        };
        if backward { here.turned() } else { here }
    }

    /// The bits turned around turn the order around, and lose nothing.
    fn turned(self) -> Self {
        Self { key: !self.key, slot: !self.slot, number: !self.number, ..self }
    }

    pub fn place(self, backward: bool) -> (Slot, u32) {
        let here = if backward { self.turned() } else { self };
        (Slot(here.slot), here.number)
    }

    pub fn text(self) -> String {
        format!("{} {} {} {}", u8::from(self.is_absent), self.key, self.slot, self.number)
    }

    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let is_absent = parts.next()? == "1";
        let key = parts.next()?.parse().ok()?;
        let slot = parts.next()?.parse().ok()?;
        Some(Self { is_absent, key, slot, number: parts.next()?.parse().ok()? })
    }

    pub fn is_after(&self, other: Option<&Self>) -> bool {
        other.is_none_or(|other| self.cmp(other) == Ordering::Greater)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sale(at: i64, amount: i64, called: Option<i64>, number: u32) -> Sale {
        Sale { slot: Slot(7), number, at, amount, net: 0, quantity: 1, state: 0, marks: 0, called }
    }

    #[test]
    fn orders_stand_in_their_order_and_a_cursor_leads_back() {
        let sales = [sale(5, 30, None, 1), sale(3, -2, Some(9), 2), sale(5, 10, Some(4), 3)];
        let check = |by: SalesBy, backward: bool, expected: [u32; 3]| {
            let mut all: Vec<_> = sales.iter().map(|sale| Standing::of(sale, by, backward)).collect();
            all.sort_unstable();
            let numbers: Vec<_> = all.iter().map(|one| one.place(backward).1).collect();
            assert_eq!(numbers, expected, "{by:?} {backward}");
            assert!(all.iter().all(|one| Standing::read(&one.text()) == Some(*one)));
        };
        check(SalesBy::Placed, false, [2, 1, 3]);
        check(SalesBy::Placed, true, [3, 1, 2]);
        check(SalesBy::Total, false, [2, 3, 1]);
        check(SalesBy::Total, true, [1, 3, 2]);
        check(SalesBy::Number, false, [3, 2, 1]);
        check(SalesBy::Number, true, [2, 3, 1]);
        for wrong in ["", "0", "0 1 2", "0 x 2 3"] {
            assert_eq!(Standing::read(wrong), None);
        }
    }
}
