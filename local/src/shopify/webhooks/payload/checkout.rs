//! Bodies about checkouts.

use serde_json::{Value, json};
use std::sync::OnceLock;

use super::{filled, person, sample};
use crate::{
    demo::shop::CURRENCY,
    shopify::{
        books::{
            Books,
            records::{Checkout, Line},
        },
        shop::Front,
        words::{local, money},
    },
};

pub(super) fn begun(checkout: &Checkout, books: &Books, front: &Front) -> Value {
    let sample = sample!("checkouts/update.json");
    let buyer = checkout.customer.and_then(|id| books.customer(id));
    let place = |name: &str| buyer.as_ref().and_then(|buyer| person::destination(buyer, &sample[name]));
    let total = money(checkout.total());
    let mut told = filled(
        sample,
        json!({
            "token": checkout.token,
            "cart_token": checkout.cart_token(),
            "email": checkout.email,
            "created_at": local(checkout.created_at, &front.zone),
            "updated_at": local(checkout.updated_at, &front.zone),
            "completed_at": checkout.completed_at.map(|at| local(at, &front.zone)),
            "taxes_included": true,
            "total_weight": 0,
            "currency": CURRENCY,
            "presentment_currency": CURRENCY,
            "phone": null,
            "customer_locale": buyer.as_ref().map(|buyer| buyer.locale.clone()),
            "line_items": checkout.lines.iter().map(|line| basket_line(line, &sample["line_items"][0])).collect::<Vec<_>>(),
            "name": format!("#{}", checkout.id),
            "abandoned_checkout_url": front.recovery_url(&checkout.token),
            "tax_lines": [],
            "total_line_items_price": total,
            "total_price": total,
            "subtotal_price": total,
            "total_tax": money(0),
            "billing_address": place("billing_address"),
            "shipping_address": place("shipping_address"),
        }),
    );
    if let Some(told) = told.as_object_mut() {
        match buyer {
            Some(buyer) => told.insert("customer".to_owned(), person::buyer(&buyer, front)),
            None => told.remove("customer"),
        };
    }
    told
}

pub(super) fn deleted(checkout: &Checkout) -> Value {
    let total = money(checkout.total());
    filled(
        sample!("checkouts/delete.json"),
        json!({
            "id": checkout.id,
            "presentment_currency": CURRENCY,
            "cart_token": checkout.cart_token(),
            "total_line_items_price": total,
            "total_price": total,
            "subtotal_price": total,
            "total_tax": money(0),
        }),
    )
}

fn basket_line(line: &Line, sample: &Value) -> Value {
    filled(
        sample,
        json!({
            "key": format!("{:032x}", line.id),
            "grams": 0,
            "presentment_title": line.title,
            "presentment_variant_title": line.variant_title,
            "product_id": line.product,
            "quantity": line.quantity,
            "sku": line.sku,
            "tax_lines": [],
            "title": line.title,
            "variant_id": line.variant,
            "variant_title": line.variant_title,
            "variant_price": money(line.price),
            "vendor": line.vendor,
            "line_price": money(line.full()),
            "price": money(line.price),
        }),
    )
}
