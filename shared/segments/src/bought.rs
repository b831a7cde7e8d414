//! What each customer has bought, by days of the shop, as the columns hold it: of this the shop's scores are worked out.

use columns::{Clause, NotRead, Number, OrderCode, Program, Slot, Test, View};
use domain::{Zone, days::number_of, order::Marks};
use insight::{Order, ShopDays, rfm::Buyer};

/// The orders that count, one customer's side by side.
#[derive(Debug, Clone, Default)]
pub struct Bought {
    /// Where each customer's end.
    customers: Vec<(Slot, usize)>,
    orders: Vec<Order>,
}

impl Bought {
    /// Of everybody who is somebody. `Orders` must have been read.
    pub fn of(view: &View, zone: &Zone) -> Result<Self, NotRead> {
        let everyone = Program::new(Test::Everyone);
        let counted = [Clause::Bits(OrderCode::Marks, Marks::COUNTS, 0)];
        let seconds = || Ok::<_, NotRead>(view.sales(Some(&everyone), &counted)?.map(|sale| sale.at));
        let days = Days::between(zone, seconds()?.min(), seconds()?.max());
        let mut bought = Self::default();
        for sale in view.sales(Some(&everyone), &counted)? {
            bought.orders.push(Order { day: days.of(sale.at), net: sale.net });
            match bought.customers.last_mut() {
                Some((slot, end)) if *slot == sale.slot => *end = bought.orders.len(),
                _ => bought.customers.push((sale.slot, bought.orders.len())),
            }
        }
        Ok(bought)
    }

    /// Those who have ordered, each with all orders.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &[Order])> + Clone {
        let starts = std::iter::once(0).chain(self.customers.iter().map(|(_, end)| *end));
        self.customers.iter().zip(starts).map(|((slot, end), start)| (*slot, &self.orders[start..*end]))
    }
}

/// Everybody as their totals have them: also what was bought before there were orders here.
pub fn buyers(view: &View, zone: &Zone) -> Result<Vec<(Slot, Buyer)>, NotRead> {
    let all = view.select(&Program::new(Test::Everyone))?;
    let last = || all.numbers([Number::LastOrder]).filter_map(|(_, [last])| last);
    let days = Days::between(zone, last().min(), last().max());
    let numbers = all.numbers([Number::LastOrder, Number::Orders, Number::Spent]);
    let buyer = |(slot, [last, orders, spent]): (Slot, [Option<i64>; 3])| {
        let orders = u32::try_from(orders.unwrap_or_default().max(0)).unwrap_or(u32::MAX);
        // Nobody knows when it was: longer ago than anything of which somebody does.
        let last_day = last.map_or(i32::MIN, |last| days.of(last));
        (slot, Buyer { last_day, orders, spent: spent.unwrap_or_default() })
    };
    Ok(numbers.map(buyer).collect())
}

/// Days of the shop, by number.
struct Days<'a> {
    zone: &'a Zone,
    known: Option<ShopDays>,
}

impl<'a> Days<'a> {
    /// Of the instants in between; others are computed one by one.
    fn between(zone: &'a Zone, first: Option<i64>, last: Option<i64>) -> Self {
        let known = first.zip(last).and_then(|(first, last)| {
            let until = day(zone, last).checked_add(2)?;
            ShopDays::new(zone.time_zone(), day(zone, first).checked_sub(1)?, until)
        });
        Self { zone, known }
    }

    fn of(&self, second: i64) -> i32 {
        let known = self.known.as_ref().and_then(|days| days.day_of(second));
        known.unwrap_or_else(|| day(self.zone, second))
    }
}

/// Of the shop, counted from 1970-01-01.
fn day(zone: &Zone, second: i64) -> i32 {
    number_of(zone.day_of_second(second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Date;

    /// In St. John's, of a minute past midnight they made a minute past eleven.
    #[test]
    fn days_that_are_looked_up_and_days_that_are_computed_are_the_same() {
        for (zone, on) in [
            ("America/St_Johns", "2010-11-07"),
            ("America/Asuncion", "2024-03-24"),
            ("America/Havana", "2025-11-02"),
            ("America/Santiago", "2026-09-06"),
            ("Pacific/Apia", "2011-12-31"),
        ] {
            let (zone, on): (Zone, Date) = (zone.parse().unwrap(), on.parse().unwrap());
            let midnight = zone.first_second(on);
            let (first, last) = (midnight - 2 * 86_400, midnight + 2 * 86_400);
            let looked_up = Days::between(&zone, Some(first), Some(last));
            let computed = Days { zone: &zone, known: None };
            for second in (first..=last).step_by(60) {
                assert!(looked_up.known.as_ref().unwrap().day_of(second).is_some(), "{zone}, {second}");
                assert_eq!(looked_up.of(second), computed.of(second), "{zone}, {second}");
            }
            assert_eq!(computed.of(midnight + 15 * 60), number_of(on), "{zone}: it has begun");
        }
    }
}
