//! The time of a campaign has come.

use std::time::Duration;

use domain::{
    Campaign, CampaignId, Task,
    campaign::{Act, Actor, CAMPAIGNS_MAX, EARLY, Moved},
};
use flows::FlowError;
use store::{Held, TenantStore};

use crate::{Deps, is_done, moved, plan};

/// So long after its time nobody can say that the merchant still wants it.
const TOO_LATE: Duration = Duration::from_hours(24);

pub(crate) async fn begun(deps: &Deps, store: &TenantStore, held: Held<Campaign>) -> Result<(), FlowError> {
    let now = deps.clock.now();
    let Some(due_at) = held.due_at.filter(|due_at| *due_at <= now + EARLY) else { return Ok(()) };
    let is_repeated = held.schedule.as_ref().is_some_and(domain::campaign::Schedule::is_repeated);
    let is_too_late = due_at + TOO_LATE <= now;
    if is_repeated && is_too_late {
        return passed_over(deps, store, &held).await;
    }
    if is_repeated {
        return repeated(deps, store, held).await;
    }
    if is_too_late {
        return moved(deps, store, &held, Act::Miss).await.map(drop);
    }
    match moved(deps, store, &held, Act::Launch).await? {
        Some(launched) => plan::planned(deps, store, launched).await,
        None => Ok(()),
    }
}

/// Its time has come while its shop is not connected: it is a draft again, and whoever had it scheduled is asked.
pub(crate) async fn asked(deps: &Deps, store: &TenantStore, held: Held<Campaign>) -> Result<(), FlowError> {
    let now = deps.clock.now();
    if held.due_at.is_none_or(|due_at| due_at > now + EARLY) {
        return Ok(());
    }
    moved(deps, store, &held, Act::Miss).await.map(drop)
}

/// Monday's news are no news on Wednesday, and there is a next time.
async fn passed_over(deps: &Deps, store: &TenantStore, held: &Held<Campaign>) -> Result<(), FlowError> {
    let now = deps.clock.now();
    let waits = held.passed_over(now);
    let told = Moved::of("passed over", &waits, Actor::Us, now);
    is_done(store.commit(vec![store.campaign_moved(held, &waits, &told)]).await).map(drop)
}

/// The next of one that repeats is a campaign of its own, made in the same commit in which the one that repeats waits again.
async fn repeated(deps: &Deps, store: &TenantStore, held: Held<Campaign>) -> Result<(), FlowError> {
    let now = deps.clock.now();
    let Some(words) = store.campaign_words(&held).await? else { return Ok(()) };
    if store.campaigns().await?.iter().filter(|it| !it.is_archived).count() >= CAMPAIGNS_MAX {
        return passed_over(deps, store, &held).await;
    }
    let mut dice = [0; 10];
    deps.dice.fill(&mut dice);
    let (next, waits) = held.repeated(CampaignId::new(now, dice), now);
    let told = Moved::of("repeated", &waits, Actor::Us, now);
    let steps = vec![store.campaign_made(&next, &words), store.campaign_moved(&held, &waits, &told)];
    if is_done(store.commit(steps).await)? {
        let task = Task::KeepCampaign { tenant: store.id(), campaign: next.id };
        deps.tasks.leave(vec![task.into()]).await?;
    }
    Ok(())
}
