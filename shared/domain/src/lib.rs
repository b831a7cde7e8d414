//! The words of the business and the decisions about them.
//!
//! Nothing here waits, reads a clock, rolls dice, or knows AWS, HTTP or Shopify's JSON: what a decision
//! needs is an argument.

mod ids;
pub mod task;

pub use ids::{ApiKeyId, BadId, InvitationId, ResetId, SessionId, TenantId, UserId};
pub use jiff::Timestamp;
pub use task::{Queue, Task};
