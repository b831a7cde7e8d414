//! Who watches is told how many are in segments, whenever that has changed: at most once a second, and of the last change
//! always.
//!
//! Whoever settles a change asks for it to be told, unless somebody was just asked. Whoever tells says first that they have
//! begun, and counts after it: so a change is either counted, or asks anew.

use std::collections::BTreeMap;

use domain::{SegmentId, Task, Timestamp};
use jiff::SignedDuration;
use serde::Serialize;
use store::{Counted, StoreError, TenantStore};

use crate::{
    FlowError, Left, Sockets, Tasks,
    watching::{Happening, told},
};

/// What is told of at once is gathered for so long.
const GATHERED_SECONDS: u32 = 1;
/// Whoever has not begun by then was not reached, or has died.
const PATIENCE: SignedDuration = SignedDuration::from_secs(15);
/// So many in one message: what a gateway takes at once is a multiple of that.
const TOLD_TOGETHER: usize = 100;

/// How many are in one, as they are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SegmentCount {
    pub segment_id: SegmentId,
    pub count: u64,
}

/// Somebody has joined a segment or left it. Where nobody watches, nothing is done: whoever begins to, asks how it stands.
pub async fn changed(store: &TenantStore, tasks: &dyn Tasks, now: Timestamp) -> Result<(), FlowError> {
    if !store.sockets().await?.iter().any(|socket| socket.is_live(now)) {
        return Ok(());
    }
    let held = store.counted().await?;
    let is_asked = |at: Timestamp| now.duration_since(at) < PATIENCE;
    if held.as_ref().and_then(|held| held.asked_at).is_some_and(is_asked) {
        return Ok(());
    }
    let told = held.as_ref().map(|held| held.told.clone()).unwrap_or_default();
    let (step, _) = store.counted_changed(held.as_ref(), Counted { asked_at: Some(now), told }, now);
    match store.commit(vec![step]).await {
        // Somebody else has asked, or has begun to tell and then counts this as well, or did: so it is asked for all the same.
        Ok(()) | Err(StoreError::Conflict(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let task = Task::TellCounts { tenant: store.id() };
    tasks.leave(vec![Left { task, delay_seconds: GATHERED_SECONDS }]).await
}

/// Tells what has changed since it was last told. Coming twice, it tells nothing more.
pub async fn tell(store: &TenantStore, sockets: &dyn Sockets, now: Timestamp) -> Result<(), FlowError> {
    let held = store.counted().await?;
    let before = held.as_ref().map(|held| held.told.clone()).unwrap_or_default();
    let (step, held) =
        store.counted_changed(held.as_ref(), Counted { asked_at: None, told: before.clone() }, now);
    // `Conflict`: the message comes again.
    store.commit(vec![step]).await?;
    let counts = counts(store).await?;
    let new = counts.iter().filter(|(id, count)| before.get(id) != Some(count));
    let new: Vec<_> = new.map(|(id, count)| SegmentCount { segment_id: *id, count: *count }).collect();
    if new.is_empty() {
        return Ok(());
    }
    let happenings: Vec<_> =
        new.chunks(TOLD_TOGETHER).map(|some| Happening::of_tenant("segments:counts", &some)).collect();
    told(store, sockets, now, &happenings).await;
    let (step, _) = store.counted_changed(Some(&held), Counted { asked_at: None, told: counts }, now);
    match store.commit(vec![step]).await {
        // Asked anew meanwhile: then some of it is told twice.
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn counts(store: &TenantStore) -> Result<BTreeMap<SegmentId, u64>, FlowError> {
    let mut counts: BTreeMap<SegmentId, u64> =
        store.segments().await?.iter().map(|segment| (segment.id, 0)).collect();
    for settlement in store.settlements().await?.iter().flatten() {
        for (id, settled) in &settlement.segments {
            counts.entry(*id).and_modify(|count| *count += u64::from(settled.members));
        }
    }
    Ok(counts)
}
