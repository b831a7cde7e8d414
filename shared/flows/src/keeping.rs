//! Rows of the audience have changed: somebody should look at the shards that they stand in.

use columns::ShardNumber;
use domain::{Task, TenantId};
use std::collections::BTreeSet;

use crate::{FlowError, Tasks, error::chain};

pub async fn asked(
    tasks: &dyn Tasks,
    tenant: TenantId,
    shards: impl IntoIterator<Item = ShardNumber>,
) -> Result<(), FlowError> {
    let shards: BTreeSet<u32> = shards.into_iter().map(|shard| shard.0).collect();
    if shards.is_empty() {
        return Ok(());
    }
    tasks.leave(shards.into_iter().map(|shard| Task::KeepShard { tenant, shard }.into()).collect()).await
}

/// Where the clock asks, too: nothing is lost if nobody hears of it.
pub async fn asked_or_told(
    tasks: &dyn Tasks,
    tenant: TenantId,
    shards: impl IntoIterator<Item = ShardNumber>,
) {
    if let Err(error) = asked(tasks, tenant, shards).await {
        tracing::warn!(cause = chain(&error), "nobody was asked to look after the audience");
    }
}
