//! The shop itself in webhooks.

use domain::{Currency, Timestamp, Zone};
use serde::Deserialize;

use crate::{ShopDomain, oauth::Scopes};

/// `shop/update` and `app/uninstalled`: what of the shop our own account of it depends on.
#[derive(Clone, Deserialize)]
pub struct Shop {
    name: Option<String>,
    currency: Option<String>,
    iana_timezone: Option<String>,
    myshopify_domain: Option<String>,
    updated_at: Option<Timestamp>,
}

impl Shop {
    pub(super) fn domain(&self) -> Option<ShopDomain> {
        self.myshopify_domain.as_deref()?.parse().ok()
    }

    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// `None`: not told, or none that can be counted in.
    pub fn currency(&self) -> Option<Currency> {
        self.currency.as_deref()?.parse().ok()
    }

    pub fn zone(&self) -> Option<Zone> {
        self.iana_timezone.as_deref()?.parse().ok()
    }

    pub fn updated_at(&self) -> Option<Timestamp> {
        self.updated_at
    }
}

/// `app/scopes_update`: what our app may do there from now on.
#[derive(Debug, Clone, Deserialize)]
pub struct ScopesChanged {
    current: Vec<String>,
    updated_at: Timestamp,
}

impl ScopesChanged {
    pub fn scopes(&self) -> Scopes {
        self.current.iter().cloned().collect()
    }

    /// Of two words the newer counts.
    pub fn at(&self) -> Timestamp {
        self.updated_at
    }
}
