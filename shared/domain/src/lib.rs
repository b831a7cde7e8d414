//! The words of the business and the decisions about them.
//!
//! Nothing here waits, reads a clock, rolls dice, or knows AWS, HTTP or Shopify's JSON: what a decision
//! needs is an argument.

pub mod bucket;
mod email;
mod ids;
pub mod invitation;
pub mod key;
pub mod password;
mod person;
mod role;
pub mod session;
pub mod task;
pub mod tenant;

pub use email::{BadEmail, EmailAddress};
pub use ids::{ApiKeyId, BadId, InvitationId, ResetId, SessionId, TenantId, UserId};
pub use invitation::{Invitation, InvitationState, Reset};
pub use jiff::Timestamp;
pub use key::ApiKey;
pub use person::{BadName, Name, User};
pub use role::{Permission, Permissions, Role, UnknownWord};
pub use session::Session;
pub use task::{Queue, Task};
pub use tenant::{Member, Plan, Tenant, TenantStatus};
