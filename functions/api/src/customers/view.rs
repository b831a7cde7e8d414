//! A customer as callers see them.

use domain::{
    AccountState, Consent, ConsentLevel, ConsentSource, ConsentState, Currency, Customer, CustomerId, Minor,
    Order, OrderId, Point, RfmGroup, SpendTier, Timestamp, Zone,
    campaign::Kind,
    customer::{Address, AttributeValue, CustomerKind},
    days::number_of,
    fields,
    order::OrderStatus,
    own::METAFIELDS,
};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Numbers of more than 15 digits are shown as texts: JSON's readers make floats of numbers.
const EXACT_MAX: u64 = 1_000_000_000_000_000;

#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerView {
    #[schema(value_type = String)]
    id: CustomerId,
    /// `person`, `guest` (known only from an order's address) or `walk_in` (whoever left no address).
    kind: &'static str,
    /// First and last name.
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    /// In the form of E.164: `+14155552671`.
    phone: Option<String>,
    addresses: Vec<AddressView>,
    tags: Vec<String>,
    language: Option<String>,
    #[schema(value_type = Option<String>, format = Date)]
    birthday: Option<Date>,
    note: Option<String>,
    /// The shop's own columns: text, number, yes or no, list of texts, `{"day": "2026-01-31"}`; numbers of more than
    /// 15 digits are `{"number": "…"}`.
    #[schema(value_type = Object)]
    attributes: BTreeMap<String, Value>,
    /// What the shop has defined of its own at Shopify, and pinned, by namespace and key: `facts.birth_date`. It is
    /// changed there.
    #[schema(value_type = Object)]
    metafields: BTreeMap<String, Value>,
    email_consent: Option<ConsentView>,
    sms_consent: Option<ConsentView>,
    /// Kinds of campaign that they do not want, though they agreed to be written to: `promotional`, `newsletter`,
    /// `reminder`.
    declined_topics: Vec<&'static str>,
    orders_count: i64,
    /// In the tenant's currency: "12.30".
    total_spent: String,
    /// `null` without orders.
    average_order_value: Option<String>,
    /// The RFM group that Shopify itself says: `CHAMPIONS`. `null`: it has not said any.
    shopify_rfm_group: Option<&'static str>,
    /// What Shopify thinks that they will spend: `HIGH`, `MEDIUM` or `LOW`.
    shopify_spend_tier: Option<&'static str>,
    /// Whether they have an account at the shop: `ENABLED`, `DISABLED` (has none), `INVITED` or `DECLINED`. `null`: it is not
    /// known.
    account_status: Option<&'static str>,
    #[schema(value_type = String)]
    currency: Currency,
    #[schema(value_type = Option<String>, format = DateTime)]
    first_order_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_order_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct AddressView {
    company: Option<String>,
    line1: Option<String>,
    line2: Option<String>,
    city: Option<String>,
    region: Option<String>,
    postcode: Option<String>,
    country: Option<String>,
    /// Where it lies, in degrees, if the shop has said: north and east are positive.
    latitude: Option<f64>,
    longitude: Option<f64>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ConsentView {
    /// `not_subscribed`, `subscribed`, `pending`, `unsubscribed`, `invalid` or `redacted`.
    #[schema(value_type = String)]
    state: ConsentState,
    /// `single_opt_in`, `confirmed_opt_in` or `unknown`.
    #[schema(value_type = String)]
    level: ConsentLevel,
    /// `person`, `merchant`, `shopify`, `import` or `attested_import`.
    #[schema(value_type = String)]
    source: ConsentSource,
    method: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// An order in few words.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderBrief {
    #[schema(value_type = String)]
    id: OrderId,
    name: Option<String>,
    #[schema(value_type = String)]
    status: OrderStatus,
    total: String,
    refunded: String,
    quantity: i64,
    cancelled: bool,
    test: bool,
    /// Whether it stands in the customer's totals.
    counts: bool,
    #[schema(value_type = String, format = DateTime)]
    placed_at: Timestamp,
}

/// A customer with what belongs to them.
#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerDetail {
    #[serde(flatten)]
    pub(crate) customer: CustomerView,
    pub(crate) metrics: Metrics,
    pub(crate) flags: Flags,
    /// The newest ten.
    pub(crate) recent_orders: Vec<OrderBrief>,
}

/// Of the orders that count and stand here; in days of the shop.
#[derive(Serialize, ToSchema)]
pub(crate) struct Metrics {
    days_since_first_order: Option<i32>,
    days_since_last_order: Option<i32>,
    /// From order to order, to a tenth; `null` until there are two.
    average_days_between_orders: Option<f64>,
}

#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub(crate) struct Flags {
    /// Has bought at least once.
    has_ordered: bool,
    /// Has bought more than once.
    is_returning: bool,
    /// There is an address, and they agreed.
    may_be_mailed: bool,
    may_be_texted: bool,
    /// Has left a basket behind, and bought nothing since.
    has_abandoned_cart: bool,
}

impl CustomerView {
    pub(crate) fn of(customer: &Customer, currency: Currency) -> Self {
        let customer = customer.clone();
        let totals = customer.totals;
        let (mut attributes, mut metafields) = (BTreeMap::new(), BTreeMap::new());
        for (name, value) in customer.attributes {
            match name.strip_prefix(METAFIELDS) {
                Some(name) => metafields.insert(name.to_owned(), shown(value)),
                None => attributes.insert(name, shown(value)),
            };
        }
        Self {
            id: customer.id,
            kind: match customer.kind {
                CustomerKind::Guest => "guest",
                CustomerKind::WalkIn => "walk_in",
                CustomerKind::Person | CustomerKind::Erased | CustomerKind::Merged(_) => "person",
            },
            name: whole_name(customer.first_name.as_deref(), customer.last_name.as_deref()),
            first_name: customer.first_name,
            last_name: customer.last_name,
            email: customer.email.map(String::from),
            phone: customer.phone.map(String::from),
            addresses: customer.addresses.into_iter().map(AddressView::from).collect(),
            tags: customer.tags.into_iter().collect(),
            language: customer.language,
            birthday: customer.birthday,
            note: customer.note,
            attributes,
            metafields,
            email_consent: customer.email_consent.map(ConsentView::from),
            sms_consent: customer.sms_consent.map(ConsentView::from),
            declined_topics: customer.declined.kinds().map(Kind::name).collect(),
            orders_count: totals.orders,
            total_spent: amount(totals.spent.into(), currency),
            average_order_value: average(totals.spent.into(), totals.orders.into(), currency),
            shopify_rfm_group: customer.shop_scores.rfm_group.map(RfmGroup::name),
            shopify_spend_tier: customer.shop_scores.spend_tier.map(SpendTier::name),
            account_status: customer.account.map(AccountState::name),
            currency,
            first_order_at: totals.first_order_at,
            last_order_at: totals.last_order_at,
            created_at: customer.created_at,
            updated_at: customer.updated_at,
        }
    }
}

impl Metrics {
    pub(crate) fn of(customer: &Customer, zone: &Zone, now: Timestamp) -> Self {
        let day = |at: Timestamp| number_of(zone.day_of(at));
        let since = |at: Option<Timestamp>| at.map(|at| (day(now) - day(at)).max(0));
        let totals = customer.totals;
        let gaps = totals.orders - customer.opening.orders - 1;
        let ends = totals.first_order_at.zip(totals.last_order_at).filter(|_| gaps > 0);
        let average = ends.map(|(first, last)| {
            let tenths = i64::from(day(last) - day(first)) * 10;
            // A tenth of a century of days is far below what a float counts exactly.
            i32::try_from((tenths * 2 + gaps) / (gaps * 2)).map_or(0.0, |tenths| f64::from(tenths) / 10.0)
        });
        Self {
            days_since_first_order: since(totals.first_order_at),
            days_since_last_order: since(totals.last_order_at),
            average_days_between_orders: average,
        }
    }
}

impl Flags {
    pub(crate) fn of(customer: &Customer) -> Self {
        let agreed = |consent: &Option<Consent>| {
            consent.as_ref().is_some_and(|consent| consent.state == ConsentState::Subscribed)
        };
        Self {
            has_ordered: customer.totals.orders > 0,
            is_returning: customer.totals.orders > 1,
            may_be_mailed: customer.email.is_some()
                && !customer.suppressed.email
                && agreed(&customer.email_consent),
            may_be_texted: customer.phone.is_some()
                && !customer.suppressed.sms
                && agreed(&customer.sms_consent),
            has_abandoned_cart: customer.has_left_cart(),
        }
    }
}

impl OrderBrief {
    pub(crate) fn of(order: &Order, currency: Currency) -> Self {
        Self {
            id: order.id,
            name: order.name.clone(),
            status: order.status,
            total: order.total.show(currency),
            refunded: order.refunded.show(currency),
            quantity: order.quantity(),
            cancelled: order.cancelled_at.is_some(),
            test: order.is_test,
            counts: order.counts(),
            placed_at: order.placed_at,
        }
    }
}

impl From<Address> for AddressView {
    fn from(address: Address) -> Self {
        let Address { company, line1, line2, city, region, postcode, country, point } = address;
        let (latitude, longitude) = point.map(Point::degrees).unzip();
        Self { company, line1, line2, city, region, postcode, country, latitude, longitude }
    }
}

impl From<Consent> for ConsentView {
    fn from(consent: Consent) -> Self {
        let Consent { state, level, source, method, at } = consent;
        Self { state, level, source, method, at }
    }
}

pub(crate) fn whole_name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let parts: Vec<_> = first.into_iter().chain(last).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Sums of a shop pass what one amount may be.
pub(crate) fn amount(minor: i128, currency: Currency) -> String {
    let within = i64::try_from(minor).ok().and_then(|minor| Minor::new(minor).ok());
    if let Some(minor) = within {
        return minor.show(currency);
    }
    let (unit, digits) = (10_u128.pow(currency.digits()), currency.digits() as usize);
    let (whole, part) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    let sign = if minor < 0 { "-" } else { "" };
    if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:0>digits$}") }
}

/// To the nearest minor unit, halves away from nothing. `None`: of nothing.
pub(crate) fn average(minor: i128, of: i128, currency: Currency) -> Option<String> {
    if of <= 0 {
        return None;
    }
    let rounded = (minor.abs() * 2 + of) / (of * 2) * minor.signum();
    Some(amount(rounded, currency))
}

fn shown(value: AttributeValue) -> Value {
    match value {
        AttributeValue::Text(text) => json!(text),
        AttributeValue::Number(millionths) => {
            let text = fields::show_number(millionths);
            if millionths.unsigned_abs() >= EXACT_MAX {
                return json!({ "number": text });
            }
            // serde's own way from text to number is not exact unless told; this is, and shows the same digits.
            match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(whole), _) => json!(whole),
                (_, Ok(number)) => json!(number),
                _ => json!({ "number": text }),
            }
        }
        AttributeValue::Yes(yes) => json!(yes),
        AttributeValue::Day(day) => json!({ "day": day }),
        AttributeValue::List(words) => json!(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_are_rounded_and_sums_may_be_large() {
        let currency = Currency::USD;
        assert_eq!(average(1_000, 3, currency).as_deref(), Some("3.33"));
        assert_eq!(average(1_001, 2, currency).as_deref(), Some("5.01"));
        assert_eq!(average(-1_001, 2, currency).as_deref(), Some("-5.01"));
        assert_eq!(average(5, 0, currency), None);
        assert_eq!(amount(i128::from(i64::MAX) * 10, currency), "922337203685477580.70");
        assert_eq!(amount(-(1 << 70), "JPY".parse().unwrap()), "-1180591620717411303424");
    }

    #[test]
    fn numbers_are_shown_as_they_were_told() {
        let shown = |told: &str| shown(fields::attribute_number(told).unwrap()).to_string();
        assert_eq!(shown("12.30"), "12.3");
        assert_eq!(shown("-7"), "-7");
        assert_eq!(shown("899999999.999999"), "899999999.999999");
        assert_eq!(shown("8999999999.999999"), "{\"number\":\"8999999999.999999\"}");
        assert_eq!(shown("999999999999.999999"), "{\"number\":\"999999999999.999999\"}");
    }
}
