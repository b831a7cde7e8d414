//! The same events through EventBridge: an envelope with the headers as its metadata and the body as its payload.
//!
//! There is no signature to check, because the body was written anew on its way. That an event is Shopify's is known by
//! the bus it came on, which Shopify alone can put events on; whoever reads from another bus must not call this.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Delivery, MissingHeader, headers::Family};

/// An event of a partner's bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bridged {
    pub delivery: Delivery,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadEvent {
    #[error("the event is not an envelope of Shopify's")]
    Envelope,
    #[error(transparent)]
    Header(#[from] MissingHeader),
}

#[derive(Deserialize)]
struct Envelope<'a> {
    source: String,
    #[serde(rename = "detail-type")]
    kind: String,
    #[serde(borrow)]
    detail: Detail<'a>,
}

#[derive(Deserialize)]
struct Detail<'a> {
    metadata: BTreeMap<String, String>,
    #[serde(borrow)]
    payload: &'a RawValue,
}

impl Bridged {
    pub fn read(event: &[u8]) -> Result<Self, BadEvent> {
        let envelope: Envelope<'_> = serde_json::from_slice(event).map_err(|_| BadEvent::Envelope)?;
        let is_shopifys = envelope.source.starts_with("aws.partner/shopify.com/");
        if !is_shopifys || envelope.kind != "shopifyWebhook" {
            return Err(BadEvent::Envelope);
        }
        let metadata: BTreeMap<_, _> = envelope
            .detail
            .metadata
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        let header = |name: &str| metadata.get(name).map(String::as_str);
        let family = if header("x-shopify-topic").is_some() { Family::Webhooks } else { Family::Events };
        let delivery = Delivery::of(family, &header)?;
        Ok(Self { delivery, body: envelope.detail.payload.get().as_bytes().to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Topic;

    fn event(prefix: &str, source: &str, kind: &str) -> String {
        format!(
            r#"{{"version":"0","source":"{source}","detail-type":"{kind}","detail":{{"metadata":{{
            "{prefix}Shopify-Topic":"orders/create","{prefix}Shopify-Shop-Domain":"nordlicht.myshopify.com",
            "{prefix}Shopify-API-Version":"2026-10","{prefix}Shopify-Webhook-Id":"w1","Content-Type":"application/json"}},
            "payload":{{"id": 12345678901234567890}}}}}}"#
        )
    }

    #[test]
    fn an_event_of_the_bus_is_read_with_its_numbers_as_they_are() {
        for prefix in ["X-", ""] {
            let bridged =
                Bridged::read(event(prefix, "aws.partner/shopify.com/1/x", "shopifyWebhook").as_bytes())
                    .unwrap();
            assert_eq!(bridged.delivery.topic, Topic::OrdersCreate);
            assert_eq!(bridged.body, br#"{"id": 12345678901234567890}"#);
        }
    }

    #[test]
    fn what_is_no_envelope_of_shopifys_is_refused() {
        let others = event("X-", "aws.partner/shopify.com.evil/1", "shopifyWebhook");
        assert_eq!(Bridged::read(others.as_bytes()), Err(BadEvent::Envelope));
        let other = event("X-", "aws.partner/shopify.com/1/x", "other");
        assert_eq!(Bridged::read(other.as_bytes()), Err(BadEvent::Envelope));
        assert_eq!(Bridged::read(b"[]"), Err(BadEvent::Envelope));
        let without =
            event("X-", "aws.partner/shopify.com/1/x", "shopifyWebhook").replace("Webhook-Id", "Hook");
        assert_eq!(Bridged::read(without.as_bytes()), Err(BadEvent::Header(MissingHeader("webhook-id"))));
    }
}
