//! What the law asks for: a customer's data for the owner of the shop, or their end. Answered by work within 30 days.

use domain::{CustomerId, EmailAddress, OrderId, Phone};
use serde::Deserialize;

use crate::{
    ShopDomain,
    told::{Id, Reading},
};

/// `customers/data_request`.
#[derive(Debug, Clone, Deserialize)]
pub struct DataRequest {
    shop_domain: Option<String>,
    customer: Person,
    #[serde(default)]
    orders_requested: Vec<Id>,
    #[serde(rename = "data_request")]
    request: Option<Numbered>,
}

/// `customers/redact`.
#[derive(Debug, Clone, Deserialize)]
pub struct Redaction {
    shop_domain: Option<String>,
    customer: Person,
    #[serde(default)]
    orders_to_redact: Vec<Id>,
}

/// `shop/redact`: 48 hours after the shop has removed the app.
#[derive(Debug, Clone, Deserialize)]
pub struct ShopRedaction {
    shop_domain: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Numbered {
    id: Id,
}

/// Whom it is about, by whatever is told.
#[derive(Clone, Deserialize)]
pub struct Person {
    id: Option<Id>,
    email: Option<String>,
    phone: Option<String>,
}

impl Person {
    pub fn id(&self) -> Option<CustomerId> {
        self.id.map(|id| CustomerId::Shopify(id.0))
    }

    pub fn email(&self) -> Option<EmailAddress> {
        self.email.as_deref()?.parse().ok()
    }

    pub fn phone(&self, reading: &Reading<'_>) -> Option<Phone> {
        Phone::parse(self.phone.as_deref()?, reading.country).ok()
    }
}

fn domain(told: Option<&String>) -> Option<ShopDomain> {
    told?.parse().ok()
}

impl ShopRedaction {
    pub(super) fn shop(&self) -> Option<ShopDomain> {
        domain(self.shop_domain.as_ref())
    }
}

impl DataRequest {
    pub(super) fn shop(&self) -> Option<ShopDomain> {
        domain(self.shop_domain.as_ref())
    }

    pub fn person(&self) -> &Person {
        &self.customer
    }

    pub fn orders(&self) -> impl Iterator<Item = OrderId> {
        self.orders_requested.iter().map(|id| OrderId::Shopify(id.0))
    }

    /// Shopify's number of the request.
    pub fn number(&self) -> Option<u64> {
        self.request.as_ref().map(|request| request.id.0)
    }
}

impl Redaction {
    pub(super) fn shop(&self) -> Option<ShopDomain> {
        domain(self.shop_domain.as_ref())
    }

    pub fn person(&self) -> &Person {
        &self.customer
    }

    pub fn orders(&self) -> impl Iterator<Item = OrderId> {
        self.orders_to_redact.iter().map(|id| OrderId::Shopify(id.0))
    }
}
