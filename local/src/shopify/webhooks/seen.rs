//! What of a body an app sees that was not approved for customers' data: such fields are left out, not emptied.

use serde_json::Value;
use std::borrow::Cow;

use super::{loud_topic, tells};
use crate::shopify::switches::Denied;

/// Names, addresses and numbers: protected data of the second level.
const DETAILS: [&str; 10] = [
    "first_name",
    "last_name",
    "email",
    "contact_email",
    "email_address",
    "phone",
    "default_address",
    "addresses",
    "billing_address",
    "shipping_address",
];

/// `None`: it is about a customer and nothing else, and no app like this can subscribe to it.
pub(super) fn seen<'v>(topic: &str, told: &'v Value, denied: Denied) -> Option<Cow<'v, Value>> {
    let is_lawful = matches!(topic, "customers/data_request" | "customers/redact");
    let about = tells(&loud_topic(topic)).filter(|about| *about != "products" && !is_lawful);
    match (denied, about) {
        (Denied::Nothing, _) | (_, None) => Some(Cow::Borrowed(told)),
        (Denied::Customers, Some("customers")) => None,
        (Denied::Customers, _) => {
            Some(Cow::Owned(without(told.clone(), &|name| DETAILS.contains(&name) || name == "customer")))
        }
        (Denied::Details, _) => Some(Cow::Owned(without(told.clone(), &|name| DETAILS.contains(&name)))),
    }
}

fn without(mut told: Value, is_hidden: &dyn Fn(&str) -> bool) -> Value {
    match &mut told {
        Value::Object(members) => {
            members.retain(|name, _| !is_hidden(name));
            members.values_mut().for_each(|value| *value = without(value.take(), is_hidden));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| *value = without(value.take(), is_hidden)),
        _ => {}
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_may_not_see_customers_is_told_the_rest() {
        let order = json!({"id": 1, "name": "#1001", "email": "a@example.com", "billing_address": {"name": "Ada"},
            "customer": {"id": 7, "first_name": "Ada", "note": null}, "line_items": [{"name": "Tea", "phone": "1"}]});
        let check = |topic: &str, denied: Denied, expected: Option<Value>| {
            assert_eq!(seen(topic, &order, denied).map(Cow::into_owned), expected, "{topic} {denied:?}");
        };
        let plain = json!({"id": 1, "name": "#1001", "customer": {"id": 7, "note": null}, "line_items": [{"name": "Tea"}]});
        let nobodys = json!({"id": 1, "name": "#1001", "line_items": [{"name": "Tea"}]});
        for topic in
            ["orders/create", "checkouts/update", "customers/update", "customers_marketing_consent/update"]
        {
            check(topic, Denied::Nothing, Some(order.clone()));
            check(topic, Denied::Details, Some(plain.clone()));
        }
        check("orders/create", Denied::Customers, Some(nobodys));
        check("customers/update", Denied::Customers, None);
        check("customer.tags_added", Denied::Customers, None);
        for topic in ["customers/redact", "customers/data_request", "shop/update", "products/update"] {
            check(topic, Denied::Customers, Some(order.clone()));
        }
    }
}
