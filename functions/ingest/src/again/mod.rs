//! Asks the shop for what events did not tell: they name a thing, or tell a part of it.
//!
//! An event leaves a task that comes some seconds later. Whoever takes it up asks only if the shop was not asked since the
//! event happened, so that many events about one thing are one question. What is answered is applied as any other word is:
//! newer wins, and what was denied or did not come changes nothing.

mod customers;
mod orders;
mod products;
mod shop;

use std::collections::BTreeSet;

use domain::{Task, TenantId, Thing, Timestamp, event::Received, is_read_since};
use flows::{FlowError, Left, Unanswered, keeping, record::Record, seal::Seals};
use jiff::SignedDuration;
use shopify::{
    Reading,
    graph::{Ask, InParts, Refusal},
};
use store::TenantStore;

use crate::{Deps, apply::Done, note, record_of};

/// Others about the same thing come meanwhile.
const WAIT_SECONDS: u32 = 10;
/// A shop that has not answered for so long is asked no more: what changed meanwhile is found when it is next synced.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(24);
/// As long as a message can wait.
const WAIT_SECONDS_MAX: i64 = 900;

/// What is to be read, and which event made it so.
pub(crate) struct Again {
    pub(crate) tenant: TenantId,
    pub(crate) thing: Thing,
    pub(crate) at: Timestamp,
    pub(crate) event: String,
}

impl Again {
    fn left(self, delay_seconds: u32) -> Left {
        let Self { tenant, thing, at, event } = self;
        Left { task: Task::ReadAgain { tenant, thing, at, event }, delay_seconds }
    }
}

/// The shop will be asked for them, soon.
pub(crate) async fn wanted(
    deps: &Deps,
    tenant: TenantId,
    event: &Received,
    things: &BTreeSet<Thing>,
) -> Result<(), FlowError> {
    let again = |thing: &Thing| Again { tenant, thing: *thing, at: event.at(), event: event.id.clone() };
    let left: Vec<_> = things.iter().map(|thing| again(thing).left(WAIT_SECONDS)).collect();
    if left.is_empty() { Ok(()) } else { deps.tasks.leave(left).await }
}

/// What an answer is applied with.
struct Asking<'a> {
    deps: &'a Deps,
    store: &'a TenantStore,
    seals: &'a Seals,
    record: Record<'a>,
    reading: Reading<'a>,
    /// Just before the first question.
    now: Timestamp,
}

impl Asking<'_> {
    async fn ask<A: Ask>(&self, ask: &A) -> Result<A::Answer, Unanswered> {
        Ok(self.deps.shops.ask((self.store, self.seals), ask).await?.it)
    }

    /// With all that it has. `None`: it is there no more.
    async fn whole<T: InParts>(&self, node: T) -> Result<Option<T>, Unanswered> {
        self.deps.shops.whole((self.store, self.seals), node).await
    }
}

/// What came of asking.
enum Read {
    Done(Done),
    /// Why nothing could be kept.
    Not(String),
}

/// Comes twice, late and beside others; whatever it reads is the newest word there is.
pub(crate) async fn read(deps: &Deps, again: Again) -> Result<(), FlowError> {
    let store = deps.store.for_task(again.tenant);
    let now = deps.clock.now();
    if is_read_since(store.read_at(again.thing).await?, again.at) {
        return Ok(());
    }
    match Box::pin(asked(deps, &store, again.thing, now)).await {
        Ok(read) => {
            store.commit(vec![store.thing_read(again.thing, now)]).await?;
            match read {
                Read::Done(done) => keeping::asked_or_told(&*deps.tasks, store.id(), done.shards).await,
                Read::Not(why) => note::unread(&store, &again, &why).await?,
            }
            Ok(())
        }
        Err(Unanswered::Closed(_)) => note::unread(&store, &again, "the shop is not connected").await,
        Err(Unanswered::Refused(refused)) => match refused.why {
            why if why.passes() => later(deps, &store, again, why.wait(), now).await,
            // Somebody has to do something about it, and it is not us.
            why @ (Refusal::Denied(_)
            | Refusal::Unauthorized
            | Refusal::Frozen
            | Refusal::Locked
            | Refusal::NotFound) => note::unread(&store, &again, &why.to_string()).await,
            why => {
                note::unread(&store, &again, &why.to_string()).await?;
                Err(FlowError::broken(why))
            }
        },
        Err(Unanswered::Failed(FlowError::Unavailable(_))) => later(deps, &store, again, None, now).await,
        Err(Unanswered::Failed(error)) => Err(error),
    }
}

/// Once more after the time that was told; where none was, after as long again as it has waited already.
async fn later(
    deps: &Deps,
    store: &TenantStore,
    again: Again,
    told: Option<SignedDuration>,
    now: Timestamp,
) -> Result<(), FlowError> {
    let waited = now.duration_since(again.at);
    if waited >= GIVEN_UP {
        tracing::warn!(tenant = %store.id(), thing = %again.thing, "a shop has not answered for a day");
        return note::unread(store, &again, "the shop has not answered for a day").await;
    }
    let seconds = told.unwrap_or(waited).as_secs().saturating_add(1).clamp(1, WAIT_SECONDS_MAX);
    // Not all at once, who were told the same.
    let [dice, ..] = deps.roll();
    let spread = i64::from(dice) % (1 + seconds / 4);
    let seconds = u32::try_from((seconds + spread).min(WAIT_SECONDS_MAX)).unwrap_or(WAIT_SECONDS);
    deps.tasks.leave(vec![again.left(seconds)]).await
}

async fn asked(deps: &Deps, store: &TenantStore, thing: Thing, now: Timestamp) -> Result<Read, Unanswered> {
    let Some(counts_in) = store.counts_in().await? else {
        return Err(FlowError::broken("a thing of a tenant that is not there").into());
    };
    let seals = Seals::new(deps.keys.clone(), deps.dice.clone());
    let record = record_of(deps, store, &seals, counts_in);
    let reading = Reading { currency: counts_in.currency, country: None };
    let asking = Asking { deps, store, seals: &seals, record, reading, now };
    match thing {
        Thing::Customer(id) => Box::pin(customers::read(&asking, id)).await,
        Thing::Order(id) => orders::read(&asking, id).await,
        Thing::Product(id) => products::read(&asking, id).await,
        Thing::Shop => shop::read(&asking).await,
    }
}

/// Its deletion is told by an event of its own.
fn not_there() -> Read {
    Read::Not("the shop has it no more".to_owned())
}

impl From<Done> for Read {
    fn from(done: Done) -> Self {
        match done.refused {
            Some(why) => Self::Not(why),
            None => Self::Done(done),
        }
    }
}
