//! That a campaign writes to somebody stands in their timeline before it does. Whoever is forgotten in between has not been written
//! to: the note is taken off by those who wrote it, or, if they have died over it, by those who give up what they had begun.

use std::collections::BTreeSet;

use domain::{Campaign, Customer, CustomerId, Timestamp, campaign::Chunk, customer::CustomerKind};
use futures::future::try_join_all;
use store::TenantStore;

use crate::FlowError;

/// Where it stands in timelines.
pub fn launched_at(campaign: &Campaign) -> Timestamp {
    campaign.launched_at.unwrap_or(campaign.created_at)
}

/// Of these, who is gone by now: nothing says any more that they were written to.
pub async fn gone_unnoted(
    store: &TenantStore,
    campaign: &Campaign,
    ids: &[CustomerId],
) -> Result<BTreeSet<CustomerId>, FlowError> {
    unnoted(store, campaign, ids, Customer::is_gone).await
}

/// Of these, who is forgotten by now. Who became part of somebody else may have got it.
pub async fn erased_unnoted(
    store: &TenantStore,
    campaign: &Campaign,
    ids: &[CustomerId],
) -> Result<BTreeSet<CustomerId>, FlowError> {
    unnoted(store, campaign, ids, |customer| customer.kind == CustomerKind::Erased).await
}

/// Whoever had claimed what was given up in a chunk may have noted it of somebody who is forgotten by now, before they died or
/// since. `whose`: whom each place of it is for. Those were not written to. That is done before the chunk is stored, so that
/// whoever dies over it leaves it to the next. Whether the chunk says anything new by that.
pub async fn late_unnoted(
    store: &TenantStore,
    campaign: &Campaign,
    chunk: &mut Chunk,
    whose: &[Option<CustomerId>],
    now: Timestamp,
) -> Result<bool, FlowError> {
    let id_at = |place: usize| whose.get(place).copied().flatten();
    let places = chunk.given_up();
    let ids: Vec<_> = places.iter().filter_map(|place| id_at(*place)).collect();
    let erased = erased_unnoted(store, campaign, &ids).await?;
    let mut is_new = false;
    for place in places.into_iter().filter(|place| id_at(*place).is_some_and(|id| erased.contains(&id))) {
        is_new |= chunk.forget(place, now);
    }
    Ok(is_new | chunk.outlived(now))
}

/// Whom nobody knows any more is nobody, too.
async fn unnoted(
    store: &TenantStore,
    campaign: &Campaign,
    ids: &[CustomerId],
    is_nobody: impl Fn(&Customer) -> bool,
) -> Result<BTreeSet<CustomerId>, FlowError> {
    let mut nobody: BTreeSet<_> = ids.iter().copied().collect();
    for customer in store.customers(ids).await?.iter().filter(|customer| !is_nobody(customer)) {
        nobody.remove(&customer.id);
    }
    let takes_off =
        |id: &CustomerId| store.commit(vec![store.message_unnoted(*id, launched_at(campaign), campaign.id)]);
    try_join_all(nobody.iter().map(takes_off)).await?;
    Ok(nobody)
}
