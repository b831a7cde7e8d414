//! The words of the business and the decisions about them.
//!
//! Nothing here waits, reads a clock, rolls dice, or knows AWS, HTTP or Shopify's JSON: what a decision
//! needs is an argument.

mod answered;
pub mod bill;
pub mod bucket;
pub mod campaign;
pub mod cart;
pub mod connection;
mod consent;
mod country;
pub mod customer;
pub mod days;
mod email;
pub mod event;
pub mod fields;
mod globe;
mod ids;
pub mod invitation;
pub mod job;
pub mod key;
pub mod marks;
mod money;
pub mod order;
pub mod own;
pub mod password;
mod person;
mod phone;
pub mod prices;
pub mod privacy;
pub mod product;
mod reader;
pub mod receipt;
pub mod report;
mod role;
pub mod run;
pub mod scoring;
pub mod segment;
pub mod sender;
pub mod sending;
pub mod session;
pub mod settlement;
mod shop_consents;
mod shop_domain;
mod shop_scores;
mod shop_words;
pub mod socket;
pub mod suppression;
pub mod task;
pub mod telephone;
pub mod template;
pub mod tenant;
mod thing;
pub mod timeline;
pub mod topics;
pub mod tried;
pub mod untold;
pub mod upkeep;
mod weight;
mod words;
mod zone;

pub use answered::Answered;
pub use campaign::Campaign;
pub use cart::{Begun, Cart, CartName, LeftCart, Namesakes};
pub use connection::{Connection, ConnectionState, SealedTokens};
pub use consent::{Consent, ConsentLevel, ConsentSource, ConsentState};
pub use customer::Customer;
pub use email::{BadEmail, EmailAddress};
pub use globe::Point;
pub use ids::{
    ApiKeyId, BadId, CampaignId, CustomerId, InvitationId, JobId, OrderId, ProductId, ReportId, RequestId,
    ResetId, RunId, SegmentId, SenderId, SessionId, TemplateId, TenantId, TicketId, UserId, VariantId,
    WALK_INS,
};
pub use invitation::{Invitation, InvitationState, Reset, ResetCause};
pub use jiff::Timestamp;
pub use job::{Job, JobState};
pub use key::ApiKey;
pub use money::{BadCurrency, BadMoney, Currency, Minor};
pub use order::Order;
pub use person::{BadName, Maker, Name, Shown, User};
pub use phone::{BadPhone, Phone};
pub use prices::Prices;
pub use product::Product;
pub use receipt::{MessageTag, Reason, Receipt};
pub use report::Report;
pub use role::{Permission, Permissions, Role, UnknownWord};
pub use run::{Run, RunState, Syncing};
pub use segment::Segment;
pub use sender::{Mailbox, Sender, SenderName, Standing, TextFrom};
pub use sending::Sending;
pub use session::Session;
pub use shop_consents::{AskedConsent, AskedConsents, is_read_since};
pub use shop_domain::{BadShopDomain, ShopDomain};
pub use shop_scores::{AccountState, RfmGroup, ShopScores, SpendTier};
pub use shop_words::{Beside, ShopWords, TAG_WORDS_KEPT};
pub use socket::{Socket, SocketId};
pub use task::{Queue, Task};
pub use telephone::Telephone;
pub use template::Template;
pub use tenant::{Member, Plan, Tenant, TenantStatus};
pub use thing::Thing;
pub use topics::Declined;
pub use tried::Tried;
pub use weight::CUSTOMER_BYTES_MAX;
pub use zone::{BadZone, Zone};
