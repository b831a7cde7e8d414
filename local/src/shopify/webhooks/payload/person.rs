//! Bodies about customers. Since 2025 they tell neither tags nor totals nor consent.

use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::OnceLock;

use super::{filled, sample};
use crate::{
    demo::shop::CURRENCY,
    shopify::{
        books::records::{Address, Consent, Customer, quiet},
        ids::{Kind, gid},
        shop::Front,
        words::{local, money, utc_millis},
    },
};

pub(super) fn customer(customer: &Customer, front: &Front) -> Value {
    let sample = sample!("customers/update.json");
    let mut told = filled(
        sample,
        json!({
            "id": customer.id,
            "created_at": local(customer.created_at, &front.zone),
            "updated_at": local(customer.updated_at, &front.zone),
            "first_name": customer.first_name,
            "last_name": customer.last_name,
            "state": if customer.is_enabled { "enabled" } else { "disabled" },
            "note": customer.note,
            "verified_email": customer.email.is_some(),
            "email": customer.email,
            "phone": customer.phone,
            "currency": CURRENCY,
            "admin_graphql_api_id": gid(Kind::Customer, customer.id),
        }),
    );
    match &customer.address {
        Some(held) => {
            let address = address(customer, held, &sample["default_address"]);
            told["addresses"] = json!([address]);
            told["default_address"] = address;
        }
        // Whoever has none has no such field.
        None => {
            told.as_object_mut().and_then(|told| told.remove("default_address"));
        }
    }
    told
}

/// As orders and checkouts have it: without the list of addresses.
pub(super) fn buyer(customer: &Customer, front: &Front) -> Value {
    let mut told = self::customer(customer, front);
    told.as_object_mut().and_then(|told| told.remove("addresses"));
    told
}

fn address(customer: &Customer, address: &Address, sample: &Value) -> Value {
    filled(
        sample,
        json!({
            "id": address.id,
            "customer_id": customer.id,
            "first_name": customer.first_name,
            "last_name": customer.last_name,
            "name": name(customer),
            "company": address.company,
            "address1": address.address1,
            "address2": address.address2,
            "city": address.city,
            "province": address.province,
            "province_code": address.province,
            "country": address.country,
            "country_code": address.country,
            "country_name": address.country,
            "zip": address.zip,
            "phone": address.phone,
        }),
    )
}

/// Where an order goes. `None`: they have no address.
pub(super) fn destination(customer: &Customer, sample: &Value) -> Option<Value> {
    let address = customer.address.as_ref()?;
    let told = json!({
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "name": name(customer),
        "company": address.company,
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "province": address.province,
        "province_code": address.province,
        "country": address.country,
        "country_code": address.country,
        "zip": address.zip,
        "phone": address.phone,
    });
    Some(filled(sample, told))
}

fn name(customer: &Customer) -> String {
    let names = [&customer.first_name, &customer.last_name].into_iter().flatten().cloned();
    names.collect::<Vec<_>>().join(" ")
}

pub(super) fn email_consent(customer: &Customer, front: &Front) -> Value {
    let held = &customer.email_consent;
    json!({
        "customer_id": customer.id,
        "email_address": customer.email,
        "email_marketing_consent": consent(held, front),
    })
}

pub(super) fn sms_consent(customer: &Customer, front: &Front) -> Value {
    let mut consent = consent(&customer.sms_consent, front);
    consent["consent_collected_from"] = json!("other");
    json!({"id": customer.id, "phone": customer.phone, "sms_marketing_consent": consent})
}

fn consent(consent: &Consent, front: &Front) -> Value {
    json!({
        "state": quiet(consent.state),
        "opt_in_level": consent.level.map(quiet),
        "consent_updated_at": consent.at.map(|at| local(at, &front.zone)),
    })
}

pub(super) fn summary(customer: &Customer, now: Timestamp) -> Value {
    json!({
        "customerId": gid(Kind::Customer, customer.id),
        "numberOfOrders": customer.orders,
        "amountSpent": {"amount": money(customer.spent), "currencyCode": CURRENCY},
        "lastOrderId": customer.last_order.map(|id| gid(Kind::Order, id)),
        "occurredAt": utc_millis(now),
    })
}

/// What the law asks: the address and the number are absent where there are none.
pub(super) fn compliance(customer: &Customer, (name, orders): (&str, &[u64]), front: &Front) -> Value {
    let mut who = json!({"id": customer.id});
    for (name, word) in [("email", &customer.email), ("phone", &customer.phone)] {
        if let Some(word) = word {
            who[name] = json!(word);
        }
    }
    let mut told = json!({"shop_id": front.id, "shop_domain": front.domain, "customer": who});
    told[name] = json!(orders);
    told
}
