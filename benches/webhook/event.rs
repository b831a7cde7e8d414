//! What the door is told in the benchmarks: Shopify's own sample of an order, the headers around it, and its signature.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

/// What an order's webhook usually has.
const SMALL: usize = 7_800;

pub(crate) fn sample() -> Value {
    serde_json::from_slice(include_bytes!("../../events/shopify/orders/create.json"))
        .expect("the sample is JSON")
}

/// An order of 7.8 KB as it travels: fewer lines, and a note that fills it up.
pub(crate) fn small(mut order: Value) -> Value {
    order["note"] = "".into();
    while order.to_string().len() > SMALL
        && order["line_items"].as_array_mut().is_some_and(|all| all.pop().is_some())
    {}
    let rest = SMALL.saturating_sub(order.to_string().len());
    order["note"] = "gift wrap ".chars().cycle().take(rest).collect::<String>().into();
    order
}

pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    STANDARD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body))
}

/// What is told of an event beside its body.
pub(crate) struct Event<'a> {
    pub(crate) topic: &'a str,
    pub(crate) shop: &'a str,
    pub(crate) id: &'a str,
    pub(crate) at: &'a str,
}

impl<'a> Event<'a> {
    pub(crate) fn headers(&self, signature: &'a str) -> [(&'static str, &'a str); 6] {
        [
            ("x-shopify-topic", self.topic),
            ("x-shopify-hmac-sha256", signature),
            ("x-shopify-shop-domain", self.shop),
            ("x-shopify-api-version", "2026-10"),
            ("x-shopify-webhook-id", self.id),
            ("x-shopify-triggered-at", self.at),
        ]
    }
}

/// An order of a shop that is nobody's.
pub(crate) const ORDER: Event<'_> = Event {
    topic: "orders/create",
    shop: "nordlicht.myshopify.com",
    id: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    at: "2026-11-20T10:00:00.123456789Z",
};
