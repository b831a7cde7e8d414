//! What is told of checkouts: which basket somebody was about to pay for, and whether they have left it behind.

use domain::TenantId;
use flows::{FlowError, keeping, seal::Seals, telling::checkout_told};
use shopify::payload;

use crate::{
    Deps, Hands,
    apply::{self, Done},
    record_of,
};

pub(crate) async fn told(hands: &Hands<'_>, told: payload::Checkout) -> Result<Done, FlowError> {
    match told.told(&hands.reading) {
        Ok(told) => Ok(Done::of(&checkout_told(&hands.record, &told).await?)),
        Err(unkept) => Ok(apply::refused(&unkept)),
    }
}

/// Shopify tells no instant of it.
pub(crate) async fn gone(hands: &Hands<'_>, told: &payload::CheckoutGone) -> Result<Done, FlowError> {
    Ok(Done::of(&hands.record.carts_gone(told.token(), &told.names(), hands.event.at()).await?))
}

/// Its time has come.
pub(crate) async fn due(deps: &Deps, tenant: TenantId, token: &str) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(counts_in) = store.counts_in().await? else { return Ok(()) };
    let seals = Seals::new(deps.keys.clone(), deps.dice.clone());
    let shards = record_of(deps, &store, &seals, counts_in).cart_agreed(token).await?;
    keeping::asked_or_told(&*deps.tasks, store.id(), shards).await;
    Ok(())
}
