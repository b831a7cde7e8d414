//! What can be asked of an order and of its lines.

use apollo_compiler::resolvers::ResolvedValue;
use serde_json::{Value, json};

use super::{
    Ask, Worth,
    object::{Answer, Arguments, Connection, Thing, leaf, list, maybe, object, told, unknown},
    query::{bag, number},
};
use crate::{
    demo::shop::CURRENCY,
    shopify::{
        books::{
            checkouts::cart_token,
            records::{Line, Order, Refund, loud, quiet},
        },
        ids::{Kind, gid},
        words::{decimal, utc},
    },
};

pub(super) fn field<'a>(
    ask: &'a Ask<'_>,
    order: &Order,
    field: &str,
    arguments: &Arguments<'a>,
) -> Answer<'a> {
    Ok(match field {
        "id" => leaf(gid(Kind::Order, order.id)),
        "legacyResourceId" => number(order.id),
        "name" => leaf(order.name.clone()),
        "email" | "phone" => {
            ask.may_see(field)?;
            leaf(if field == "email" { order.email.clone() } else { order.phone.clone() })
        }
        "test" => leaf(order.test),
        "confirmed" => leaf(true),
        "createdAt" | "processedAt" => leaf(utc(order.created_at)),
        "updatedAt" => leaf(utc(order.updated_at)),
        // Nobody closes an order here but by cancelling it.
        "cancelledAt" | "closedAt" => leaf(order.cancelled_at.map(utc)),
        "cancelReason" => leaf(order.cancel_reason.map(loud)),
        "currencyCode" | "presentmentCurrencyCode" => leaf(CURRENCY),
        "displayFinancialStatus" => leaf(loud(order.financial)),
        "displayFulfillmentStatus" => leaf(if order.is_fulfilled { "FULFILLED" } else { "UNFULFILLED" }),
        "sourceName" => leaf(order.source()),
        "app" => told(ask, "OrderApp", json!({"id": format!("gid://shopify/App/{}", order.app())})),
        "retailLocation" => {
            ask.needs("read_locations", field)?;
            let place = |id| told(ask, "Location", json!({"id": format!("gid://shopify/Location/{id}")}));
            order.location().map_or_else(|| leaf(Value::Null), place)
        }
        "note" => leaf(order.note.clone()),
        "tags" => list(order.tags.clone().into_iter().map(leaf)),
        "discountCodes" => list(order.discount_code.clone().into_iter().map(leaf)),
        "subtotalLineItemsQuantity" => leaf(order.quantity()),
        "customer" => {
            if order.customer.is_some() {
                ask.may_see_customers()?;
            }
            maybe(ask, order.customer.and_then(|id| ask.later(Kind::Customer, id)))
        }
        "lineItems" => lines(ask, order, arguments)?,
        "refunds" => {
            let wanted = arguments.number("first").and_then(|first| usize::try_from(first).ok());
            let refunds: Vec<_> =
                order.refunds.iter().take(wanted.unwrap_or(usize::MAX)).map(refund).collect();
            list(refunds.into_iter().map(|refund| told(ask, "Refund", refund)))
        }
        _ => return amount(ask, order, field),
    })
}

fn amount<'a>(ask: &'a Ask<'_>, order: &Order, field: &str) -> Answer<'a> {
    let cents = match field {
        "totalPriceSet" => order.total(),
        "currentTotalPriceSet" => order.current_total(),
        "currentSubtotalPriceSet" => order.current_subtotal(),
        "totalDiscountsSet" => order.discounts,
        "totalTaxSet" => order.taxes,
        "totalShippingPriceSet" => order.shipping,
        "totalRefundedSet" => order.refunded(),
        "netPaymentSet" => order.net(),
        _ => return Err(unknown()),
    };
    Ok(bag(ask, cents))
}

fn lines<'a>(
    ask: &'a Ask<'_>,
    order: &Order,
    arguments: &Arguments<'a>,
) -> Result<ResolvedValue<'a>, apollo_compiler::resolvers::FieldError> {
    let part = ask.part_within(arguments)?;
    let rows = (0..).zip(&order.lines).map(|(place, line)| ((place, line.id), Thing::Line(line.clone())));
    Ok(object(ask, Thing::Connection(Connection::new("LineItem", part.of_rows(rows)))))
}

pub(super) fn line_field<'a>(
    ask: &'a Ask<'_>,
    line: &Line,
    field: &str,
    arguments: &Arguments<'a>,
) -> Answer<'a> {
    Ok(match field {
        "id" => leaf(gid(Kind::LineItem, line.id)),
        "title" => leaf(line.title.clone()),
        "variantTitle" => leaf(line.variant_title.clone()),
        "vendor" => leaf(line.vendor.clone()),
        "sku" => leaf(line.sku.clone()),
        "quantity" => leaf(line.quantity),
        "currentQuantity" => leaf(line.current_quantity),
        "isGiftCard" => leaf(line.is_gift_card),
        // What has been deleted since is gone from the line.
        "product" => maybe(ask, line.product.and_then(|id| ask.later(Kind::Product, id))),
        "variant" => maybe(ask, line.variant.and_then(|id| ask.later(Kind::ProductVariant, id))),
        "originalUnitPriceSet" => bag(ask, line.price),
        "discountedTotalSet" => {
            let discount = if arguments.flag("withCodeDiscounts") { line.discount } else { 0 };
            bag(ask, line.full() - discount)
        }
        _ => return Err(unknown()),
    })
}

fn refund(refund: &Refund) -> Value {
    json!({
        "id": gid(Kind::Refund, refund.id),
        "createdAt": utc(refund.created_at),
        "note": refund.note,
        "totalRefundedSet": both(refund.amount),
    })
}

/// An amount in the shop's and in the buyer's currency, which is the same.
pub(super) fn both(cents: i64) -> Value {
    let money = json!({"amount": decimal(cents), "currencyCode": CURRENCY});
    json!({"shopMoney": money, "presentmentMoney": money})
}

/// What a search can ask of it. `None`: there is no such field.
pub(super) fn worth(order: &Order, field: &str) -> Option<Worth> {
    let word = |word: String| Worth::Words(vec![word]);
    let words = |word: &Option<String>| Worth::Words(word.clone().into_iter().collect());
    Some(match field {
        "name" | "default" => Worth::Words(vec![order.name.clone(), order.order_number.to_string()]),
        "email" => words(&order.email),
        "customer_id" => Worth::Number(order.customer.and_then(|id| i64::try_from(id).ok()).unwrap_or(-1)),
        "financial_status" => word(quiet(order.financial)),
        "fulfillment_status" => word(if order.is_fulfilled { "fulfilled" } else { "unfulfilled" }.to_owned()),
        "status" => Worth::Words(if order.cancelled_at.is_some() {
            vec!["cancelled".to_owned()]
        } else {
            vec!["open".to_owned(), "not_closed".to_owned()]
        }),
        "test" => word(order.test.to_string()),
        "tag" => Worth::Words(order.tags.clone()),
        "discount_code" => words(&order.discount_code),
        "checkout_token" => words(&order.checkout_token),
        "cart_token" => words(&order.checkout_token.as_deref().map(cart_token)),
        "source_name" => word(order.source().to_owned()),
        "sku" => Worth::Words(order.lines.iter().filter_map(|line| line.sku.clone()).collect()),
        _ => return None,
    })
}
