//! What an app hears: which topics, in which words, how signed, and what happens if it does not answer.

mod sending;
mod shapes;

use async_trait::async_trait;
use serde_json::Value;
use std::sync::{Mutex, PoisonError};

use super::{Courier, Parcel};
use crate::shopify::{
    AppSettings,
    tests::{Stand, settings},
};

const URI: &str = "https://crm.test/webhooks/shopify";

const TOPICS: [&str; 29] = [
    "customers/create",
    "customers/update",
    "customers/delete",
    "customers/merge",
    "customers/purchasing_summary",
    "customer.tags_added",
    "customer.tags_removed",
    "customers_email_marketing_consent/update",
    "customers_marketing_consent/update",
    "orders/create",
    "orders/paid",
    "orders/fulfilled",
    "orders/updated",
    "orders/edited",
    "orders/cancelled",
    "orders/delete",
    "refunds/create",
    "checkouts/create",
    "checkouts/update",
    "products/update",
    "products/delete",
    "bulk_operations/finish",
    "app/uninstalled",
    "app/scopes_update",
    "customers/data_request",
    "customers/redact",
    "shop/redact",
    "products/create",
    "checkouts/delete",
];

/// Takes what is brought, and answers as it is told to.
struct Door {
    status: Mutex<Result<u16, String>>,
    brought: Mutex<Vec<Parcel>>,
}

impl Door {
    fn answering(status: u16) -> Self {
        Self { status: Mutex::new(Ok(status)), brought: Mutex::default() }
    }

    fn answers(&self, answer: Result<u16, String>) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    fn taken(&self) -> Vec<Parcel> {
        std::mem::take(&mut self.brought.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Courier for Door {
    async fn bring(&self, parcel: &Parcel) -> Result<u16, String> {
        self.brought.lock().unwrap_or_else(PoisonError::into_inner).push(parcel.clone());
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn subscribed(topics: &[&str]) -> AppSettings {
    let subscriptions = topics.iter().map(|topic| ((*topic).to_owned(), URI.to_owned()));
    AppSettings { subscriptions: subscriptions.collect(), ..settings() }
}

fn header<'a>(parcel: &'a Parcel, name: &str) -> &'a str {
    parcel.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}

fn topic(parcel: &Parcel) -> String {
    header(parcel, "x-shopify-topic").to_owned()
}

fn body(parcel: &Parcel) -> Value {
    serde_json::from_slice(&parcel.body).expect("a body is JSON")
}

fn variants(stand: &Stand) -> Vec<u64> {
    stand.shop.books(|books| books.products().flat_map(|product| &product.variants).map(|it| it.id).collect())
}
