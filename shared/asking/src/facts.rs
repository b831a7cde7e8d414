//! What was found out of a shop beforehand, as far as its rules ask for it.

use std::sync::Arc;

use columns::Tagged;
use insight::Nightly;
use rules::Rule;
use segments::{names_tags, scores_in, untold};
use store::{StoreError, TenantStore};

/// Nothing of it is read for rules that do not ask.
#[derive(Clone, Default)]
pub struct Facts {
    /// What was worked out of its customers.
    pub(crate) nightly: Option<Arc<Nightly>>,
    /// What its products are tagged with.
    pub(crate) tagged: Option<Arc<Tagged>>,
}

impl Facts {
    pub async fn of<'r>(
        store: &TenantStore,
        rules: impl Iterator<Item = &'r Rule> + Clone,
    ) -> Result<Self, StoreError> {
        let asks_scores = rules.clone().any(|rule| !scores_in(rule).is_empty());
        let nightly = if asks_scores { store.nightly().await? } else { None };
        let tagged = if rules.clone().any(names_tags) { store.tagged().await?.1 } else { None };
        Ok(Self { nightly, tagged })
    }

    /// A segment of this rule stays as it is, because it cannot be asked now.
    pub(crate) fn keep_silent(&self, rule: &Rule) -> bool {
        untold(self.nightly.as_deref(), rule).is_some() || names_tags(rule) && self.tagged.is_none()
    }
}
