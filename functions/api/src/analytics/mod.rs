//! What the orders of a shop come to: revenue, dashboards, places, products, cohorts.
//!
//! Each answer is a fold over the audience (`kept.rs`), in the shop's own days (`range.rs`).

pub(crate) mod cohorts;
pub(crate) mod customers;
pub(crate) mod dashboard;
pub(crate) mod kept;
pub(crate) mod one;
pub(crate) mod places;
pub(crate) mod products;
pub(crate) mod range;
pub(crate) mod revenue;
pub(crate) mod shop;
pub(crate) mod sold;
pub(crate) mod told;
pub(crate) mod top;
pub(crate) mod trend;
