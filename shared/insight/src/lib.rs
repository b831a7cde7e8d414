//! What a shop's orders say about its customers: how many still are, what they will order, and how sure that is.
//!
//! Pure folds and fits. Days are whole days of the shop, counted from 1970-01-01; money is minor units, refunds already
//! subtracted. A number is told with its certainty, or a reason is told why there is none.

mod back_test;
mod buying;
mod chosen;
mod churn;
mod cohorts;
mod days;
mod distinct;
mod fit;
mod history;
mod loyalty;
mod month;
mod nightly;
mod order;
mod outlook;
mod revenue;
pub mod rfm;
mod spending;
mod symmetric;
mod timing;
mod touch;

pub use back_test::BackTest;
pub use buying::{BetaGeometric, BgNbd, Buying, MbgNbd, ParetoNbd};
pub use chosen::Chosen;
pub use churn::{Advice, Churn, Factors, Risk};
pub use cohorts::{Cohort, CohortMonth, Cohorts};
pub use days::ShopDays;
pub use distinct::Distinct;
pub use fit::{Fitted, Interval, Model, Silence};
pub use history::History;
pub use loyalty::{Loyalty, Tier, loyalty_score};
pub use month::Month;
pub use nightly::{AHEAD_DAYS, Nightly, Stand};
pub use order::Order;
pub use outlook::{Expected, Outlook};
pub use revenue::{By, Period, Revenue, growth};
pub use spending::{GammaGamma, Spending};
pub use timing::{Hour, READ_MIN, Unclear, Week};
pub use touch::{Attributed, Earned, Touch};
