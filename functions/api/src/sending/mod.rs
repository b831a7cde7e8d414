//! By whom a shop's messages go: its choice of providers, and the keys of its own accounts, which are told and never shown.

pub(crate) mod change;
pub(crate) mod prices;
pub(crate) mod shown;
mod told;
