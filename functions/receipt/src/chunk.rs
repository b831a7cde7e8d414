//! The receipts of one chunk, kept in one write over the chunk that was read.

use std::time::Duration;

use domain::{
    CampaignId, Timestamp,
    campaign::{self, Fate},
    receipt::Happened,
};
use flows::FlowError;
use store::{StoreError, TenantStore};

use crate::{Deps, meaning::heard, suppress::Suppressing};

/// So often somebody else may be faster: those who send it, and other receipts of its at most fifty messages.
const TRIES: u32 = 100;
const PAUSE_MILLIS_MAX: u64 = 100;

pub(crate) struct Chunk<'a> {
    pub deps: &'a Deps,
    pub store: &'a TenantStore,
    pub campaign: CampaignId,
    pub number: u32,
}

/// Something that happened to the message at that place.
pub(crate) struct Told {
    pub place: usize,
    pub what: Happened,
    pub at: Timestamp,
}

impl Chunk<'_> {
    /// How many of these are of messages that were never sent.
    pub(crate) async fn hear(&self, told: &[Told]) -> Result<usize, FlowError> {
        for tried in 0..TRIES {
            let Some(held) = self.store.campaign_chunk(self.campaign, self.number).await? else {
                return Ok(told.len());
            };
            let mut after = campaign::Chunk::clone(&held);
            let is_known = |told: &&Told| held.messages.get(told.place).is_some_and(was_begun);
            let known: Vec<_> = told.iter().filter(is_known).collect();
            for told in &known {
                after.hear(told.place, heard(&told.what), to_the_millisecond(told.at));
            }
            let is_new = after != *held;
            let risen = risen(&held, &after);
            let (step, after) = self.store.chunk_put(self.campaign, self.number, Some(&held), after);
            let kept = if is_new { self.store.commit(vec![step]).await } else { Ok(()) };
            match kept {
                Ok(()) => {
                    // Also of what was known: whoever kept it may have died before this.
                    let Self { deps, store, campaign, number } = *self;
                    Suppressing { deps, store, campaign, number }
                        .follow(&known, &after.messages, &risen)
                        .await?;
                    return Ok(told.len() - known.len());
                }
                Err(StoreError::Conflict(_)) => self.pause(tried).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict(0).into())
    }

    async fn pause(&self, tried: u32) {
        let mut dice = [0];
        self.deps.dice.fill(&mut dice);
        let most = PAUSE_MILLIS_MAX.min(2_u64.saturating_pow(tried + 1));
        self.deps.clock.pause(Duration::from_millis(most * u64::from(dice[0]) / 255)).await;
    }
}

/// Those that came back, and have arrived after all.
fn risen(before: &campaign::Chunk, after: &campaign::Chunk) -> Vec<usize> {
    let both = before.messages.iter().zip(&after.messages).enumerate();
    let risen =
        both.filter(|(_, (before, after))| before.fate == Fate::Bounced && after.fate == Fate::Delivered);
    risen.map(|(place, _)| place).collect()
}

/// Nobody can have been asked to send what was never claimed.
fn was_begun(message: &campaign::Message) -> bool {
    message.sent_at.is_some()
}

/// As it is stored: of two words of one instant the order must not decide.
fn to_the_millisecond(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}
