//! A campaign that is sent: what has become of its messages so far, whether its lanes go on, and whether it is over.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    time::Duration,
};

use columns::{ShardNumber, Slot};
use domain::{
    Campaign, CustomerId, Timestamp,
    campaign::{Act, Actor, Chunk, Counts, Decision, KEPT_EACH, LANES, Plan, Start, State, Tripped},
};
use flows::{FlowError, noting};
use store::{Held, Planned, StoreError, TenantStore};

use crate::{Deps, harm, is_done, is_told, mailed, moved, outcomes, plan::leave_lanes};

/// A lane in which nobody has begun anything for so long stands still: a message was lost, or somebody died.
const STILL: Duration = Duration::from_secs(150);

/// Whoever was not told that their campaign was stopped, or did not begin, is told so again.
const TOLD_AGAIN: Duration = Duration::from_mins(10);

pub(crate) type Chunks = BTreeMap<u32, Held<Chunk>>;
/// Whose slots are whose, by shard.
type Shards = HashMap<u32, HashMap<Slot, CustomerId>>;

pub(crate) async fn kept(deps: &Deps, store: &TenantStore, held: Held<Campaign>) -> Result<(), FlowError> {
    let now = deps.clock.now();
    let Some(planned) = store.plan(held.id).await? else {
        return Err(FlowError::broken("a campaign is sent that has no plan"));
    };
    let mut chunks = outcomes::told(deps, store, &held, &planned).await?;
    given_up(store, &held, &planned, &mut chunks, (false, now)).await?;
    let plan = planned.plan;
    let counts = Counts::of_all(&plan, &chunks, false);
    let counted =
        Campaign { counted: Some((now, counts)), due_at: Some(now + KEPT_EACH), ..Campaign::clone(&held) };
    if !is_done(store.commit(vec![store.campaign_kept(&held, &counted)]).await)? {
        return Ok(());
    }
    let Some(held) = decided(deps, store, held.followed_by(counted), &plan, &chunks).await? else {
        return Ok(());
    };
    let tripped = harmed(deps, store, &held, &chunks).await?;
    let is_over = |number: u32| chunks.get(&number).is_some_and(|chunk| chunk.is_over());
    if (0..plan.chunks()).all(is_over) {
        return moved(deps, store, &held, Act::Finish).await.map(drop);
    }
    if let Some(tripped) = tripped {
        return moved(deps, store, &held, Act::Trip(tripped)).await.map(drop);
    }
    leave_lanes(deps, store, &held, still(&held, &plan, &chunks, now)).await
}

/// Which of its words did best, once the hours are over in which they were tried: said once, by what was counted. `None`: somebody
/// else has moved it meanwhile.
async fn decided(
    deps: &Deps,
    store: &TenantStore,
    held: Held<Campaign>,
    plan: &Plan,
    chunks: &Chunks,
) -> Result<Option<Held<Campaign>>, FlowError> {
    let Some((due_at, decision)) = decision(deps, &held, plan, chunks) else { return Ok(Some(held)) };
    if due_at > decision.at {
        return Ok(Some(held));
    }
    moved(deps, store, &held, Act::Decide(decision)).await
}

/// When it is to be decided, and how that would be now. `None`: it is, or it is not known when yet.
fn decision(deps: &Deps, held: &Campaign, plan: &Plan, chunks: &Chunks) -> Option<(Timestamp, Decision)> {
    let trial = held.rules.trial.as_ref().filter(|_| held.decided.is_none())?;
    let counts = &held.counted.as_ref()?.1.arms;
    let due_at = trial.due_at(plan, chunks)?;
    let (arm, counts) = (trial.finding(counts).leader, counts.clone());
    Some((due_at, Decision { arm, at: deps.clock.now(), by: Actor::Us, counts }))
}

/// Whether it does harm: then the shop's others that are under way are stopped.
async fn harmed(
    deps: &Deps,
    store: &TenantStore,
    held: &Held<Campaign>,
    chunks: &Chunks,
) -> Result<Option<Tripped>, FlowError> {
    let messages = chunks.values().map(|chunk| &**chunk);
    let tripped = harm::done(store, held, messages, deps.clock.now()).await?;
    if let Some(tripped) = tripped {
        harm::others_stopped(deps, store, held, tripped).await?;
    }
    Ok(tripped)
}

/// One that is paused goes nowhere; but whose sender has died is given up, what providers tell is counted, and whoever launched
/// one that was stopped is told.
pub(crate) async fn rested(deps: &Deps, store: &TenantStore, held: Held<Campaign>) -> Result<(), FlowError> {
    let now = deps.clock.now();
    if held.due_at.is_none_or(|due_at| due_at > now) {
        return Ok(());
    }
    let mut after = Campaign { due_at: None, ..Campaign::clone(&held) };
    if let Some(planned) = store.plan(held.id).await? {
        let mut chunks = outcomes::told(deps, store, &held, &planned).await?;
        given_up(store, &held, &planned, &mut chunks, (false, now)).await?;
        after.counted = Some((now, Counts::of_all(&planned.plan, &chunks, false)));
        after.due_at = held.counted_next(now);
    }
    if held.state.is_stopped() && !is_told(store, &held).await? {
        mailed(deps, store, held.id).await?;
        after.due_at = after.due_at.into_iter().chain([now + TOLD_AGAIN]).min();
    }
    is_done(store.commit(vec![store.campaign_kept(&held, &after)]).await).map(drop)
}

/// Claims whose sender has died are, and where nobody gets anything any more, so is whoever still waits. Of what was given up
/// before, nothing is left that its sender has noted since of somebody who is forgotten.
async fn given_up(
    store: &TenantStore,
    held: &Held<Campaign>,
    planned: &Planned,
    chunks: &mut Chunks,
    (is_cancelled, now): (bool, Timestamp),
) -> Result<(), FlowError> {
    let mut shards = Shards::new();
    for (number, chunk) in chunks {
        let mut after = Chunk::clone(chunk);
        // While it is sent, whoever sends finds those.
        let mut is_new = held.state != State::Sending && after.give_up(held.rules.care, now);
        if !after.given_up().is_empty() {
            let whose = people(store, held, (planned, *number), &mut shards).await?;
            is_new |= noting::late_unnoted(store, held, &mut after, &whose, now).await?;
        }
        is_new |= is_cancelled && after.cancel(now);
        if !is_new {
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
    Ok(())
}

/// What providers have told since it ended is counted, too: ever more rarely, and then no more.
pub(crate) async fn counted(deps: &Deps, store: &TenantStore, held: Held<Campaign>) -> Result<(), FlowError> {
    let now = deps.clock.now();
    let Some(planned) = store.plan(held.id).await?.filter(|_| held.due_at.is_some_and(|at| at <= now)) else {
        return Ok(());
    };
    let mut chunks = outcomes::told(deps, store, &held, &planned).await?;
    given_up(store, &held, &planned, &mut chunks, (false, now)).await?;
    let counts = Counts::of_all(&planned.plan, &chunks, false);
    let mut after =
        Campaign { counted: Some((now, counts)), due_at: held.counted_next(now), ..Campaign::clone(&held) };
    let trial = decision(deps, &after, &planned.plan, &chunks);
    // Where nobody waits for it, it is over before its words are compared.
    let compared_at = trial.map(|(due_at, _)| due_at).filter(|at| *at > now);
    after.due_at = after.due_at.into_iter().chain(compared_at).min();
    if is_done(store.commit(vec![store.campaign_kept(&held, &after)]).await)? {
        decided(deps, store, held.clone().followed_by(after), &planned.plan, &chunks).await?;
    }
    harmed(deps, store, &held, &chunks).await?;
    if is_told(store, &held).await? { Ok(()) } else { mailed(deps, store, held.id).await }
}

/// Until whoever launched it has been told, or two weeks have passed.
pub(crate) async fn failed(deps: &Deps, store: &TenantStore, held: Held<Campaign>) -> Result<(), FlowError> {
    let now = deps.clock.now();
    if held.due_at.is_none_or(|due_at| due_at > now) {
        return Ok(());
    }
    let is_told = is_told(store, &held).await?;
    if !is_told {
        mailed(deps, store, held.id).await?;
    }
    let due_at = held.counted_next(now).filter(|_| !is_told);
    let after = Campaign { due_at, ..Campaign::clone(&held) };
    is_done(store.commit(vec![store.campaign_kept(&held, &after)]).await).map(drop)
}

/// A draft again, since its time passed: until whoever had it scheduled has been told.
pub(crate) async fn missed(deps: &Deps, store: &TenantStore, held: Held<Campaign>) -> Result<(), FlowError> {
    let now = deps.clock.now();
    if held.due_at.is_none_or(|due_at| due_at > now) {
        return Ok(());
    }
    let is_told = !held.asks() || is_told(store, &held).await?;
    if !is_told {
        mailed(deps, store, held.id).await?;
    }
    let due_at = (!is_told).then(|| now + TOLD_AGAIN);
    let after = Campaign { due_at, ..Campaign::clone(&held) };
    is_done(store.commit(vec![store.campaign_kept(&held, &after)]).await).map(drop)
}

/// Of each lane that stands still, the first chunk that is not over and may be sent by now.
fn still(held: &Campaign, plan: &Plan, chunks: &Chunks, now: Timestamp) -> Vec<u32> {
    let is_open = |number: &u32| {
        let stretch = plan.stretch(*number);
        let may_go = stretch.is_some_and(|it| held.starts(plan, &it.part, now) == Start::Now);
        may_go
            && chunks.get(number).is_none_or(|chunk| {
                // Whoever has left it until then comes back by themselves.
                !chunk.is_over() && chunk.free_at().is_none_or(|at| at + KEPT_EACH <= now)
            })
    };
    let lanes = 0..LANES.min(plan.chunks());
    let lane = |lane: u32| (lane..plan.chunks()).step_by(LANES as usize);
    lanes
        .filter_map(|number| {
            let last =
                lane(number).filter_map(|number| chunks.get(&number)).filter_map(|chunk| begun_at(chunk));
            let last = last.max().or(held.launched_at);
            let stands = last.is_none_or(|last| last + STILL <= now);
            // Lanes end while it is paused.
            let is_resumed = held.resumed_at.is_some_and(|at| last < Some(at) && now < at + STILL);
            if stands || is_resumed { lane(number).find(is_open) } else { None }
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
    let mut chunks = outcomes::told(deps, store, &held, &planned).await?;
    given_up(store, &held, &planned, &mut chunks, (true, now)).await?;
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
