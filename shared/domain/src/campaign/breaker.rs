//! When a campaign is stopped because too many of its messages come back, or are complained about.
//!
//! Each message that a provider took is one trial. Against each other stand a share that is still borne and one that is not: how
//! much likelier what was seen is under the second. That ratio, looked at as often as anybody likes, exceeds 1/α with a
//! probability of at most α as long as the true share is one that is borne (Ville's inequality; Wald's sequential test without
//! its lower bound). So one bounce of three says nothing, and a bad list is stopped after a few hundred messages.

use serde::{Deserialize, Serialize};
use std::ops::Add;

use super::{
    chunk::Chunk,
    count::Counts,
    message::{Fate, Mark, Why},
};
use crate::{Timestamp, words::words};

/// How often a campaign that does no more harm than is borne may be stopped: once in a thousand.
pub const FALSE_ALARMS: f64 = 0.001;

words! {
    Harm {
        /// Messages that came back because nobody is there.
        HardBounces: "hard_bounces",
        /// People who told their mailbox that it was spam.
        Complaints: "complaints",
    }
}

impl Harm {
    /// The share that is borne, and the one that is not. Amazon SES advises against bounces above 2 % and looks at an account from 5 %
    /// on, and at 0.1 % of complaints; Gmail asks for less than 0.1 %, and never 0.3 %.
    const fn shares(self) -> (f64, f64) {
        match self {
            Self::HardBounces => (0.02, 0.05),
            Self::Complaints => (0.001, 0.003),
        }
    }

    /// Whether so many of so many say that it is more than is borne.
    pub fn is_too_much(self, harmed: u64, of: u64) -> bool {
        let (borne, bad) = self.shares();
        #[expect(clippy::cast_precision_loss, reason = "no campaign has so many messages")]
        let (harmed, unharmed) = (harmed as f64, of.saturating_sub(harmed) as f64);
        let log_ratio = harmed * (bad / borne).ln() + unharmed * ((1.0 - bad) / (1.0 - borne)).ln();
        log_ratio >= -FALSE_ALARMS.ln()
    }
}

/// Why a campaign was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tripped {
    pub harm: Harm,
    pub harmed: u64,
    /// Messages that a provider took.
    pub of: u64,
}

/// What became of the messages that a provider took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub taken: u64,
    pub hard_bounces: u64,
    pub complaints: u64,
}

impl Tally {
    /// Of those that were handed over after that instant; of all, if there is none.
    pub fn of<'a>(chunks: impl Iterator<Item = &'a Chunk>, since: Option<Timestamp>) -> Self {
        let mut tally = Self::default();
        let messages = chunks.flat_map(|chunk| &chunk.messages);
        for message in messages.filter(|message| since.is_none_or(|since| message.sent_at > Some(since))) {
            // What nobody knows of was perhaps not taken: it is no trial.
            if matches!(message.fate, Fate::Sent | Fate::Bounced | Fate::Delivered) {
                tally.taken += 1;
                tally.hard_bounces += u64::from(message.why == Some(Why::HardBounce));
                tally.complaints += u64::from(message.marks.has(Mark::Complained));
            }
        }
        tally
    }

    /// Of a campaign's, as they were counted.
    pub fn counted(counts: &Counts) -> Self {
        Self {
            taken: counts.at(Fate::Sent) + counts.at(Fate::Bounced) + counts.at(Fate::Delivered),
            hard_bounces: counts.whys.get(&Why::HardBounce).copied().unwrap_or(0),
            complaints: counts.complained,
        }
    }

    pub fn is_harmless(&self) -> bool {
        self.hard_bounces == 0 && self.complaints == 0
    }

    pub fn tripped(&self) -> Option<Tripped> {
        let of = self.taken;
        let harms = [(Harm::Complaints, self.complaints), (Harm::HardBounces, self.hard_bounces)];
        let too_much = harms.into_iter().find(|(harm, harmed)| harm.is_too_much(*harmed, of));
        too_much.map(|(harm, harmed)| Tripped { harm, harmed, of })
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            taken: self.taken + more.taken,
            hard_bounces: self.hard_bounces + more.hard_bounces,
            complaints: self.complaints + more.complaints,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::{Care, Heard, Outcome};
    use proptest::prelude::*;

    /// Of a seed: numbers from 0 to 1 (splitmix64).
    fn rolls(mut seed: u64) -> impl FnMut() -> f64 {
        move || {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
            let share = ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
            share
        }
    }

    /// After how many messages it is stopped that is looked at after each of them.
    fn stopped(harm: Harm, share: f64, most: u64, seed: u64) -> Option<u64> {
        let (mut roll, mut harmed) = (rolls(seed), 0);
        (1..=most).find(|of| {
            harmed += u64::from(roll() < share);
            harm.is_too_much(harmed, *of)
        })
    }

    #[test]
    fn a_few_bounces_say_nothing_and_many_do() {
        let check = |harm: Harm, harmed: u64, of: u64, expected: bool| {
            assert_eq!(harm.is_too_much(harmed, of), expected, "{harmed} of {of} {harm:?}");
        };
        check(Harm::HardBounces, 1, 3, false);
        check(Harm::HardBounces, 3, 3, false);
        check(Harm::HardBounces, 8, 8, true);
        check(Harm::HardBounces, 20, 1_000, false);
        check(Harm::HardBounces, 50, 1_000, true);
        check(Harm::HardBounces, 2_000, 100_000, false);
        check(Harm::Complaints, 1, 1, false);
        check(Harm::Complaints, 1, 300, false);
        check(Harm::Complaints, 7, 7, true);
        check(Harm::Complaints, 100, 100_000, false);
        check(Harm::Complaints, 30, 10_000, true);
        check(Harm::Complaints, 0, 0, false);
    }

    #[test]
    fn who_does_no_more_harm_than_is_borne_is_stopped_as_rarely_as_is_said_however_often_one_looks() {
        for (harm, messages) in [(Harm::HardBounces, 5_000), (Harm::Complaints, 20_000)] {
            let (borne, _) = harm.shares();
            let seeds = 2_000;
            let false_alarms = (0..seeds).filter(|seed| stopped(harm, borne, messages, *seed).is_some());
            // Two of two thousand are expected at most; eight would come once in a thousand times.
            let false_alarms = false_alarms.count();
            assert!(false_alarms < 8, "{harm:?}: {false_alarms} of {seeds}");
        }
    }

    #[test]
    fn who_does_more_is_stopped_soon() {
        let check = |harm: Harm, share: f64, most: u64| {
            let late = (0..200).filter(|seed| stopped(harm, share, most, *seed).is_none()).count();
            assert_eq!(late, 0, "{harm:?} at {share}");
        };
        check(Harm::HardBounces, 0.05, 3_000);
        check(Harm::HardBounces, 0.2, 250);
        check(Harm::Complaints, 0.003, 40_000);
        check(Harm::Complaints, 0.02, 2_000);
    }

    proptest! {
        #[test]
        fn more_harm_is_never_less_reason_and_more_messages_never_more(
            harmed in 0..5_000_u64, unharmed in 0..500_000_u64,
        ) {
            for harm in Harm::ALL {
                let of = harmed + unharmed;
                if harm.is_too_much(harmed, of) {
                    prop_assert!(harm.is_too_much(harmed + 1, of + 1));
                } else {
                    prop_assert!(!harm.is_too_much(harmed, of + 1));
                }
            }
        }
    }

    #[test]
    fn what_was_handed_over_before_it_was_resumed_is_not_counted_again() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut chunk = Chunk::new(4);
        for (places, now) in [(2, at(10)), (2, at(20))] {
            let claim = chunk.claim(places, now);
            for place in claim.places {
                chunk.answered(place, claim.at, Outcome::Sent, Care::NeverTwice, now);
            }
        }
        for place in [0, 2] {
            chunk.hear(place, Heard::Bounced(Why::HardBounce), at(30));
        }
        chunk.hear(3, Heard::Complained, at(30));
        let tally = |since| Tally::of([&chunk].into_iter(), since);
        assert_eq!(tally(None), Tally { taken: 4, hard_bounces: 2, complaints: 1 });
        assert_eq!(tally(Some(at(10))), Tally { taken: 2, hard_bounces: 1, complaints: 1 });
        assert_eq!(tally(Some(at(20))), Tally::default());
        let many = Tally { taken: 1_000, hard_bounces: 80, complaints: 40 };
        assert_eq!(many.tripped(), Some(Tripped { harm: Harm::Complaints, harmed: 40, of: 1_000 }));
        assert_eq!(Tally { complaints: 0, hard_bounces: 9, ..many }.tripped(), None);
    }
}
