//! One kind of thing that a run brings: how it is read, how far it is, and what became of it.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub of: Resource,
    pub state: PartState,
    /// What changed since then; everything, without it.
    pub since: Option<Timestamp>,
    /// How many rows the shop said that there are, where it was asked.
    pub total: Option<u64>,
    /// A page has no more rows than this, as Shopify found more too costly.
    pub page_rows: Option<u16>,
    pub tally: Tally,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    Customers,
    Orders,
    Products,
    /// What was deleted in the shop, of all of these: a part of a reconciliation.
    Deletions,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum PartState {
    Waiting,
    Reading(Place),
    Done,
    Failed { why: String },
}

/// Where reading goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Place {
    /// Behind that cursor; at the beginning, without one.
    Page {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
    },
    /// Shopify writes all of it into a file, from whose first byte that was not read yet it goes on.
    Bulk { operation: String, offset: u64 },
}

/// Each row counts as one of created, updated, unchanged and refused; some of those that changed were missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub refused: u64,
    /// It should have been here by a webhook.
    pub missed: u64,
}

impl Resource {
    /// What may be asked for, in the order in which it is read.
    pub const ALL: [Self; 3] = [Self::Customers, Self::Orders, Self::Products];

    pub fn name(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Orders => "orders",
            Self::Products => "products",
            Self::Deletions => "deletions",
        }
    }
}

impl PartState {
    pub fn is_end(&self) -> bool {
        matches!(self, Self::Done | Self::Failed { .. })
    }
}

impl Tally {
    pub fn rows(&self) -> u64 {
        self.created + self.updated + self.unchanged + self.refused
    }

    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self {
            created: self.created + other.created,
            updated: self.updated + other.updated,
            unchanged: self.unchanged + other.unchanged,
            refused: self.refused + other.refused,
            missed: self.missed + other.missed,
        }
    }
}

impl Part {
    pub fn new(of: Resource, since: Option<Timestamp>) -> Self {
        let (total, page_rows, tally) = (None, None, Tally::default());
        Self { of, state: PartState::Waiting, since, total, page_rows, tally }
    }

    /// What it counts in the whole. A part of which nothing is known yet counts for something.
    pub(super) fn weight(&self) -> u64 {
        self.total.unwrap_or(1).max(1)
    }

    pub(super) fn weight_done(&self) -> u64 {
        match self.state {
            PartState::Waiting => 0,
            PartState::Done | PartState::Failed { .. } => self.weight(),
            // What the shop counted may be fewer than there are by now.
            PartState::Reading(_) => self.total.map_or(0, |total| self.tally.rows().min(total)),
        }
    }

    pub(super) fn step_name(&self) -> String {
        let (name, rows) = (self.of.name(), self.tally.rows());
        match (&self.state, self.total) {
            (PartState::Reading(Place::Bulk { offset: 0, .. }), _) => {
                format!("Waiting for Shopify's file of {name}…")
            }
            (PartState::Reading(_), Some(total)) if rows > 0 => {
                format!("Syncing {name} ({rows}/{})…", total.max(rows))
            }
            (PartState::Reading(_), None) if rows > 0 => format!("Syncing {name} ({rows})…"),
            _ => format!("Fetching {name}…"),
        }
    }
}
