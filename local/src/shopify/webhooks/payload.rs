//! The bodies of webhooks: Shopify's own samples, filled with what the books say. So no field is missing or misspelt.

mod checkout;
mod order;
mod person;
mod refund;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

use crate::{
    demo::shop::CURRENCY,
    shopify::{
        books::{
            Books, Channel, Did,
            records::{Product, Variant, quiet},
        },
        ids::{Kind, gid},
        shop::Front,
        words::{local, money, utc_millis},
    },
};

/// A sample of the repository, to be filled.
macro_rules! sample {
    ($path:literal) => {{
        static PARSED: OnceLock<Value> = OnceLock::new();
        PARSED.get_or_init(|| {
            let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../events/shopify/", $path));
            serde_json::from_str(text).expect("a sample in the repository is JSON")
        })
    }};
}
pub(super) use sample;

/// The topic and the body. `None`: what it is about is gone already.
pub(super) fn of(did: &Did, books: &Books, front: &Front, now: Timestamp) -> Option<(&'static str, Value)> {
    let of_customer = |topic, id: u64| Some((topic, person::customer(&books.customer(id)?, front)));
    let of_order = |topic, id: u64| Some((topic, order::order(&books.order(id)?, books, front)));
    let of_checkout = |topic, id: u64| {
        let checkout = books.checkouts().find(|checkout| checkout.id == id)?;
        Some((topic, checkout::begun(checkout, books, front)))
    };
    let of_tags = |topic, id: u64, tags: &[String]| {
        let customer = gid(Kind::Customer, id);
        Some((topic, json!({"customerId": customer, "tags": tags, "occurredAt": utc_millis(now)})))
    };
    match did {
        Did::CustomerMade(id) => of_customer("customers/create", *id),
        Did::CustomerChanged(id) => of_customer("customers/update", *id),
        Did::CustomerDeleted(id) => {
            let gone =
                json!({"id": id, "tax_exemptions": [], "admin_graphql_api_id": gid(Kind::Customer, *id)});
            Some(("customers/delete", gone))
        }
        Did::CustomersMerged { kept, gone } => Some((
            "customers/merge",
            json!({
                "admin_graphql_api_customer_kept_id": gid(Kind::Customer, *kept),
                "admin_graphql_api_customer_deleted_id": gid(Kind::Customer, *gone),
                "admin_graphql_api_job_id": null,
                "status": "completed",
                "errors": [],
            }),
        )),
        Did::CustomerRedacted { customer, orders } => {
            Some(("customers/redact", person::compliance(customer, ("orders_to_redact", orders), front)))
        }
        Did::TagsAdded(id, tags) => of_tags("customer.tags_added", *id, tags),
        Did::TagsRemoved(id, tags) => of_tags("customer.tags_removed", *id, tags),
        Did::Consented(id, Channel::Email) => Some((
            "customers_email_marketing_consent/update",
            person::email_consent(&books.customer(*id)?, front),
        )),
        Did::Consented(id, Channel::Sms) => {
            Some(("customers_marketing_consent/update", person::sms_consent(&books.customer(*id)?, front)))
        }
        Did::Bought(id) => {
            Some(("customers/purchasing_summary", person::summary(&books.customer(*id)?, now)))
        }
        Did::OrderMade(id) => of_order("orders/create", *id),
        Did::OrderPaid(id) => of_order("orders/paid", *id),
        Did::OrderFulfilled(id) => of_order("orders/fulfilled", *id),
        Did::OrderCancelled(id) => of_order("orders/cancelled", *id),
        Did::OrderChanged(id) => of_order("orders/updated", *id),
        Did::OrderDeleted(id) => Some(("orders/delete", json!({"id": id}))),
        Did::OrderEdited { order, added, removed } => {
            Some(("orders/edited", order::edited(*order, added, removed, front, now)))
        }
        Did::Refunded { order, refund } => {
            let order = books.order(*order)?;
            let refund = order.refunds.iter().find(|held| held.id == *refund)?;
            Some(("refunds/create", refund::refund(refund, &order, front)))
        }
        Did::CheckoutMade(id) => of_checkout("checkouts/create", *id),
        Did::CheckoutChanged(id) => of_checkout("checkouts/update", *id),
        Did::CheckoutDeleted(gone) => Some(("checkouts/delete", checkout::deleted(gone))),
        Did::ProductMade(id) => Some(("products/create", product(books.product(*id)?, front))),
        Did::ProductChanged(id) => Some(("products/update", product(books.product(*id)?, front))),
        Did::ProductDeleted(id) => Some(("products/delete", json!({"id": id}))),
    }
}

/// The shop as `shop/update` and `app/uninstalled` tell it.
pub(crate) fn shop(front: &Front, name: &str) -> Value {
    let email = format!("hello@{}.example.com", front.handle());
    filled(
        sample!("shop/update.json"),
        json!({
            "id": front.id,
            "name": name,
            "email": email,
            "customer_email": email,
            "domain": front.domain,
            "myshopify_domain": front.domain,
            "province": "Hamburg",
            "province_code": "HH",
            "country": "DE",
            "country_code": "DE",
            "country_name": "Germany",
            "address1": "Speicherstraße 1",
            "zip": "20457",
            "city": "Hamburg",
            "phone": null,
            "created_at": local(front.created_at, &front.zone),
            "updated_at": local(front.created_at, &front.zone),
            "currency": CURRENCY,
            "enabled_presentment_currencies": [CURRENCY],
            "timezone": "(GMT+01:00) Berlin",
            "iana_timezone": crate::demo::shop::ZONE,
            "shop_owner": "Olive Owner",
            "money_format": "€{{amount}}",
            "money_in_emails_format": "€{{amount}}",
            "money_with_currency_format": "€{{amount}} EUR",
            "money_with_currency_in_emails_format": "€{{amount}} EUR",
            "taxes_included": true,
            "plan_name": "basic",
            "plan_display_name": "Basic",
        }),
    )
}

/// Who asks for a copy of what is known of them.
pub(crate) fn data_request(customer: u64, books: &Books, front: &Front, request: u64) -> Option<Value> {
    let held = books.customer(customer)?;
    let mut orders: Vec<_> = books.orders_of(customer).into_iter().map(|order| order.id).collect();
    orders.sort_unstable();
    let mut told = person::compliance(&held, ("orders_requested", &orders), front);
    told["data_request"] = json!({"id": request});
    Some(told)
}

/// The sample with what is told in the place of what it says.
pub(super) fn filled(sample: &Value, told: Value) -> Value {
    let mut filled = sample.clone();
    let (Some(into), Value::Object(told)) = (filled.as_object_mut(), told) else { return filled };
    into.extend(told);
    filled
}

/// `amount` as `name` and, in both currencies, as `name_set`.
pub(super) fn amounts(pairs: &[(&str, i64)]) -> Map<String, Value> {
    let pairs = pairs.iter().flat_map(|(name, cents)| {
        [((*name).to_owned(), json!(money(*cents))), (format!("{name}_set"), set(*cents))]
    });
    pairs.collect()
}

pub(super) fn set(cents: i64) -> Value {
    let amount = json!({"amount": money(cents), "currency_code": CURRENCY});
    json!({"shop_money": amount, "presentment_money": amount})
}

/// Of more, a webhook names the ids alone.
const VARIANTS_TOLD: usize = 100;

fn product(product: &Product, front: &Front) -> Value {
    let at = local(product.updated_at, &front.zone);
    let sample = sample!("products/update.json");
    let variant = |(place, variant): (usize, &Variant)| {
        filled(
            &sample["variants"][0],
            json!({
                "admin_graphql_api_id": gid(Kind::ProductVariant, variant.id),
                "compare_at_price": null,
                "created_at": local(product.created_at, &front.zone),
                "updated_at": at,
                "id": variant.id,
                "position": place + 1,
                "price": money(variant.price),
                "product_id": product.id,
                "sku": variant.sku,
                "title": variant.title,
                "option1": variant.title,
                "inventory_quantity": variant.inventory,
                "old_inventory_quantity": variant.inventory,
            }),
        )
    };
    let named = |variant: &Variant| json!({"admin_graphql_api_id": gid(Kind::ProductVariant, variant.id), "updated_at": utc_millis(product.updated_at)});
    let image = product
        .image
        .as_ref()
        .map(|src| json!({"src": src, "product_id": product.id, "position": 1, "alt": product.title}));
    filled(
        sample,
        json!({
            "admin_graphql_api_id": gid(Kind::Product, product.id),
            "body_html": null,
            "created_at": local(product.created_at, &front.zone),
            "published_at": local(product.created_at, &front.zone),
            "updated_at": at,
            "handle": product.handle,
            "id": product.id,
            "product_type": product.kind,
            "title": product.title,
            "vendor": product.vendor,
            "status": quiet(product.status),
            "tags": product.tags.join(", "),
            "variants": product.variants.iter().enumerate().take(VARIANTS_TOLD).map(variant).collect::<Vec<_>>(),
            "variant_gids": product.variants.iter().map(named).collect::<Vec<_>>(),
            "images": image.iter().collect::<Vec<_>>(),
            "image": image,
        }),
    )
}
