//! What orders come to: figures that equal what SQL makes of the same shop, and what is refused (ANA-06 to 14, TEN-05, CUS-10).

mod cohorts;
mod dashboard;
mod refusals;
mod revenue;
pub(crate) mod sql;
