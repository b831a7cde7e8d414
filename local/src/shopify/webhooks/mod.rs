//! What a shop tells its app: who is told what, and when a delivery is tried again.

mod courier;
mod delivery;
mod payload;
mod seen;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::VecDeque;

pub use courier::{Courier, Parcel, Web, Within};
pub use delivery::Delivered;
pub(crate) use delivery::Delivery;
pub(crate) use payload::{data_request, shop as shop_told};

use super::{
    ids::{Kind, gid, id},
    words::utc,
};

/// How many deliveries are remembered after they were made.
const REMEMBERED: usize = 200;

/// A subscription that was made by GraphQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) id: u64,
    /// As `ORDERS_CREATE`.
    pub(crate) topic: String,
    pub(crate) uri: String,
    pub(crate) filter: Option<String>,
    pub(crate) fields: Vec<String>,
    pub(crate) name: Option<String>,
    pub(crate) created_at: Timestamp,
}

#[derive(Default)]
pub(crate) struct Hooks {
    subscriptions: Vec<Subscription>,
    /// How many there ever were.
    ever: u64,
    pub(crate) queue: Vec<Delivery>,
    pub(crate) delivered: VecDeque<Delivered>,
    /// How many tries were made.
    pub(crate) sent: u64,
    /// Never sent, because the dice said so.
    pub(crate) lost: u64,
}

/// `orders/create` as the enumeration of topics has it.
pub(crate) fn loud_topic(topic: &str) -> String {
    topic.replace(['/', '.'], "_").to_uppercase()
}

/// What an app must have leave to read, to be told of a topic; nothing for some.
pub(crate) fn tells(loud_topic: &str) -> Option<&'static str> {
    match loud_topic.split('_').next()? {
        "CUSTOMER" | "CUSTOMERS" => Some("customers"),
        "ORDERS" | "REFUNDS" | "CHECKOUTS" => Some("orders"),
        "PRODUCTS" => Some("products"),
        _ => None,
    }
}

impl Hooks {
    pub(crate) fn subscriptions(&self) -> &[Subscription] {
        &self.subscriptions
    }

    /// As they were once.
    pub(crate) fn restore(&mut self, subscriptions: Vec<Subscription>, ever: u64) {
        (self.subscriptions, self.ever) = (subscriptions, ever);
    }

    pub(crate) fn ever(&self) -> u64 {
        self.ever
    }

    pub(crate) fn add(&mut self, subscription: Subscription) -> &Subscription {
        let id = id(Kind::WebhookSubscription, self.ever);
        self.ever += 1;
        self.subscriptions.push(Subscription { id, ..subscription });
        &self.subscriptions[self.subscriptions.len() - 1]
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.subscriptions.len();
        self.subscriptions.retain(|held| held.id != id);
        self.subscriptions.len() < before
    }

    /// An app that is gone is told nothing more.
    pub(crate) fn clear(&mut self) {
        self.subscriptions.clear();
    }

    pub(crate) fn remember(&mut self, delivered: Delivered) {
        self.sent += 1;
        self.delivered.push_front(delivered);
        self.delivered.truncate(REMEMBERED);
    }
}

impl Subscription {
    /// As GraphQL has it.
    pub(crate) fn told(&self) -> Value {
        let at = utc(self.created_at);
        json!({
            "id": gid(Kind::WebhookSubscription, self.id),
            "topic": self.topic,
            "uri": self.uri,
            "format": "JSON",
            "filter": self.filter.clone().unwrap_or_default(),
            "includeFields": self.fields,
            "apiVersion": {"handle": super::http::NEWEST},
            "createdAt": at,
            "updatedAt": at,
        })
    }
}
