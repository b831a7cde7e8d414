//! The contract of `Carrier` and of `Texter`: what is asked of a provider, and what is made of each way in which it
//! may answer, or not. A provider of its own stands behind every message: over the wire it is `wire::OverWire`.

mod samples;
pub mod wire;

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{Answer, Letter, Refusal, Short};
pub use samples::{Told, letter, of_letter, of_short, plain_letter, short};

/// What a provider does with what it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    Accepts,
    Throttles,
    /// For what is wrong with whoever it is to.
    RefusesTheAddress,
    /// For what is wrong with whoever asks.
    RefusesUs,
    /// Breaks, and nobody knows whether before or after it took the message.
    Fails,
    /// Takes the message, and says so in words that nobody understands.
    Mumbles,
    /// Hears it all, takes nothing, and is never heard of again.
    KeepsSilent,
    AcceptsAndKeepsSilent,
    HangsUp,
    AcceptsAndHangsUp,
    /// There is nobody.
    IsAway,
}

/// What came of one message.
#[derive(Debug, Clone)]
pub struct Seen {
    pub answer: Answer,
    /// How often the provider was asked.
    pub asked: usize,
    /// What it took, by the names of `Letter`'s and `Short`'s fields; what it was not told is not there.
    pub taken: Vec<Told>,
}

/// An adapter on the bench.
#[async_trait]
pub trait Bench<M: Sync>: Send + Sync {
    /// Sends it to a provider that does so.
    async fn send(&self, message: &M, does: Does) -> Seen;

    /// What the provider cannot be told: it is not looked for.
    fn untold(&self) -> &'static [&'static str] {
        &[]
    }
}

/// Every sentence of the contract of `Carrier`.
///
/// # Panics
/// If one of them does not hold.
pub async fn check_carrier(bench: &dyn Bench<Letter>) {
    for letter in [letter(), plain_letter()] {
        it_arrives_as_it_is(bench, &letter, &of_letter(&letter)).await;
    }
    each_answer_is_what_it_proves(bench, &letter()).await;
}

/// Every sentence of the contract of `Texter`.
///
/// # Panics
/// If one of them does not hold.
pub async fn check_texter(bench: &dyn Bench<Short>) {
    it_arrives_as_it_is(bench, &short(), &of_short(&short())).await;
    each_answer_is_what_it_proves(bench, &short()).await;
}

async fn it_arrives_as_it_is<M: Sync>(bench: &dyn Bench<M>, message: &M, expected: &Told) {
    let seen = bench.send(message, Does::Accepts).await;
    let Answer::Accepted { vendor_id } = &seen.answer else { panic!("{seen:?}") };
    assert!(!vendor_id.is_empty());
    assert_eq!((seen.asked, seen.taken.len()), (1, 1), "{seen:?}");
    let is_told = |name: &&str| !bench.untold().contains(name);
    let names: BTreeSet<_> = expected.keys().chain(seen.taken[0].keys()).copied().filter(is_told).collect();
    for name in names {
        assert_eq!(seen.taken[0].get(name), expected.get(name), "{name}");
    }
}

async fn each_answer_is_what_it_proves<M: Sync>(bench: &dyn Bench<M>, message: &M) {
    let is_throttled = |kind: Refusal| matches!(kind, Refusal::Throttled { .. });
    let send = async |does: Does, accepted: usize| {
        let seen = bench.send(message, does).await;
        let asked = usize::from(does != Does::IsAway);
        assert_eq!((seen.asked, seen.taken.len()), (asked, accepted), "asked once: {does:?}: {seen:?}");
        seen.answer
    };
    let refused = async |does: Does, is_right: &(dyn Fn(Refusal) -> bool + Sync)| {
        let answer = send(does, 0).await;
        let Answer::Refused { kind, .. } = answer else { panic!("{does:?} is a refusal: {answer:?}") };
        assert!(is_right(kind), "{does:?}: {kind:?}");
    };
    refused(Does::Throttles, &is_throttled).await;
    refused(Does::RefusesTheAddress, &|kind| kind == Refusal::Permanent).await;
    refused(Does::RefusesUs, &|kind| kind == Refusal::OurFault).await;
    refused(Does::IsAway, &|kind| kind == Refusal::Temporary).await;
    for (does, accepted) in [
        (Does::Fails, 0),
        (Does::Mumbles, 1),
        (Does::KeepsSilent, 0),
        (Does::AcceptsAndKeepsSilent, 1),
        (Does::HangsUp, 0),
        (Does::AcceptsAndHangsUp, 1),
    ] {
        let answer = send(does, accepted).await;
        assert!(matches!(answer, Answer::Unknown { .. }), "{does:?} proves nothing: {answer:?}");
    }
}
