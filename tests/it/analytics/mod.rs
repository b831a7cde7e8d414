//! What orders come to, equal to what SQL makes of the same shop, and what they say of customers, counted by hand or in another way
//! (ANA-01 to 14, 19, TEN-05, CUS-10, 11, JOB-01).

mod agreement;
mod churn;
mod cohorts;
mod dashboard;
mod nightly;
mod nights;
mod refusals;
mod revenue;
mod rfm;
mod rules;
pub(crate) mod scored;
pub(crate) mod sql;
