//! Keeps the shards of audiences: folds what changed, and makes anew what cannot be read.
//!
//! A message is a nudge: it names a shard to look at, and looking once more does no harm.

use columns::ShardNumber;
use domain::{Task, TenantId};
use flows::FlowError;
use store::{GATHERED_FROM, Store, TenantStore};

/// So many gathered rows are held beside the blocks; from here on they are folded into them.
pub const FOLDED_FROM: u32 = 2_048;

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
}

pub async fn handle(deps: &Deps, task: Task) -> Result<(), FlowError> {
    match task {
        Task::KeepShard { tenant, shard } => keep(&deps.store.for_task(tenant), ShardNumber(shard)).await,
        Task::RebuildShard { tenant, shard } => rebuild(deps, tenant, ShardNumber(shard)).await,
        other => Err(FlowError::broken(format!("not for this queue: {}", other.queue()))),
    }
}

async fn keep(store: &TenantStore, number: ShardNumber) -> Result<(), FlowError> {
    let shard = store.shard(number).await?;
    let head = shard.head();
    if !head.is_understood() {
        return Ok(store.shard_rebuilt(number).await?);
    }
    if shard.changed() < GATHERED_FROM {
        return Ok(());
    }
    let changed = u32::try_from(shard.changed()).unwrap_or(u32::MAX);
    if head.recent_rows().saturating_add(changed) < FOLDED_FROM {
        store.shard_gathered(&shard).await?;
    } else {
        store.shard_folded(&shard).await?;
    }
    Ok(())
}

async fn rebuild(deps: &Deps, tenant: TenantId, number: ShardNumber) -> Result<(), FlowError> {
    Ok(deps.store.for_task(tenant).shard_rebuilt(number).await?)
}
