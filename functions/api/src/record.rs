//! Changes of the record that requests ask for: planned, committed together with their answer, and planned again where
//! somebody else was faster.

use std::future::Future;

use axum::response::Response;
use domain::customer::ChangedBy;
use flows::{
    FlowError,
    identify::{Actor, Caller},
    record::{Plan, Record},
    seal::Seals,
};
use store::{StoreError, TenantStore};

use crate::{
    Deps,
    error::Problem,
    once::{Answer, Done, Once},
};

/// Who changes what, for as long as the request lasts.
pub(crate) struct Desk<'a> {
    deps: &'a Deps,
    store: &'a TenantStore,
    seals: Seals,
    by: ChangedBy,
    currency_changes: u32,
}

impl<'a> Desk<'a> {
    pub(crate) fn of(deps: &'a Deps, caller: &'a Caller) -> Self {
        let by = match caller.actor {
            Actor::Person { .. } => ChangedBy::Person,
            Actor::Program { .. } => ChangedBy::Program,
        };
        let currency_changes = caller.tenant.currency_changes;
        Self { deps, store: &caller.store, seals: deps.seals(), by, currency_changes }
    }

    pub(crate) fn record(&self) -> Record<'_> {
        Record {
            store: self.store,
            seals: &self.seals,
            clock: &*self.deps.clock,
            dice: &*self.deps.dice,
            by: self.by,
            currency_changes: self.currency_changes,
        }
    }

    /// Commits what is planned, with the answer to it; plans again for as long as something has changed in between.
    pub(crate) async fn done<T, P>(
        &self,
        once: &Once,
        plan: impl Fn() -> P,
        answer: impl Fn(&T) -> Answer,
    ) -> Result<Response, Problem>
    where
        P: Future<Output = Result<Plan<T>, FlowError>>,
    {
        for tried in 0..Record::tries() {
            let Plan { steps, outcome, shards, .. } = match plan().await {
                Err(overtaken) if overtaken.is_overtaken() => {
                    self.record().pause(tried).await;
                    continue;
                }
                plan => plan?,
            };
            match once.clone().commit(steps, answer(&outcome)).await? {
                Done::Answered(response) => {
                    self.deps.keep(self.store, &shards).await;
                    return Ok(response);
                }
                Done::Against(_) => self.record().pause(tried).await,
            }
        }
        Err(StoreError::Conflict(0).into())
    }
}
