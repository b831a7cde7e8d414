//! Rules and campaigns as they are asked of a shop's audience: what is read, and who was found.
//!
//! `segments` and `reach` decide; here is what they are given.

mod campaign;
mod costs;
mod facts;
mod outcomes;
mod rule;

pub use campaign::{Chosen, NotPlanned, chosen, chosen_of};
pub use costs::Costing;
pub use facts::Facts;
pub use outcomes::outcomes_of;
pub use reach::Waterfall;
pub use rule::{Asking, Others, Unasked, Whose, rule_of, shop_of};
