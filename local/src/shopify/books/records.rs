//! What a shop writes down of customers, orders, products and checkouts. Amounts are in cents.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::metafields::Metafield;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    pub id: u64,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Whether they have an account; most have none.
    pub is_enabled: bool,
    pub locale: String,
    pub note: Option<String>,
    pub tags: Vec<String>,
    pub address: Option<Address>,
    /// By namespace and key.
    #[serde(default)]
    pub metafields: BTreeMap<String, Metafield>,
    pub email_consent: Consent,
    pub sms_consent: Consent,
    /// All that were no tests.
    pub orders: u64,
    /// What was paid for them and not given back.
    pub spent: i64,
    pub last_order: Option<u64>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Customer {
    /// In which group the shop reckons them: by a table of its own, and of whoever has no address not at all.
    pub fn rfm_group(&self) -> Option<&'static str> {
        if self.email.is_none() && self.phone.is_none() {
            return None;
        }
        Some(match (self.orders, self.spent) {
            (0, _) => "PROSPECTS",
            (1, _) => "NEW",
            (2..=3, _) => "PROMISING",
            (4..=7, _) => "ACTIVE",
            (_, ..=50_000) => "LOYAL",
            _ => "CHAMPIONS",
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Address {
    pub id: u64,
    pub company: Option<String>,
    pub address1: Option<String>,
    pub address2: Option<String>,
    pub city: Option<String>,
    pub province: Option<String>,
    pub zip: Option<String>,
    /// Two letters.
    pub country: Option<String>,
    pub phone: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    pub state: ConsentState,
    pub level: Option<OptInLevel>,
    pub at: Option<Timestamp>,
}

impl Consent {
    pub const NEVER: Self = Self { state: ConsentState::NotSubscribed, level: None, at: None };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentState {
    NotSubscribed,
    Pending,
    Subscribed,
    Unsubscribed,
    Invalid,
    Redacted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OptInLevel {
    SingleOptIn,
    ConfirmedOptIn,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub id: u64,
    /// "#1001".
    pub name: String,
    pub order_number: u64,
    pub customer: Option<u64>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub test: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub cancelled_at: Option<Timestamp>,
    pub cancel_reason: Option<CancelReason>,
    pub financial: Financial,
    pub is_fulfilled: bool,
    pub tags: Vec<String>,
    pub note: Option<String>,
    pub discount_code: Option<String>,
    pub lines: Vec<Line>,
    /// Those of the code, over all lines.
    pub discounts: i64,
    /// Within the prices.
    pub taxes: i64,
    pub shipping: i64,
    pub received: i64,
    pub refunds: Vec<Refund>,
    pub checkout_token: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub id: u64,
    pub product: Option<u64>,
    pub variant: Option<u64>,
    pub title: String,
    pub variant_title: Option<String>,
    pub vendor: Option<String>,
    pub sku: Option<String>,
    pub quantity: u32,
    /// After edits and refunds.
    pub current_quantity: u32,
    pub price: i64,
    /// Its share of the order's discounts.
    pub discount: i64,
    pub is_gift_card: bool,
    /// Came by an edit: no part of the total that was asked for first.
    pub is_added: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub id: u64,
    pub created_at: Timestamp,
    pub note: Option<String>,
    pub amount: i64,
    /// How much of it was shipping.
    pub shipping: i64,
    pub lines: Vec<RefundLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundLine {
    pub line: u64,
    pub quantity: u32,
    pub subtotal: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Financial {
    Pending,
    Paid,
    PartiallyRefunded,
    Refunded,
    Voided,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CancelReason {
    Customer,
    Declined,
    Fraud,
    Inventory,
    Other,
    Staff,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    pub id: u64,
    pub title: String,
    pub handle: String,
    pub vendor: String,
    pub kind: String,
    pub status: ProductStatus,
    pub tags: Vec<String>,
    pub image: Option<String>,
    pub variants: Vec<Variant>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    pub id: u64,
    pub title: String,
    pub sku: Option<String>,
    pub price: i64,
    pub inventory: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProductStatus {
    Active,
    Archived,
    Draft,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkout {
    pub id: u64,
    pub token: String,
    pub customer: Option<u64>,
    pub email: Option<String>,
    pub lines: Vec<Line>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When it became an order.
    pub completed_at: Option<Timestamp>,
}

/// What the shop's own log says: deletions can be found here by who missed the webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub id: u64,
    pub action: String,
    pub subject: Subject,
    pub subject_id: u64,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    Customer,
    Order,
    Product,
}

/// `PartiallyRefunded` as GraphQL writes it: `PARTIALLY_REFUNDED`.
pub(crate) fn loud(word: impl std::fmt::Debug) -> String {
    quiet(word).to_uppercase()
}

/// `PartiallyRefunded` as webhooks write it: `partially_refunded`.
pub(crate) fn quiet(word: impl std::fmt::Debug) -> String {
    let word = format!("{word:?}");
    let mut told = String::with_capacity(word.len() + 2);
    for letter in word.chars() {
        if letter.is_ascii_uppercase() && !told.is_empty() {
            told.push('_');
        }
        told.push(letter.to_ascii_lowercase());
    }
    told
}
