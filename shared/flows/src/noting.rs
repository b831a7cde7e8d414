//! That a campaign writes to somebody stands in their timeline before it does. Whoever is forgotten in between has not been written
//! to: the note is taken off by those who wrote it, or, if they have died over it, by those who give up what they had begun.

use std::collections::BTreeSet;

use domain::{Campaign, Customer, CustomerId, Timestamp, campaign::Chunk, customer::CustomerKind};
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

/// Gives up what whoever has died had claimed in a chunk. `whose`: whom each place of it is for. Whoever was forgotten since is
/// nobody's, and was not written to; that is done before the chunk is stored, so that whoever dies over it leaves it to the next.
///
/// Who became part of somebody else stays in doubt: they may have got it.
pub async fn given_up(
    store: &TenantStore,
    campaign: &Campaign,
    chunk: &mut Chunk,
    whose: &[Option<CustomerId>],
    now: Timestamp,
) -> Result<(), FlowError> {
    let lost = chunk.lost(now);
    let nobodys = nobodys(store, campaign, lost, whose).await?;
    chunk.give_up(campaign.rules.care, now);
    for place in nobodys {
        chunk.forget(place);
    }
    Ok(())
}

/// Whoever stood still while what they had claimed was given up may have noted it since, of somebody who had been forgotten by
/// then, and have died over it. Whether the chunk says anything new without those.
pub async fn late_unnoted(
    store: &TenantStore,
    campaign: &Campaign,
    chunk: &mut Chunk,
    whose: &[Option<CustomerId>],
) -> Result<bool, FlowError> {
    let mut is_new = false;
    for place in nobodys(store, campaign, chunk.in_doubt(), whose).await? {
        is_new |= chunk.forget(place);
    }
    Ok(is_new)
}

/// Which of these places were for somebody who is forgotten by now: nothing says any more that they were written to.
async fn nobodys(
    store: &TenantStore,
    campaign: &Campaign,
    mut places: Vec<usize>,
    whose: &[Option<CustomerId>],
) -> Result<Vec<usize>, FlowError> {
    let id_at = |place: usize| whose.get(place).copied().flatten();
    let ids: Vec<_> = places.iter().filter_map(|place| id_at(*place)).collect();
    let is_erased = |customer: &Customer| customer.kind == CustomerKind::Erased;
    let erased = unnoted(store, campaign, &ids, is_erased).await?;
    places.retain(|place| id_at(*place).is_some_and(|id| erased.contains(&id)));
    Ok(places)
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
    for id in &nobody {
        store.commit(vec![store.message_unnoted(*id, launched_at(campaign), campaign.id)]).await?;
    }
    Ok(nobody)
}
