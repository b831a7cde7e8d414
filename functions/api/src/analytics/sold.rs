//! Orders of the audience, as the folds of `insight` read them: on their day of the shop, at what they are worth by now.

use columns::{Buyer, Sale};
use domain::{Zone, order::Marks};
use flows::FlowError;
use insight::{Order, ShopDays};

use super::{kept::weighs_itself, range::Range};

/// The days of a fold.
pub(crate) struct Calendar {
    days: ShopDays,
    from: i32,
    begins: i64,
}

impl Calendar {
    pub(crate) fn of(range: Range, zone: &Zone) -> Result<Self, FlowError> {
        let begins = super::range::second_of(zone, range.from);
        Ok(Self { days: range.calendar(zone)?, from: range.from, begins })
    }

    /// Whatever was before is the day before the first. `None`: after the last.
    pub(crate) fn day(&self, second: i64) -> Option<i32> {
        if second < self.begins { Some(self.from - 1) } else { self.days.day_of(second) }
    }

    /// An order that counts. `None`: it does not, or lies after the last day.
    pub(crate) fn order(&self, sale: &Sale) -> Option<Order> {
        if !counts(sale) {
            return None;
        }
        Some(Order { day: self.day(sale.at)?, net: sale.net })
    }

    /// Those that count, up to the last day.
    pub(crate) fn orders<'a>(&'a self, buyer: &Buyer<'a>) -> impl Iterator<Item = Order> + 'a {
        buyer.sales().filter_map(|sale| self.order(&sale))
    }
}

/// Paid, not cancelled, not wholly refunded, no test.
pub(crate) fn counts(sale: &Sale) -> bool {
    sale.marks & Marks::COUNTS > 0
}

/// A count of orders and what they brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) orders: u64,
    pub(crate) revenue: i128,
}

weighs_itself!(Sums);

impl Sums {
    pub(crate) fn add(&mut self, net: i64) {
        self.orders += 1;
        self.revenue += i128::from(net);
    }
}
