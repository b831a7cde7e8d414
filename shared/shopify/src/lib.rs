//! Shopify's side of things, understood: who signed what, what a webhook tells, what we ask and what is answered.
//!
//! Nothing here waits, reads a clock or speaks to anybody: bodies and headers are arguments, and so is `now`. Whoever
//! serves, queues and fetches is elsewhere; what it holds in its hands is made and read here.
//!
//! | you have | you call | you get |
//! |---|---|---|
//! | what a person typed as their shop | `ShopDomain::typed` | `ShopDomain`, the only thing that an address is made of (`Origin::url`) |
//! | a request to the webhook's address | `webhook::verified` | `Delivery`, or the status to answer |
//! | an event of EventBridge's | `webhook::Bridged::read` | `Delivery` and the body |
//! | a topic and a body that were verified | `payload::read` | `Change` |
//! | something in a `Change`, or a node of a page | its `told(&Reading)` | `CustomerTold`, `OrderTold`, … in our words |
//! | the query of `/auth/callback` | `oauth::Callback::read` | shop and code; then `Callback::answers(state)` |
//! | a session token of App Bridge's | `SessionToken::read` | shop and person |
//! | a document without one, within the admin | `embedded::bounce` | where it gets one, and comes back |
//! | a need for tokens | `oauth::TokenAsk`, then `oauth::tokens` | `Tokens`, or who can help |
//! | a question for the Admin API | `graph::request`, then `graph::answer` | the typed answer with its cost, or a `Refusal` |
//! | a piece of a bulk operation's file | `bulk::Lines` | customers, or orders with their lines |
//!
//! What is told is applied by `CustomerTold::tell`, `OrderTold::tell` and, for products, `ProductTold::product`: they are
//! what `flows::record` wants a closure, an order and a product for.

mod app;
pub mod bulk;
pub mod embedded;
pub mod graph;
mod http;
pub mod oauth;
mod origin;
pub mod payload;
mod session_token;
mod signature;
pub mod told;
mod topic;
mod version;
pub mod webhook;

pub use app::{App, Secret};
pub use domain::{BadShopDomain, ShopDomain};
pub use origin::Origin;
pub use session_token::{BadSessionToken, RETRY, SessionToken};
pub use told::Reading;
pub use topic::{BadTopic, Topic};
pub use version::{ApiVersion, BadVersion};
