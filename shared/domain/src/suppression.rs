//! Addresses that are not written to, whoever has them: the list that stands above every consent.
//!
//! Of two words about one address the graver holds, and of equal ones the earlier, so that no order of arrival decides. Whoever
//! takes an address off the list leaves when they did: what happened before puts it back no more.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    campaign::{Actor, MessageId},
    words::words,
};

/// So many letters in a row that an address did not take put it on the list: five campaigns within a month are no full mailbox
/// of one evening, and providers that keep such lists themselves count to five or so.
pub const SOFT_BOUNCES: usize = 5;
pub const SOFT_BOUNCE_DAYS: i64 = 30;

words! {
    /// Why. The graver comes later.
    Cause {
        /// It did not take letter after letter.
        SoftBounce: "soft_bounce",
        Import: "import",
        Manual: "manual",
        HardBounce: "hard_bounce",
        Unsubscribe: "unsubscribe",
        Complaint: "complaint",
    }
}

/// Why an address is not written to, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppressed {
    pub cause: Cause,
    pub since: Timestamp,
    /// The message that it followed from.
    pub message: Option<MessageId>,
    pub by: Actor,
}

/// That an address was taken off the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifted {
    pub at: Timestamp,
    pub by: Actor,
    /// In the words of whoever did it.
    pub why: Option<String>,
}

/// All that is known of one address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    pub held: Option<Suppressed>,
    pub lifted: Option<Lifted>,
}

impl Standing {
    /// After a word about the address. What happened before it was taken off says nothing any more.
    #[must_use]
    pub fn told(&self, told: Suppressed) -> Self {
        let is_stale = self.lifted.as_ref().is_some_and(|lifted| told.since <= lifted.at);
        let rank = |it: &Suppressed| (it.cause, std::cmp::Reverse(it.since));
        if is_stale || self.held.as_ref().is_some_and(|held| rank(held) >= rank(&told)) {
            return self.clone();
        }
        Self { held: Some(told), ..self.clone() }
    }

    /// Of somebody who is forgotten.
    #[must_use]
    pub fn wordless(&self) -> Self {
        let lifted = self.lifted.as_ref().map(|lifted| Lifted { why: None, ..lifted.clone() });
        Self { held: self.held.map(|held| Suppressed { message: None, ..held }), lifted }
    }

    /// Off the list.
    #[must_use]
    pub fn lifted(&self, lifted: Lifted) -> Self {
        Self { held: None, lifted: Some(lifted) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn word(cause: Cause, second: i64) -> Suppressed {
        Suppressed { cause, since: at(second), message: None, by: Actor::Us }
    }

    proptest! {
        #[test]
        fn words_come_to_the_same_in_any_order_and_however_often(
            words in prop::collection::vec((0..Cause::ALL.len(), 0..6_i64), 1..8),
            turn in any::<prop::sample::Index>(),
            lifted in prop::option::of(0..6_i64),
        ) {
            let words: Vec<_> = words.into_iter().map(|(cause, second)| word(Cause::ALL[cause], second)).collect();
            let lifted = lifted.map(|second| Lifted { at: at(second), by: Actor::Us, why: None });
            let start = Standing { held: None, lifted };
            let all = |words: &[Suppressed]| words.iter().fold(start.clone(), |held, told| held.told(*told));
            let mut other = words.clone();
            other.rotate_left(turn.index(words.len()));
            other.reverse();
            other.extend(words.clone());
            prop_assert_eq!(all(&words), all(&other));
        }
    }

    #[test]
    fn the_graver_word_holds_and_of_equal_ones_the_earlier() {
        let held = Standing::default().told(word(Cause::HardBounce, 5));
        assert_eq!(held.told(word(Cause::SoftBounce, 1)), held);
        assert_eq!(held.told(word(Cause::HardBounce, 7)), held);
        assert_eq!(held.told(word(Cause::HardBounce, 3)).held, Some(word(Cause::HardBounce, 3)));
        assert_eq!(held.told(word(Cause::Complaint, 9)).held, Some(word(Cause::Complaint, 9)));
    }

    #[test]
    fn what_happened_before_it_was_taken_off_puts_it_back_no_more() {
        let lifted = Lifted { at: at(10), by: Actor::Us, why: None };
        let off = Standing::default().told(word(Cause::HardBounce, 5)).lifted(lifted);
        assert_eq!(off.held, None);
        assert_eq!(off.told(word(Cause::Complaint, 10)), off, "told late");
        assert_eq!(off.told(word(Cause::SoftBounce, 11)).held, Some(word(Cause::SoftBounce, 11)));
    }

    #[test]
    fn every_cause_has_one_name() {
        for cause in Cause::ALL {
            assert_eq!(cause.name().parse(), Ok(cause));
            assert_eq!(serde_json::to_value(cause).unwrap(), cause.name());
        }
    }
}
