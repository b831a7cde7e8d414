//! Orders and refunds in webhooks.

use domain::{OrderId, Timestamp};
use serde::Deserialize;

use super::Customer;
use crate::told::{Amount, Id, LineSaid, OrderSaid, OrderTold, Reading, RefundedSaid, Told, Unkept};

/// `orders/create`, `orders/updated` and those beside them: each time the whole order.
#[derive(Clone, Deserialize)]
pub struct Order {
    id: Id,
    name: Option<String>,
    #[serde(default)]
    test: bool,
    app_id: Option<Id>,
    location_id: Option<Id>,
    currency: Option<String>,
    presentment_currency: Option<String>,
    financial_status: Option<String>,
    created_at: Option<Timestamp>,
    processed_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    cancelled_at: Option<Timestamp>,
    total_price: Option<Amount>,
    current_total_price: Option<Amount>,
    total_discounts: Option<Amount>,
    total_tax: Option<Amount>,
    total_shipping_price_set: Option<MoneySet>,
    #[serde(default)]
    note: Told<String>,
    email: Option<String>,
    contact_email: Option<String>,
    phone: Option<String>,
    customer: Option<Customer>,
    checkout_token: Option<String>,
    cart_token: Option<String>,
    line_items: Option<Vec<Line>>,
    refunds: Option<Vec<Refund>>,
}

#[derive(Clone, Deserialize)]
struct MoneySet {
    shop_money: Money,
}

#[derive(Clone, Deserialize)]
struct Money {
    amount: Amount,
}

#[derive(Clone, Deserialize)]
pub(super) struct Line {
    product_id: Option<Id>,
    variant_id: Option<Id>,
    title: Option<String>,
    variant_title: Option<String>,
    quantity: i64,
    price: Option<Amount>,
}

impl Order {
    pub fn id(&self) -> OrderId {
        OrderId::Shopify(self.id.0)
    }

    pub fn told(self, reading: &Reading<'_>) -> Result<OrderTold, Unkept> {
        let ours = reading.currency.to_string();
        let refunds = self.refunds.unwrap_or_default();
        let paid_back = || refunds.iter().flat_map(Refund::paid_back);
        // What does not say its currency is in the one that the customer was shown.
        let shown = self.presentment_currency.as_ref();
        let is_ours = |it: &Transaction| it.currency.as_ref().or(shown).is_none_or(|told| *told == ours);
        let refunded = if paid_back().all(is_ours) {
            RefundedSaid::Amounts(paid_back().map(|it| it.amount.clone()).collect())
        } else {
            RefundedSaid::InAnotherCurrency
        };
        OrderSaid {
            id: self.id,
            name: self.name,
            is_test: self.test,
            app: self.app_id,
            location: self.location_id,
            status: self.financial_status,
            cancelled_at: self.cancelled_at,
            placed_at: self.processed_at.or(self.created_at),
            updated_at: self.updated_at,
            currency: self.currency,
            total: self.total_price,
            current_total: self.current_total_price,
            discounts: self.total_discounts,
            taxes: self.total_tax,
            shipping: self.total_shipping_price_set.map(|set| set.shop_money.amount),
            refunded,
            lines: self.line_items.unwrap_or_default().into_iter().map(Line::said).collect(),
            note: self.note,
            buyer_id: self.customer.as_ref().map(|customer| customer.id),
            customer: self.customer.map(|customer| customer.told(reading)),
            email: self.email.filter(|email| !email.is_empty()).or(self.contact_email),
            phone: self.phone,
            checkout_token: self.checkout_token,
            cart_token: self.cart_token,
        }
        .told(reading)
    }
}

impl Line {
    pub(super) fn said(self) -> LineSaid {
        LineSaid {
            product: self.product_id,
            variant: self.variant_id,
            title: self.title,
            variant_title: self.variant_title,
            quantity: self.quantity,
            price: self.price,
        }
    }
}

/// `refunds/create`. It tells of one refund alone, so that an order cannot be kept by it: `orders/updated` comes, too, or
/// the order is read again (`crate::graph::OrderById`).
#[derive(Clone, Deserialize)]
pub struct Refund {
    order_id: Option<Id>,
    #[serde(default)]
    transactions: Vec<Transaction>,
}

#[derive(Clone, Deserialize)]
struct Transaction {
    kind: Option<String>,
    status: Option<String>,
    amount: Amount,
    currency: Option<String>,
}

impl Refund {
    pub fn order(&self) -> Option<OrderId> {
        self.order_id.map(|id| OrderId::Shopify(id.0))
    }

    /// What has gone back to the customer, and not what was tried.
    fn paid_back(&self) -> impl Iterator<Item = &Transaction> {
        let is_done = |it: &&Transaction| {
            it.kind.as_deref() == Some("refund") && it.status.as_deref() == Some("success")
        };
        self.transactions.iter().filter(is_done)
    }
}
