//! The real clock and the real dice: the only place in the product that reads either.

use async_trait::async_trait;
use domain::Timestamp;
use std::time::Duration;

use crate::{Clock, Dice};

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the real time enters")]
    fn now(&self) -> Timestamp {
        // No finer than what is stored: what is answered to a write is what is read afterwards.
        Timestamp::from_millisecond(Timestamp::now().as_millisecond()).expect("the present is a time")
    }

    async fn pause(&self, length: Duration) {
        tokio::time::sleep(length).await;
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy)]
pub struct SystemDice;

impl Dice for SystemDice {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system has randomness");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_is_no_finer_than_what_is_stored() {
        let times = (0..100).map(|_| SystemClock.now());
        assert!(times.into_iter().all(|now| now.subsec_nanosecond() % 1_000_000 == 0));
    }
}
