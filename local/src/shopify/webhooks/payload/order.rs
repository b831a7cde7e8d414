//! Bodies about orders, refunds and checkouts.

use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::OnceLock;

use super::{amounts, filled, person, sample, set};
use crate::{
    demo::shop::CURRENCY,
    shopify::{
        books::{
            Books,
            records::{Checkout, Financial, Line, Order, Refund, RefundLine, quiet},
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
            "admin_graphql_api_id": gid(Kind::Order, order.id),
            "buyer_accepts_marketing": false,
            "cancel_reason": order.cancel_reason.map(quiet),
            "cancelled_at": order.cancelled_at.map(at),
            "checkout_token": order.checkout_token,
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
            "source_name": if order.customer.is_some() { "web" } else { "pos" },
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

fn line(line: &Line) -> Value {
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

/// Within a refund a line says less.
fn as_refunded(held: &Line, sample: &Value) -> Value {
    let mut told = line(held);
    if let Some(told) = told.as_object_mut() {
        told.retain(|name, _| sample.get(name).is_some());
    }
    told
}

fn named(line: &Line) -> String {
    let variant = line.variant_title.as_ref().map(|title| format!(" - {title}")).unwrap_or_default();
    format!("{}{variant}", line.title)
}

pub(super) fn refund(refund: &Refund, order: &Order, front: &Front) -> Value {
    let sample = sample!("refunds/create.json");
    let at = local(refund.created_at, &front.zone);
    let of_lines: i64 = refund.lines.iter().map(|line| line.subtotal).sum();
    let more = refund.amount - of_lines - refund.shipping;
    let transaction = filled(
        &sample["transactions"][0],
        json!({
            "id": id(Kind::Transaction, refund.id % 1_000_000),
            "order_id": order.id,
            "created_at": at,
            "processed_at": at,
            "amount": money(refund.amount),
            "currency": CURRENCY,
            "payment_id": format!("{}.1", order.name),
            "total_unsettled_set": {
                "presentment_money": {"amount": "0.0", "currency": CURRENCY},
                "shop_money": {"amount": "0.0", "currency": CURRENCY},
            },
            "admin_graphql_api_id": format!("gid://shopify/OrderTransaction/{}", id(Kind::Transaction, refund.id % 1_000_000)),
            "test": order.test,
        }),
    );
    // What was given back for nothing in particular.
    let adjustment = json!({
        "id": refund.id, "order_id": order.id, "refund_id": refund.id, "kind": "refund_discrepancy",
        "reason": "Refund discrepancy", "amount": money(-more), "tax_amount": money(0),
        "amount_set": set(-more), "tax_amount_set": set(0),
    });
    let adjustments = if more == 0 { json!([]) } else { json!([adjustment]) };
    filled(
        sample,
        json!({
            "id": refund.id,
            "admin_graphql_api_id": gid(Kind::Refund, refund.id),
            "order_id": order.id,
            "created_at": at,
            "processed_at": at,
            "note": refund.note,
            "user_id": null,
            "total_duties_set": set(0),
            "order_adjustments": adjustments,
            "refund_line_items": refund.lines.iter().map(|held| refund_line(held, order, &sample["refund_line_items"][0])).collect::<Vec<_>>(),
            "transactions": [transaction],
        }),
    )
}

/// Its amounts are numbers here: so does Shopify.
fn refund_line(refunded: &RefundLine, order: &Order, sample: &Value) -> Value {
    let held = order.lines.iter().find(|line| line.id == refunded.line);
    let number: Value = serde_json::from_str(&money(refunded.subtotal)).unwrap_or_default();
    filled(
        sample,
        json!({
            "id": refunded.line,
            "quantity": refunded.quantity,
            "line_item_id": refunded.line,
            "subtotal": number,
            "subtotal_set": set(refunded.subtotal),
            "total_tax": 0,
            "total_tax_set": set(0),
            "line_item": held.map(|held| as_refunded(held, &sample["line_item"])),
        }),
    )
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

pub(super) fn checkout(checkout: &Checkout, books: &Books, front: &Front) -> Value {
    let sample = sample!("checkouts/update.json");
    let buyer = checkout.customer.and_then(|id| books.customer(id));
    let place = |name: &str| buyer.as_ref().and_then(|buyer| person::destination(buyer, &sample[name]));
    let total = money(checkout.total());
    let mut told = filled(
        sample,
        json!({
            "token": checkout.token,
            "cart_token": checkout.token,
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

pub(super) fn checkout_deleted(checkout: &Checkout) -> Value {
    let total = money(checkout.total());
    filled(
        sample!("checkouts/delete.json"),
        json!({
            "id": checkout.id,
            "presentment_currency": CURRENCY,
            "cart_token": checkout.token,
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
