//! Figures of customers: what they come to is what their orders come to, counted by hand or in another way.

mod churn;
mod nightly;
mod rfm;
mod rules;
mod scored;
