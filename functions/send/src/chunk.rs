//! One chunk: a few of its messages at a time, claimed, looked at, handed over and answered for.

use columns::ShardNumber;
use domain::{
    Customer, CustomerId, Receipt, Task, Timestamp,
    campaign::{
        Chunk, Claim, Fate, Mark, MessageId, Outcome, Start, State, Why, chunk::CLAIM, plan::Stretch,
    },
    receipt::Happened,
    timeline::Written,
};
use flows::{
    FlowError,
    error::chain,
    noting::{self, launched_at},
};
use futures::future::{join_all, try_join_all};
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};
use store::{Held, StoreError};

use crate::{
    asking::{self, Asked, Ready},
    halting::halted,
    lane::Job,
};

/// So many are claimed together: what a process that dies leaves in doubt.
pub(crate) const AT_ONCE: usize = 10;
/// Whether it is still to be sent is asked again of what was claimed longer ago: whoever pauses it waits for no more than that.
const FRESH: Duration = Duration::from_secs(2);

/// How far it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Went {
    /// Nothing is left to do here.
    Through,
    /// What is left is not to be tried before.
    Later(Timestamp),
    /// Nobody has said yet in which words: those who try them have their hours still.
    Undecided,
    /// Somebody else is at it, or has died: that is seen then.
    Taken(Timestamp),
    /// Nothing more is to be sent for so long.
    Slow(Duration),
    /// It is over, or paused.
    Stopped,
}

/// What is to be done with a chunk.
enum Next {
    Send(usize),
    Nothing(Went),
}

/// Until all of it is sent, or that instant.
pub(crate) async fn send(
    job: &Job<'_>,
    number: u32,
    stretch: &Stretch,
    until: Timestamp,
) -> Result<Went, FlowError> {
    let (store, campaign) = (&job.store, &job.campaign);
    let mut whose = None;
    loop {
        let now = job.deps.clock.now();
        match campaign.starts(&job.planned.plan, &stretch.part, now) {
            Start::Now => {}
            Start::At(not_before) => return Ok(Went::Later(not_before)),
            Start::Undecided => return Ok(Went::Undecided),
        }
        if now >= until {
            return Ok(Went::Slow(Duration::ZERO));
        }
        let held = store.campaign_chunk(campaign.id, number).await?;
        let mut chunk = held.as_ref().map_or_else(|| Chunk::new(stretch.messages), |held| Chunk::clone(held));
        let is_given_up = chunk.give_up(campaign.rules.care, now);
        if is_given_up {
            let whose = known(job, stretch, &mut whose).await?;
            noting::late_unnoted(store, campaign, &mut chunk, whose, now).await?;
        }
        let count = match next(&chunk, now) {
            Next::Send(count) => count,
            Next::Nothing(went) => {
                if is_given_up && put(job, number, held.as_ref(), chunk).await?.is_none() {
                    continue;
                }
                return Ok(went);
            }
        };
        if !is_sending(job).await? {
            return Ok(Went::Stopped);
        }
        let room = u32::try_from(count).unwrap_or(u32::MAX);
        if let Some(wait) =
            job.deps.pace.take((&job.deps.store, &job.deps.memory), store.id(), room, now).await?
        {
            return Ok(Went::Slow(wait));
        }
        let whose = known(job, stretch, &mut whose).await?;
        let claim = chunk.claim(count, now);
        // Somebody was faster: it is looked at once more.
        let Some(held) = put(job, number, held.as_ref(), chunk).await? else { continue };
        if let Some(went) = claimed(job, number, held, &claim, whose).await? {
            return Ok(went);
        }
    }
}

async fn is_sending(job: &Job<'_>) -> Result<bool, StoreError> {
    let held = job.store.campaign(job.campaign.id).await?;
    Ok(held.is_some_and(|campaign| campaign.state == State::Sending))
}

fn next(chunk: &Chunk, now: Timestamp) -> Next {
    let claims = chunk.messages.iter().filter(|message| message.fate == Fate::Claimed);
    if let Some(last) = claims.map(|message| message.sent_at.unwrap_or(now)).max() {
        return Next::Nothing(Went::Taken(last + CLAIM));
    }
    match chunk.free_at() {
        None => Next::Nothing(Went::Through),
        Some(free_at) if free_at > now => Next::Nothing(Went::Later(free_at)),
        Some(_) => Next::Send(chunk.free(now).take(AT_ONCE).count()),
    }
}

async fn known<'a>(
    job: &Job<'_>,
    stretch: &Stretch,
    whose: &'a mut Option<Vec<Option<CustomerId>>>,
) -> Result<&'a [Option<CustomerId>], FlowError> {
    if whose.is_none() {
        *whose = Some(people(job, stretch).await?);
    }
    Ok(whose.as_deref().unwrap_or_default())
}

/// Whom its messages are for. `None`: somebody whom nobody knows any more.
async fn people(job: &Job<'_>, stretch: &Stretch) -> Result<Vec<Option<CustomerId>>, FlowError> {
    let slots = job.store.people_of(job.campaign.id, &job.planned, stretch).await?;
    if slots.len() != stretch.messages {
        return Err(FlowError::broken("a plan's people are not as many as it says"));
    }
    job.deps.memory.whose(&job.store, ShardNumber(stretch.part.shard), &slots).await
}

/// `None`: it is not the chunk that was read.
async fn put(
    job: &Job<'_>,
    number: u32,
    held: Option<&Held<Chunk>>,
    chunk: Chunk,
) -> Result<Option<Held<Chunk>>, FlowError> {
    let (step, after) = job.store.chunk_put(job.campaign.id, number, held, chunk);
    match job.store.commit(vec![step]).await {
        Ok(()) => Ok(Some(after)),
        Err(StoreError::Conflict(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Sends what is claimed, and keeps what came of it. How far it went, if nothing more is to be sent now.
async fn claimed(
    job: &Job<'_>,
    number: u32,
    held: Held<Chunk>,
    claim: &Claim,
    whose: &[Option<CustomerId>],
) -> Result<Option<Went>, FlowError> {
    let (mut outcomes, ready) = match looked_at(job, number, &held, claim, whose).await {
        Ok(Some(looked)) => looked,
        other => {
            if let Err(worse) = freed(job, number, held, claim, whose).await {
                tracing::warn!(cause = chain(&worse), "claims stay until they are old");
            }
            return other.map(|_| Some(Went::Stopped));
        }
    };
    let asked = join_all(ready.iter().map(|(_, ready)| asking::ask(job, ready))).await;
    let fault = asking::fault(&asked);
    // Where it takes nothing from anybody, nobody's message has failed. One alone may have a fault of its own, and is counted.
    let outcome = |asked: &Asked| match fault {
        Some(_) if ready.len() > 1 => Outcome::Later(Why::Setup),
        _ => asked.outcome,
    };
    outcomes.extend(ready.iter().zip(&asked).map(|((place, _), asked)| (*place, outcome(asked))));
    kept(job, number, held, claim, &outcomes).await?;
    let left = outcomes.iter().filter(|(_, outcome)| *outcome == Outcome::Failed(Why::BlockedByProvider));
    told_of(job, number, left.map(|(place, _)| *place)).await?;
    if let Some(fault) = fault {
        let reason = format!("its provider takes nothing of the shop's: {}", fault.as_str());
        Box::pin(halted(job.deps, &job.store, job.campaign.id, (&reason, claim.at))).await?;
        return Ok(Some(Went::Stopped));
    }
    Ok(asked.iter().filter_map(|asked| asked.pause).max().map(Went::Slow))
}

/// No provider was asked: they are free again. But nothing says of who is gone by now that they were written to: it may have
/// taken long, and if somebody has given the claim up meanwhile, nobody looks at them again.
async fn freed(
    job: &Job<'_>,
    number: u32,
    held: Held<Chunk>,
    claim: &Claim,
    whose: &[Option<CustomerId>],
) -> Result<(), FlowError> {
    let free: Vec<_> = claim.places.iter().map(|place| (*place, Outcome::Later(Why::Temporary))).collect();
    let Err(error) = gone_unnoted(job, &held, claim, whose).await else {
        return kept(job, number, held, claim, &free).await;
    };
    tracing::warn!(cause = chain(&error), "who is gone by now is left to whoever looks next");
    // What somebody has given up since stays so, and a count looks at it.
    kept_over(job, number, &held, claim, &free).await.map(drop)
}

/// A provider that lets them get no more texts says so in its answer, and in no receipt.
async fn told_of(job: &Job<'_>, number: u32, left: impl Iterator<Item = usize>) -> Result<(), FlowError> {
    let (tenant, campaign, at) = (job.store.id(), job.campaign.id, job.deps.clock.now());
    let of =
        |place| u8::try_from(place).ok().map(|place| MessageId { tenant, campaign, chunk: number, place });
    let receipts: Vec<Receipt> =
        left.filter_map(of).map(|id| Receipt::of(id, Happened::Unsubscribed, at)).collect();
    if receipts.is_empty() {
        return Ok(());
    }
    job.deps.tasks.leave(vec![Task::HearReceipts { tenant, receipts }.into()]).await
}

/// Reads each customer as they are now, which is after the claim. Those to whom nothing goes, and those to whom it goes: that
/// stands in their timeline before, so that nobody was written to of whom it does not. `None`: nothing goes to anybody any more.
async fn looked_at(
    job: &Job<'_>,
    number: u32,
    chunk: &Chunk,
    claim: &Claim,
    whose: &[Option<CustomerId>],
) -> Result<Option<(Vec<(usize, Outcome)>, Vec<(usize, Ready)>)>, FlowError> {
    let id_at = |place: usize| whose.get(place).copied().flatten();
    let ids: Vec<_> = claim.places.iter().filter_map(|place| id_at(*place)).collect();
    let found = job.store.customers(&ids).await?;
    let found: HashMap<CustomerId, &Customer> = found.iter().map(|held| (held.id, &**held)).collect();
    let (mut skipped, mut ready, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for place in &claim.places {
        let message = MessageId {
            tenant: job.tenant.id,
            campaign: job.campaign.id,
            chunk: number,
            place: u8::try_from(*place).map_err(FlowError::broken)?,
        };
        let customer = id_at(*place).and_then(|id| found.get(&id).copied());
        match asking::ready(job, message, customer) {
            Ok(one) => {
                notes.extend(customer.map(|customer| noted(job, customer.id, message)));
                ready.push((*place, one));
            }
            Err(outcome) => skipped.push((*place, outcome)),
        }
    }
    try_join_all(notes).await?;
    let gone = gone_unnoted(job, chunk, claim, whose).await?;
    let is_gone = |place: usize| id_at(place).is_some_and(|id| gone.contains(&id));
    let forgotten = ready.extract_if(.., |(place, _)| is_gone(*place));
    skipped.extend(forgotten.map(|(place, _)| (place, Outcome::Skipped(Why::Gone))));
    // Somebody may have paused it while that took long.
    let is_fresh = job.deps.clock.now() <= claim.at + FRESH;
    Ok(if is_fresh || is_sending(job).await? { Some((skipped, ready)) } else { None })
}

/// Whoever forgets somebody takes off what stands of them by then. Who was forgotten since they were looked at may have been
/// noted after that, and who is gone by now by somebody who failed before: it is taken off here, and they get nothing.
async fn gone_unnoted(
    job: &Job<'_>,
    chunk: &Chunk,
    claim: &Claim,
    whose: &[Option<CustomerId>],
) -> Result<BTreeSet<CustomerId>, FlowError> {
    let id_at = |place: &usize| whose.get(*place).copied().flatten();
    let ids: Vec<_> = claim.places.iter().filter_map(id_at).collect();
    let in_doubt = claim.places.iter().filter(|place| chunk.messages[**place].marks.has(Mark::InDoubt));
    let in_doubt: BTreeSet<_> = in_doubt.filter_map(id_at).collect();
    noting::gone_unnoted(&job.store, &job.campaign, &ids, |id| in_doubt.contains(id)).await
}

async fn noted(job: &Job<'_>, customer: CustomerId, message: MessageId) -> Result<(), FlowError> {
    let (campaign, channel) = (&job.campaign, job.campaign.channel);
    let written = Written { message, name: campaign.name.as_str().to_owned(), channel };
    Ok(job.store.commit(vec![job.store.message_noted(customer, launched_at(campaign), &written)]).await?)
}

/// Over what is there by then: receipts may have been faster.
async fn kept(
    job: &Job<'_>,
    number: u32,
    mut held: Held<Chunk>,
    claim: &Claim,
    outcomes: &[(usize, Outcome)],
) -> Result<(), FlowError> {
    loop {
        if kept_over(job, number, &held, claim, outcomes).await? {
            return Ok(());
        }
        let found = job.store.campaign_chunk(job.campaign.id, number).await?;
        held = found.ok_or_else(|| FlowError::broken("a chunk that was claimed is not there"))?;
    }
}

/// Over what is held. Whether that is still what is there.
async fn kept_over(
    job: &Job<'_>,
    number: u32,
    held: &Held<Chunk>,
    claim: &Claim,
    outcomes: &[(usize, Outcome)],
) -> Result<bool, FlowError> {
    let (now, mut chunk) = (job.deps.clock.now(), Chunk::clone(held));
    for (place, outcome) in outcomes {
        chunk.answered(*place, claim.at, *outcome, job.campaign.rules.care, now);
    }
    Ok(chunk == **held || put(job, number, Some(held), chunk).await?.is_some())
}
