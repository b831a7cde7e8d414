//! Whether a shop's currency can still be chosen: as long as nothing is kept that counts in the one it has.

use store::{Counting, Products, TenantStore};

use crate::FlowError;

/// What another currency can be chosen on the ground of. `None`: something is kept that has an amount.
pub async fn choosing(store: &TenantStore) -> Result<Option<Counting>, FlowError> {
    // First, so that a price which is told after it stands against the choice.
    let counting = store.counting().await?;
    let is_free = !counting.is_final() && store.products(0).await? != Products::TooMany;
    Ok(is_free.then_some(counting))
}
