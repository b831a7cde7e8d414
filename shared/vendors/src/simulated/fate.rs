//! What becomes of a message at the simulated vendor: computed of the seed, the message and how often it was asked for,
//! so that the same run comes to the same end.

use domain::{
    MessageTag, Reason,
    receipt::{Bounce, Happened},
};
use flows::Refusal;
use std::time::Duration;

/// How the vendor does its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habits {
    pub seed: u64,
    pub success_per_mille: u16,
    /// How long it takes to answer, from and to.
    pub answer_millis: (u64, u64),
    /// How long it takes until it knows what became of a message, from and to.
    pub receipt_millis: (u64, u64),
    /// So many receipts go out with one request; one alone goes without a list around it.
    pub batch: usize,
    /// Of so many messages nothing is ever told.
    pub lost_per_mille: u16,
    /// Of so many it is told twice.
    pub twice_per_mille: u16,
    /// Whether it knows a message that it has taken, and takes it once.
    pub is_idempotent: bool,
    /// Beyond it, the vendor asks for a second's rest.
    pub messages_per_second_max: Option<u32>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            seed: 1,
            success_per_mille: 900,
            answer_millis: (0, 0),
            receipt_millis: (500, 2_500),
            batch: 1,
            lost_per_mille: 0,
            twice_per_mille: 0,
            is_idempotent: false,
            messages_per_second_max: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Delivered,
    /// Taken, and told later.
    Ends(&'static str),
    /// Not taken.
    Refused(&'static str),
}

/// Three that will pass, and three that will not; two of them only show after the message was taken.
const REASONS: [Fate; 6] = [
    Fate::Refused("INVALID_EMAIL"),
    Fate::Ends("EMAIL_BOUNCED"),
    Fate::Ends("SPAM_DETECTED"),
    Fate::Refused("RATE_LIMITED"),
    Fate::Refused("TEMPORARY_FAILURE"),
    Fate::Refused("QUOTA_EXCEEDED"),
];

/// What is rolled for a message.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
enum Roll {
    Success = 1,
    Reason,
    Answer,
    Receipt,
    Lost,
    Twice,
    Name,
}

/// One message, asked for the so-and-so-many-th time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Try<'a> {
    pub(super) habits: &'a Habits,
    pub(super) message: &'a MessageTag,
    pub(super) attempt: u32,
}

impl Try<'_> {
    pub(super) fn fate(self) -> Fate {
        if self.is_among(Roll::Success, self.habits.success_per_mille) {
            return Fate::Delivered;
        }
        let place = self.roll(Roll::Reason) % REASONS.len() as u64;
        REASONS.into_iter().nth(usize::try_from(place).unwrap_or(0)).unwrap_or(Fate::Delivered)
    }

    pub(super) fn answers_after(self) -> Duration {
        self.within(Roll::Answer, self.habits.answer_millis)
    }

    pub(super) fn tells_after(self) -> Duration {
        self.within(Roll::Receipt, self.habits.receipt_millis)
    }

    /// How often it is told what became of it.
    pub(super) fn tellings(self) -> usize {
        if self.is_among(Roll::Lost, self.habits.lost_per_mille) {
            return 0;
        }
        1 + usize::from(self.is_among(Roll::Twice, self.habits.twice_per_mille))
    }

    /// Eight digits that no other message has, most likely.
    pub(super) fn name(self) -> String {
        format!("{:08x}", self.roll(Roll::Name) >> 32)
    }

    fn is_among(self, what: Roll, per_mille: u16) -> bool {
        self.roll(what) % 1_000 < u64::from(per_mille)
    }

    fn within(self, what: Roll, (from, to): (u64, u64)) -> Duration {
        let width = to.saturating_sub(from) + 1;
        Duration::from_millis(from + self.roll(what) % width)
    }

    /// FNV-1a over all that it depends on, stirred as splitmix64 ends: neighbours have nothing in common.
    fn roll(self, what: Roll) -> u64 {
        let numbers = [self.habits.seed, u64::from(self.attempt), what as u64];
        let bytes = numbers.into_iter().flat_map(u64::to_le_bytes).chain(self.message.as_str().bytes());
        let mut rolled = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        rolled = (rolled ^ (rolled >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        rolled = (rolled ^ (rolled >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        rolled ^ (rolled >> 31)
    }
}

impl Fate {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Delivered => "DELIVERED",
            Self::Ends(word) | Self::Refused(word) => word,
        }
    }

    pub(super) fn of_word(word: &str) -> Option<Self> {
        [Self::Delivered].into_iter().chain(REASONS).find(|fate| fate.word() == word)
    }

    /// What its receipt says, if it was taken.
    pub(super) fn happened(self) -> Option<Happened> {
        let reason = Reason::of(self.word());
        match self {
            Self::Delivered => Some(Happened::Delivered),
            Self::Ends("EMAIL_BOUNCED") => Some(Happened::Bounced { bounce: Bounce::Hard, reason }),
            Self::Ends(_) => Some(Happened::Failed { reason, may_try_again: false }),
            Self::Refused(_) => None,
        }
    }

    /// What its answer says, if it was not.
    pub(super) fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Refused("INVALID_EMAIL") => Some(Refusal::Permanent),
            Self::Refused("RATE_LIMITED") => Some(Refusal::Throttled { after: Some(Duration::from_secs(1)) }),
            Self::Refused(_) => Some(Refusal::Temporary),
            Self::Delivered | Self::Ends(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn fates(habits: &Habits, messages: u32) -> BTreeMap<&'static str, u32> {
        let mut counts = BTreeMap::new();
        for number in 0..messages {
            let message = format!("m-{number}").parse().unwrap();
            *counts.entry(Try { habits, message: &message, attempt: 1 }.fate().word()).or_default() += 1;
        }
        counts
    }

    #[test]
    fn nine_of_ten_are_delivered_and_each_reason_is_as_frequent_as_the_next() {
        for seed in 1..=5 {
            let counts = fates(&Habits { seed, ..Habits::default() }, 10_000);
            // 10,000 × 0.9 ± 4 × √(10,000 × 0.9 × 0.1) = 9,000 ± 120; a sixth of the rest: 167 ± 4 × √(167) = 167 ± 52.
            assert!((8_880..=9_120).contains(&counts["DELIVERED"]), "{counts:?}");
            assert_eq!(counts.len(), 7, "{counts:?}");
            let others = counts.iter().filter(|(word, _)| **word != "DELIVERED");
            assert!(others.clone().all(|(_, count)| (115..=219).contains(count)), "{counts:?}");
        }
    }

    #[test]
    fn the_same_seed_comes_to_the_same_end_and_another_to_another() {
        let of = |seed| {
            let habits = Habits { seed, success_per_mille: 500, ..Habits::default() };
            let all = (0..100).map(|number| {
                let message = format!("m-{number}").parse().unwrap();
                let one = Try { habits: &habits, message: &message, attempt: 1 };
                let again = Try { attempt: 2, ..one };
                assert_ne!(one.name(), again.name());
                (one.fate(), one.tells_after(), one.name(), again.fate())
            });
            all.collect::<Vec<_>>()
        };
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
        assert!(of(7).iter().any(|(first, .., again)| first != again), "another try, another roll");
    }

    #[test]
    fn habits_are_kept() {
        let all = |habits: Habits| {
            let all = (0..2_000).map(|number| {
                let message = format!("m-{number}").parse().unwrap();
                let one = Try { habits: &habits, message: &message, attempt: 1 };
                (one.tells_after().as_millis(), one.tellings())
            });
            all.collect::<Vec<_>>()
        };
        let usual = all(Habits::default());
        assert!(usual.iter().all(|(millis, tellings)| (500..=2_500).contains(millis) && *tellings == 1));
        assert!(
            usual.iter().any(|(millis, _)| *millis < 600) && usual.iter().any(|(millis, _)| *millis > 2_400)
        );
        let odd = all(Habits {
            lost_per_mille: 100,
            twice_per_mille: 100,
            receipt_millis: (0, 0),
            ..Habits::default()
        });
        let count =
            |times| odd.iter().filter(|(millis, tellings)| *millis == 0 && *tellings == times).count();
        assert!(
            (140..=260).contains(&count(0)) && (120..=240).contains(&count(2)),
            "{} {}",
            count(0),
            count(2)
        );
        assert_eq!(fates(&Habits { success_per_mille: 1_000, ..Habits::default() }, 500)["DELIVERED"], 500);
        assert!(!fates(&Habits { success_per_mille: 0, ..Habits::default() }, 500).contains_key("DELIVERED"));
    }

    #[test]
    fn every_word_is_known_again() {
        for fate in [Fate::Delivered].into_iter().chain(REASONS) {
            assert_eq!(Fate::of_word(fate.word()), Some(fate));
            assert!(fate.happened().is_some() != fate.refusal().is_some(), "told once: {fate:?}");
        }
    }
}
