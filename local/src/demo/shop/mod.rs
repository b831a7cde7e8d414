//! The demo shop as it is, before anything of it is stored: coffee and tea from Hamburg, three years old.
//!
//! Everybody follows from the shop's seed, their own number and the instant at which the shop was thought up: the same
//! three make the same shop, and a larger shop holds the smaller one's customers. Nothing here is anybody's.

mod buyer;
mod calendar;
mod catalog;
mod dice;
mod globe;
mod habits;
mod places;
mod sales;
#[cfg(test)]
mod tests;

use domain::{
    Currency, Customer, CustomerId, Minor, Order, Product, Timestamp, Zone,
    customer::{Opening, Totals},
};

use calendar::Calendar;
use catalog::Good;
pub(crate) use globe::point_of;
use habits::Habits;
use sales::Counter;

pub const NAME: &str = "Nordlicht Coffee & Tea";
pub const ZONE: &str = "Europe/Berlin";
pub const CURRENCY: &str = "EUR";
/// What the shop called its first order.
const FIRST_ORDER: u32 = 1_001;

pub struct Shop {
    seed: u64,
    now: Timestamp,
    currency: Currency,
    calendar: Calendar,
    goods: Vec<Good>,
    /// Every order's second, whose it is and which of theirs, in the order of time: its place is what it is called by.
    placed: Vec<(i64, u32, u32)>,
    /// Everybody, by their number.
    ids: Vec<CustomerId>,
}

impl Shop {
    /// # Panics
    /// Never: its zone and its currency are known.
    pub fn new(seed: u64, customers: u32, now: Timestamp) -> Self {
        let zone: Zone = ZONE.parse().expect("a zone of the database");
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let calendar = Calendar::new(zone.time_zone().clone(), now);
        let goods = catalog::goods(seed, calendar.opened_at(), now);
        let (mut placed, mut ids) = (Vec::new(), Vec::new());
        for number in 0..customers {
            let habits = Habits::of(seed, number, &calendar);
            ids.push(buyer::id(seed, number, habits.since));
            placed.extend((1..).zip(&habits.orders).map(|(which, at)| (at.as_second(), number, which)));
        }
        placed.sort_unstable();
        let currency = CURRENCY.parse().expect("a currency of ISO 4217");
        Self { seed, now, currency, calendar, goods, placed, ids }
    }

    pub fn orders_count(&self) -> usize {
        self.placed.len()
    }

    /// Of the order at that place in time: its second, whose it is, and which of theirs.
    pub fn placed(&self, place: usize) -> Option<(i64, u32, u32)> {
        self.placed.get(place).copied()
    }

    pub fn products(&self) -> impl Iterator<Item = &Product> {
        self.goods.iter().map(|good| &good.product)
    }

    /// Everybody, from number 0 on: that is their slot, too.
    pub fn ids(&self) -> &[CustomerId] {
        &self.ids
    }

    /// Somebody, with all that they bought: totals and numbers are those of the orders.
    pub fn customer(&self, number: u32) -> (Customer, Vec<Order>) {
        let habits = Habits::of(self.seed, number, &self.calendar);
        let buyer = buyer::buyer(self.seed, number, &habits, self.now);
        let counter = Counter {
            seed: self.seed,
            goods: &self.goods,
            calendar: &self.calendar,
            currency: self.currency,
            now: self.now,
        };
        let called = |which: u32| {
            let placed = habits.orders[which as usize - 1].as_second();
            let place = self.placed.binary_search(&(placed, number, which)).unwrap_or_default();
            FIRST_ORDER + u32::try_from(place).unwrap_or_default()
        };
        let orders = counter.orders(number, &buyer, &habits, called);
        let opening = Opening { orders: 0, spent: Minor::ZERO };
        let totals = Totals::of(opening, orders.iter().map(Order::part)).unwrap_or_default();
        let next_order = u32::try_from(orders.len()).unwrap_or_default() + 1;
        (Customer { totals, next_order, ..buyer.customer }, orders)
    }
}
