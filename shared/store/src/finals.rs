//! What tenants count in, remembered once it is for good: with the first customer the currency never changes.
//!
//! So an event costs no read of it. Whoever finds that it is another after all, because everything of a tenant is gone, forgets.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use domain::{Currency, TenantId};

use crate::{StoreError, TenantStore};

/// More tenants than a function serves before it is started anew.
const REMEMBERED: usize = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountsIn {
    pub currency: Currency,
    /// How often another was chosen.
    pub currency_changes: u32,
}

#[derive(Default)]
pub(crate) struct Finals(Mutex<BTreeMap<TenantId, CountsIn>>);

impl Finals {
    fn with<T>(&self, look: impl FnOnce(&mut BTreeMap<TenantId, CountsIn>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl TenantStore {
    /// What amounts are in, as far as it is known. `None`: there is no such tenant.
    pub async fn counts_in(&self) -> Result<Option<CountsIn>, StoreError> {
        if let Some(known) = self.finally_counts_in() {
            return Ok(Some(known));
        }
        let Some(tenant) = self.tenant().await? else { return Ok(None) };
        let it = CountsIn { currency: tenant.currency, currency_changes: tenant.currency_changes };
        let counting = self.counting().await?;
        if counting.is_final() && counting.currency_changes() == it.currency_changes {
            self.store.finals.with(|finals| {
                if finals.len() >= REMEMBERED {
                    finals.clear();
                }
                finals.insert(self.id(), it);
            });
        }
        Ok(Some(it))
    }

    pub(crate) fn finally_counts_in(&self) -> Option<CountsIn> {
        self.store.finals.with(|finals| finals.get(&self.id()).copied())
    }

    pub(crate) fn counts_anew(&self) {
        self.store.finals.with(|finals| finals.remove(&self.id()));
    }
}
