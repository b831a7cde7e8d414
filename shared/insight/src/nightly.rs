//! What is worked out of a shop's orders at night, and asked by day: where its fifths end, and what its customers will do.

use serde::{Deserialize, Serialize};

use crate::{
    distinct::Distinct,
    fit::Silence,
    history::History,
    order::Order,
    outlook::{Expected, Outlook},
    rfm::{Buyer, Cuts},
    spending::Spending,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Nightly {
    /// The last day whose orders were all known.
    pub as_of: i32,
    pub cuts: Cuts,
    pub outlook: Result<Outlook, Silence>,
    /// From one order to the next, on the mean of those who have come back. `None`: nobody has.
    pub usual_days: Option<f64>,
}

/// How a customer stands, as the models see them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stand {
    /// The day at whose end they stand so.
    pub day: i32,
    pub history: History,
    pub spending: Spending,
}

/// How far ahead is told.
pub const AHEAD_DAYS: f64 = 365.0;
/// Of more customers than this some are asked for all: a fit looks at each of its facts hundreds of times.
const FITTED_MAX: u64 = 20_000;

impl Nightly {
    /// `today` is the day that has begun. Customers come with a number of theirs, in any order.
    pub fn of<'a>(
        today: i32,
        buyers: impl IntoIterator<Item = Buyer>,
        customers: impl Iterator<Item = (u32, &'a [Order])> + Clone,
    ) -> Self {
        let as_of = today.saturating_sub(1);
        let days = |orders: &'a [Order]| orders.iter().map(|order| order.day);
        let histories = customers.clone().filter_map(|(_, orders)| History::of(days(orders), as_of));
        let histories: Distinct<_> = histories.collect();
        let some = customers.filter(|(number, _)| is_asked(*number, histories.customers()));
        let orders = some.map(|(_, orders)| orders.iter().copied());
        Self {
            as_of,
            cuts: Cuts::of(buyers, today),
            outlook: Outlook::fit(orders, as_of),
            usual_days: histories.usual_days(),
        }
    }

    /// At the end of the last day that was known, or of the customer's last order if that came later: so it changes with the
    /// night and with the customer, and never by itself. `None`: nothing was ordered.
    pub fn stand(&self, orders: &[Order]) -> Option<Stand> {
        let day = orders.iter().map(|order| order.day).max()?.max(self.as_of);
        let history = History::of(orders.iter().map(|order| order.day), day)?;
        let spent = orders.iter().map(|order| order.net).sum();
        Some(Stand { day, history, spending: Spending { orders: history.repeats() + 1, spent } })
    }

    /// What is expected of them, as far as the shop's orders tell it.
    pub fn expect(&self, stand: &Stand) -> Result<Expected, Silence> {
        self.outlook.map(|outlook| outlook.expect(&stand.history, &stand.spending, AHEAD_DAYS))
    }
}

/// The same ones each night, and no others' neighbours: their numbers are stirred.
fn is_asked(number: u32, customers: u64) -> bool {
    const STIR: u32 = 0x9E37_79B1;
    let stirred = number.wrapping_add(1).wrapping_mul(STIR);
    let stirred = (stirred ^ stirred >> 15).wrapping_mul(STIR);
    u64::from(stirred) * customers <= FITTED_MAX << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_customers_about_twenty_thousand_are_asked() {
        let asked =
            |customers: u32| (0..customers).filter(|number| is_asked(*number, customers.into())).count();
        assert_eq!(asked(20_000), 20_000);
        for customers in [40_000, 300_000, 1_000_000] {
            assert!((19_000..21_000).contains(&asked(customers)), "{customers}: {}", asked(customers));
        }
    }

    #[test]
    fn a_customer_stands_as_of_the_night_or_of_their_last_order() {
        let night = Nightly::of(101, [], std::iter::empty());
        let order = |day| Order { day, net: 500 };
        let stand = |orders: &[Order]| night.stand(orders).map(|stand| (stand.day, stand.history));
        assert_eq!(night.as_of, 100);
        assert_eq!(stand(&[]), None);
        assert_eq!(stand(&[order(80), order(90)]), Some((100, History::new(1, 10, 20).unwrap())));
        assert_eq!(stand(&[order(80), order(104)]), Some((104, History::new(1, 24, 24).unwrap())));
        assert!(night.outlook.is_err() && night.usual_days.is_none());
    }
}
