//! For comparison only: three ways in which messages are usually sent, written plainly, on the same plan, chunks, keeper,
//! receipts and provider. None of them is part of the product.
//!
//! * *Send, then mark*: whoever is not marked is sent to, and marked when the provider has answered.
//! * *Checkpoint first*: they are marked, and then sent to.
//! * *Claim, with blind retry*: they are claimed by a conditional write and sent to; a claim that is two minutes old, and an
//!   answer that did not come, are tried again.
//!
//! All three ask before a batch whether its people may be written to, as most do, and none asks after it has begun.

use domain::{
    Customer, Task, TenantStatus,
    campaign::{Care, Chunk, Claim, Fate, LANES, MessageId, Outcome, State, Why, plan::Stretch},
    template::Channel,
};
use flows::{Answer, FlowError, Left, Refusal};
use std::collections::HashMap;
use store::{Held, Planned, StoreError, TenantStore};

use crate::{provider::Provider, shop};

/// By what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Ours,
    SendThenMark,
    CheckpointFirst,
    BlindRetry,
}

impl Protocol {
    pub const ALL: [Self; 4] = [Self::Ours, Self::SendThenMark, Self::CheckpointFirst, Self::BlindRetry];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::SendThenMark => "send, then mark",
            Self::CheckpointFirst => "checkpoint first",
            Self::BlindRetry => "claim, blind retry",
        }
    }
}

const BATCH: usize = 10;
const AGAIN_SECONDS: u32 = 5;

/// A campaign that is being sent.
struct Job<'a> {
    protocol: Protocol,
    deps: &'a send::Deps,
    provider: &'a Provider,
    store: TenantStore,
    planned: Planned,
    channel: Channel,
    needs_consent: bool,
}

pub(crate) async fn handle(
    protocol: Protocol,
    deps: &send::Deps,
    provider: &Provider,
    task: Task,
) -> Result<(), FlowError> {
    let (first, is_lane) = match &task {
        Task::SendLane { from, .. } => (*from, true),
        Task::SendChunk { number, .. } => (*number, false),
        other => return Err(FlowError::broken(format!("not for this queue: {}", other.queue()))),
    };
    let store = deps.store.for_task(shop::tenant());
    let Some(campaign) = store.campaign(shop::campaign()).await? else { return Ok(()) };
    let is_active = store.tenant().await?.is_some_and(|team| team.status == TenantStatus::Active);
    let Some(planned) = store.plan(campaign.id).await?.filter(|_| is_active) else { return Ok(()) };
    let (channel, needs_consent) = (campaign.channel, campaign.kind.needs_consent());
    let job = Job { protocol, deps, provider, store, planned, channel, needs_consent };
    let mut number = first;
    while let Some(stretch) = job.planned.plan.stretch(number) {
        if let Some(delay_seconds) = job.chunk(number, &stretch).await? {
            let (tenant, campaign) = (shop::tenant(), shop::campaign());
            let task = if is_lane {
                Task::SendLane { tenant, campaign, from: number }
            } else {
                Task::SendChunk { tenant, campaign, number }
            };
            return deps.tasks.leave(vec![Left { task, delay_seconds }]).await;
        }
        if !is_lane {
            return Ok(());
        }
        number = number.saturating_add(LANES);
    }
    Ok(())
}

impl Job<'_> {
    /// Until all of it is sent. In how many seconds the rest is to be tried, if there is any.
    async fn chunk(&self, number: u32, stretch: &Stretch) -> Result<Option<u32>, FlowError> {
        let id = shop::campaign();
        loop {
            let now = self.deps.clock.now();
            if stretch.part.not_before.is_some_and(|at| at > now) {
                return Ok(Some(900));
            }
            let is_sending = self.store.campaign(id).await?.is_some_and(|it| it.state == State::Sending);
            if !is_sending {
                return Ok(None);
            }
            let held = self.store.campaign_chunk(id, number).await?;
            let mut chunk =
                held.as_ref().map_or_else(|| Chunk::new(stretch.messages), |held| Chunk::clone(held));
            if self.protocol == Protocol::BlindRetry {
                chunk.give_up(Care::NeverZero, now);
                (chunk.again_at, chunk.open_at) = (None, None);
            }
            let is_planned = |place: &usize| chunk.messages[*place].fate == Fate::Planned;
            let batch: Vec<_> = (0..chunk.messages.len()).filter(is_planned).take(BATCH).collect();
            if batch.is_empty() {
                return Ok(chunk.is_claimed().then_some(120));
            }
            let slots = self.store.people_of(id, &self.planned, stretch).await?;
            let people: Vec<_> = batch.iter().map(|place| (*place, slots[*place].0)).collect();
            let may: HashMap<usize, bool> = self.may_be_written_to(&people).await?;
            let done = match self.protocol {
                Protocol::SendThenMark | Protocol::Ours => self.marked_after(number, &people, &may).await?,
                Protocol::CheckpointFirst => {
                    self.marked_before(number, held.as_ref(), chunk, &people, &may).await?
                }
                Protocol::BlindRetry => self.claimed(number, held.as_ref(), chunk, &people, &may).await?,
            };
            if let Done::Later = done {
                return Ok(Some(AGAIN_SECONDS));
            }
        }
    }

    async fn marked_after(
        &self,
        number: u32,
        people: &[(usize, u32)],
        may: &HashMap<usize, bool>,
    ) -> Result<Done, FlowError> {
        let mut outcomes = Vec::new();
        for (place, person) in people {
            outcomes.push((*place, self.outcome(number, *place, *person, may).await));
        }
        self.told(number, &outcomes, |message| message.fate == Fate::Planned).await
    }

    async fn marked_before(
        &self,
        number: u32,
        held: Option<&Held<Chunk>>,
        mut chunk: Chunk,
        people: &[(usize, u32)],
        may: &HashMap<usize, bool>,
    ) -> Result<Done, FlowError> {
        for (place, _) in people {
            let message = &mut chunk.messages[*place];
            (message.fate, message.sent_at) = (Fate::Sent, Some(self.deps.clock.now()));
        }
        if !self.put(number, held, chunk).await? {
            return Ok(Done::Now);
        }
        let mut outcomes = Vec::new();
        for (place, person) in people {
            outcomes.push((*place, self.outcome(number, *place, *person, may).await));
        }
        // What was refused for now goes back into line; what was not answered is taken for sent.
        outcomes.retain(|(_, outcome)| !matches!(outcome, Outcome::Sent | Outcome::Unknown(_)));
        self.told(number, &outcomes, |message| message.fate == Fate::Sent).await
    }

    async fn claimed(
        &self,
        number: u32,
        held: Option<&Held<Chunk>>,
        mut chunk: Chunk,
        people: &[(usize, u32)],
        may: &HashMap<usize, bool>,
    ) -> Result<Done, FlowError> {
        let Claim { at, .. } = chunk.claim(people.len(), self.deps.clock.now());
        if !self.put(number, held, chunk).await? {
            return Ok(Done::Now);
        }
        let mut outcomes = Vec::new();
        for (place, person) in people {
            outcomes.push((*place, self.outcome(number, *place, *person, may).await));
        }
        self.told(number, &outcomes, |message| message.fate == Fate::Claimed && message.sent_at == Some(at))
            .await
    }

    /// Keeps what came of it, over whatever stands there by then.
    async fn told(
        &self,
        number: u32,
        outcomes: &[(usize, Outcome)],
        is_ours: impl Fn(&domain::campaign::Message) -> bool,
    ) -> Result<Done, FlowError> {
        loop {
            let held = self.store.campaign_chunk(shop::campaign(), number).await?;
            let mut chunk = match &held {
                Some(held) => Chunk::clone(held),
                None => Chunk::new(self.planned.plan.stretch(number).map_or(0, |stretch| stretch.messages)),
            };
            for (place, outcome) in outcomes {
                let message = &mut chunk.messages[*place];
                if !is_ours(message) {
                    continue;
                }
                message.sent_at = Some(message.sent_at.unwrap_or_else(|| self.deps.clock.now()));
                (message.fate, message.why) = match outcome {
                    Outcome::Sent => (Fate::Sent, None),
                    Outcome::Skipped(why) => (Fate::Skipped, Some(*why)),
                    Outcome::Failed(why) => (Fate::Failed, Some(*why)),
                    Outcome::Later(why)
                    | Outcome::Wait(why, _)
                    | Outcome::Again(why)
                    | Outcome::Unknown(why) => (Fate::Planned, Some(*why)),
                };
            }
            if self.put(number, held.as_ref(), chunk).await? {
                let is_over = |(_, outcome): &(usize, Outcome)| {
                    matches!(outcome, Outcome::Sent | Outcome::Skipped(_) | Outcome::Failed(_))
                };
                return Ok(if outcomes.iter().all(is_over) { Done::Now } else { Done::Later });
            }
        }
    }

    async fn outcome(&self, number: u32, place: usize, person: u32, may: &HashMap<usize, bool>) -> Outcome {
        if !may.get(&place).copied().unwrap_or(false) {
            return Outcome::Skipped(Why::Unsubscribed);
        }
        let (tenant, campaign) = (shop::tenant(), shop::campaign());
        let message = MessageId { tenant, campaign, chunk: number, place: u8::try_from(place).unwrap_or(0) };
        let tag = message.to_string().parse().expect("a message's id is a tag");
        match self.provider.asked(tenant, &tag, Some(person)).await {
            Answer::Accepted { .. } => Outcome::Sent,
            Answer::Unknown { .. } => Outcome::Unknown(Why::NoAnswer),
            Answer::Refused { kind: Refusal::Permanent, .. } => Outcome::Failed(Why::BadAddress),
            Answer::Refused { .. } => Outcome::Later(Why::Temporary),
        }
    }

    async fn may_be_written_to(&self, people: &[(usize, u32)]) -> Result<HashMap<usize, bool>, FlowError> {
        let ids: Vec<_> = people.iter().map(|(_, person)| shop::person(*person)).collect();
        let found = self.store.customers(&ids).await?;
        let may = |person: u32| {
            let is_them = |customer: &&Held<Customer>| customer.id == shop::person(person);
            found.iter().find(is_them).is_some_and(|customer| self.may(customer))
        };
        Ok(people.iter().map(|(place, person)| (*place, may(*person))).collect())
    }

    fn may(&self, customer: &Customer) -> bool {
        let (consent, is_suppressed) = match self.channel {
            Channel::Email => (&customer.email_consent, customer.suppressed.email),
            Channel::Sms => (&customer.sms_consent, customer.suppressed.sms),
        };
        let agreed = consent.as_ref().is_some_and(|it| it.state == domain::ConsentState::Subscribed);
        !customer.is_gone() && !is_suppressed && (agreed || !self.needs_consent)
    }

    /// Whether it was still the chunk that was read.
    async fn put(&self, number: u32, held: Option<&Held<Chunk>>, chunk: Chunk) -> Result<bool, FlowError> {
        let (step, _) = self.store.chunk_put(shop::campaign(), number, held, chunk);
        match self.store.commit(vec![step]).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

enum Done {
    Now,
    /// Some of it is to be tried again.
    Later,
}
