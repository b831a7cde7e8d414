//! When a message that was not done comes again: each time later, and not all at the same moment.

use async_trait::async_trait;

use crate::{Dice, FlowError, Verdict};

/// After its tries a message waited up to 5, 25, 125 and 625 seconds: 13 minutes together, and half of that at least.
/// So long somebody else's trouble may last, and a moment's costs a moment.
const BASE_SECONDS: u32 = 5;
/// `SQS` hides nothing for longer than 12 hours; nobody is left alone for longer than one.
const TOLD_SECONDS_MAX: u64 = 3_600;

/// A queue that is told when what it has brought is to be brought again.
#[async_trait]
pub trait Waits: Send + Sync {
    /// By their receipts. What cannot be told comes again when the queue itself finds that it was not done.
    async fn tell(&self, waits: Vec<Wait>) -> Result<(), FlowError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    pub receipt: String,
    pub seconds: u32,
}

/// How long a message waits that has failed so for the `attempts`th time. If trying again cannot help, nothing is to be
/// waited for. Whoever says when it will be fine is not asked before.
pub fn wait_seconds(error: &FlowError, attempts: u32, dice: &dyn Dice) -> u32 {
    if error.verdict() == Verdict::Dead {
        return 0;
    }
    let most = u64::from(BASE_SECONDS.saturating_pow(attempts)).min(TOLD_SECONDS_MAX);
    let half = most / 2;
    let mut roll = [0; 8];
    dice.fill(&mut roll);
    let backoff = half + u64::from_be_bytes(roll) % (most - half + 1);
    u32::try_from(backoff.max(told_seconds(error))).unwrap_or(u32::MAX)
}

fn told_seconds(error: &FlowError) -> u64 {
    match error {
        FlowError::TooMany { retry_after_seconds, .. } => (*retry_after_seconds).min(TOLD_SECONDS_MAX),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemDice;
    use std::collections::BTreeSet;

    fn waits(error: &FlowError, attempts: u32) -> BTreeSet<u32> {
        (0..200).map(|_| wait_seconds(error, attempts, &SystemDice)).collect()
    }

    #[test]
    fn a_wait_grows_with_the_tries_and_is_not_the_same_for_all() {
        let error = FlowError::unavailable("for now");
        for (attempts, least, most) in
            [(1, 2, 5), (2, 12, 25), (3, 62, 125), (4, 312, 625), (5, 1_562, 3_125)]
        {
            let waits = waits(&error, attempts);
            assert!(waits.iter().all(|wait| (least..=most).contains(wait)), "{attempts}: {waits:?}");
            assert!(waits.len() > 2, "{attempts}: {waits:?}");
        }
        assert!(waits(&error, u32::MAX).iter().all(|wait| (1_800..=3_600).contains(wait)), "and has an end");
    }

    #[test]
    fn who_says_when_it_will_be_fine_is_not_asked_before() {
        let too_many =
            |retry_after_seconds| FlowError::TooMany { code: "slow", retry_after_seconds, limits: None };
        assert_eq!(waits(&too_many(60), 1), BTreeSet::from([60]));
        assert!(waits(&too_many(60), 3).iter().all(|wait| *wait > 60), "unless it waits longer anyway");
        assert_eq!(waits(&too_many(u64::MAX), 1), BTreeSet::from([3_600]));
    }

    #[test]
    fn what_can_never_succeed_waits_for_nothing() {
        assert_eq!(waits(&FlowError::broken("for good"), 1), BTreeSet::from([0]));
    }
}
