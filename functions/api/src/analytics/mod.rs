//! Figures of customers: who they are beside each other, who is about to be lost, and what they are worth.

pub(crate) mod churn;
pub(crate) mod predicted;
pub(crate) mod rfm;
pub(crate) mod scoring;
mod shares;
mod shown;
mod standing;
pub(crate) mod value;
