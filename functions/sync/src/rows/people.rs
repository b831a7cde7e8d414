//! Customers, as the shop has them.
//!
//! They are read together, so that somebody of whom nothing new is told costs that read alone. In a first sync those of
//! whom nothing is known are laid down: each write alone, and the audience is made anew where they are.

use std::collections::BTreeMap;

use columns::{SHARD_SLOTS, Slot};
use domain::{
    Connection, Customer, CustomerId, Run, Timestamp,
    run::{Mode, Part},
};
use flows::{
    FlowError,
    record::{Laid, Word},
    telling::counting_teller,
};
use futures::{StreamExt, TryStreamExt, stream};
use shopify::told::CustomerTold;

use super::{AT_ONCE, Became, Row, Rows, refused};
use crate::{Hands, asked::Halt};

/// A page's worth: below, making the audience anew costs more than it saves.
const LAID_FROM: u64 = 250;

/// Whether customers of whom nothing is known are laid down.
pub(crate) fn are_laid_down(run: &Run, part: &Part) -> bool {
    run.mode == Mode::Full && part.total.is_some_and(|total| total >= LAID_FROM)
}

/// The run with the shards in which people may be laid down next: that is said before they are, so that whoever dies
/// meanwhile has said it. `None`: it was said.
pub(crate) async fn announced(hands: &Hands<'_>, held: &Run) -> Result<Option<Run>, Halt> {
    // What comes with one answer is far less than half of a shard, and others may come in between.
    let next = hands.store.slots().await?;
    let shards = [next, next.saturating_add(SHARD_SLOTS / 2)].map(|slot| Slot(slot).shard().0);
    if shards.iter().all(|shard| held.shards.contains(shard)) {
        return Ok(None);
    }
    let mut run = held.clone();
    run.shards.extend(shards);
    Ok(Some(run))
}

/// What is known of somebody before they are told of.
enum Known {
    There(Box<Customer>),
    /// Nothing: the slot is theirs if they are laid down.
    Not(Option<Slot>),
}

pub(crate) async fn told(
    hands: &Hands<'_>,
    people: Vec<CustomerTold>,
    are_laid_down: bool,
    counted: (&Connection, Timestamp),
) -> Result<Rows, Halt> {
    let ids: Vec<CustomerId> = people.iter().map(|told| told.id).collect();
    let there = hands.store.customers(&ids).await?;
    let mut there: BTreeMap<CustomerId, Customer> =
        there.into_iter().map(|held| (held.id, held.into_inner())).collect();
    let new: Vec<CustomerId> = ids.into_iter().filter(|id| !there.contains_key(id)).collect();
    let slots = if are_laid_down { hands.record.slots_taken_for(&new).await? } else { Vec::new() };
    let mut slots: BTreeMap<CustomerId, Slot> = new.into_iter().zip(slots).collect();
    let people = people.into_iter().map(|told| {
        let known = match there.remove(&told.id) {
            Some(customer) => Known::There(Box::new(customer)),
            None => Known::Not(slots.remove(&told.id)),
        };
        (told, known)
    });
    let people: Vec<_> = people.collect();
    let storing =
        stream::iter(people).map(|(told, known)| one(hands, counted, told, known)).buffer_unordered(AT_ONCE);
    Ok(storing
        .try_fold(Rows::default(), async |mut rows, one| {
            rows.all.extend(one.all);
            rows.shards.extend(one.shards);
            Ok(rows)
        })
        .await?)
}

async fn one(
    hands: &Hands<'_>,
    counted: (&Connection, Timestamp),
    told: CustomerTold,
    known: Known,
) -> Result<Rows, FlowError> {
    let tell = counting_teller(&told, counted);
    let word = Word { id: told.id, at: told.updated_at, is_last: true, tell: &tell };
    let mut rows = Rows::default();
    let became = match became(hands, &word, known, &mut rows).await {
        Ok(became) => became,
        Err(error) => refused(error)?,
    };
    rows.all.push(Row::of("customer", told.id, told.updated_at, became));
    Ok(rows)
}

async fn became(
    hands: &Hands<'_>,
    word: &Word<'_>,
    known: Known,
    rows: &mut Rows,
) -> Result<Became, FlowError> {
    let before = match known {
        Known::There(there) if there.is_gone() || word.tells_nothing_to(&there)? => {
            return Ok(Became::Unchanged);
        }
        Known::There(there) => Some(there),
        Known::Not(Some(slot)) => match hands.record.told_down(word, slot, hands.deps.clock.now()).await? {
            Laid::Down => return Ok(Became::Created),
            Laid::Gone => return Ok(Became::Unchanged),
            // Somebody else has one of their addresses, or they were made meanwhile.
            Laid::Again | Laid::Known(_) => None,
        },
        Known::Not(None) => None,
    };
    let plan = hands.record.customer_told(word).await?;
    rows.shards.extend(plan.shards.iter().copied());
    let Some(after) = plan.outcome.filter(|_| plan.is_change) else { return Ok(Became::Unchanged) };
    Ok(match before {
        None => Became::Created,
        // That the shop has looked at them is no news.
        Some(before) if after.differs(&before).is_empty() => Became::Unchanged,
        Some(_) => Became::Updated,
    })
}
