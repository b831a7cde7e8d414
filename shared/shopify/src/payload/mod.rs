//! The bodies of webhooks, by topic.
//!
//! A body is read the same in every version that is served: no field has changed its meaning between them, some have come
//! and some have gone. So what an older version tells beyond the newer ones is read where it stands, and what is not there
//! is `Told::Not`.

mod checkout;
mod customer;
mod order;
mod privacy;
mod product;
mod shop;
mod small;

pub use checkout::{Checkout, CheckoutGone};
pub use customer::{ConsentChanged, Customer, Merged, Purchases, TagsMoved};
pub use order::{Order, Refund};
pub use privacy::{DataRequest, Person, Redaction, ShopRedaction};
pub use product::Product;
pub use shop::{ScopesChanged, Shop};
pub use small::BulkFinished;

use domain::{CustomerId, OrderId, ProductId};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::{ShopDomain, Topic};

/// What a webhook says has happened. What is told of things is read in our own words by their `told`.
#[derive(Debug, Clone)]
pub enum Change {
    /// They were made or changed.
    Customer(Box<Customer>),
    CustomerDeleted(CustomerId),
    CustomersMerged(Merged),
    Purchases(Purchases),
    TagsAdded(TagsMoved),
    TagsRemoved(TagsMoved),
    Consent(Box<ConsentChanged>),
    /// It was made or changed.
    Order(Box<Order>),
    /// Something in it was added or taken out. `orders/updated` says the same with the whole order.
    OrderEdited(OrderId),
    OrderDeleted(OrderId),
    Refund(Box<Refund>),
    Checkout(Box<Checkout>),
    CheckoutDeleted(CheckoutGone),
    Product(Box<Product>),
    ProductDeleted(ProductId),
    BulkFinished(BulkFinished),
    ShopChanged(Box<Shop>),
    /// The tokens are dead already.
    Uninstalled(Box<Shop>),
    ScopesChanged(ScopesChanged),
    DataRequest(DataRequest),
    CustomerRedaction(Redaction),
    ShopRedaction(ShopRedaction),
    /// A topic that means nothing to us.
    Other,
}

impl Change {
    /// The shop that the body names, where it names one: signed, as the header is not. If it is another than the header's,
    /// somebody sends one shop's word as another's, and nothing of it may be done.
    pub fn shop(&self) -> Option<ShopDomain> {
        match self {
            Self::Uninstalled(shop) | Self::ShopChanged(shop) => shop.domain(),
            Self::DataRequest(request) => request.shop(),
            Self::CustomerRedaction(redaction) => redaction.shop(),
            Self::ShopRedaction(redaction) => redaction.shop(),
            _ => None,
        }
    }
}

/// A body that is not what its topic promises. Says where, and none of the words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the body of {topic} is wrong at {place}: {why}")]
pub struct BadPayload {
    pub topic: Topic,
    /// As in `line_items[2].price`; a point alone is the whole.
    pub place: String,
    pub why: &'static str,
}

/// Reads the body of an event whose signature was checked.
pub fn read(topic: &Topic, body: &[u8]) -> Result<Change, BadPayload> {
    Ok(match topic {
        Topic::CustomersCreate
        | Topic::CustomersUpdate
        | Topic::CustomersEnable
        | Topic::CustomersDisable => Change::Customer(of(topic, body)?),
        Topic::CustomersDelete => Change::CustomerDeleted(CustomerId::Shopify(gone(topic, body)?)),
        Topic::CustomersMerge => Change::CustomersMerged(of(topic, body)?),
        Topic::CustomersPurchasingSummary => Change::Purchases(of(topic, body)?),
        Topic::CustomerTagsAdded => Change::TagsAdded(of(topic, body)?),
        Topic::CustomerTagsRemoved => Change::TagsRemoved(of(topic, body)?),
        Topic::CustomersEmailConsent | Topic::CustomersSmsConsent => Change::Consent(of(topic, body)?),
        Topic::OrdersCreate
        | Topic::OrdersUpdated
        | Topic::OrdersPaid
        | Topic::OrdersFulfilled
        | Topic::OrdersPartiallyFulfilled
        | Topic::OrdersCancelled => Change::Order(of(topic, body)?),
        Topic::OrdersEdited => Change::OrderEdited(of::<small::Edited>(topic, body)?.order()),
        Topic::OrdersDelete => Change::OrderDeleted(OrderId::Shopify(gone(topic, body)?)),
        Topic::RefundsCreate => Change::Refund(of(topic, body)?),
        Topic::CheckoutsCreate | Topic::CheckoutsUpdate => Change::Checkout(of(topic, body)?),
        Topic::CheckoutsDelete => Change::CheckoutDeleted(of(topic, body)?),
        Topic::ProductsCreate | Topic::ProductsUpdate => Change::Product(of(topic, body)?),
        Topic::ProductsDelete => Change::ProductDeleted(ProductId::Shopify(gone(topic, body)?)),
        Topic::BulkOperationsFinish => Change::BulkFinished(of(topic, body)?),
        Topic::ShopUpdate => Change::ShopChanged(of(topic, body)?),
        Topic::AppUninstalled => Change::Uninstalled(of(topic, body)?),
        Topic::AppScopesUpdate => Change::ScopesChanged(of(topic, body)?),
        Topic::CustomersDataRequest => Change::DataRequest(of(topic, body)?),
        Topic::CustomersRedact => Change::CustomerRedaction(of(topic, body)?),
        Topic::ShopRedact => Change::ShopRedaction(of(topic, body)?),
        Topic::Other(_) => Change::Other,
    })
}

fn gone(topic: &Topic, body: &[u8]) -> Result<u64, BadPayload> {
    of::<small::Gone>(topic, body).map(|gone| gone.id.0)
}

/// The place is found only where something is wrong: looking for it costs as much again.
fn of<T: DeserializeOwned>(topic: &Topic, body: &[u8]) -> Result<T, BadPayload> {
    serde_json::from_slice(body).map_err(|_| bad::<T>(topic, body))
}

fn bad<T: DeserializeOwned>(topic: &Topic, body: &[u8]) -> BadPayload {
    let mut json = serde_json::Deserializer::from_slice(body);
    let (place, why) = match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Err(error) => {
            let why = match error.inner().classify() {
                Category::Data => "another kind of value is expected",
                Category::Syntax | Category::Io => "it is not JSON",
                Category::Eof => "it ends too early",
            };
            (error.path().to_string(), why)
        }
        Ok(_) => (".".to_owned(), "something stands behind its end"),
    };
    BadPayload { topic: topic.clone(), place, why }
}

/// Bodies hold names, addresses and words: they are not printed by accident.
macro_rules! quiet {
    ($($name:ty),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

quiet!(Checkout, ConsentChanged, Customer, Order, Person, Refund, Shop);

#[cfg(test)]
mod tests;
