//! Which messages reached whom and when: of a campaign, and of those that wrote at about the same time.

use columns::{Members, Slot};
use domain::{
    Campaign, CampaignId, Timestamp,
    campaign::{Fate, Message},
};
use flows::FlowError;
use insight::Touch;
use jiff::SignedDuration;
use store::{Planned, TenantStore};

/// So many chunks are read for one answer: two million messages, at a quarter of a unit each.
const CHUNKS_MAX: u32 = 40_000;

/// Touches of people, by slot and then by time.
pub(super) type Touches = Vec<(Slot, Touch)>;

/// Why nobody can say which orders came after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMany;

/// The touches of a campaign's people, by it (0) and by every other that may have written to them between its first message and so
/// long after its last; of two of the same second, the later campaign's are the later. And to how many it was.
pub(super) async fn around(
    store: &TenantStore,
    campaign: &Campaign,
    window: SignedDuration,
    now: Timestamp,
) -> Result<Result<(Touches, u32), TooMany>, FlowError> {
    let Some(launched_at) = campaign.launched_at else { return Ok(Ok((Vec::new(), 0))) };
    let Some(planned) = store.plan(campaign.id).await? else { return Ok(Ok((Vec::new(), 0))) };
    let ends_at = campaign.ended_at.unwrap_or(now).saturating_add(window).unwrap_or(Timestamp::MAX);
    let is_near = |other: &Campaign| {
        other.launched_at.is_some_and(|at| at <= ends_at) && other.ended_at.is_none_or(|at| launched_at <= at)
    };
    let mut chunks = planned.plan.chunks();
    let whose = store.all_chosen(campaign.id, &planned).await?;
    let all = store.campaigns().await?;
    // Ids are in the order in which campaigns were made.
    let number = u32::try_from(all.iter().filter(|other| other.id < campaign.id).count()).unwrap_or(0);
    let mut plans = vec![(campaign.id, number, planned)];
    for (other, number) in all.iter().zip(0..) {
        if other.id == campaign.id || !is_near(other) {
            continue;
        }
        let Some(planned) = store.plan(other.id).await? else { continue };
        if store.all_chosen(other.id, &planned).await?.and(&whose).is_empty() {
            continue;
        }
        chunks = chunks.saturating_add(planned.plan.chunks());
        plans.push((other.id, number, planned));
    }
    if chunks > CHUNKS_MAX {
        return Ok(Err(TooMany));
    }
    let mut touches = Touches::new();
    for (id, number, planned) in &plans {
        add(store, *id, planned, *number, &whose, &mut touches).await?;
    }
    touches.sort_unstable();
    Ok(Ok((touches, number)))
}

async fn add(
    store: &TenantStore,
    id: CampaignId,
    planned: &Planned,
    campaign: u32,
    whose: &Members,
    touches: &mut Touches,
) -> Result<(), FlowError> {
    let chunks = store.all_campaign_chunks(id).await?;
    let mut people: Option<((u16, u32), Vec<Slot>)> = None;
    for (number, chunk) in chunks {
        let Some(stretch) = planned.plan.stretch(number) else { continue };
        let part = (stretch.part.wave, stretch.part.shard);
        if people.as_ref().is_none_or(|(held, _)| *held != part) {
            let slots = store.chosen_of(id, planned, &stretch.part).await?.iter().collect();
            people = Some((part, slots));
        }
        let slots = people.as_ref().map(|(_, slots)| slots.as_slice()).unwrap_or_default();
        let slots = slots.get(stretch.first as usize..).unwrap_or_default();
        for (slot, message) in slots.iter().zip(&chunk.messages).filter(|(slot, _)| whose.has(**slot)) {
            touches.extend(touch(message, campaign).map(|touch| (*slot, touch)));
        }
    }
    Ok(())
}

/// `None`: it did not reach them, as far as anybody knows.
fn touch(message: &Message, campaign: u32) -> Option<Touch> {
    let at = message.sent_at.filter(|_| matches!(message.fate, Fate::Sent | Fate::Delivered))?;
    let seen = [message.opened_at, message.clicked_at].into_iter().flatten().min();
    Some(Touch { at: at.as_second(), campaign, seen_at: seen.map_or(i64::MAX, Timestamp::as_second) })
}
