//! Some of those whom a campaign is for get other words, to see which do better before the others get any.
//!
//! Who is in which arm is chosen with the plan, and nobody is in two. Which words did best is decided once: whoever waits gets
//! those, and is not written to before.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, ops::Deref, time::Duration};

use super::{Campaign, Plan, chunk::Chunk, count::ArmCounts, moves::Actor, plan::Part};
use crate::{Timestamp, words::words};

/// The arm of those who wait: they get the words of the one that did best.
pub const REST: u8 = u8::MAX;
/// The campaign's own words, and so many others.
pub const ARMS_MAX: usize = 4;

/// Who is in which arm is found by a hash of the campaign and the person: nobody is in two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// How many of a hundred get each of the words, the campaign's own first: two at least. Whoever is left waits.
    pub shares: Vec<u8>,
    pub metric: Metric,
    /// The words are compared so many hours after everybody was chosen, and after the last of those who try them got theirs.
    pub hours: u16,
}

words! {
    /// What doing better is: how many people did so.
    Metric {
        /// Of those to whom it was delivered.
        Opened: "opened",
        /// Of the same.
        Clicked: "clicked",
        /// Of those that a provider took: of texts, of which nobody knows who reads them.
        Delivered: "delivered",
    }
}

/// Which words did best: said once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub arm: u8,
    pub at: Timestamp,
    /// Somebody who did not wait for it, or we.
    pub by: Actor,
    /// By what it was decided: later words of providers change nothing.
    pub counts: BTreeMap<u8, ArmCounts>,
}

/// Whether those of a part may be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Now,
    At(Timestamp),
    /// Nobody has said yet in which words.
    Undecided,
}

impl Trial {
    /// When the words are to be compared. `None`: not all who try them have theirs yet, those aside whose hours come later still.
    pub fn due_at<C: Deref<Target = Chunk>>(
        &self,
        plan: &Plan,
        chunks: &BTreeMap<u32, C>,
    ) -> Option<Timestamp> {
        let decided_at = plan.decided_at?;
        let mut due_at = decided_at;
        for number in 0..plan.chunks() {
            let Some(Part { arm, not_before, .. }) = plan.stretch(number).map(|stretch| stretch.part) else {
                break;
            };
            if arm == REST || not_before.is_some_and(|at| at > decided_at) {
                continue;
            }
            let chunk = chunks.get(&number).filter(|chunk| chunk.is_over())?;
            let last = chunk.messages.iter().filter_map(|message| message.sent_at).max();
            let waited = last.map(|last| last + Duration::from_hours(self.hours.into()));
            due_at = due_at.max(waited.unwrap_or(due_at));
        }
        Some(due_at)
    }
}

impl Campaign {
    /// How many words it has; none, if they are told later.
    pub fn arms(&self) -> u8 {
        if self.is_wordless {
            return 0;
        }
        let arms = self.rules.trial.as_ref().map_or(1, |trial| trial.shares.len());
        u8::try_from(arms).unwrap_or(REST)
    }

    /// Which of its words a part gets. `None`: that is not decided yet.
    pub fn says_to(&self, arm: u8) -> Option<u8> {
        if arm == REST { self.decided.as_ref().map(|decided| decided.arm) } else { Some(arm) }
    }

    /// Whoever waits for the winner alone, and not for an hour of their own, goes as soon as there is one.
    pub fn starts(&self, plan: &Plan, part: &Part, now: Timestamp) -> Start {
        if self.says_to(part.arm).is_none() {
            return Start::Undecided;
        }
        let is_by_their_clocks = self.schedule.as_ref().is_some_and(|schedule| schedule.is_recipients_time);
        let waited_for_winner = part.arm == REST && part.not_before == plan.decided_at && !is_by_their_clocks;
        part.not_before.filter(|at| *at > now && !waited_for_winner).map_or(Start::Now, Start::At)
    }
}

/// What the words of an arm are called.
pub fn letter(arm: u8) -> char {
    char::from(b'A'.saturating_add(arm))
}

/// Of a letter.
pub fn arm_of(letter: &str) -> Option<u8> {
    let at = letter.trim().to_ascii_uppercase();
    let [one] = at.as_bytes() else { return None };
    one.checked_sub(b'A').filter(|arm| usize::from(*arm) < ARMS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CampaignId, UserId,
        campaign::{Care, Kind, Outcome, Rules, Who},
        template::Channel,
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn part(wave: u16, arm: u8, not_before: Option<Timestamp>) -> Part {
        Part { wave, not_before, shard: 0, chosen: 2, micros: None, arm }
    }

    fn sent(second: i64) -> Chunk {
        let mut chunk = Chunk::new(2);
        let claim = chunk.claim(2, at(second));
        for place in 0..2 {
            chunk.answered(place, claim.at, Outcome::Sent, Care::NeverTwice, at(second));
        }
        chunk
    }

    #[test]
    fn words_are_compared_when_all_who_try_them_have_had_their_hours() {
        let trial = Trial { shares: vec![10, 10], metric: Metric::Clicked, hours: 1 };
        let parts = vec![
            part(0, 0, None),
            part(1, 1, None),
            part(2, REST, Some(at(3_600))),
            part(3, 1, Some(at(9_999))),
        ];
        let plan = Plan { parts, decided_at: Some(at(3_600)), ..Plan::default() };
        let due = |chunks: &[Chunk]| trial.due_at(&plan, &(0..).zip(chunks).collect());
        assert_eq!(due(&[sent(0)]), None, "nobody has begun with the second");
        assert_eq!(due(&[sent(0), Chunk::new(2)]), None);
        assert_eq!(due(&[sent(0), sent(0)]), Some(at(3_600)));
        assert_eq!(due(&[sent(0), sent(500)]), Some(at(4_100)), "it was paused, or slow");
        let none = Plan { decided_at: None, ..plan.clone() };
        assert_eq!(trial.due_at(&none, &BTreeMap::<u32, &Chunk>::new()), None);
    }

    #[test]
    fn whoever_waits_for_the_winner_gets_no_words_before_there_is_one() {
        let plan = Plan { decided_at: Some(at(3_600)), ..Plan::default() };
        let (id, by) = (CampaignId::new(at(0), [1; 10]), UserId::new(at(0), [3; 10]));
        let audience = Who::Segment(crate::SegmentId::new(at(0), [2; 10]));
        let name = "Spring".parse().unwrap();
        let draft = Campaign::draft(id, name, Kind::Promotional, Channel::Email, audience, by, at(0));
        let trial = Trial { shares: vec![10, 10], metric: Metric::Clicked, hours: 1 };
        let open = Campaign { rules: Rules { trial: Some(trial), ..Rules::default() }, ..draft };
        let decision = Decision { arm: 1, at: at(60), by: Actor::Us, counts: BTreeMap::new() };
        let decided = Campaign { decided: Some(decision), ..open.clone() };
        let (first, rest) = (part(0, 0, None), part(1, REST, Some(at(3_600))));
        let night = part(2, REST, Some(at(9_000)));
        assert_eq!(open.starts(&plan, &first, at(60)), Start::Now);
        assert_eq!(open.starts(&plan, &rest, at(60)), Start::Undecided);
        assert_eq!(open.starts(&plan, &rest, at(9_999)), Start::Undecided);
        assert_eq!(decided.starts(&plan, &rest, at(60)), Start::Now, "decided early");
        assert_eq!(decided.starts(&plan, &night, at(3_600)), Start::At(at(9_000)), "an hour of their own");
        assert_eq!(decided.starts(&plan, &night, at(9_000)), Start::Now);
        assert_eq!((open.says_to(REST), decided.says_to(REST), decided.says_to(0)), (None, Some(1), Some(0)));
    }

    #[test]
    fn words_are_called_by_letters() {
        assert_eq!((letter(0), letter(3)), ('A', 'D'));
        for (told, expected) in
            [("A", Some(0)), ("d", Some(3)), ("E", None), ("", None), ("AB", None), ("1", None)]
        {
            assert_eq!(arm_of(told), expected, "{told}");
        }
    }
}
