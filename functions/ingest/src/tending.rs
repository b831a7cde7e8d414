//! Looks after a shop's connection: its tokens are renewed by being asked with, and what it tells us is what it should.

use domain::upkeep::Upkeep;
use flows::{FlowError, Unanswered, seal::Seals};
use store::{StoreError, TenantStore};

use crate::Deps;

/// The next look is due in a week, or when the shop is connected again.
pub(crate) async fn tended(deps: &Deps, store: &TenantStore) -> Result<(), FlowError> {
    let Some(held) = store.upkeep().await? else { return Ok(()) };
    let seals = Seals::new(deps.keys.clone(), deps.dice.clone());
    let seen = deps.shops.subscribed((store, &seals)).await;
    let now = deps.clock.now();
    let next = match seen {
        Ok(lacking) => Upkeep::looked(lacking, now),
        Err(Unanswered::Closed(_)) => Upkeep::clone(&held).rested(),
        Err(Unanswered::Refused(refused)) if refused.why.passes() => {
            return Err(FlowError::unavailable(refused));
        }
        Err(Unanswered::Refused(refused)) => {
            tracing::warn!(function = "ingest", tenant = %store.id(), "a shop does not let itself be looked after: {refused}");
            Upkeep::clone(&held).put_off(now)
        }
        Err(Unanswered::Failed(error)) => return Err(error),
    };
    match store.commit(vec![store.upkeep_changed(&held, &next)]).await {
        // Connected again meanwhile, or seen by another: that is due anew, or done.
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
