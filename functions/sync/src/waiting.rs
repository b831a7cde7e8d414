//! How long until the next message, and what becomes of a step that failed. Nobody waits here: messages do.

use domain::{Run, RunState, Timestamp, run::PATIENCE};
use flows::{Dice, FlowError, Left, error::chain, syncs::task};
use jiff::SignedDuration;

use crate::{Deps, steps::Next};

/// What a queue delays a message by at most, in seconds. A longer wait is several messages.
const DELAY_SECONDS_MAX: i64 = 900;
/// So often in a row a step may fail: about an hour.
const ATTEMPTS_MAX: u32 = 12;
/// The longest wait after a failure, in seconds, unless Shopify asks for more.
const BACKOFF_SECONDS_MAX: u64 = 900;

/// The message of the run's next step is under way.
pub(crate) async fn left(deps: &Deps, run: &Run, delay: SignedDuration) -> Result<(), FlowError> {
    deps.tasks.leave(vec![Left { task: task(run), delay_seconds: seconds(delay) }]).await
}

/// Rounded up: who comes too early waits once more.
pub(crate) fn seconds(delay: SignedDuration) -> u32 {
    let whole = delay.as_secs() + i64::from(delay.subsec_nanos() > 0);
    u32::try_from(whole.clamp(0, DELAY_SECONDS_MAX)).unwrap_or_default()
}

/// Shopify asks us to wait. A run that it only ever asks to wait is over in the end.
pub(crate) fn asked(held: &Run, wait: SignedDuration, now: Timestamp) -> Next {
    if held.is_stuck(now) {
        return Next::Over(held.clone(), RunState::Failed { why: stuck() });
    }
    Next::Wait(held.clone(), wait)
}

fn stuck() -> String {
    format!("Shopify has asked us to wait for {} hours, and answered nothing meanwhile", PATIENCE.as_hours())
}

/// The step failed, and is done again after a while: twice as long each time, and a little by chance, so that not all come
/// back at once. After too many in a row the run is over.
pub(crate) fn again(deps: &Deps, held: &Run, error: &FlowError) -> Next {
    tracing::warn!(attempts = held.attempts + 1, cause = chain(error), "a step of a sync has failed");
    let run = held.clone();
    if run.is_stuck(deps.clock.now()) {
        return Next::Over(run, RunState::Failed { why: stuck() });
    }
    if run.attempts + 1 >= ATTEMPTS_MAX {
        let why = match error {
            FlowError::Unavailable(_) | FlowError::TooMany { .. } => {
                format!(
                    "Shopify, or something that we depend on, did not answer {ATTEMPTS_MAX} times in a row"
                )
            }
            other => other.to_string(),
        };
        return Next::Over(run, RunState::Failed { why });
    }
    let most = BACKOFF_SECONDS_MAX.min(2_u64.saturating_pow(run.attempts + 1));
    let told = match error {
        FlowError::TooMany { retry_after_seconds, .. } => *retry_after_seconds,
        _ => 0,
    };
    let wait = SignedDuration::from_secs(i64::try_from(most.max(told)).unwrap_or(DELAY_SECONDS_MAX));
    Next::Again(run, wait + by_chance(&*deps.dice, wait / 4))
}

/// Up to so long.
pub(crate) fn by_chance(dice: &dyn Dice, most: SignedDuration) -> SignedDuration {
    let mut rolled = [0];
    dice.fill(&mut rolled);
    most * i32::from(rolled[0]) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_never_cut_short() {
        for (millis, expected) in [(-5, 0), (0, 0), (1, 1), (1_000, 1), (1_001, 2), (3_600_000, 900)] {
            assert_eq!(seconds(SignedDuration::from_millis(millis)), expected, "{millis}");
        }
    }
}
