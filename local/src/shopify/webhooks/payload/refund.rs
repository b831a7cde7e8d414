//! Bodies about refunds.

use serde_json::{Value, json};
use std::sync::OnceLock;

use super::{filled, order::line, sample, set};
use crate::{
    demo::shop::CURRENCY,
    shopify::{
        books::records::{Line, Order, Refund, RefundLine},
        ids::{Kind, gid, id},
        shop::Front,
        words::{local, money},
    },
};

/// Within a refund a line says less.
fn as_refunded(held: &Line, sample: &Value) -> Value {
    let mut told = line(held);
    if let Some(told) = told.as_object_mut() {
        told.retain(|name, _| sample.get(name).is_some());
    }
    told
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
