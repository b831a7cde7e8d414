//! Figures over the audience: what the orders of a shop come to, who its customers are beside each other, who is about to be lost, and
//! what they are worth.
//!
//! Each answer is a fold over the audience, kept for as long as that stands still (`kept.rs`), in the shop's own days (`range.rs`).

mod agreement;
pub(crate) mod churn;
pub(crate) mod cohorts;
pub(crate) mod customers;
pub(crate) mod dashboard;
pub(crate) mod kept;
pub(crate) mod one;
pub(crate) mod places;
pub(crate) mod predicted;
pub(crate) mod products;
pub(crate) mod range;
pub(crate) mod revenue;
pub(crate) mod rfm;
pub(crate) mod runs;
pub(crate) mod scoring;
mod shares;
pub(crate) mod shop;
mod shown;
pub(crate) mod sold;
mod standing;
pub(crate) mod tiers;
pub(crate) mod told;
pub(crate) mod top;
pub(crate) mod trend;
pub(crate) mod value;
