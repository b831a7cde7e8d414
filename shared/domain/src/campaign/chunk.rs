//! The few messages that are sent together, and what becomes of each. All that happens to them is here; whoever stores a chunk
//! stores it only over the one that was read.

use std::time::Duration;

use super::message::{Fate, Heard, Mark, Message, Why};
use crate::Timestamp;

pub const CHUNK_MESSAGES: usize = 50;
/// Whoever has claimed a message and has not told of it for so long has died: providers are given far less.
pub const CLAIM: Duration = Duration::from_mins(2);
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
        Self { messages: vec![Message::default(); messages], again_at: None }
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
        let is_time = self.again_at.is_none_or(|again_at| again_at <= now);
        let planned = self.messages.iter().enumerate().filter(|(_, message)| message.fate == Fate::Planned);
        planned.filter(move |(_, message)| is_time || !message.is_put_off()).map(|(place, _)| place)
    }

    /// Those whose sender has died.
    pub fn lost(&self, now: Timestamp) -> Vec<usize> {
        let is_lost = |message: &Message| {
            message.fate == Fate::Claimed && message.sent_at.is_none_or(|at| at + CLAIM <= now)
        };
        (0..self.messages.len()).filter(|place| is_lost(&self.messages[*place])).collect()
    }

    /// Of those. Whether there were any.
    pub fn give_up(&mut self, care: Care, now: Timestamp) -> bool {
        let lost = self.lost(now);
        for place in &lost {
            let message = &mut self.messages[*place];
            (message.fate, message.why) = match care {
                Care::NeverTwice => (Fate::Unknown, Some(Why::Interrupted)),
                Care::NeverZero => (Fate::Planned, Some(Why::Interrupted)),
            };
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
                self.again_at = self.again_at.max(Some(until));
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
    pub fn forget(&mut self, place: usize) -> bool {
        let Some(message) = self.messages.get_mut(place) else { return false };
        let nobodys = Message { fate: Fate::Skipped, why: Some(Why::Gone), ..Message::default() };
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
    /// Refused for now, or not to be written to before: until `Chunk::again_at`.
    fn is_put_off(&self) -> bool {
        self.refusals > 0 || self.why == Some(Why::QuietHours)
    }

    /// Of what was in doubt before it is never said that nothing was sent.
    fn end(&mut self, fate: Fate, why: Why, now: Timestamp) {
        let is_denied = matches!(fate, Fate::Skipped | Fate::Failed) && self.marks.has(Mark::InDoubt);
        let (fate, why) = if is_denied { (Fate::Unknown, Why::NoAnswer) } else { (fate, why) };
        (self.fate, self.why, self.settled_at) = (fate, Some(why), Some(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn fates(chunk: &Chunk) -> Vec<Fate> {
        chunk.messages.iter().map(|message| message.fate).collect()
    }

    #[test]
    fn each_is_claimed_once_and_a_claim_is_known_again_as_it_is_stored() {
        let mut chunk = Chunk::new(3);
        let now = Timestamp::from_nanosecond(1_790_000_000_123_456_789).unwrap();
        let claim = chunk.claim(2, now);
        assert_eq!((claim.places.clone(), claim.at.subsec_nanosecond()), (vec![0, 1], 123_000_000));
        assert_eq!(chunk.claim(9, now).places, [2]);
        assert_eq!(chunk.claim(9, now).places, Vec::<usize>::new());
        chunk.answered(0, claim.at, Outcome::Sent, Care::NeverTwice, now);
        chunk.answered(1, at(99), Outcome::Sent, Care::NeverTwice, now);
        assert_eq!(
            fates(&chunk),
            [Fate::Sent, Fate::Claimed, Fate::Claimed],
            "another claim's answer is nobody's"
        );
    }

    #[test]
    fn nobody_knows_what_became_of_a_message_whose_sender_died() {
        for (care, expected) in [(Care::NeverTwice, Fate::Unknown), (Care::NeverZero, Fate::Planned)] {
            let mut chunk = Chunk::new(1);
            let claim = chunk.claim(1, at(0));
            assert!(!chunk.give_up(care, at(119)));
            assert!(chunk.give_up(care, at(120)));
            assert_eq!((fates(&chunk), chunk.messages[0].why), (vec![expected], Some(Why::Interrupted)));
            chunk.answered(0, claim.at, Outcome::Sent, care, at(121));
            let sure = if care == Care::NeverTwice { Fate::Sent } else { Fate::Planned };
            assert_eq!(fates(&chunk), [sure], "a sure word is more than a doubt");
        }
    }

    #[test]
    fn what_is_refused_for_now_is_tried_three_times_each_time_later_and_throttling_is_no_failure() {
        let mut chunk = Chunk::new(1);
        let mut now = at(0);
        for (refusals, pause) in [(1, 30), (2, 60)] {
            let claim = chunk.claim(1, now);
            chunk.answered(0, claim.at, Outcome::Again(Why::Temporary), Care::NeverTwice, now);
            assert_eq!(
                (chunk.messages[0].refusals, chunk.again_at),
                (refusals, Some(now + Duration::from_secs(pause)))
            );
            assert!(chunk.claim(1, now + Duration::from_secs(pause - 1)).places.is_empty());
            now += Duration::from_secs(pause);
        }
        let claim = chunk.claim(1, now);
        chunk.answered(0, claim.at, Outcome::Later(Why::Throttled), Care::NeverTwice, now);
        assert_eq!((fates(&chunk), chunk.messages[0].refusals), (vec![Fate::Planned], 2));
        let claim = chunk.claim(1, now);
        chunk.answered(0, claim.at, Outcome::Again(Why::Temporary), Care::NeverTwice, now);
        assert_eq!((fates(&chunk), chunk.messages[0].why), (vec![Fate::Failed], Some(Why::Temporary)));
        assert!(chunk.is_over());
    }

    #[test]
    fn whoever_may_not_be_written_to_for_now_waits_and_that_is_no_failure() {
        let mut chunk = Chunk::new(2);
        let claim = chunk.claim(2, at(0));
        chunk.answered(0, claim.at, Outcome::Wait(Why::QuietHours, at(900)), Care::NeverTwice, at(1));
        chunk.answered(1, claim.at, Outcome::Sent, Care::NeverTwice, at(1));
        assert_eq!((fates(&chunk), chunk.messages[0].refusals), (vec![Fate::Planned, Fate::Sent], 0));
        assert!(chunk.claim(2, at(899)).places.is_empty());
        assert_eq!(chunk.claim(2, at(900)).places, [0]);
    }

    #[test]
    fn whoever_is_put_off_keeps_nobody_else_waiting() {
        for outcome in [Outcome::Again(Why::Temporary), Outcome::Wait(Why::QuietHours, at(30))] {
            let mut chunk = Chunk::new(3);
            let claim = chunk.claim(1, at(0));
            chunk.answered(0, claim.at, outcome, Care::NeverTwice, at(0));
            assert_eq!(chunk.free(at(1)).collect::<Vec<_>>(), [1, 2]);
            let claim = chunk.claim(2, at(1));
            assert_eq!(claim.places, [1, 2]);
            for place in claim.places {
                chunk.answered(place, claim.at, Outcome::Sent, Care::NeverTwice, at(1));
            }
            assert_eq!(chunk.free(at(29)).next(), None);
            assert_eq!(chunk.claim(3, at(30)).places, [0]);
        }
    }

    #[test]
    fn a_doubt_is_sent_again_only_where_the_merchant_would_rather_have_two() {
        for (care, expected) in [(Care::NeverTwice, Fate::Unknown), (Care::NeverZero, Fate::Planned)] {
            let mut chunk = Chunk::new(1);
            let claim = chunk.claim(1, at(0));
            chunk.answered(0, claim.at, Outcome::Unknown(Why::NoAnswer), care, at(1));
            assert_eq!(fates(&chunk), [expected]);
        }
    }

    #[test]
    fn what_was_given_up_is_not_in_line_again_when_its_refusal_comes_at_last() {
        for outcome in [Outcome::Later(Why::Throttled), Outcome::Again(Why::Throttled)] {
            let mut chunk = Chunk::new(1);
            let claim = chunk.claim(1, at(0));
            assert!(chunk.give_up(Care::NeverTwice, at(120)));
            chunk.answered(0, claim.at, outcome, Care::NeverTwice, at(121));
            assert_eq!((fates(&chunk), chunk.messages[0].why), (vec![Fate::Failed], Some(Why::Throttled)));
        }
        let mut chunk = Chunk::new(1);
        let claim = chunk.claim(1, at(0));
        assert!(chunk.give_up(Care::NeverTwice, at(120)));
        chunk.answered(0, claim.at, Outcome::Wait(Why::QuietHours, at(900)), Care::NeverTwice, at(121));
        assert_eq!((fates(&chunk), chunk.messages[0].why), (vec![Fate::Skipped], Some(Why::QuietHours)));
    }

    #[test]
    fn of_whom_an_earlier_try_is_in_doubt_nobody_says_that_nothing_was_sent() {
        let ends = |end: &dyn Fn(&mut Chunk)| {
            let mut chunk = Chunk::new(1);
            let claim = chunk.claim(1, at(0));
            chunk.answered(0, claim.at, Outcome::Unknown(Why::NoAnswer), Care::NeverZero, at(1));
            end(&mut chunk);
            (chunk.messages[0].fate, chunk.messages[0].why)
        };
        let answered = |chunk: &mut Chunk, outcome: Outcome| {
            let claim = chunk.claim(1, at(600));
            chunk.answered(0, claim.at, outcome, Care::NeverZero, at(601));
        };
        let unknown = (Fate::Unknown, Some(Why::NoAnswer));
        assert_eq!(ends(&|chunk| assert!(chunk.cancel(at(2)))), unknown);
        assert_eq!(ends(&|chunk| answered(chunk, Outcome::Skipped(Why::Unsubscribed))), unknown);
        assert_eq!(ends(&|chunk| answered(chunk, Outcome::Failed(Why::Refused))), unknown);
        assert_eq!(ends(&|chunk| answered(chunk, Outcome::Sent)), (Fate::Sent, None));
        let given_up = |chunk: &mut Chunk| {
            chunk.claim(1, at(600));
            chunk.give_up(Care::NeverZero, at(900));
            chunk.cancel(at(901));
        };
        assert_eq!(ends(&given_up), unknown);
    }

    #[test]
    fn a_receipt_that_was_faster_than_the_answer_stays() {
        let mut chunk = Chunk::new(1);
        let claim = chunk.claim(1, at(0));
        assert!(chunk.hear(0, Heard::Delivered, at(1)));
        assert!(!chunk.hear(0, Heard::Delivered, at(1)) && !chunk.hear(9, Heard::Delivered, at(1)));
        chunk.answered(0, claim.at, Outcome::Unknown(Why::NoAnswer), Care::NeverTwice, at(2));
        assert_eq!(fates(&chunk), [Fate::Delivered]);
    }

    #[test]
    fn of_a_message_to_whoever_is_forgotten_nothing_is_told_any_more() {
        let mut chunk = Chunk::new(2);
        let claim = chunk.claim(2, at(0));
        chunk.hear(0, Heard::Clicked { by_machine: false }, at(1));
        assert!(chunk.forget(0) && !chunk.forget(0) && !chunk.forget(9));
        let nobodys = Message { fate: Fate::Skipped, why: Some(Why::Gone), ..Message::default() };
        assert_eq!(chunk.messages[0], nobodys);
        chunk.answered(0, claim.at, Outcome::Sent, Care::NeverTwice, at(2));
        for heard in [Heard::Delivered, Heard::Opened { by_machine: false }, Heard::Complained] {
            assert!(!chunk.hear(0, heard, at(3)), "{heard:?}");
        }
        assert_eq!(chunk.messages, [nobodys, chunk.messages[1].clone()]);
    }

    #[test]
    fn who_waits_is_left_out_when_it_is_cancelled_and_who_is_being_sent_to_is_not() {
        let mut chunk = Chunk::new(3);
        chunk.claim(1, at(0));
        assert!(chunk.cancel(at(1)));
        assert_eq!(fates(&chunk), [Fate::Claimed, Fate::Skipped, Fate::Skipped]);
        assert!(!chunk.cancel(at(2)) && chunk.is_claimed() && !chunk.is_over());
    }
}
