//! That a campaign writes to somebody stands in their timeline before it does. Whoever is forgotten in between has not been written
//! to: the note is taken off by those who wrote it, or, if they have died over it, by those who give up what they had begun.

use std::collections::BTreeSet;

use domain::{Campaign, Customer, CustomerId, Timestamp, campaign::Chunk, customer::CustomerKind};
use futures::future::try_join_all;
use store::{Held, TenantStore};

use crate::FlowError;

/// Where it stands in timelines.
pub fn launched_at(campaign: &Campaign) -> Timestamp {
    campaign.launched_at.unwrap_or(campaign.created_at)
}

/// Of these, who is gone by now: nothing says any more that they were written to. But who became part of somebody else may have got
/// what an earlier try has left in doubt.
pub async fn gone_unnoted(
    store: &TenantStore,
    campaign: &Campaign,
    ids: &[CustomerId],
    is_in_doubt: impl Fn(&CustomerId) -> bool,
) -> Result<BTreeSet<CustomerId>, FlowError> {
    let customers = store.customers(ids).await?;
    let gone = without(ids, &customers, Customer::is_gone);
    let erased = without(ids, &customers, is_erased);
    unnoted(store, campaign, gone.iter().filter(|id| erased.contains(id) || !is_in_doubt(id))).await?;
    Ok(gone)
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
    let erased = without(&ids, &store.customers(&ids).await?, is_erased);
    unnoted(store, campaign, erased.iter()).await?;
    let mut is_new = false;
    for place in places.into_iter().filter(|place| id_at(*place).is_some_and(|id| erased.contains(&id))) {
        is_new |= chunk.forget(place, now);
    }
    Ok(is_new | chunk.outlived(now))
}

/// Whom nobody knows any more is nobody, too.
fn without(
    ids: &[CustomerId],
    customers: &[Held<Customer>],
    is_nobody: impl Fn(&Customer) -> bool,
) -> BTreeSet<CustomerId> {
    let somebody = customers.iter().filter(|customer| !is_nobody(customer));
    let somebody: BTreeSet<_> = somebody.map(|customer| customer.id).collect();
    ids.iter().copied().filter(|id| !somebody.contains(id)).collect()
}

fn is_erased(customer: &Customer) -> bool {
    customer.kind == CustomerKind::Erased
}

async fn unnoted(
    store: &TenantStore,
    campaign: &Campaign,
    ids: impl Iterator<Item = &CustomerId>,
) -> Result<(), FlowError> {
    let takes_off =
        |id: &CustomerId| store.commit(vec![store.message_unnoted(*id, launched_at(campaign), campaign.id)]);
    Ok(try_join_all(ids.map(takes_off)).await.map(drop)?)
}
