//! The shop's own books as files, a line of JSON for each customer or order: to hold an app's account against them.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::Here;
use crate::shopify::books::records::{Customer, Order, quiet};

pub(super) async fn customers(Here(shop): Here) -> Response {
    file(shop.books(|books| lines(books.customers().map(|customer| of_customer(&customer)))))
}

pub(super) async fn orders(Here(shop): Here) -> Response {
    file(shop.books(|books| lines(books.orders().map(|order| of_order(&order)))))
}

/// How the shop stands, for whoever waits until it has told all.
pub(super) async fn standing(Here(shop): Here) -> Response {
    let told = shop.with(|state, _, _| {
        let (customers, orders) = state.books.counts();
        json!({
            "customers": customers,
            "orders": orders,
            "webhooks_waiting": state.hooks.queue.len(),
            "webhooks_sent": state.hooks.sent,
            "webhooks_lost": state.hooks.lost,
        })
    });
    axum::Json(told).into_response()
}

fn lines(told: impl Iterator<Item = Value>) -> String {
    told.fold(String::new(), |mut all, line| {
        all.push_str(&line.to_string());
        all.push('\n');
        all
    })
}

fn file(lines: String) -> Response {
    ([(header::CONTENT_TYPE, "application/jsonl")], lines).into_response()
}

/// Amounts are in cents.
fn of_customer(customer: &Customer) -> Value {
    json!({
        "id": customer.id,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "email": customer.email,
        "phone": customer.phone,
        "tags": customer.tags,
        "orders": customer.orders,
        "spent": customer.spent,
        "email_consent": quiet(customer.email_consent.state),
        "sms_consent": quiet(customer.sms_consent.state),
    })
}

fn of_order(order: &Order) -> Value {
    json!({
        "id": order.id,
        "name": order.name,
        "customer": order.customer,
        "test": order.test,
        "lines": order.lines.len(),
        "is_edited": order.lines.iter().any(|line| line.is_added),
        "total": order.total(),
        "current_total": order.current_total(),
        "refunded": order.refunded(),
        "state": quiet(order.financial),
        "cancelled": order.cancelled_at.is_some(),
    })
}
