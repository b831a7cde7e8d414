//! What we ask Shopify's Admin API, and what it answers.
//!
//! A question is a document of ours (`queries/`, validated against the schema by a test) with its variables: `request`
//! makes the body that is posted to `path()`. `answer` reads what comes back. Any `errors` in it are a refusal, whatever
//! else is there: of a field that we may not see, Shopify answers `null`, which must not be taken for "there is none".

mod answer;
mod checkouts;
mod consents;
mod cost;
mod customers;
mod deleted;
mod operations;
mod orders;
mod products;
mod refusal;
mod shop;
mod stretch;
mod subscriptions;
mod whole;

pub use answer::{Answered, Data, Refused, Response, answer};
pub use checkouts::{CheckoutNode, CheckoutsPage};
pub use consents::{EmailConsent, SmsConsent};
pub use cost::{Bucket, Cost};
pub use customers::{CustomerById, CustomerNode, CustomersPage};
pub use deleted::{Deleted, DeletedPage, Gone};
pub use operations::{BulkCancel, BulkOperation, BulkRun, BulkState, BulkStatus};
pub use orders::{LineNode, OrderById, OrderLines, OrderNode, OrdersPage};
pub use products::{ProductById, ProductNode, ProductsPage};
pub use refusal::{Refusal, UserError};
pub use shop::{Count, Counts, ShopCounts, ShopInfo, ShopSeen};
pub use stretch::{Page, Stretch, Window};
pub use subscriptions::{Subscribe, Subscription, SubscriptionsPage, Unsubscribe};
pub use whole::InParts;

pub(crate) use customers::MetafieldNode;
pub(crate) use orders::Bag;
pub(crate) use stretch::PageInfo;

use serde::Serialize;

use crate::ApiVersion;

/// The header that a request bears the access token in.
pub const TOKEN_HEADER: &str = "X-Shopify-Access-Token";
/// The header in which an answer says by which version it was made.
pub const VERSION_HEADER: &str = "X-Shopify-API-Version";

/// A document, whose variables the fields are.
pub trait Ask: Serialize {
    const DOCUMENT: &'static str;
    type Answer;

    /// Reads the answer's `data`, in which nothing was refused.
    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal>;
}

/// Where questions are posted: see `Origin::url`.
pub fn path() -> String {
    format!("/admin/api/{}/graphql.json", ApiVersion::PINNED)
}

/// The body, as JSON.
pub fn request<A: Ask>(ask: &A) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a, A> {
        query: &'static str,
        variables: &'a A,
    }
    serde_json::to_vec(&Body { query: A::DOCUMENT, variables: ask }).expect("questions are JSON")
}

#[cfg(test)]
mod tests;
