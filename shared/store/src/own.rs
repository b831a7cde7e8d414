//! The columns of a shop's own, in one item: what its customers' attributes are called and what they hold.
//!
//! A name is stored before the customer who has it first. Nothing is ever taken out, so what was seen once is remembered,
//! and who has the names that others have costs no read.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use domain::{
    TenantId,
    customer::AttributeValue,
    own::{AttributeKind, OwnColumns},
};
use serde::{Deserialize, Serialize};

use crate::{
    Held, StoreError, TenantStore, keys,
    record::{Entry, read_as},
};

/// More tenants than a function serves before it is started anew.
const REMEMBERED: usize = 10_000;
/// Of those who name columns at the same moment each overtakes all others once at most.
const TRIES: usize = 200;

type Seen = BTreeSet<(String, AttributeKind)>;

/// What was seen to be known.
#[derive(Default)]
pub(crate) struct OwnSeen(Mutex<BTreeMap<TenantId, Seen>>);

impl OwnSeen {
    fn with<T>(&self, look: impl FnOnce(&mut BTreeMap<TenantId, Seen>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn has_all(&self, tenant: TenantId, told: &BTreeMap<String, AttributeKind>) -> bool {
        self.with(|seen| {
            let seen = seen.get(&tenant);
            told.iter().all(|(name, kind)| seen.is_some_and(|seen| seen.contains(&(name.clone(), *kind))))
        })
    }

    fn remember(&self, tenant: TenantId, own: &OwnColumns) {
        self.with(|seen| {
            if seen.len() >= REMEMBERED {
                seen.clear();
            }
            let all = own.0.iter().flat_map(|(name, kinds)| kinds.iter().map(|kind| (name.clone(), *kind)));
            seen.insert(tenant, all.collect());
        });
    }
}

impl TenantStore {
    pub async fn own_columns(&self) -> Result<OwnColumns, StoreError> {
        Ok(self.own_held().await?.map(Held::into_inner).unwrap_or_default())
    }

    /// From now on rules may name them. To be said before any customer has them.
    pub async fn attributes_known(&self, told: &BTreeMap<String, AttributeValue>) -> Result<(), StoreError> {
        let kinds = told.iter().map(|(name, value)| (name.clone(), value.kind())).collect();
        self.columns_known(&kinds).await
    }

    /// The same of columns that nobody may have anything in yet.
    pub async fn columns_known(&self, told: &BTreeMap<String, AttributeKind>) -> Result<(), StoreError> {
        let mut tried = 0;
        while !self.store.own_seen.has_all(self.id(), told) {
            let held = self.own_held().await?;
            let before = held.as_deref().cloned().unwrap_or_default();
            let Some(after) = before.with(told) else {
                self.store.own_seen.remember(self.id(), &before);
                return Ok(());
            };
            let record = OwnRecord { columns: after.0 };
            let entry = Entry::new(keys::own_columns(self.id()), &record);
            let write = entry.in_place_of(held.as_ref());
            match self.commit(vec![crate::Step(vec![write])]).await {
                Err(StoreError::Conflict(_)) if tried < TRIES => tried += 1,
                done => return done,
            }
        }
        Ok(())
    }

    async fn own_held(&self) -> Result<Option<Held<OwnColumns>>, StoreError> {
        self.get(keys::own_columns(self.id())).await?.map(read_as::<OwnRecord, _>).transpose()
    }

    /// Everything of the tenant is gone.
    pub(crate) fn own_forgotten(&self) {
        self.store.own_seen.with(|seen| seen.remove(&self.id()));
    }
}

#[derive(Serialize, Deserialize)]
struct OwnRecord {
    columns: BTreeMap<String, Vec<AttributeKind>>,
}

impl From<OwnRecord> for OwnColumns {
    fn from(record: OwnRecord) -> Self {
        Self(record.columns)
    }
}
