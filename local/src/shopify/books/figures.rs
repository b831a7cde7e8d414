//! What an order comes to: before and after what was taken back.

use super::records::{Financial, Line, Order};

/// The shop's own places, by their numbers: 655441491 is at the middle of the town, 24826418 is at the market.
const COUNTERS: [u64; 2] = [655_441_491, 24_826_418];
/// Of the orders of those who are known, each so many is placed at a counter.
const COUNTER_EACH: u64 = 8;

impl Line {
    /// What it cost before discounts.
    pub fn full(&self) -> i64 {
        self.price * i64::from(self.quantity)
    }

    /// What so many of it cost, its share of the discounts taken off.
    pub fn worth(&self, quantity: u32) -> i64 {
        let paid = self.full() - self.discount;
        if self.quantity == 0 { 0 } else { paid * i64::from(quantity) / i64::from(self.quantity) }
    }
}

impl Order {
    /// Whoever walks in buys at one of the counters, and some of those who are known do.
    fn is_at_a_counter(&self) -> bool {
        self.customer.is_none() || self.order_number.is_multiple_of(COUNTER_EACH)
    }

    /// The app that it was placed with, by its number: the one of the web shop, or of the counter.
    pub fn app(&self) -> u64 {
        if self.is_at_a_counter() { 129_785 } else { 580_111 }
    }

    /// The counter, by the number of its place.
    pub fn location(&self) -> Option<u64> {
        let [near, far] = COUNTERS;
        let is_near = (self.order_number / COUNTER_EACH).is_multiple_of(2);
        self.is_at_a_counter().then_some(if is_near { near } else { far })
    }

    /// Where it comes from.
    pub fn source(&self) -> &'static str {
        if self.is_at_a_counter() { "pos" } else { "web" }
    }

    /// Of the lines that were ordered first.
    pub fn lines_total(&self) -> i64 {
        self.ordered().map(Line::full).sum()
    }

    pub fn subtotal(&self) -> i64 {
        self.lines_total() - self.discounts
    }

    /// What was asked for: before refunds and edits.
    pub fn total(&self) -> i64 {
        self.subtotal() + self.shipping
    }

    pub fn refunded(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    pub fn current_subtotal(&self) -> i64 {
        self.lines.iter().map(|line| line.worth(line.current_quantity)).sum()
    }

    pub fn current_shipping(&self) -> i64 {
        if self.cancelled_at.is_some() {
            return 0;
        }
        self.shipping - self.refunds.iter().map(|refund| refund.shipping).sum::<i64>()
    }

    /// After refunds of lines and after edits. An amount that was given back for nothing in particular is not in it.
    pub fn current_total(&self) -> i64 {
        self.current_subtotal() + self.current_shipping()
    }

    /// Of the taxes, the share that belongs to what is left.
    pub fn current_taxes(&self) -> i64 {
        if self.total() == 0 { 0 } else { self.taxes * self.current_total() / self.total() }
    }

    /// What the shop has of it.
    pub fn net(&self) -> i64 {
        self.received - self.refunded()
    }

    pub fn quantity(&self) -> i64 {
        self.lines.iter().map(|line| i64::from(line.quantity)).sum()
    }

    fn ordered(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| !line.is_added)
    }

    /// As the money that came and went has it.
    pub(crate) fn settle(&mut self) {
        let refunded = self.refunded();
        self.financial = match self.financial {
            Financial::Voided => Financial::Voided,
            _ if self.received == 0 && self.total() > 0 => Financial::Pending,
            _ if refunded == 0 => Financial::Paid,
            _ if refunded >= self.received => Financial::Refunded,
            _ => Financial::PartiallyRefunded,
        };
    }
}

/// Each line's share of the discounts: together they are all of them, to the cent.
pub(crate) fn share(lines: &mut [Line], discounts: i64) {
    let whole: i64 = lines.iter().map(Line::full).sum();
    let (mut passed, mut given) = (0, 0);
    for line in lines {
        passed += line.full();
        let upto = if whole == 0 { 0 } else { discounts * passed / whole };
        line.discount = upto - given;
        given = upto;
    }
}
