//! Simulated faults at every port, by seed: the same seed makes the same faults in the same order.
//!
//! A port may be slow, fail before its effect or after it, do it twice, in another order, or be the last thing that
//! its process ever does. In a storm, whoever comes to a port lets a few others pass first, so that requests at the
//! same moment meet in every order.

pub mod crash;
pub mod halt;
mod ports;

use flows::FlowError;
use rand::{Rng, RngExt, SeedableRng, rngs::ChaCha12Rng, seq::SliceRandom};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use store::StoreError;

pub use ports::around;

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    Delay,
    ErrorBefore,
    ErrorAfter,
    Duplicate,
    Reorder,
    CrashBefore,
    CrashAfter,
}

impl Fault {
    pub const ALL: [Self; 7] = [
        Self::Delay,
        Self::ErrorBefore,
        Self::ErrorAfter,
        Self::Duplicate,
        Self::Reorder,
        Self::CrashBefore,
        Self::CrashAfter,
    ];
}

/// The switch and the dice of all faults of one product. Off at first.
pub struct Faults(Mutex<Inner>);

struct Inner {
    dice: ChaCha12Rng,
    /// How many of a thousand calls go wrong; 0 is calm.
    per_mille: u32,
    happened: BTreeMap<Fault, u32>,
}

impl Faults {
    pub fn new(seed: u64) -> Arc<Self> {
        let inner = Inner { dice: ChaCha12Rng::seed_from_u64(seed), per_mille: 0, happened: BTreeMap::new() };
        Arc::new(Self(Mutex::new(inner)))
    }

    /// From now on, so many of a thousand calls go wrong, in any of the ways there are.
    pub fn storm(&self, per_mille: u32) {
        self.with(|inner| inner.per_mille = per_mille);
    }

    /// The same, by dice of its own: what happened before it makes no difference.
    pub fn storm_by(&self, seed: u64, per_mille: u32) {
        self.with(|inner| (inner.dice, inner.per_mille) = (ChaCha12Rng::seed_from_u64(seed), per_mille));
    }

    pub fn calm(&self) {
        self.storm(0);
    }

    /// What has happened so far, and how often.
    pub fn happened(&self) -> BTreeMap<Fault, u32> {
        self.with(|inner| inner.happened.clone())
    }

    /// What happens to this call, of what can.
    fn next(&self, possible: &[Fault]) -> Option<Fault> {
        self.with(|inner| {
            if inner.per_mille == 0 || inner.dice.random_range(0..1_000) >= inner.per_mille {
                return None;
            }
            let fault = possible[inner.dice.random_range(0..possible.len())];
            *inner.happened.entry(fault).or_default() += 1;
            Some(fault)
        })
    }

    /// Lets others pass, in a storm.
    async fn let_pass(&self) {
        let others = self.with(|inner| if inner.per_mille == 0 { 0 } else { inner.dice.next_u32() % 4 });
        for _ in 0..others {
            tokio::task::yield_now().await;
        }
    }

    fn shuffle<T>(&self, list: &mut [T]) {
        self.with(|inner| list.shuffle(&mut inner.dice));
    }

    fn a_few(&self) -> u32 {
        self.with(|inner| inner.dice.next_u32() % 4 + 1)
    }

    fn with<T>(&self, look: impl FnOnce(&mut Inner) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What happens before the effect.
    async fn before<E: Lost>(&self, fault: Option<Fault>) -> Result<(), E> {
        match fault {
            Some(Fault::Delay) => {
                for _ in 0..self.a_few() {
                    tokio::task::yield_now().await;
                }
                Ok(())
            }
            Some(Fault::ErrorBefore) => Err(E::lost()),
            Some(Fault::CrashBefore) => crash::now().await,
            _ => Ok(()),
        }
    }

    /// What becomes of its answer.
    async fn after<T, E: Lost>(&self, fault: Option<Fault>, answer: Result<T, E>) -> Result<T, E> {
        match fault {
            Some(Fault::ErrorAfter) => answer.and(Err(E::lost())),
            Some(Fault::CrashAfter) => crash::now().await,
            _ => answer,
        }
    }
}

/// An effect, with what happens to it. A duplicate does it twice, and the second answer counts.
macro_rules! through {
    ($faults:expr, $possible:expr, |$fault:ident| $effect:expr) => {{
        $faults.let_pass().await;
        let $fault = $faults.next($possible);
        let fault = $fault;
        let () = match $faults.before(fault).await {
            Ok(()) => {}
            Err(lost) => return Err(lost),
        };
        if fault == Some(Fault::Duplicate) {
            $effect.await?;
        }
        let answer = $effect.await;
        $faults.after(fault, answer).await
    }};
    ($faults:expr, $possible:expr, $effect:expr) => {
        through!($faults, $possible, |_fault| $effect)
    };
}
use through;

/// The error of a call whose answer did not come.
trait Lost {
    fn lost() -> Self;
}

impl Lost for FlowError {
    fn lost() -> Self {
        Self::unavailable("a simulated fault")
    }
}

impl Lost for StoreError {
    fn lost() -> Self {
        Self::Unavailable(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from("a simulated fault")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An effect that counts how often it was had.
    async fn effect(faults: &Faults, possible: &[Fault], done: &Mutex<u32>) -> Result<(), FlowError> {
        through!(faults, possible, async {
            *done.lock().unwrap() += 1;
            Ok::<_, FlowError>(())
        })
    }

    async fn run(seed: u64) -> (BTreeMap<Fault, u32>, Vec<Option<bool>>) {
        let faults = Faults::new(seed);
        faults.storm(500);
        let (mut answers, done) = (Vec::new(), Mutex::new(0));
        for _ in 0..300 {
            let call = crash::watched(effect(&faults, &Fault::ALL, &done)).await;
            answers.push(call.map(|answer| answer.is_ok()));
        }
        (faults.happened(), answers)
    }

    #[tokio::test]
    async fn every_kind_happens_and_a_seed_replays() {
        let (happened, answers) = run(7).await;
        assert_eq!(happened.len(), Fault::ALL.len(), "{happened:?}");
        assert_eq!(run(7).await, (happened, answers.clone()));
        assert_ne!(run(8).await.1, answers);
    }

    #[tokio::test]
    async fn each_kind_happens_where_it_should() {
        let faults = Faults::new(1);
        faults.storm(1_000);
        let expected = [
            (Fault::ErrorBefore, 0, Some(false)),
            (Fault::ErrorAfter, 1, Some(false)),
            (Fault::Duplicate, 2, Some(true)),
            (Fault::CrashBefore, 0, None),
            (Fault::CrashAfter, 1, None),
            (Fault::Delay, 1, Some(true)),
        ];
        for (fault, times, answer) in expected {
            let done = Mutex::new(0);
            let call = crash::watched(effect(&faults, &[fault], &done)).await;
            assert_eq!(call.map(|answer| answer.is_ok()), answer, "{fault:?}");
            assert_eq!(*done.lock().unwrap(), times, "{fault:?}");
        }
        faults.calm();
        assert!(effect(&faults, &Fault::ALL, &Mutex::new(0)).await.is_ok(), "calm is calm");
    }
}
