//! The audience as handlers read it: for lists, searches and figures.

use columns::{Family, ShardNumber, View};
use flows::FlowError;
use store::{GATHERED_FROM, TenantStore};

use crate::Deps;

impl Deps {
    /// As far as these families; `Core` is always there. Where much has changed since it was folded, somebody is asked
    /// to fold it: every reader pays for what lies there.
    pub(crate) async fn audience(&self, store: &TenantStore, families: &[Family]) -> Result<View, FlowError> {
        let audience = store.audience(families).await?;
        let full: Vec<ShardNumber> = audience
            .changed
            .iter()
            .filter(|(_, rows)| *rows >= GATHERED_FROM)
            .map(|(shard, _)| *shard)
            .collect();
        self.keep(store, &full).await;
        Ok(audience.view)
    }
}
