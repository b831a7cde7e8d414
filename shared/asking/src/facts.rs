//! What was found out of a shop beforehand, as far as its rules ask for it.

use std::sync::Arc;

use columns::{ShardNumber, Tagged};
use domain::{Tenant, Timestamp};
use insight::Nightly;
use rules::Rule;
use segments::{
    Given, Outcomes, Scene, asks_too_many_outcomes, names_outcomes, names_tags, scores_in, untold,
};
use store::StoreError;

use crate::{outcomes::outcomes_of, rule::Whose};

/// Nothing of it is read for rules that do not ask.
#[derive(Clone, Default)]
pub struct Facts {
    /// What was worked out of its customers.
    pub(crate) nightly: Option<Arc<Nightly>>,
    /// What its products are tagged with.
    pub(crate) tagged: Option<Arc<Tagged>>,
    /// What became of its messages.
    pub(crate) outcomes: Option<Arc<Outcomes>>,
    /// For whom it was looked up, and as of when.
    asked: Option<(Tenant, Timestamp)>,
}

impl Facts {
    pub async fn of<'r>(
        whose: Whose<'_>,
        rules: impl Iterator<Item = &'r Rule> + Clone,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let Whose { store, tenant } = whose;
        let asks_scores = rules.clone().any(|rule| !scores_in(rule).is_empty());
        let nightly = if asks_scores { store.nightly().await? } else { None };
        let tagged = if rules.clone().any(names_tags) { store.tagged().await?.1 } else { None };
        let outcomes = if rules.clone().any(names_outcomes) {
            let shards: Vec<_> = ShardNumber::of_first(store.slots().await?).collect();
            let given = Given::default();
            outcomes_of(store, rules, &scene(tenant, now, &given), &shards).await?
        } else {
            None
        };
        Ok(Self { nightly, tagged, outcomes: outcomes.map(Arc::new), asked: Some((tenant.clone(), now)) })
    }

    /// A segment of this rule stays as it is, because it cannot be asked now.
    pub(crate) fn keep_silent(&self, rule: &Rule) -> bool {
        untold(self.nightly.as_deref(), rule).is_some()
            || names_tags(rule) && self.tagged.is_none()
            || self.has_too_many_outcomes(rule)
    }

    fn has_too_many_outcomes(&self, rule: &Rule) -> bool {
        let (Some((tenant, now)), Some(outcomes)) = (&self.asked, &self.outcomes) else { return false };
        asks_too_many_outcomes(rule, &scene(tenant, *now, &Given::default()), &outcomes.written)
    }
}

fn scene<'a>(tenant: &'a Tenant, now: Timestamp, given: &'a Given) -> Scene<'a> {
    Scene { tenant: tenant.id, currency: tenant.currency, zone: &tenant.zone, now, given }
}
