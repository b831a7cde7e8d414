//! A shard without a trace of whom was forgotten: their changed row is folded in, and what the fold has replaced is removed
//! at once, not with the next change.
//!
//! Whoever reads what is removed finds it gone and reads the newer head, as always.

use columns::ShardNumber;

use crate::{StoreError, TenantStore};

impl TenantStore {
    /// Afterwards nothing stands there but what the head names, and that is as the record is now. `Conflict` if somebody else
    /// keeps the shard at the same moment.
    pub async fn shard_forgotten(&self, number: ShardNumber) -> Result<(), StoreError> {
        match self.folded_whole(number).await {
            Err(StoreError::Outdated(_)) => self.shard_rebuilt(number).await?,
            done => done?,
        }
        let shard = self.shard(number).await?;
        let open = self.opened_again(&shard).await?;
        let head = open.head.clone();
        self.closed(open, head).await
    }

    async fn folded_whole(&self, number: ShardNumber) -> Result<(), StoreError> {
        let shard = self.shard(number).await?;
        self.shard_folded_in(&shard, shard.head().epoch + 1).await
    }
}
