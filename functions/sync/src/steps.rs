//! Which step is next: the shop is counted, each part is read, who was laid down is shown, and the run ends.

use columns::ShardNumber;
use domain::{
    Run, RunState, Syncing, Task, Timestamp,
    run::{InList, Part, PartState, Place, Resource},
};
use flows::FlowError;
use jiff::SignedDuration;
use shopify::graph::{Counts, Window};
use store::StoreError;

use crate::{Hands, asked::Halt, bulk, metafields, pages, rows::people, waiting};

/// Of a single row.
const TOO_COSTLY: &str = "a single row costs more than Shopify lets us ask for at once";

/// What a step comes to.
pub(crate) enum Next {
    /// The run is so much further, and goes on after a while.
    On(Run, SignedDuration),
    /// Shopify asks us to wait: the step is done again after a while.
    Wait(Run, SignedDuration),
    /// The step has failed, and is done again after a while.
    Again(Run, SignedDuration),
    Over(Run, RunState),
}

pub(crate) async fn next(hands: &Hands<'_>, held: &Run) -> Result<Next, FlowError> {
    match step(hands, held).await {
        Ok(next) => Ok(next),
        Err(Halt::Wait(wait)) => Ok(waiting::asked(held, wait, hands.deps.clock.now())),
        Err(Halt::TooCostly) => Ok(pages::smaller(held).unwrap_or_else(|| without(held, TOO_COSTLY))),
        Err(Halt::Part(why)) => Ok(without(held, &why)),
        Err(Halt::Run(why)) => Ok(Next::Over(held.clone(), RunState::Failed { why })),
        Err(Halt::Failed(error)) => Err(error),
    }
}

/// The part has failed; the others go on.
fn without(held: &Run, why: &str) -> Next {
    let mut run = held.clone();
    let Some(at) = run.reading() else { return over(run) };
    let why = format!("{}: {why}", run.parts[at].of.name());
    run.parts[at].state = PartState::Failed { why };
    Next::On(run, SignedDuration::ZERO)
}

async fn step(hands: &Hands<'_>, held: &Run) -> Result<Next, Halt> {
    if held.state == RunState::Queued {
        return counted(hands, held).await;
    }
    if let Some(shard) = to_show(held) {
        return shown(hands, held, shard).await;
    }
    let Some(at) = held.reading() else { return Ok(over(held.clone())) };
    let part = &held.parts[at];
    if part.of == Resource::Customers && people::are_laid_down(held, part) {
        let announced = people::announced(hands, held).await?;
        if let Some(run) = announced {
            return Ok(Next::On(run, SignedDuration::ZERO));
        }
    }
    match &part.state {
        PartState::Waiting if is_for_bulk(hands, part) => bulk::begun(hands, held, at).await,
        PartState::Waiting => pages::read(hands, held, at, &InList::default()).await,
        PartState::Reading(Place::Page(place)) => pages::read(hands, held, at, place).await,
        PartState::Reading(Place::Bulk { operation, offset }) => {
            bulk::gone_on(hands, held, at, operation, *offset).await
        }
        PartState::Done | PartState::Failed { .. } => Ok(over(held.clone())),
    }
}

fn is_for_bulk(hands: &Hands<'_>, part: &Part) -> bool {
    let is_of_file = matches!(part.of, Resource::Customers | Resource::Orders);
    is_of_file && part.total.is_some_and(|total| total >= hands.deps.lists.bulk_from)
}

/// Who was laid down shows as soon as all customers are there.
fn to_show(run: &Run) -> Option<u32> {
    let is_read = |part: &Part| part.of != Resource::Customers || part.state.is_end();
    run.shards.first().copied().filter(|_| run.parts.iter().all(is_read))
}

async fn shown(hands: &Hands<'_>, held: &Run, shard: u32) -> Result<Next, Halt> {
    match hands.store.shard_rebuilt(ShardNumber(shard)).await {
        // Whoever keeps the shard was at it at the same moment.
        Err(busy @ StoreError::Conflict(_)) => return Err(FlowError::unavailable(busy).into()),
        done => done?,
    }
    hands.deps.tasks.leave(vec![Task::KeepShard { tenant: hands.store.id(), shard }.into()]).await?;
    let mut run = held.clone();
    run.shards.remove(&shard);
    Ok(Next::On(run, SignedDuration::ZERO))
}

/// What Shopify shows us by now, it shows the whole run: of whoever was to tell of it, the word may have been lost.
async fn seen(hands: &Hands<'_>, held: &Run) -> Result<(), Halt> {
    let connection = hands.store.connection().await?.filter(|held| held.is_open());
    let (Some(connection), Some(syncing)) = (connection, hands.store.syncing().await?) else { return Ok(()) };
    let seen = Syncing::clone(&syncing).shown(connection.shows_all_orders(), held.created_at);
    // If it is not this run that brings them, its end asks for the one that does.
    let seen = Syncing { next_at: syncing.next_at, ..seen };
    if seen == *syncing {
        return Ok(());
    }
    match hands.store.commit(vec![hands.store.syncing_changed(Some(&syncing), &seen)]).await {
        // Somebody else changes it at this moment: the next run looks again.
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// How much there is to do. Where Shopify does not say, it is done all the same.
async fn counted(hands: &Hands<'_>, held: &Run) -> Result<Next, Halt> {
    seen(hands, held).await?;
    let mut run = Run { state: RunState::Running, ..held.clone() };
    let since = |part: &Part| part.since;
    let earliest: Option<Timestamp> = if run.parts.iter().any(|part| part.since.is_none()) {
        None
    } else {
        run.parts.iter().filter_map(since).min()
    };
    let asked = hands.ask(&Counts::updated(&Window { since: earliest, before: None })).await;
    let wait = match asked {
        Ok((counts, wait)) => {
            let seen = metafields::seen(hands, held.clone(), counts.metafields).await?;
            if seen.parts != held.parts {
                // There is more to do, and to count.
                return Ok(Next::On(seen, wait));
            }
            for part in &mut run.parts {
                let is_counted = part.since.is_none() || earliest.is_some();
                part.total = match part.of {
                    Resource::Customers => is_counted.then_some(counts.customers.count),
                    Resource::Orders => is_counted.then_some(counts.orders.count),
                    // Shopify counts all products, whenever they changed.
                    Resource::Products => part.since.is_none().then_some(counts.products.count),
                    Resource::Deletions | Resource::Checkouts => None,
                };
            }
            wait
        }
        Err(Halt::Part(_) | Halt::TooCostly) => SignedDuration::ZERO,
        Err(halt) => return Err(halt),
    };
    Ok(Next::On(run, wait))
}

/// All parts have ended.
fn over(run: Run) -> Next {
    let failed = run.parts.iter().filter_map(|part| match &part.state {
        PartState::Failed { why } => Some(why.as_str()),
        _ => None,
    });
    let failed: Vec<_> = failed.collect();
    let state =
        if failed.is_empty() { RunState::Completed } else { RunState::Failed { why: failed.join("; ") } };
    Next::Over(run, state)
}
