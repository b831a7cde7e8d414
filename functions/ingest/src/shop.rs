//! What is told of the shop itself: that the merchant has removed the app from it, and that a file was written.

use domain::{ConnectionState, Tenant, TenantStatus};
use flows::{FlowError, syncs};

use crate::{Hands, apply::Done};

/// The tokens are dead already. What is kept stays, and another may connect the shop; if the merchant comes back, they
/// connect it again. An event of before they last did changes nothing.
pub(crate) async fn uninstalled(hands: &Hands<'_>) -> Result<Done, FlowError> {
    let Some(tenant) = hands.store.tenant().await? else { return Ok(Done::default()) };
    let Some(held) = hands.store.connection().await? else { return Ok(Done::default()) };
    if held.shop != hands.event.shop || hands.event.at() < held.connected_at {
        return Ok(Done::default());
    }
    let now = hands.record.clock.now();
    let ended = (*held).clone().ended(ConnectionState::Uninstalled, now);
    let mut steps =
        vec![hands.store.connection_changed(&held, &ended), hands.store.shop_left(&held.shop, hands.owner)];
    // Who was suspended stays so.
    if tenant.status != TenantStatus::Suspended {
        let churned = Tenant { status: TenantStatus::Churned, ..(*tenant).clone() };
        steps.push(hands.store.tenant_changed(&tenant, &churned));
    }
    // `Conflict`: tokens are being renewed, or the shop was connected again. The event is looked at anew.
    hands.store.commit(steps).await?;
    Ok(Done { is_changed: true, ..Done::default() })
}

/// Or that none will be: the sync that waits for it looks now. If this is lost, it looks a little later.
pub(crate) async fn file_written(hands: &Hands<'_>) -> Result<Done, FlowError> {
    if let Some(run) = hands.store.open_run().await?.filter(|run| run.waits_for_file()) {
        hands.tasks.leave(vec![syncs::task(&run).into()]).await?;
    }
    Ok(Done::default())
}
