//! An order, and what it adds to its customer's totals.

use serde::{Deserialize, Serialize};

use crate::{CustomerId, Minor, OrderId, Timestamp, customer::Part};

/// Amounts are in the shop's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    pub customer: CustomerId,
    /// Which of the customer's orders it is: given by the customer, never twice. An order that moves gets another.
    pub number: u32,
    /// What the merchant calls it: "#1001".
    pub name: Option<String>,
    pub status: OrderStatus,
    pub cancelled_at: Option<Timestamp>,
    pub is_test: bool,
    /// By Shopify's number: the app that it was placed with.
    pub app: Option<u64>,
    /// By Shopify's number: the shop's own place where it was placed, of those that were at one.
    pub location: Option<u64>,
    pub lines: Vec<OrderLine>,
    pub discounts: Minor,
    pub taxes: Minor,
    pub shipping: Minor,
    /// What the customer was asked to pay.
    pub total: Minor,
    /// What they got back.
    pub refunded: Minor,
    pub note: Option<String>,
    pub placed_at: Timestamp,
    /// When the shop last changed it: newer wins.
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    pub product: Option<String>,
    pub variant: Option<String>,
    pub title: String,
    pub quantity: u32,
    /// Of one.
    pub price: Minor,
}

/// Shopify's financial states. The numbers stand in the audience's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    Pending = 0,
    Authorized = 1,
    PartiallyPaid = 2,
    Paid = 3,
    PartiallyRefunded = 4,
    Refunded = 5,
    Voided = 6,
}

/// The bits of `columns::OrderCode::Marks`.
pub struct Marks;

impl Marks {
    pub const CANCELLED: u8 = 1;
    pub const TEST: u8 = 2;
    /// Counts as a sale.
    pub const COUNTS: u8 = 4;
}

/// What an order adds to its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Contribution {
    pub orders: i64,
    pub spent: i64,
}

impl Contribution {
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { orders: self.orders + other.orders, spent: self.spent + other.spent }
    }

    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self { orders: self.orders - other.orders, spent: self.spent - other.spent }
    }
}

impl Order {
    /// What its customer's totals need to know of it.
    pub fn part(&self) -> Part {
        Part { contribution: self.contribution(), placed_at: self.placed_at }
    }

    /// The number in what the merchant calls it: 1001 of "#1001".
    pub fn called(&self) -> Option<i64> {
        let name = self.name.as_deref()?;
        let digits = name.len() - name.bytes().rev().take_while(u8::is_ascii_digit).count();
        name[digits..].parse().ok()
    }
}

impl OrderStatus {
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Authorized,
        Self::PartiallyPaid,
        Self::Paid,
        Self::PartiallyRefunded,
        Self::Refunded,
        Self::Voided,
    ];

    /// Whether money has come and has not all gone back.
    pub fn is_sale(self) -> bool {
        matches!(self, Self::PartiallyPaid | Self::Paid | Self::PartiallyRefunded)
    }
}

impl Order {
    /// Cancelled, test, unpaid and wholly refunded orders add nothing; of the others, what was refunded is taken off.
    pub fn contribution(&self) -> Contribution {
        if self.counts() {
            Contribution { orders: 1, spent: self.total.get() - self.refunded.get() }
        } else {
            Contribution::default()
        }
    }

    pub fn counts(&self) -> bool {
        !self.is_test && self.cancelled_at.is_none() && self.status.is_sale()
    }

    pub fn quantity(&self) -> i64 {
        self.lines.iter().map(|line| i64::from(line.quantity)).sum()
    }

    /// `Marks`.
    pub fn marks(&self) -> u8 {
        let bit = |is: bool, bit: u8| if is { bit } else { 0 };
        bit(self.cancelled_at.is_some(), Marks::CANCELLED)
            | bit(self.is_test, Marks::TEST)
            | bit(self.counts(), Marks::COUNTS)
    }
}
