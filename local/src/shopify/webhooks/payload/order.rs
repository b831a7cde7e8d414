//! Bodies about orders.

use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::OnceLock;

use super::{amounts, filled, person, refund::refund, sample, set};
use crate::{
    demo::shop::CURRENCY,
    shopify::{
        books::{
            Books,
            checkouts::cart_token,
            records::{Financial, Line, Order, quiet},
        },
        ids::{Kind, gid, id},
        shop::Front,
        words::{local, money},
    },
};

pub(super) fn order(order: &Order, books: &Books, front: &Front) -> Value {
    let sample = sample!("orders/create.json");
    let at = |at: Timestamp| local(at, &front.zone);
    let buyer = order.customer.and_then(|id| books.customer(id));
    let place = |name: &str| buyer.as_ref().and_then(|buyer| person::destination(buyer, &sample[name]));
    let code = order.discount_code.iter();
    let codes =
        code.map(|code| json!({"code": code, "amount": money(order.discounts), "type": "fixed_amount"}));
    let mut told = filled(
        sample,
        json!({
            "id": order.id,
            "app_id": order.app(),
            "location_id": order.location(),
            "admin_graphql_api_id": gid(Kind::Order, order.id),
            "buyer_accepts_marketing": false,
            "cancel_reason": order.cancel_reason.map(quiet),
            "cancelled_at": order.cancelled_at.map(at),
            "checkout_token": order.checkout_token,
            "cart_token": order.checkout_token.as_deref().map(cart_token),
            "closed_at": order.cancelled_at.map(at),
            "confirmed": true,
            "contact_email": order.email,
            "created_at": at(order.created_at),
            "currency": CURRENCY,
            "customer_locale": buyer.as_ref().map(|buyer| buyer.locale.clone()),
            "discount_codes": codes.collect::<Vec<_>>(),
            "email": order.email,
            "financial_status": quiet(order.financial),
            "fulfillment_status": order.is_fulfilled.then_some("fulfilled"),
            "name": order.name,
            "note": order.note,
            "number": order.order_number - 1_000,
            "order_number": order.order_number,
            "order_status_url": format!("https://{}/{}/orders/{:x}/authenticate", front.domain, front.id, order.id),
            "payment_gateway_names": ["bogus"],
            "phone": order.phone,
            "presentment_currency": CURRENCY,
            "processed_at": at(order.created_at),
            "source_name": order.source(),
            "tags": order.tags.join(", "),
            "taxes_included": true,
            "test": order.test,
            "token": format!("{:x}", order.id),
            "total_outstanding": money(if order.financial == Financial::Pending { order.current_total() } else { 0 }),
            "total_shipping_price_set": set(order.shipping),
            "current_shipping_price_set": set(order.current_shipping()),
            "updated_at": at(order.updated_at),
            "billing_address": place("billing_address"),
            "shipping_address": place("shipping_address"),
            "line_items": order.lines.iter().map(line).collect::<Vec<_>>(),
            "refunds": order.refunds.iter().map(|held| refund(held, order, front)).collect::<Vec<_>>(),
            "shipping_lines": [filled(&sample["shipping_lines"][0], json!({
                "id": id(Kind::Transaction, order.order_number),
                "price": money(order.shipping),
                "price_set": set(order.shipping),
                "discounted_price": money(order.shipping),
                "discounted_price_set": set(order.shipping),
                "current_discounted_price_set": set(order.current_shipping()),
            }))],
        }),
    );
    let sums = amounts(&[
        ("current_subtotal_price", order.current_subtotal()),
        ("current_total_discounts", order.discounts),
        ("current_total_price", order.current_total()),
        ("current_total_tax", order.current_taxes()),
        ("subtotal_price", order.subtotal()),
        ("total_discounts", order.discounts),
        ("total_line_items_price", order.lines_total()),
        ("total_price", order.total()),
        ("total_tax", order.taxes),
    ]);
    let zeros = ["total_cash_rounding_payment_adjustment_set", "total_cash_rounding_refund_adjustment_set"];
    if let Some(told) = told.as_object_mut() {
        told.extend(sums);
        told.extend(zeros.map(|name| (name.to_owned(), set(0))));
        match buyer {
            Some(buyer) => told.insert("customer".to_owned(), person::buyer(&buyer, front)),
            None => told.remove("customer"),
        };
    }
    told
}

pub(super) fn line(line: &Line) -> Value {
    let allocations = if line.discount == 0 {
        json!([])
    } else {
        json!([{"amount": money(line.discount), "amount_set": set(line.discount), "discount_application_index": 0}])
    };
    filled(
        &sample!("orders/create.json")["line_items"][0],
        json!({
            "id": line.id,
            "admin_graphql_api_id": gid(Kind::LineItem, line.id),
            "attributed_staffs": [],
            "current_quantity": line.current_quantity,
            "fulfillable_quantity": line.current_quantity,
            "gift_card": line.is_gift_card,
            "grams": 0,
            "name": named(line),
            "price": money(line.price),
            "price_set": set(line.price),
            "product_exists": line.product.is_some(),
            "product_id": line.product,
            "quantity": line.quantity,
            "sku": line.sku,
            "title": line.title,
            "total_discount": money(0),
            "total_discount_set": set(0),
            "variant_id": line.variant,
            "variant_title": line.variant_title,
            "vendor": line.vendor,
            "discount_allocations": allocations,
        }),
    )
}

fn named(line: &Line) -> String {
    let variant = line.variant_title.as_ref().map(|title| format!(" - {title}")).unwrap_or_default();
    format!("{}{variant}", line.title)
}

pub(super) fn edited(
    order: u64,
    added: &[(u64, u32)],
    removed: &[(u64, u32)],
    front: &Front,
    now: Timestamp,
) -> Value {
    let at = local(now, &front.zone);
    let deltas = |lines: &[(u64, u32)]| -> Vec<Value> {
        lines.iter().map(|(id, delta)| json!({"id": id, "delta": delta})).collect()
    };
    let edit = filled(
        &sample!("orders/edited.json")["order_edit"],
        json!({
            "id": id(Kind::Transaction, order % 1_000_000),
            "order_id": order,
            "created_at": at,
            "committed_at": at,
            "line_items": {"additions": deltas(added), "removals": deltas(removed)},
        }),
    );
    json!({"order_edit": edit})
}
