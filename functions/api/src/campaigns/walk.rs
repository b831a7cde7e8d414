//! A walk along the messages of a campaign, in the order of its chunks: it reads those that it passes and no others.

use std::sync::Arc;

use columns::Slot;
use domain::{
    Campaign, Timestamp,
    campaign::{Fate, Message, Plan, State, Why, plan::Stretch},
};
use flows::FlowError;
use store::{Planned, TenantStore};

/// Chunks that are read together where only some messages are looked for.
const CHUNKS_TOGETHER: u32 = 50;
/// So many are looked through for one page: at a read unit each. What was not found by then is on the next.
const CHUNKS_MAX: u32 = 400;

/// Which message: as cursors hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) chunk: u32,
    pub(super) place: usize,
}

/// Which messages are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sought {
    pub(super) fate: Option<Fate>,
    /// Of those that are over.
    pub(super) why: Option<Why>,
}

/// A message, and whom it is for.
pub(super) struct Found {
    pub(super) slot: Slot,
    pub(super) message: Message,
    /// It is not sent before.
    pub(super) not_before: Option<Timestamp>,
    /// Of which part of a campaign that tries several words.
    pub(super) arm: u8,
}

/// By wave and shard.
type PartName = (u16, u32);

pub(super) struct Walk<'a> {
    pub(super) store: &'a TenantStore,
    pub(super) campaign: &'a Campaign,
    pub(super) planned: &'a Planned,
    /// The part whose people were read last.
    part: Option<(PartName, Arc<[Slot]>)>,
}

impl<'a> Walk<'a> {
    pub(super) fn along(store: &'a TenantStore, campaign: &'a Campaign, planned: &'a Planned) -> Self {
        Self { store, campaign, planned, part: None }
    }

    /// So many from there on, and where the next begins. `None`: there is none.
    pub(super) async fn from(
        &mut self,
        mut spot: Spot,
        sought: Sought,
        limit: usize,
    ) -> Result<(Vec<Found>, Option<Spot>), FlowError> {
        let plan: &Plan = &self.planned.plan;
        let (mut found, mut passed) = (Vec::new(), 0);
        while spot.chunk < plan.chunks() {
            if found.len() >= limit || passed >= CHUNKS_MAX.max(at_least(limit)) {
                return Ok((found, Some(spot)));
            }
            let together = if sought.is_any() { at_least(limit - found.len()) } else { CHUNKS_TOGETHER };
            let numbers: Vec<u32> = (spot.chunk..plan.chunks()).take(together as usize).collect();
            let chunks = self.store.campaign_chunks(self.campaign.id, &numbers).await?;
            for (number, chunk) in numbers.into_iter().zip(chunks) {
                passed += 1;
                let Some(stretch) = plan.stretch(number) else { break };
                let messages = match chunk {
                    Some(chunk) => chunk.into_inner().messages,
                    None => vec![self.unbegun(); stretch.messages],
                };
                for (place, message) in messages.into_iter().enumerate() {
                    if number == spot.chunk && place < spot.place || !sought.is(&message) {
                        continue;
                    }
                    if found.len() >= limit {
                        return Ok((found, Some(Spot { chunk: number, place })));
                    }
                    let Some(whose) = self.slot(&stretch, place).await? else { continue };
                    let (not_before, arm) = (stretch.part.not_before, stretch.part.arm);
                    found.push(Found { slot: whose, message, not_before, arm });
                }
                spot = Spot { chunk: number + 1, place: 0 };
            }
        }
        Ok((found, None))
    }

    /// Nobody has begun with it; and where the campaign was cancelled nobody will.
    fn unbegun(&self) -> Message {
        match self.campaign.state {
            State::Cancelled => {
                Message { fate: Fate::Skipped, why: Some(Why::Cancelled), ..Message::default() }
            }
            _ => Message::default(),
        }
    }

    async fn slot(&mut self, stretch: &Stretch, place: usize) -> Result<Option<Slot>, FlowError> {
        let part = (stretch.part.wave, stretch.part.shard);
        let people = match &self.part {
            Some((held, people)) if *held == part => people.clone(),
            _ => {
                let people = self.store.chosen_of(self.campaign.id, self.planned, &stretch.part).await?;
                let people: Arc<[Slot]> = people.iter().collect();
                self.part = Some((part, people.clone()));
                people
            }
        };
        Ok(people.get(stretch.first as usize + place).copied())
    }
}

/// Chunks that hold so many messages, wherever the first of them stands.
fn at_least(messages: usize) -> u32 {
    let chunks = messages.div_ceil(domain::campaign::chunk::CHUNK_MESSAGES) + 1;
    u32::try_from(chunks).unwrap_or(u32::MAX)
}

impl Sought {
    fn is_any(self) -> bool {
        self.fate.is_none() && self.why.is_none()
    }

    fn is(self, message: &Message) -> bool {
        let is_why = |why| message.why == Some(why) && message.fate.is_over();
        self.fate.is_none_or(|fate| fate == message.fate) && self.why.is_none_or(is_why)
    }
}

impl Spot {
    pub(super) const FIRST: Self = Self { chunk: 0, place: 0 };

    pub(super) fn text(self) -> String {
        format!("{} {}", self.chunk, self.place)
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let (chunk, place) = text.split_once(' ')?;
        Some(Self { chunk: chunk.parse().ok()?, place: place.parse().ok()? })
    }
}
