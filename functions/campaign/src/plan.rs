//! Who gets a campaign is chosen once: whoever plans it again finds the plan.

use asking::{NotPlanned, Whose, chosen};
use columns::ShardNumber;
use domain::{
    Campaign, Task,
    campaign::{Act, LANES, Plan},
};
use flows::{FlowError, bylines};
use store::{Chosen, Held, Lay, StoreError, TenantStore};

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

/// As often as the shop's other campaigns are planned meanwhile; whoever still finds others faster comes again.
const TRIES: usize = 8;

/// Within: why nobody can be chosen. Who was chosen without knowing of another campaign's plan is chosen again, so that of two that
/// are planned in one moment the second knows whom the first writes to.
async fn laid(
    deps: &Deps,
    store: &TenantStore,
    held: &Held<Campaign>,
) -> Result<Result<Plan, String>, FlowError> {
    for _ in 0..TRIES {
        if let Some(laid) = laid_once(deps, store, held).await? {
            return Ok(laid);
        }
    }
    Err(StoreError::Conflict(0).into())
}

/// `None`: another campaign's plan was laid meanwhile.
async fn laid_once(
    deps: &Deps,
    store: &TenantStore,
    held: &Held<Campaign>,
) -> Result<Option<Result<Plan, String>>, FlowError> {
    let before = store.plans_laid().await?;
    let Some(team) = store.tenant().await? else {
        return Ok(Some(Err("its team is no more".to_owned())));
    };
    if let Err(mute) = bylines::voice(store, held, &team.name, &deps.installed).await? {
        return Ok(Some(Err(mute.to_string())));
    }
    let whose = Whose { store, tenant: &team };
    let now = deps.clock.now();
    let waterfall = match chosen(whose, held, now).await {
        Ok(chosen) => chosen.waterfall,
        Err(NotPlanned::NoSegment) => return Ok(Some(Err("its segment is no more".to_owned()))),
        Err(NotPlanned::Unreadable(why)) => {
            return Ok(Some(Err(format!("whom it means cannot be asked any more: {why}"))));
        }
        Err(NotPlanned::Failed(error)) => return Err(error),
    };
    let shards: Vec<_> = ShardNumber::of_first(store.slots().await?).collect();
    let plan = waterfall.plan(&shards);
    let waves = waterfall.waves.into_iter().zip(0..).map(|(it, wave)| (wave, it.members));
    let people = Chosen { waves: waves.collect(), left_out: waterfall.left_out.into_iter().collect() };
    let mut dice = [0; 8];
    deps.dice.fill(&mut dice);
    match store.lay_plan(held.id, u64::from_le_bytes(dice), (&plan, &people), &before).await? {
        Lay::Done => Ok(Some(Ok(plan))),
        Lay::TooLate => {
            let theirs = store.plan(held.id).await?;
            Ok(theirs.map(|planned| Ok(planned.plan)))
        }
        Lay::Unseen => Ok(None),
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
