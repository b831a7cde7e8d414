//! Rules and campaigns as they are asked of a shop's audience: what is read, and who was found.
//!
//! `segments` and `reach` decide; here is what they are given.

mod campaign;
mod rule;

pub use campaign::{NotPlanned, chosen};
pub use rule::{Asking, Others, Unasked, Whose, rule_of, shop_of};
