//! A campaign whose messages nobody takes is paused, and says why: so nobody fails for what somebody can put right.

use domain::{
    CampaignId, Timestamp,
    campaign::{Act, Actor, Moved},
};
use flows::FlowError;
use store::{StoreError, TenantStore};

use crate::Deps;

/// So often somebody may have counted it meanwhile.
const TRIES: usize = 8;

/// `since`: when that was seen. Whoever goes on with it after that has put it right, or is told so by the next messages.
pub(crate) async fn halted(
    deps: &Deps,
    store: &TenantStore,
    campaign: CampaignId,
    (reason, since): (&str, Timestamp),
) -> Result<(), FlowError> {
    for _ in 0..TRIES {
        let Some(held) = store.campaign(campaign).await? else { return Ok(()) };
        if held.resumed_at > Some(since) {
            return Ok(());
        }
        let (act, now) = (Act::Refuse(reason.to_owned()), deps.clock.now());
        let name = act.name();
        // Somebody else has paused it, or it is over.
        let Ok(after) = held.moved(act, now) else { return Ok(()) };
        let told = Moved::of(name, &after, Actor::Us, now);
        match store.commit(vec![store.campaign_moved(&held, &after, &told)]).await {
            Err(StoreError::Conflict(_)) => {}
            done => return Ok(done?),
        }
    }
    Err(FlowError::unavailable("a campaign that is to be stopped moves on and on"))
}
