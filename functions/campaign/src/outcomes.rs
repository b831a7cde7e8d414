//! What has become of a campaign's messages, told to rules: a fold over its chunks, written where it is another than before.
//!
//! As of when is read before the chunks are. So of two who look at once the one that saw less finds that it is told by now, and
//! looks again.

use std::collections::BTreeMap;

use columns::{Dated, Print, ShardNumber, Slot};
use domain::{
    Campaign, Timestamp,
    campaign::{Became, State, Upshot, Why, Written},
};
use flows::FlowError;
use store::{Held, OutcomeBytes, Planned, StoreError, TenantStore, outcome_bytes};

use crate::{Deps, keep::Chunks};

/// So often somebody else may be faster.
const TRIES: usize = 8;
/// So many items go into one commit: each has less than 350 KB, and a commit takes 4 MB.
const ITEMS_EACH: usize = 10;

type Whom = Vec<(Slot, Option<u32>)>;
/// By type of event and shard; then by whom and why.
type Folded = BTreeMap<(Upshot, u32), BTreeMap<(Option<bool>, Option<Why>), Whom>>;

/// The campaign's chunks, once rules can ask what they say.
pub(crate) async fn told(
    deps: &Deps,
    store: &TenantStore,
    held: &Held<Campaign>,
    planned: &Planned,
) -> Result<Chunks, FlowError> {
    for _ in 0..TRIES {
        let before = store.written_by(held.id).await?;
        let chunks = store.all_campaign_chunks(held.id).await?;
        let folded = folded(store, held, planned, &chunks).await?;
        match kept(deps, store, held, before, folded).await {
            Ok(()) => return Ok(chunks),
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict(0).into())
}

async fn folded(
    store: &TenantStore,
    held: &Held<Campaign>,
    planned: &Planned,
    chunks: &Chunks,
) -> Result<Folded, StoreError> {
    let plan = &planned.plan;
    let mut folded = Folded::new();
    let mut add = |shard: u32, slot: Slot, became: Became| {
        let Became { outcome, by_person, why, at } = became;
        let second = at.and_then(|at| u32::try_from(at.as_second()).ok());
        folded.entry((outcome, shard)).or_default().entry((by_person, why)).or_default().push((slot, second));
    };
    let skipped = |why, at| Became { outcome: Upshot::Skipped, by_person: None, why: Some(why), at };
    let mut of_part = None;
    for number in 0..plan.chunks() {
        let Some(stretch) = plan.stretch(number) else { continue };
        let chunk = chunks.get(&number);
        let is_cancelled = chunk.is_none() && held.state == State::Cancelled;
        if chunk.is_none() && !is_cancelled {
            continue;
        }
        let (part, shard) = (stretch.part, stretch.part.shard);
        let people: &Vec<Slot> = match &mut of_part {
            Some((known, people)) if *known == part => people,
            place => {
                let members = store.chosen_of(held.id, planned, &part).await?;
                &place.insert((part, members.iter().collect())).1
            }
        };
        let first = usize::try_from(stretch.first).unwrap_or(usize::MAX);
        let slots = people.iter().skip(first).take(stretch.messages);
        if is_cancelled {
            slots.for_each(|slot| add(shard, *slot, skipped(Why::Cancelled, held.ended_at)));
            continue;
        }
        for (slot, message) in slots.zip(chunk.into_iter().flat_map(|chunk| &chunk.messages)) {
            message.became().into_iter().for_each(|became| add(shard, *slot, became));
        }
    }
    for (why, _) in plan.left_out.iter().filter(|(_, count)| *count > 0) {
        for slot in store.left_out(held.id, planned, *why).await?.iter() {
            add(slot.shard().0, slot, skipped(*why, held.launched_at));
        }
    }
    Ok(folded)
}

/// Whoever asks for any of it is asked anew, by the clock: in one commit with what they ask for.
async fn kept(
    deps: &Deps,
    store: &TenantStore,
    campaign: &Campaign,
    mut before: Option<Held<Written>>,
    folded: Folded,
) -> Result<(), StoreError> {
    let Some(launched_at) = campaign.launched_at else { return Ok(()) };
    let mut after = Written {
        campaign: campaign.id,
        channel: campaign.channel,
        launched_at,
        last_at: launched_at,
        messages: 0,
        edition: 0,
        print: 0,
    };
    let mut bytes = OutcomeBytes::new();
    for ((outcome, shard), by) in folded {
        let whom: BTreeMap<_, Dated> = by.into_iter().map(|(by, whom)| (by, Dated::of(whom))).collect();
        let seconds = whom.values().flat_map(Dated::iter).filter_map(|(_, second)| second).max();
        let last_at = seconds.and_then(|second| Timestamp::from_second(second.into()).ok());
        // A provider's clock may be before ours.
        let first = whom.values().flat_map(Dated::iter).filter_map(|(_, second)| second).min();
        let first_at = first.and_then(|second| Timestamp::from_second(second.into()).ok());
        after.last_at = after.last_at.max(last_at.unwrap_or(launched_at));
        after.launched_at = after.launched_at.min(first_at.unwrap_or(launched_at));
        if matches!(outcome, Upshot::Sent | Upshot::Skipped) {
            after.messages += whom.values().map(|whom| whom.len() as u64).sum::<u64>();
        }
        bytes.insert((outcome, shard), outcome_bytes(ShardNumber(shard), &whom));
    }
    if bytes.is_empty() && before.is_none() {
        return Ok(());
    }
    after.print = print(&bytes);
    if before.as_ref().is_some_and(|before| before.print == after.print) {
        return Ok(());
    }
    let mut changed: Vec<_> = store.outcomes_changed(campaign.id, bytes).await?.into_iter().collect();
    loop {
        let rest = changed.split_off(changed.len().min(ITEMS_EACH));
        let is_last = rest.is_empty();
        let edition = before.as_ref().map_or(0, |before| before.edition) + 1;
        // Whoever dies before the last has told of nothing that is not told again.
        let written = Written { edition, print: if is_last { after.print } else { 0 }, ..after };
        let (step, held) = store.outcomes_kept(before.as_ref(), written, changed.into_iter().collect());
        let settling = store.settling().await?.filter(|settling| settling.asks_beside);
        let settling = settling.map(|settling| store.settling_told(&settling, deps.clock.now()));
        store.commit([step].into_iter().chain(settling).collect()).await?;
        if is_last {
            return Ok(());
        }
        (before, changed) = (Some(held), rest);
    }
}

fn print(all: &OutcomeBytes) -> u64 {
    let mut print = Print::default();
    for ((outcome, shard), told) in all {
        print.add(&[outcome.code()]);
        print.add(&shard.to_le_bytes());
        print.add(&(told.len() as u64).to_le_bytes());
        print.add(told);
    }
    print.number()
}
