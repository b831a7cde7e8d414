//! Bulk operations: Shopify answers one question about everything with a file.
//!
//! The document must be without variables, so that what it is to hold is written into it.

use domain::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::{Ask, Data, Refusal, UserError, Window, answer::done};

const CUSTOMERS: &str = include_str!("../../queries/bulk_inner_customers.graphql");
const ORDERS: &str = include_str!("../../queries/bulk_inner_orders.graphql");
/// The filter as it stands in both documents, so that they are valid by themselves.
const FILTER: &str = "updated_at:>='2026-01-01T00:00:00Z'";
/// As the document of customers has it.
const METAFIELDS: &str =
    "metafields(keys: [\"facts.birth_date\"]) { edges { node { __typename namespace key type value } } }";

/// Begins one. At most five run at once: a sixth is `Refusal::NotDone` with `OPERATION_IN_PROGRESS`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkRun {
    query: String,
    group_objects: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct BulkStatus {
    /// As `BulkOperation` has it.
    pub id: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct BulkCancel {
    /// As `BulkOperation` has it.
    pub id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkOperation {
    pub id: String,
    pub status: BulkState,
    pub error_code: Option<String>,
    pub created_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    /// So far.
    #[serde(default, deserialize_with = "digits")]
    pub object_count: u64,
    #[serde(default, deserialize_with = "digits")]
    pub root_object_count: u64,
    /// How many bytes the file has.
    #[serde(default, deserialize_with = "maybe_digits")]
    pub file_size: Option<u64>,
    /// Where the file is, for a week. `None` of one that is completed: there was nothing to tell.
    pub url: Option<String>,
    /// Of one that failed: as far as it came.
    pub partial_data_url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BulkState {
    Created,
    Running,
    Completed,
    Canceling,
    Canceled,
    Failed,
    /// Nobody fetched it.
    Expired,
}

impl BulkState {
    /// Nothing will become of it any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled | Self::Failed | Self::Expired)
    }
}

impl BulkRun {
    /// With these metafields behind them: see `crate::bulk`.
    pub fn customers(window: &Window, metafields: &[String]) -> Self {
        let asked = match metafields {
            [] => String::new(),
            keys => METAFIELDS.replace("[\"facts.birth_date\"]", &serde_json::json!(keys).to_string()),
        };
        Self::of(&CUSTOMERS.replace(METAFIELDS, &asked), window)
    }

    /// With their lines behind them: see `crate::bulk`.
    pub fn orders(window: &Window) -> Self {
        Self::of(ORDERS, window)
    }

    fn of(document: &str, window: &Window) -> Self {
        let filter = window.query("updated_at").unwrap_or_default();
        Self { query: document.replace(FILTER, &filter), group_objects: true }
    }
}

fn digits<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    Ok(maybe_digits(from)?.unwrap_or_default())
}

/// A number that Shopify writes as a text.
fn maybe_digits<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.map(|text| text.parse().map_err(|_| de::Error::custom("digits are expected"))).transpose()
}

impl Ask for BulkRun {
    const DOCUMENT: &'static str = include_str!("../../queries/bulk_run.graphql");
    type Answer = BulkOperation;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Root {
            bulk_operation_run_query: Done,
        }
        data.of::<Root>()?.bulk_operation_run_query.operation()
    }
}

impl Ask for BulkStatus {
    const DOCUMENT: &'static str = include_str!("../../queries/bulk_status.graphql");
    /// `None`: Shopify has forgotten it.
    type Answer = Option<BulkOperation>;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Root {
            bulk_operation: Option<BulkOperation>,
        }
        Ok(data.of::<Root>()?.bulk_operation)
    }
}

impl Ask for BulkCancel {
    const DOCUMENT: &'static str = include_str!("../../queries/bulk_cancel.graphql");
    type Answer = BulkOperation;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Root {
            bulk_operation_cancel: Done,
        }
        data.of::<Root>()?.bulk_operation_cancel.operation()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Done {
    bulk_operation: Option<BulkOperation>,
    user_errors: Vec<UserError>,
}

impl Done {
    fn operation(self) -> Result<BulkOperation, Refusal> {
        done(self.user_errors)?;
        self.bulk_operation.ok_or_else(|| Refusal::Unreadable("bulkOperation".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_written_into_the_document() {
        let since = "2026-11-20T00:00:00Z".parse().ok();
        let customers = |window: &Window| BulkRun::customers(window, &[]);
        for run in [customers, BulkRun::orders] {
            let part = run(&Window { since, before: None }).query;
            assert!(part.contains(r#"query: "updated_at:>='2026-11-20T00:00:00Z'""#), "{part}");
            let all = run(&Window::default()).query;
            assert!(all.contains(r#"query: """#) && !all.contains("updated_at"), "{all}");
        }
    }

    #[test]
    fn metafields_are_asked_for_by_their_names_alone() {
        let asked = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            BulkRun::customers(&Window::default(), &names).query
        };
        assert!(!asked(&[]).contains("metafields"));
        assert!(asked(&["a.b", "c.d"]).contains(r#"metafields(keys: ["a.b","c.d"]) {"#));
    }
}
