//! Keeps campaigns that are under way: begins those whose time has come, chooses who gets them, sets lanes going, counts, and
//! ends them.
//!
//! Each message looks at the campaign as it is and does the next thing, in one conditional write: so it may come twice, late, or
//! not at all, and the clock's next one does what was left. A queue keeps the order of one campaign's messages.

mod begin;
mod harm;
mod keep;
mod outcomes;
mod plan;

use std::sync::Arc;

use domain::{
    Campaign, CampaignId, Task, TenantId, TenantStatus,
    campaign::{Act, Actor, Moved, State},
};
use flows::{Clock, Dice, FlowError, Installed, Tasks, climbing, error::chain};
use store::{Held, Store, StoreError, TenantStore};

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub tasks: Arc<dyn Tasks>,
    pub clock: Arc<dyn Clock>,
    pub dice: Arc<dyn Dice>,
    pub installed: Installed,
}

pub async fn handle(deps: &Deps, task: Task) -> Result<(), FlowError> {
    match task {
        Task::KeepCampaign { tenant, campaign } => look(deps, tenant, campaign).await,
        other => Err(FlowError::broken(format!("not for this queue: {}", other.queue()))),
    }
}

async fn look(deps: &Deps, tenant: TenantId, id: CampaignId) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(held) = store.campaign(id).await? else { return Ok(()) };
    let Some(team) = store.tenant().await? else { return Ok(()) };
    let is_idle = team.status != TenantStatus::Active;
    let done = match held.state {
        State::Planning | State::Sending if is_idle => {
            moved(deps, &store, &held, Act::Disconnect).await.map(drop)
        }
        State::Scheduled if is_idle => begin::asked(deps, &store, held).await,
        State::Scheduled => begin::begun(deps, &store, held).await,
        State::Planning => plan::planned(deps, &store, held).await,
        State::Sending => keep::kept(deps, &store, held).await,
        State::Cancelled => keep::cancelled(deps, &store, held).await,
        State::Sent => keep::counted(deps, &store, held).await,
        State::Failed { .. } => keep::failed(deps, &store, held).await,
        State::Paused { .. } => keep::rested(deps, &store, held).await,
        State::Draft => keep::missed(deps, &store, held).await,
    };
    match done {
        // Somebody has moved it meanwhile: who moves it leaves a message of their own.
        Ok(()) | Err(FlowError::Conflict { .. }) => {}
        Err(error) => return Err(error),
    }
    // What is done is done, whoever hears of it.
    if let Err(error) = climbing::changed(&store, &*deps.tasks, id, deps.clock.now()).await {
        tracing::warn!(%tenant, "nobody was asked to tell of a campaign: {}", chain(&error));
    }
    Ok(())
}

/// One move of ours. `None`: somebody else has moved it meanwhile.
async fn moved(
    deps: &Deps,
    store: &TenantStore,
    held: &Held<Campaign>,
    act: Act,
) -> Result<Option<Held<Campaign>>, FlowError> {
    let (now, name) = (deps.clock.now(), act.name());
    let Ok(after) = held.moved(act, now) else { return Ok(None) };
    let told = Moved::of(name, &after, Actor::Us, now);
    let step = store.campaign_moved(held, &after, &told);
    if !is_done(store.commit(vec![step]).await)? {
        return Ok(None);
    }
    let is_over = matches!(after.state, State::Sent | State::Failed { .. });
    if is_over || after.state.is_stopped() || after.asks() {
        mailed(deps, store, held.id).await?;
    }
    Ok(Some(held.followed_by(after)))
}

/// Whoever launched it is told that it is over, was stopped, or did not begin. Left again for as long as nobody was.
async fn mailed(deps: &Deps, store: &TenantStore, id: CampaignId) -> Result<(), FlowError> {
    deps.tasks.leave(vec![Task::MailCampaign { tenant: store.id(), campaign: id }.into()]).await
}

async fn is_told(store: &TenantStore, campaign: &Campaign) -> Result<bool, FlowError> {
    Ok(store.campaign_told(campaign.id).await?.is_some_and(|told| told.is_of(campaign)))
}

fn is_done(committed: Result<(), StoreError>) -> Result<bool, FlowError> {
    match committed {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
