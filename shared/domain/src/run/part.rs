//! One kind of thing that a run brings: how it is read, how far it is, and what became of it.

use jiff::fmt::serde::timestamp::millisecond;
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
    /// Baskets that nobody has paid for: a part of whatever looks through everything.
    Checkouts,
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
    Page(InList),
    /// Shopify writes all of it into a file, from whose first byte that was not read yet it goes on.
    Bulk {
        operation: String,
        offset: u64,
    },
}

/// How far a list is read, which is in the order in which its rows changed.
///
/// Lists end after so many rows, whether or not they are all that there are. So a long one is begun again, well before
/// that, at what changed when the last row did: the rows of that second come twice.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InList {
    /// Behind that cursor; at the beginning, without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// It was begun again at what changed then.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    pub begun_at: Option<Timestamp>,
    /// So many rows have come since it was begun.
    #[serde(default, skip_serializing_if = "is_none")]
    pub rows: u64,
}

/// What a page ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageEnd {
    pub rows: u64,
    /// When its last row changed.
    pub last_at: Option<Timestamp>,
    /// Behind which there are more rows.
    pub cursor: Option<String>,
}

/// A list has ended after as many rows as any list has, all of one second: nobody knows whether there are more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a list may have been cut off")]
pub struct CutOff;

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
            Self::Checkouts => "checkouts",
        }
    }
}

impl InList {
    /// Where reading goes on behind a page, if it does. `since`: what the part asks for. `rows_max`: what a list has at most.
    pub fn behind(
        &self,
        page: PageEnd,
        since: Option<Timestamp>,
        rows_max: u64,
    ) -> Result<Option<Self>, CutOff> {
        let rows = self.rows + page.rows;
        let begun_at = self.begun_at.or(since);
        // Within the second at which it was begun it would be the same list again.
        let is_later = |at: &Timestamp| begun_at.is_none_or(|begun| at.as_second() > begun.as_second());
        let anew = page.last_at.filter(is_later).map(|at| Self { begun_at: Some(at), ..Self::default() });
        match (page.cursor, anew) {
            (None, _) if rows < rows_max => Ok(None),
            (Some(_), Some(anew)) if rows >= rows_max / 5 * 4 => Ok(Some(anew)),
            (Some(cursor), _) => Ok(Some(Self { after: Some(cursor), begun_at: self.begun_at, rows })),
            (None, Some(anew)) => Ok(Some(anew)),
            (None, None) => Err(CutOff),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_none(rows: &u64) -> bool {
    *rows == 0
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
