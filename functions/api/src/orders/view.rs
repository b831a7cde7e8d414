//! An order as callers see it.

use domain::{
    Currency, Customer, CustomerId, Order, OrderId, Timestamp,
    customer::CustomerKind,
    order::{OrderLine, OrderStatus},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::customers::view::{amount, whole_name};

#[derive(Serialize, ToSchema)]
pub(crate) struct OrderView {
    #[schema(value_type = String)]
    id: OrderId,
    /// What the merchant calls it: "#1001".
    name: Option<String>,
    /// `pending`, `authorized`, `partially_paid`, `paid`, `partially_refunded`, `refunded` or `voided`.
    #[schema(value_type = String)]
    status: OrderStatus,
    #[schema(value_type = Option<String>, format = DateTime)]
    cancelled_at: Option<Timestamp>,
    test: bool,
    lines: Vec<LineView>,
    /// Of the lines; `null` where they are not known.
    subtotal: Option<String>,
    discounts: String,
    taxes: String,
    /// Whether the lines' prices hold the taxes.
    taxes_included: bool,
    shipping: String,
    total: String,
    refunded: String,
    #[schema(value_type = String)]
    currency: Currency,
    /// Whether it stands in the customer's totals.
    counts: bool,
    note: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    placed_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    customer: BuyerView,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LineView {
    product: Option<String>,
    variant: Option<String>,
    title: String,
    quantity: u32,
    /// Of one.
    price: String,
    amount: String,
}

/// Who bought it, with their totals.
#[derive(Serialize, ToSchema)]
pub(crate) struct BuyerView {
    #[schema(value_type = String)]
    id: CustomerId,
    /// `person`, `guest`, `walk_in` (whoever left no address) or `gone` (erased).
    kind: &'static str,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    orders_count: i64,
    total_spent: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    first_order_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_order_at: Option<Timestamp>,
}

impl OrderView {
    pub(crate) fn of(order: &Order, customer: &Customer, currency: Currency) -> Self {
        Self {
            id: order.id,
            name: order.name.clone(),
            status: order.status,
            cancelled_at: order.cancelled_at,
            test: order.is_test,
            lines: order.lines.iter().map(|line| LineView::of(line, currency)).collect(),
            subtotal: order.subtotal().map(|subtotal| subtotal.show(currency)),
            discounts: order.discounts.show(currency),
            taxes: order.taxes.show(currency),
            taxes_included: order.taxes_included(),
            shipping: order.shipping.show(currency),
            total: order.total.show(currency),
            refunded: order.refunded.show(currency),
            currency,
            counts: order.counts(),
            note: order.note.clone(),
            placed_at: order.placed_at,
            updated_at: order.updated_at,
            customer: BuyerView::of(customer, currency),
        }
    }
}

impl LineView {
    fn of(line: &OrderLine, currency: Currency) -> Self {
        Self {
            product: line.product.clone(),
            variant: line.variant.clone(),
            title: line.title.clone(),
            quantity: line.quantity,
            price: line.price.show(currency),
            amount: amount(i128::from(line.price.get()) * i128::from(line.quantity), currency),
        }
    }
}

impl BuyerView {
    fn of(customer: &Customer, currency: Currency) -> Self {
        Self {
            id: customer.id,
            kind: match customer.kind {
                CustomerKind::Person => "person",
                CustomerKind::Guest => "guest",
                CustomerKind::WalkIn => "walk_in",
                CustomerKind::Erased | CustomerKind::Merged(_) => "gone",
            },
            name: whole_name(customer.first_name.as_deref(), customer.last_name.as_deref()),
            email: customer.email.clone().map(String::from),
            phone: customer.phone.clone().map(String::from),
            orders_count: customer.totals.orders,
            total_spent: amount(customer.totals.spent.into(), currency),
            first_order_at: customer.totals.first_order_at,
            last_order_at: customer.totals.last_order_at,
        }
    }
}
