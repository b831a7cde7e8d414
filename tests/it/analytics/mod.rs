//! What orders come to, and what customers do: figures that equal what SQL makes of the same shop, or what is counted by hand or in
//! another way, and what is refused (ANA-01 to 14, ANA-19, TEN-05, CUS-10).

mod churn;
mod cohorts;
mod dashboard;
mod nightly;
mod refusals;
mod revenue;
mod rfm;
mod rules;
mod scored;
mod sql;
