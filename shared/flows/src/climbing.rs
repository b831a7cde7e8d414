//! Who watches is told how a campaign's messages fare, as that changes.
//!
//! Whoever moves a campaign, or hears of its messages, asks for it to be told, unless somebody was just asked; where nobody
//! watches, nothing is done. Whoever tells says first that they have begun, and counts after it: so a change is either
//! counted, or asks anew. What is told is a fold over all chunks: so a large campaign is told more rarely than a small one.

use std::time::Duration;

use domain::{
    Campaign, CampaignId, Task, Timestamp,
    campaign::{Counts, State},
};
use jiff::SignedDuration;
use serde::Serialize;
use store::{CampaignHeard, StoreError, TenantStore};

use crate::{
    FlowError, Left, Sockets, Tasks,
    counts::CountsView,
    watching::{Happening, told},
};

const GATHERED: Duration = Duration::from_secs(1);
/// Whoever has not begun so long after they were to was not reached, or has died.
const PATIENCE: SignedDuration = SignedDuration::from_secs(15);
/// Chunks are read at a quarter of a unit each: so many a second are a hundred units.
const CHUNKS_A_SECOND: u64 = 400;

/// How a campaign stands, as it is told.
#[derive(Debug, Serialize)]
struct Told<'a> {
    campaign_id: CampaignId,
    status: &'a str,
    #[serde(flatten)]
    counts: CountsView,
}

/// How many messages are where by now, and in how many chunks that was read.
pub async fn counted(store: &TenantStore, campaign: &Campaign) -> Result<(Counts, usize), StoreError> {
    let Some(planned) = store.plan(campaign.id).await? else { return Ok((Counts::default(), 0)) };
    let chunks = store.all_campaign_chunks(campaign.id).await?;
    let is_cancelled = campaign.state == State::Cancelled;
    let counts = Counts::of_all(&planned.plan, &chunks, is_cancelled);
    Ok((counts, chunks.len()))
}

/// Something has become of it, or of its messages. Where nobody watches, nothing is done.
pub async fn changed(
    store: &TenantStore,
    tasks: &dyn Tasks,
    id: CampaignId,
    now: Timestamp,
) -> Result<(), FlowError> {
    if !store.sockets().await?.iter().any(|socket| socket.is_live(now)) {
        return Ok(());
    }
    let held = store.campaign_heard(id).await?;
    let is_asked = |at: Timestamp| now.duration_since(at) < PATIENCE;
    if held.as_ref().and_then(|held| held.asked_for).is_some_and(is_asked) {
        return Ok(());
    }
    let soon = now + GATHERED;
    let not_before = held.as_ref().and_then(|held| held.not_before);
    let at = not_before.map_or(soon, |not_before| not_before.max(soon));
    let told = held.as_ref().and_then(|held| held.told.clone());
    let asked = CampaignHeard { asked_for: Some(at), not_before, told };
    let (step, _) = store.campaign_heard_changed(id, held.as_ref(), asked, now);
    match store.commit(vec![step]).await {
        // Somebody else has asked, or has begun to tell and then counts this as well, or did: so it is asked for all the same.
        Ok(()) | Err(StoreError::Conflict(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let delay_seconds = u32::try_from(at.duration_since(now).as_secs()).unwrap_or(1).max(1);
    let task = Task::TellCampaign { tenant: store.id(), campaign: id };
    tasks.leave(vec![Left { task, delay_seconds }]).await
}

/// Tells how it stands, if that is not what was told last; while it is sent, again and again. Coming twice, it tells nothing more.
pub async fn tell(
    store: &TenantStore,
    tasks: &dyn Tasks,
    sockets: &dyn Sockets,
    id: CampaignId,
    now: Timestamp,
) -> Result<(), FlowError> {
    let held = store.campaign_heard(id).await?;
    let before = held.as_deref().cloned().unwrap_or_default();
    let begun = CampaignHeard { asked_for: None, ..before.clone() };
    let (step, held) = store.campaign_heard_changed(id, held.as_ref(), begun, now);
    // `Conflict`: the message comes again.
    store.commit(vec![step]).await?;
    let Some(campaign) = store.campaign(id).await? else { return Ok(()) };
    let (counts, chunks) = counted(store, &campaign).await?;
    let status = campaign.state.name();
    let stands = (status.to_owned(), counts);
    if before.told.as_ref() == Some(&stands) {
        return Ok(());
    }
    let counts = CountsView::of(&stands.1, Some(now));
    let happening = Happening::of_tenant("campaigns:counts", &Told { campaign_id: id, status, counts });
    told(store, sockets, now, &[happening]).await;
    let not_before = now + Duration::from_secs(chunks as u64 / CHUNKS_A_SECOND);
    let heard = CampaignHeard { asked_for: None, not_before: Some(not_before), told: Some(stands) };
    let (step, _) = store.campaign_heard_changed(id, Some(&held), heard, now);
    match store.commit(vec![step]).await {
        Ok(()) => {}
        // Asked anew meanwhile: then some of it is told twice.
        Err(StoreError::Conflict(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    // Who sends tells nobody: as long as something has changed since the last time, it is looked again.
    if campaign.state.is_under_way() {
        changed(store, tasks, id, now).await?;
    }
    Ok(())
}
