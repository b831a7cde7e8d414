//! Who gets a campaign is chosen once: whoever plans it again finds the plan.

use asking::{NotPlanned, Whose, chosen};
use columns::ShardNumber;
use domain::{
    Campaign, Task,
    campaign::{Act, LANES, Plan},
};
use flows::{FlowError, bylines};
use store::{Chosen, Held, StoreError, TenantStore};

use crate::{Deps, harm, moved};

pub(crate) async fn planned(deps: &Deps, store: &TenantStore, held: Held<Campaign>) -> Result<(), FlowError> {
    if let Some(tripped) = harm::done_before(store, &held, deps.clock.now()).await? {
        return moved(deps, store, &held, Act::Trip(tripped)).await.map(drop);
    }
    let plan = match store.plan(held.id).await? {
        Some(planned) => planned.plan,
        None => match laid(deps, store, &held).await? {
            Ok(plan) => plan,
            Err(reason) => return moved(deps, store, &held, Act::Fail(reason)).await.map(drop),
        },
    };
    if plan.chosen() == 0 {
        let reason = match plan.audience {
            0 => "it means nobody".to_owned(),
            all => format!("of {all} whom it means nobody may be written to"),
        };
        return moved(deps, store, &held, Act::Fail(reason)).await.map(drop);
    }
    if moved(deps, store, &held, Act::Plan).await?.is_some() {
        leave_lanes(deps, store, &held, 0..plan.chunks().min(LANES)).await?;
    }
    Ok(())
}

/// Within: why nobody can be chosen.
async fn laid(
    deps: &Deps,
    store: &TenantStore,
    held: &Held<Campaign>,
) -> Result<Result<Plan, String>, FlowError> {
    let Some(team) = store.tenant().await? else { return Ok(Err("its team is no more".to_owned())) };
    if let Err(mute) = bylines::voice(store, held, &team.name, &deps.installed).await? {
        return Ok(Err(mute.to_string()));
    }
    let whose = Whose { store, tenant: &team };
    let now = deps.clock.now();
    let waterfall = match chosen(whose, held, now).await {
        Ok(chosen) => chosen.waterfall,
        Err(NotPlanned::NoSegment) => return Ok(Err("its segment is no more".to_owned())),
        Err(NotPlanned::Unreadable(why)) => {
            return Ok(Err(format!("whom it means cannot be asked any more: {why}")));
        }
        Err(NotPlanned::Failed(error)) => return Err(error),
    };
    let shards: Vec<_> = ShardNumber::of_first(store.slots().await?).collect();
    let plan = waterfall.plan(&shards);
    let waves = waterfall.waves.into_iter().zip(0..).map(|(it, wave)| (wave, it.members));
    let people = Chosen { waves: waves.collect(), left_out: waterfall.left_out.into_iter().collect() };
    let mut dice = [0; 8];
    deps.dice.fill(&mut dice);
    match store.lay_plan(held.id, u64::from_le_bytes(dice), &plan, &people).await {
        Ok(()) => Ok(Ok(plan)),
        // Somebody else was faster: theirs holds.
        Err(StoreError::Conflict(_)) => {
            let theirs = store.plan(held.id).await?;
            theirs
                .map(|planned| Ok(planned.plan))
                .ok_or_else(|| FlowError::broken("a plan that is there is gone"))
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn leave_lanes(
    deps: &Deps,
    store: &TenantStore,
    campaign: &Campaign,
    from: impl IntoIterator<Item = u32>,
) -> Result<(), FlowError> {
    let task = |from| Task::SendLane { tenant: store.id(), campaign: campaign.id, from }.into();
    deps.tasks.leave(from.into_iter().map(task).collect()).await
}
