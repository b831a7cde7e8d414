//! The send proof: campaigns that are planned, sent and answered for while everything goes wrong that may, by seed.
//!
//! The functions are the product's own. Around them stand a table in memory, a queue, a provider that keeps a book of what
//! it has really taken, and a clock: all of them fail, lose, repeat and delay as the seed has it, and processes die or stand
//! still between any two awaits. In the end all is calm, everything is done that is left, and the book is held against
//! what the product says.

mod deeds;
pub mod memory;
mod naive;
mod outside;
mod provider;
mod rolls;
mod run;
mod scene;
mod shop;
mod table;
mod verdict;
mod witness;

pub use naive::Protocol;
pub use rolls::Rolls;
pub use run::{STUCK, at_once};
pub use table::Compared;
pub use verdict::{Outcome, Tally};

use domain::campaign::Care;
use run::Run;
use scene::Scene;

/// Runs a seed to its end.
pub fn run(seed: u64, protocol: Protocol) -> Outcome {
    Run::new(Scene::of(seed), protocol).ended()
}

/// Runs a seed whose campaign tries two texts.
pub fn run_with_a_trial(seed: u64) -> Outcome {
    Run::new(Scene::with_a_trial(seed), Protocol::Ours).ended()
}

/// Runs a small campaign in which whoever takes that step of all that functions take dies there.
pub fn run_with_a_death_at(step: u64, care: Care) -> Outcome {
    Run::new(Scene::with_a_death_at(step, care), Protocol::Ours).ended()
}

/// What the seed made, for whoever replays it.
pub fn told(seed: u64) -> String {
    format!("{:#?}", Scene::of(seed))
}
