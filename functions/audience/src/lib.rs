//! Keeps the shards of audiences: settles who is in segments, folds what changed, and makes anew what cannot be read. Works
//! out at night where a shop's fifths end and what its customers will do.
//!
//! A message is a nudge: it names a shard to look at, and looking once more does no harm.

mod scoring;
mod settling;

use std::sync::Arc;

use columns::ShardNumber;
use domain::{SegmentId, Task, TenantId};
use flows::{Clock, FlowError, Tasks, counting, error::chain};
use store::{GATHERED_FROM, Shard, Store, StoreError, TenantStore};

use settling::Settled;

/// So many gathered rows are held beside the blocks; from here on they are folded into them.
pub const FOLDED_FROM: u32 = 2_048;
/// Nor in more parts than this, each of which a reader asks for by itself.
pub const FOLDED_FROM_PARTS: usize = 32;

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub tasks: Arc<dyn Tasks>,
    pub clock: Arc<dyn Clock>,
}

pub async fn handle(deps: &Deps, task: Task) -> Result<(), FlowError> {
    let store = |tenant: TenantId| deps.store.for_task(tenant);
    match task {
        Task::KeepShard { tenant, shard } => keep(deps, &store(tenant), ShardNumber(shard), None).await,
        Task::RefreshSegment { tenant, shard, segment } => {
            keep(deps, &store(tenant), ShardNumber(shard), Some(segment)).await
        }
        Task::CheckShard { tenant, shard } => check(deps, &store(tenant), ShardNumber(shard)).await,
        Task::RebuildShard { tenant, shard } => rebuild(deps, &store(tenant), ShardNumber(shard)).await,
        Task::ScoreShop { tenant } => score(deps, &store(tenant)).await,
        other => Err(FlowError::broken(format!("not for this queue: {}", other.queue()))),
    }
}

async fn score(deps: &Deps, store: &TenantStore) -> Result<(), FlowError> {
    match scoring::scored(deps, store).await {
        // It waits for what cannot be read to be made anew, and is asked for again.
        Err(StoreError::Outdated(outdated)) => {
            for shard in &outdated.shards {
                check(deps, store, *shard).await?;
            }
            Ok(scoring::scored(deps, store).await?)
        }
        done => Ok(done?),
    }
}

/// `anew`: the segment of which all of the shard is asked once more.
async fn keep(
    deps: &Deps,
    store: &TenantStore,
    number: ShardNumber,
    anew: Option<SegmentId>,
) -> Result<(), FlowError> {
    match kept(deps, store, number, anew).await {
        Err(StoreError::Outdated(_)) => rebuild(deps, store, number).await,
        done => Ok(done?),
    }
}

/// Whoever is in segments is settled first: a changed row that was folded is asked by none of them any more.
async fn kept(
    deps: &Deps,
    store: &TenantStore,
    number: ShardNumber,
    anew: Option<SegmentId>,
) -> Result<(), StoreError> {
    let shard = settled(deps, store, number, anew).await?;
    if shard.weight() < GATHERED_FROM {
        return Ok(());
    }
    let head = shard.head();
    let changed = u32::try_from(shard.changed()).unwrap_or(u32::MAX);
    let rows = head.recent_rows().saturating_add(changed);
    if rows < FOLDED_FROM && head.recent_parts() < FOLDED_FROM_PARTS {
        store.shard_gathered(&shard).await
    } else {
        store.shard_folded(&shard).await
    }
}

/// With all that follows from it.
async fn settled(
    deps: &Deps,
    store: &TenantStore,
    number: ShardNumber,
    anew: Option<SegmentId>,
) -> Result<Shard, StoreError> {
    let Settled { shard, is_moved, is_scored } = settling::settled(deps, store, number, anew).await?;
    if !is_scored {
        scoring::begun(deps, store).await?;
    }
    if is_moved {
        told(deps, store).await;
    }
    Ok(shard)
}

/// Somebody could not read it. Where it was mended meanwhile there is nothing to do.
async fn check(deps: &Deps, store: &TenantStore, number: ShardNumber) -> Result<(), FlowError> {
    match store.shard_checked(number).await {
        Err(StoreError::Outdated(_)) => rebuild(deps, store, number).await,
        done => Ok(done?),
    }
}

/// Whatever is wrong with what was made just now is wrong with us: again would not help.
async fn rebuild(deps: &Deps, store: &TenantStore, number: ShardNumber) -> Result<(), FlowError> {
    store.shard_rebuilt(number).await?;
    let made = async || {
        store.shard_checked(number).await?;
        settled(deps, store, number, None).await
    };
    match made().await {
        Err(StoreError::Outdated(wrong)) => Err(FlowError::broken(wrong)),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(()),
    }
}

/// What is settled is settled, whoever hears of it: the next change tells all that nobody has heard of.
async fn told(deps: &Deps, store: &TenantStore) {
    if let Err(error) = counting::changed(store, &*deps.tasks, deps.clock.now()).await {
        tracing::warn!(tenant = %store.id(), "nobody was asked to tell of counts: {}", chain(&error));
    }
}
