//! What can be asked of a customer.

use domain::Point;
use serde_json::{Value, json};

use super::{
    Ask, Worth, metafields,
    object::{Answer, Arguments, Thing, leaf, list, object, told, unknown},
    query::number,
};
use crate::{
    demo::shop::point_of,
    shopify::{
        books::records::{Address, Consent, ConsentState, Customer, loud},
        ids::{Kind, gid},
        words::utc,
    },
};

pub(super) fn field<'a>(
    ask: &'a Ask<'_>,
    customer: &Customer,
    field: &str,
    arguments: &Arguments<'a>,
) -> Answer<'a> {
    if [
        "firstName",
        "lastName",
        "displayName",
        "defaultEmailAddress",
        "defaultPhoneNumber",
        "defaultAddress",
        "note",
    ]
    .contains(&field)
    {
        ask.may_see(field)?;
    }
    Ok(match field {
        "id" => leaf(gid(Kind::Customer, customer.id)),
        "legacyResourceId" => number(customer.id),
        "firstName" => leaf(customer.first_name.clone()),
        "lastName" => leaf(customer.last_name.clone()),
        "displayName" => leaf(display_name(customer)),
        "state" => leaf(if customer.is_enabled { "ENABLED" } else { "DISABLED" }),
        "locale" => leaf(customer.locale.clone()),
        "note" => leaf(customer.note.clone()),
        "tags" => {
            let mut tags = customer.tags.clone();
            tags.sort();
            list(tags.into_iter().map(leaf))
        }
        "verifiedEmail" => leaf(customer.email.is_some()),
        "taxExempt" | "dataSaleOptOut" => leaf(false),
        "productSubscriberStatus" => leaf("NEVER_SUBSCRIBED"),
        "createdAt" => leaf(utc(customer.created_at)),
        "updatedAt" => leaf(utc(customer.updated_at)),
        "numberOfOrders" => number(customer.orders),
        "amountSpent" => object(ask, Thing::Money(customer.spent)),
        "metafields" => return metafields::of(ask, customer, arguments),
        "lastOrder" => {
            let last = customer.last_order.and_then(|id| ask.later(Kind::Order, id));
            super::object::maybe(ask, last)
        }
        "statistics" => told(
            ask,
            "CustomerStatistics",
            json!({"predictedSpendTier": tier(customer), "rfmGroup": customer.rfm_group()}),
        ),
        "defaultEmailAddress" => match &customer.email {
            None => leaf(Value::Null),
            Some(email) => told(ask, "CustomerEmailAddress", address(email, &customer.email_consent)),
        },
        "defaultPhoneNumber" => match &customer.phone {
            None => leaf(Value::Null),
            Some(phone) => told(ask, "CustomerPhoneNumber", phone_number(phone, &customer.sms_consent)),
        },
        "defaultAddress" => match &customer.address {
            None => leaf(Value::Null),
            Some(address) => told(ask, "MailingAddress", place(address)),
        },
        _ => return Err(unknown()),
    })
}

/// As a member of a segment: some of what a customer says.
pub(super) fn member(customer: &Customer) -> Value {
    let email = customer.email.as_ref().map(|email| address(email, &customer.email_consent));
    json!({
        "id": format!("gid://shopify/CustomerSegmentMember/{}", customer.id),
        "firstName": customer.first_name,
        "lastName": customer.last_name,
        "displayName": display_name(customer),
        "numberOfOrders": customer.orders.to_string(),
        "amountSpent": {
            "amount": crate::shopify::words::decimal(customer.spent),
            "currencyCode": crate::demo::shop::CURRENCY,
        },
        "defaultEmailAddress": email,
    })
}

/// What a search can ask of them. `None`: there is no such field.
pub(super) fn worth(customer: &Customer, field: &str) -> Option<Worth> {
    let words = |word: &Option<String>| Worth::Words(word.clone().into_iter().collect());
    Some(match field {
        "email" => words(&customer.email),
        "first_name" => words(&customer.first_name),
        "last_name" => words(&customer.last_name),
        "phone" => words(&customer.phone),
        "tag" => Worth::Words(customer.tags.clone()),
        "state" => Worth::Words(vec![if customer.is_enabled { "ENABLED" } else { "DISABLED" }.to_owned()]),
        "country" => words(&customer.address.as_ref().and_then(|address| address.country.clone())),
        "orders_count" => Worth::Number(i64::try_from(customer.orders).unwrap_or(i64::MAX)),
        "total_spent" => Worth::Number(customer.spent / 100),
        "default" => {
            let known = [&customer.first_name, &customer.last_name, &customer.email];
            Worth::Words(known.into_iter().flatten().cloned().collect())
        }
        _ => return None,
    })
}

fn display_name(customer: &Customer) -> String {
    let names = [&customer.first_name, &customer.last_name].into_iter().flatten().cloned();
    let name = names.collect::<Vec<_>>().join(" ");
    if name.is_empty() { customer.email.clone().or(customer.phone.clone()).unwrap_or_default() } else { name }
}

fn address(email: &str, consent: &Consent) -> Value {
    // The schema knows no redacted address.
    let state =
        if consent.state == ConsentState::Redacted { ConsentState::NotSubscribed } else { consent.state };
    json!({
        "emailAddress": email,
        "marketingState": loud(state),
        "marketingOptInLevel": consent.level.map(loud),
        "marketingUpdatedAt": consent.at.map(utc),
        "validFormat": true,
    })
}

fn phone_number(phone: &str, consent: &Consent) -> Value {
    // The schema knows no invalid number.
    let state =
        if consent.state == ConsentState::Invalid { ConsentState::NotSubscribed } else { consent.state };
    let newer = match state {
        ConsentState::NotSubscribed => "NEVER_SUBSCRIBED".to_owned(),
        state => loud(state),
    };
    let (level, at, from) = (consent.level.map(loud), consent.at.map(utc), consent.at.map(|_| "OTHER"));
    json!({
        "phoneNumber": phone,
        "marketingState": loud(state),
        "marketingOptInLevel": level,
        "marketingUpdatedAt": at,
        "marketingCollectedFrom": from,
        "smsMarketingConsent": {"state": newer, "optInLevel": level, "updatedAt": at, "collectedFrom": from},
        "whatsAppMarketingConsent": {
            "state": "NEVER_SUBSCRIBED", "optInLevel": null, "updatedAt": null, "collectedFrom": null,
        },
    })
}

fn place(address: &Address) -> Value {
    let country = address.country.as_deref();
    let (latitude, longitude) = address.city.as_deref().and_then(point_of).map(Point::degrees).unzip();
    json!({
        "id": format!("{}?model_name=CustomerAddress", gid(Kind::MailingAddress, address.id)),
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "province": address.province,
        "provinceCode": address.province,
        "country": country,
        "countryCodeV2": country,
        "zip": address.zip,
        "phone": address.phone,
        "company": address.company,
        "latitude": latitude,
        "longitude": longitude,
    })
}

/// A shop's own guess, made of what they spent.
fn tier(customer: &Customer) -> &'static str {
    match customer.spent {
        20_000.. => "HIGH",
        3_000.. => "MEDIUM",
        _ => "LOW",
    }
}
