//! What really happened, seen from outside: who wrote which chunk when, who withdrew when, and what the provider took.
//!
//! Moments are steps of the run: of two the order is certain, which of two times of one millisecond is not.

use domain::{campaign::MessageId, receipt::Happened};
use std::collections::BTreeMap;

/// A process of the run.
pub(crate) type ProcessId = u32;

#[derive(Default)]
pub(crate) struct Witness {
    pub step: u64,
    /// When a process wrote a chunk last: its claim, if it then asks the provider.
    wrote: BTreeMap<(ProcessId, String), u64>,
    /// When it could be read first that somebody wants no more.
    pub withdrawn: BTreeMap<u32, u64>,
    pub acceptances: Vec<Acceptance>,
    /// In which of the campaign's words the provider was asked.
    pub said: Vec<(MessageId, u8)>,
    /// Receipts that were really left in the queue.
    pub told: Vec<(MessageId, Happened)>,
    /// What no function may ever end with.
    pub broken: Vec<String>,
}

/// The provider took a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Acceptance {
    pub message: MessageId,
    /// By whose address.
    pub person: u32,
    /// When the chunk was written that said so before.
    pub claimed: Option<u64>,
    pub at: u64,
}

impl Witness {
    pub(crate) fn written(&mut self, who: ProcessId, key: &str) {
        self.wrote.insert((who, key.to_owned()), self.step);
    }

    pub(crate) fn accepted(&mut self, who: ProcessId, message: MessageId, person: u32) {
        let key = format!("P#{:08}", message.chunk);
        let claimed = self.wrote.get(&(who, key)).copied();
        self.acceptances.push(Acceptance { message, person, claimed, at: self.step });
    }

    pub(crate) fn acceptances_of(&self, person: u32) -> impl Iterator<Item = &Acceptance> {
        self.acceptances.iter().filter(move |one| one.person == person)
    }

    pub(crate) fn told_of(&self, message: MessageId) -> impl Iterator<Item = &Happened> {
        self.told.iter().filter(move |(of, _)| *of == message).map(|(_, what)| what)
    }
}
