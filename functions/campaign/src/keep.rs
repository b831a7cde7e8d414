//! A campaign that is sent: what has become of its messages so far, whether its lanes go on, and whether it is over.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    time::Duration,
};

use columns::{ShardNumber, Slot};
use domain::{
    Campaign, CustomerId, Timestamp,
    campaign::{Act, Chunk, Counts, KEPT_EACH, LANES, Plan, State, Tally, Tripped},
};
use flows::{FlowError, noting};
use store::{Held, Planned, StoreError, TenantStore};

use crate::{Deps, is_done, is_told, mailed, moved, plan::leave_lanes};

/// A lane in which nobody has begun anything for so long stands still: a message was lost, or somebody died.
const STILL: Duration = Duration::from_secs(150);

type Chunks = BTreeMap<u32, Held<Chunk>>;
/// Whose slots are whose, by shard.
type Shards = HashMap<u32, HashMap<Slot, CustomerId>>;

pub(crate) async fn kept(deps: &Deps, store: &TenantStore, held: Held<Campaign>) -> Result<(), FlowError> {
    let now = deps.clock.now();
    let Some(planned) = store.plan(held.id).await? else {
        return Err(FlowError::broken("a campaign is sent that has no plan"));
    };
    let plan = planned.plan;
    let chunks = store.all_campaign_chunks(held.id).await?;
    let counts = Counts::of_all(&plan, &chunks, false);
    let counted =
        Campaign { counted: Some((now, counts)), due_at: Some(now + KEPT_EACH), ..Campaign::clone(&held) };
    if !is_done(store.commit(vec![store.campaign_kept(&held, &counted)]).await)? {
        return Ok(());
    }
    let held = held.followed_by(counted);
    let tally = Tally::of(chunks.values().map(|chunk| &**chunk), held.judged_from);
    let is_over = |number: u32| chunks.get(&number).is_some_and(|chunk| chunk.is_over());
    if (0..plan.chunks()).all(is_over) {
        return moved(deps, store, &held, Act::Finish).await.map(drop);
    }
    if let Some(tripped) = tally.tripped() {
        return stopped(deps, store, &held, tripped).await;
    }
    leave_lanes(deps, store, &held, still(&plan, &chunks, held.launched_at, now)).await
}

/// It does harm, and what the shop's others do by the same provider falls on the same name: those under way are stopped with it.
async fn stopped(
    deps: &Deps,
    store: &TenantStore,
    held: &Held<Campaign>,
    tripped: Tripped,
) -> Result<(), FlowError> {
    moved(deps, store, held, Act::Trip(tripped)).await?;
    for other in store.campaigns().await? {
        let is_under_way = matches!(other.state, State::Planning | State::Sending);
        if other.id != held.id && other.channel == held.channel && is_under_way {
            moved(deps, store, &other, Act::Trip(tripped)).await?;
        }
    }
    Ok(())
}

/// What providers have told since it ended is counted, too: ever more rarely, and then no more.
pub(crate) async fn counted(deps: &Deps, store: &TenantStore, held: Held<Campaign>) -> Result<(), FlowError> {
    let now = deps.clock.now();
    let Some(planned) = store.plan(held.id).await?.filter(|_| held.due_at.is_some_and(|at| at <= now)) else {
        return Ok(());
    };
    let chunks = store.all_campaign_chunks(held.id).await?;
    let counts = Counts::of_all(&planned.plan, &chunks, false);
    let due_at = held.counted_next(now);
    let after = Campaign { counted: Some((now, counts)), due_at, ..Campaign::clone(&held) };
    is_done(store.commit(vec![store.campaign_kept(&held, &after)]).await)?;
    if is_told(store, held.id).await? { Ok(()) } else { mailed(deps, store, held.id).await }
}

/// Until whoever launched it has been told, or two weeks have passed.
pub(crate) async fn failed(deps: &Deps, store: &TenantStore, held: Held<Campaign>) -> Result<(), FlowError> {
    let now = deps.clock.now();
    if held.due_at.is_none_or(|due_at| due_at > now) {
        return Ok(());
    }
    let is_told = is_told(store, held.id).await?;
    if !is_told {
        mailed(deps, store, held.id).await?;
    }
    let due_at = if is_told { None } else { held.counted_next(now) };
    let after = Campaign { due_at, ..Campaign::clone(&held) };
    is_done(store.commit(vec![store.campaign_kept(&held, &after)]).await).map(drop)
}

/// Of each lane that stands still, the first chunk that is not over and may be sent by now.
fn still(plan: &Plan, chunks: &Chunks, launched_at: Option<Timestamp>, now: Timestamp) -> Vec<u32> {
    let is_open = |number: &u32| {
        let may_go = plan.stretch(*number).is_some_and(|it| it.part.not_before.is_none_or(|at| at <= now));
        may_go
            && chunks.get(number).is_none_or(|chunk| {
                let waits_long = chunk.again_at.is_some_and(|again_at| again_at + KEPT_EACH > now);
                !chunk.is_over() && (!waits_long || chunk.free(now).next().is_some())
            })
    };
    let lanes = 0..LANES.min(plan.chunks());
    let lane = |lane: u32| (lane..plan.chunks()).step_by(LANES as usize);
    lanes
        .filter_map(|number| {
            let last =
                lane(number).filter_map(|number| chunks.get(&number)).filter_map(|chunk| begun_at(chunk));
            let last = last.max().or(launched_at);
            let stands = last.is_none_or(|last| last + STILL <= now);
            if stands { lane(number).find(is_open) } else { None }
        })
        .collect()
}

fn begun_at(chunk: &Chunk) -> Option<Timestamp> {
    chunk.messages.iter().filter_map(|message| message.sent_at).max()
}

/// Whoever still waits is told in their message that they get none. Whoever is being sent to is left to those who send. It is
/// looked at for as long as one that was sent is: whoever sends may have seen it as it was before and claim a chunk now, and
/// providers go on telling.
pub(crate) async fn cancelled(
    deps: &Deps,
    store: &TenantStore,
    held: Held<Campaign>,
) -> Result<(), FlowError> {
    let now = deps.clock.now();
    let Some(planned) = store.plan(held.id).await?.filter(|_| held.due_at.is_some()) else { return Ok(()) };
    let (mut chunks, mut shards) = (store.all_campaign_chunks(held.id).await?, Shards::new());
    for (number, chunk) in &mut chunks {
        let mut after = Chunk::clone(chunk);
        let is_given_up = !after.lost(now).is_empty();
        if is_given_up {
            let whose = people(store, &held, (&planned, *number), &mut shards).await?;
            noting::given_up(store, &held, &mut after, &whose, now).await?;
        }
        if !after.cancel(now) && !is_given_up {
            continue;
        }
        let (step, next) = store.chunk_put(held.id, *number, Some(chunk), after);
        match store.commit(vec![step]).await {
            Ok(()) => *chunk = next,
            // A receipt, or an answer: it is looked at again.
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let counts = Counts::of_all(&planned.plan, &chunks, true);
    let is_over = chunks.values().all(|chunk| chunk.is_over());
    let due_at = if is_over { held.counted_next(now) } else { Some(now + KEPT_EACH) };
    let after = Campaign { counted: Some((now, counts)), due_at, ..Campaign::clone(&held) };
    is_done(store.commit(vec![store.campaign_kept(&held, &after)]).await).map(drop)
}

/// Whom a chunk's messages are for.
async fn people(
    store: &TenantStore,
    campaign: &Campaign,
    (planned, number): (&Planned, u32),
    shards: &mut Shards,
) -> Result<Vec<Option<CustomerId>>, FlowError> {
    let Some(stretch) = planned.plan.stretch(number) else { return Ok(Vec::new()) };
    let slots = store.people_of(campaign.id, planned, &stretch).await?;
    let whose = match shards.entry(stretch.part.shard) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(place) => {
            place.insert(store.directory(ShardNumber(stretch.part.shard)).await?.into_iter().collect())
        }
    };
    Ok(slots.iter().map(|slot| whose.get(slot).copied()).collect())
}
