//! The few messages that are sent together, and what becomes of each. All that happens to them is here; whoever stores a chunk
//! stores it only over the one that was read.

use std::time::Duration;

use super::message::{Fate, Heard, Mark, Marks, Message, Why};
use crate::Timestamp;

pub const CHUNK_MESSAGES: usize = 50;
/// Whoever has claimed a message and has not told of it for so long has died: providers are given far less.
pub const CLAIM: Duration = Duration::from_mins(2);
/// And after so long they are surely gone: nobody runs for more than half of it.
const OUTLIVED: Duration = Duration::from_mins(30);
/// What a provider refuses for now is tried so often.
pub const TRIES: u8 = 3;
/// How long whoever was refused once waits; twice as long the next time.
const PAUSE: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// One for each who was chosen, in the order of their slots.
    pub messages: Vec<Message>,
    /// What was refused for now is not tried again before.
    pub again_at: Option<Timestamp>,
    /// Whoever may not be written to before is not looked at before.
    pub open_at: Option<Timestamp>,
}

/// Those that somebody has begun to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub places: Vec<usize>,
    pub at: Timestamp,
}

/// What a merchant would rather bear if nobody knows whether a message went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Care {
    #[default]
    NeverTwice,
    NeverZero,
}

impl Care {
    /// So often a provider may have taken the same message, at most: unless whoever sent it died before it was answered.
    pub fn takings(self) -> u8 {
        match self {
            Self::NeverTwice => 1,
            Self::NeverZero => TRIES,
        }
    }
}

/// What came of an attempt to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Sent,
    /// The provider was not asked.
    Skipped(Why),
    /// The provider has surely not taken it, and asks for time: that is no failure.
    Later(Why),
    /// The provider was not asked: whoever it is for may not be written to before.
    Wait(Why, Timestamp),
    /// It has surely not taken it, and may the next time.
    Again(Why),
    Failed(Why),
    /// It may have taken it.
    Unknown(Why),
}

impl Chunk {
    pub fn new(messages: usize) -> Self {
        Self { messages: vec![Message::default(); messages], again_at: None, open_at: None }
    }

    /// Takes up to so many to be sent now, and says which. Whoever does this stores it before anything else.
    pub fn claim(&mut self, at_most: usize, now: Timestamp) -> Claim {
        // As it is stored: by this a claim is known again.
        let at = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let claimed: Vec<usize> = self.free(now).take(at_most).collect();
        for place in &claimed {
            let message = &mut self.messages[*place];
            (message.fate, message.sent_at, message.why) = (Fate::Claimed, Some(at), None);
        }
        Claim { places: claimed, at }
    }

    /// Who may be sent to now. Whoever was put off keeps nobody else waiting.
    pub fn free(&self, now: Timestamp) -> impl Iterator<Item = usize> {
        let planned = self.messages.iter().enumerate().filter(|(_, message)| message.fate == Fate::Planned);
        let is_free = move |message: &Message| self.put_off_until(message).is_none_or(|at| at <= now);
        planned.filter(move |(_, message)| is_free(message)).map(|(place, _)| place)
    }

    /// From when on somebody is free. `None`: nobody waits any more.
    pub fn free_at(&self) -> Option<Timestamp> {
        let planned = self.messages.iter().filter(|message| message.fate == Fate::Planned);
        planned.map(|message| self.put_off_until(message).unwrap_or(Timestamp::MIN)).min()
    }

    fn put_off_until(&self, message: &Message) -> Option<Timestamp> {
        if message.why == Some(Why::QuietHours) {
            self.open_at
        } else if message.refusals > 0 {
            self.again_at
        } else {
            None
        }
    }

    /// Those whose sender has died.
    pub fn lost(&self, now: Timestamp) -> Vec<usize> {
        let is_lost = |message: &Message| {
            message.fate == Fate::Claimed && message.sent_at.is_none_or(|at| at + CLAIM <= now)
        };
        (0..self.messages.len()).filter(|place| is_lost(&self.messages[*place])).collect()
    }

    /// Those whose sender was given up: they may have stood still, and go on.
    pub fn given_up(&self) -> Vec<usize> {
        let is_given_up = |message: &Message| message.marks.has(Mark::GivenUp);
        (0..self.messages.len()).filter(|place| is_given_up(&self.messages[*place])).collect()
    }

    /// Who was given up so long ago does not go on any more. Whether there were any.
    pub fn outlived(&mut self, now: Timestamp) -> bool {
        let mut any = false;
        for message in self.messages.iter_mut().filter(|message| message.marks.has(Mark::GivenUp)) {
            if message.sent_at.max(message.settled_at).is_none_or(|at| at + OUTLIVED <= now) {
                message.marks = message.marks.without(Mark::GivenUp);
                any = true;
            }
        }
        any
    }

    /// Of those that are lost. Whether there were any.
    pub fn give_up(&mut self, care: Care, now: Timestamp) -> bool {
        let lost = self.lost(now);
        for place in &lost {
            let message = &mut self.messages[*place];
            (message.fate, message.why) = match care {
                Care::NeverTwice => (Fate::Unknown, Some(Why::Interrupted)),
                Care::NeverZero => (Fate::Planned, Some(Why::Interrupted)),
            };
            message.marks = message.marks.with(Mark::GivenUp);
            if care == Care::NeverZero {
                message.marks = message.marks.with(Mark::InDoubt);
            }
        }
        !lost.is_empty()
    }

    /// Of a message that was claimed at that instant. Told by a receipt meanwhile, or given up, it stays as it is: but a sure
    /// word is more than a doubt.
    pub fn answered(
        &mut self,
        place: usize,
        claimed_at: Timestamp,
        outcome: Outcome,
        care: Care,
        now: Timestamp,
    ) {
        let Some(message) = self.messages.get_mut(place) else { return };
        let is_open = matches!(message.fate, Fate::Claimed | Fate::Unknown);
        if !is_open || message.sent_at != Some(claimed_at) {
            return;
        }
        match outcome {
            Outcome::Sent => (message.fate, message.why) = (Fate::Sent, None),
            // It was given up, and the campaign may be over by now: nobody would try it again.
            Outcome::Later(why) | Outcome::Again(why) if message.fate == Fate::Unknown => {
                message.end(Fate::Failed, why, now);
            }
            Outcome::Wait(why, _) if message.fate == Fate::Unknown => message.end(Fate::Skipped, why, now),
            Outcome::Skipped(why) => message.end(Fate::Skipped, why, now),
            Outcome::Failed(why) => message.end(Fate::Failed, why, now),
            Outcome::Unknown(why) if care == Care::NeverTwice => {
                (message.fate, message.why) = (Fate::Unknown, Some(why));
            }
            Outcome::Later(why) => (message.fate, message.why) = (Fate::Planned, Some(why)),
            Outcome::Wait(why, until) => {
                (message.fate, message.why) = (Fate::Planned, Some(why));
                // Whoever is due later is looked at with them, and waits on.
                self.open_at = Some(self.open_at.filter(|at| *at > now).map_or(until, |at| at.min(until)));
            }
            Outcome::Again(why) | Outcome::Unknown(why) => {
                if matches!(outcome, Outcome::Unknown(_)) {
                    message.marks = message.marks.with(Mark::InDoubt);
                }
                message.refusals = message.refusals.saturating_add(1);
                if message.refusals >= TRIES {
                    let fate =
                        if matches!(outcome, Outcome::Again(_)) { Fate::Failed } else { Fate::Unknown };
                    message.end(fate, why, now);
                } else {
                    (message.fate, message.why) = (Fate::Planned, Some(why));
                    let again_at = now + PAUSE * 2_u32.pow(u32::from(message.refusals) - 1);
                    self.again_at = self.again_at.max(Some(again_at));
                }
            }
        }
    }

    /// Nobody is to be sent anything any more. Whether anybody was still waiting.
    pub fn cancel(&mut self, now: Timestamp) -> bool {
        let mut any = false;
        for message in self.messages.iter_mut().filter(|message| message.fate == Fate::Planned) {
            message.end(Fate::Skipped, Why::Cancelled, now);
            any = true;
        }
        any
    }

    /// Whether it says anything new.
    pub fn hear(&mut self, place: usize, heard: Heard, at: Timestamp) -> bool {
        let Some(message) = self.messages.get_mut(place) else { return false };
        let after = message.hearing(heard, at);
        let is_new = after != *message;
        *message = after;
        is_new
    }

    /// Whom it was for is forgotten: they were not written to. Whether that is new.
    pub fn forget(&mut self, place: usize, now: Timestamp) -> bool {
        let Some(message) = self.messages.get_mut(place) else { return false };
        let settled_at = message.settled_at.filter(|_| message.is_nobodys()).unwrap_or(now);
        // Nobody else will find that whoever has claimed it has died over it.
        let is_watched = message.fate == Fate::Claimed || message.marks.has(Mark::GivenUp);
        let marks = if is_watched { Marks::default().with(Mark::GivenUp) } else { Marks::default() };
        let nobodys = Message {
            fate: Fate::Skipped,
            why: Some(Why::Gone),
            settled_at: is_watched.then_some(settled_at),
            marks,
            ..Message::default()
        };
        let is_new = nobodys != *message;
        *message = nobodys;
        is_new
    }

    pub fn is_over(&self) -> bool {
        self.messages.iter().all(|message| message.fate.is_over())
    }

    /// Somebody has begun with it and has not ended.
    pub fn is_claimed(&self) -> bool {
        self.messages.iter().any(|message| message.fate == Fate::Claimed)
    }
}

impl Message {
    /// Of what was in doubt before it is never said that nothing was sent.
    fn end(&mut self, fate: Fate, why: Why, now: Timestamp) {
        let is_denied = matches!(fate, Fate::Skipped | Fate::Failed) && self.marks.has(Mark::InDoubt);
        let (fate, why) = if is_denied { (Fate::Unknown, Why::NoAnswer) } else { (fate, why) };
        (self.fate, self.why, self.settled_at) = (fate, Some(why), Some(now));
    }
}

#[cfg(test)]
mod tests;
