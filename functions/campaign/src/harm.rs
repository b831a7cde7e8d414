//! Whether a shop's messages do harm: what falls on its name at providers does so whichever of its campaigns they are of.

use std::time::Duration;

use domain::{
    Campaign, Timestamp,
    campaign::{Act, Chunk, Tally, Tripped},
};
use flows::FlowError;
use store::{Held, TenantStore};

use crate::{Deps, moved};

/// What a shop's campaigns did is held against it for so long.
const JUDGED: Duration = Duration::from_hours(7 * 24);
/// So often another campaign may have moved since it was read.
const TRIES: usize = 8;

/// Of a campaign's messages, together with those of the shop's others of the week by the same channel. Where somebody went on
/// although it was too much, by what was sent from then on.
pub(crate) async fn done<'a>(
    store: &TenantStore,
    held: &Held<Campaign>,
    chunks: impl Iterator<Item = &'a Chunk> + Clone,
    now: Timestamp,
) -> Result<Option<Tripped>, FlowError> {
    if Tally::of(chunks.clone(), held.judged_from).is_harmless() {
        return Ok(None);
    }
    let all = store.campaigns().await?;
    let judged_from = judged_from(&all, held);
    let own = Tally::of(chunks, judged_from);
    if own.is_harmless() { Ok(None) } else { Ok((own + of_others(&all, held, judged_from, now)).tripped()) }
}

/// Of the others', before a campaign's own first message.
pub(crate) async fn done_before(
    store: &TenantStore,
    held: &Held<Campaign>,
    now: Timestamp,
) -> Result<Option<Tripped>, FlowError> {
    let all = store.campaigns().await?;
    Ok(of_others(&all, held, judged_from(&all, held), now).tripped())
}

fn judged_from(all: &[Held<Campaign>], held: &Campaign) -> Option<Timestamp> {
    all.iter().filter(|it| it.channel == held.channel).filter_map(|it| it.judged_from).max()
}

fn of_others(
    all: &[Held<Campaign>],
    held: &Campaign,
    judged_from: Option<Timestamp>,
    now: Timestamp,
) -> Tally {
    let since = judged_from.max(Some(now - JUDGED));
    let others = all.iter().filter(|it| it.id != held.id && it.channel == held.channel);
    let counted = others.filter(|it| it.launched_at > since).filter_map(|it| it.counted.as_ref());
    counted.map(|(_, counts)| Tally::counted(counts)).fold(Tally::default(), std::ops::Add::add)
}

/// Those of the shop's campaigns that are under way by the same channel. Whoever dies before the last has not stopped the one
/// that showed it, and so comes here again.
pub(crate) async fn others_stopped(
    deps: &Deps,
    store: &TenantStore,
    held: &Held<Campaign>,
    tripped: Tripped,
) -> Result<(), FlowError> {
    for other in store.campaigns().await? {
        if other.id != held.id && other.channel == held.channel {
            stopped(deps, store, other, tripped).await?;
        }
    }
    Ok(())
}

async fn stopped(
    deps: &Deps,
    store: &TenantStore,
    mut other: Held<Campaign>,
    tripped: Tripped,
) -> Result<(), FlowError> {
    let id = other.id;
    for _ in 0..TRIES {
        if !other.state.is_under_way() || moved(deps, store, &other, Act::Trip(tripped)).await?.is_some() {
            return Ok(());
        }
        // Somebody has counted it meanwhile.
        match store.campaign(id).await? {
            Some(there) => other = there,
            None => return Ok(()),
        }
    }
    Err(FlowError::unavailable("a campaign that is to be stopped moves on and on"))
}
