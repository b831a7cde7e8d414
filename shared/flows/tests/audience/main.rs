//! What the audience promises, on the local table, while everything happens at the worst moment: it is what the record
//! is, whoever keeps it, whoever dies, and whatever cannot be read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod costs;
mod crashes;
mod histories;
mod laying;
mod moments;
mod outdated;
mod people;
mod shop;
mod tables;

use columns::ShardNumber;
use store::{StoreError, TenantStore};

/// What a keeper can do with a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeping {
    Gather,
    Fold,
    Rebuild,
}

impl Keeping {
    const ALL: [Self; 3] = [Self::Gather, Self::Fold, Self::Rebuild];

    async fn done(self, store: &TenantStore) -> Result<(), StoreError> {
        let number = ShardNumber(0);
        match self {
            Self::Gather => store.shard_gathered(&store.shard(number).await?).await,
            Self::Fold => store.shard_folded(&store.shard(number).await?).await,
            Self::Rebuild => store.shard_rebuilt(number).await,
        }
    }
}
