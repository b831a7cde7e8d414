//! Bodies of a field or two.

use domain::{OrderId, Timestamp};
use serde::Deserialize;

use crate::told::Id;

/// All that is told of what was deleted.
#[derive(Deserialize)]
pub(super) struct Gone {
    pub(super) id: Id,
}

#[derive(Deserialize)]
pub(super) struct Edited {
    order_edit: Edit,
}

#[derive(Deserialize)]
struct Edit {
    order_id: Id,
}

impl Edited {
    pub(super) fn order(&self) -> OrderId {
        OrderId::Shopify(self.order_edit.order_id.0)
    }
}

/// A bulk operation has ended. How, and where its file is, must be asked for: see `crate::graph::BulkStatus`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BulkFinished {
    /// As GraphQL names it.
    #[serde(rename = "admin_graphql_api_id")]
    pub id: String,
    /// In small letters: "completed".
    pub status: String,
    pub completed_at: Option<Timestamp>,
}
