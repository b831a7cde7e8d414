//! Whom a request by law is about: by what they are found, sealed for as long as they are looked for.

use std::collections::BTreeSet;

use domain::{
    CustomerId, EmailAddress, OrderId, Phone, RequestId,
    event::Received,
    marks::{Known, Marks},
};
use serde::{Deserialize, Serialize};
use store::TenantStore;

use crate::{FlowError, seal::Seals, sign::sha256_hex};

/// Somebody, by all that they are known by: as the request tells it, and as it was found before they were forgotten.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Person {
    /// Also those that became part of them.
    pub ids: BTreeSet<CustomerId>,
    pub emails: BTreeSet<EmailAddress>,
    pub phones: BTreeSet<Phone>,
    /// What they are called: each word by itself.
    pub names: BTreeSet<String>,
    /// The orders that the request names.
    pub orders: BTreeSet<OrderId>,
}

const WHAT: &str = "whom a request is about";

impl Person {
    /// By what they are recognised in bytes.
    pub fn marks(&self) -> Marks {
        let Self { ids, emails, phones, names, orders } = self;
        Marks::of(&Known { ids, emails, phones, names, orders })
    }

    pub async fn sealed(&self, store: &TenantStore, seals: &Seals) -> Result<Vec<u8>, FlowError> {
        let plain = serde_json::to_vec(self).map_err(FlowError::broken)?;
        seals.seal(store, WHAT, &plain).await
    }

    pub async fn opened(store: &TenantStore, seals: &Seals, sealed: &[u8]) -> Result<Self, FlowError> {
        let plain = seals.open(store, WHAT, sealed).await?;
        serde_json::from_slice(&plain).map_err(|_| FlowError::broken("a request is about nobody"))
    }
}

/// The id of what an event asks for, the same each time the event comes.
pub fn request_of(event: &Received) -> RequestId {
    let digest = sha256_hex(event.id.as_bytes());
    let mut dice = [0; 10];
    dice.copy_from_slice(&digest.as_bytes()[..10]);
    RequestId::new(event.at(), dice)
}
