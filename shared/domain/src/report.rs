//! A report: a question about what was ordered that a merchant has given a name.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Name, ReportId, Timestamp, UserId, segment::RuleText, words::words};

/// A tenant has at most about this many: lists of them are read whole.
pub const REPORTS_MAX: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub id: ReportId,
    pub name: Name,
    pub description: Option<String>,
    pub question: Question,
    /// 1 as it is made, and one more with each change.
    pub edition: u32,
    pub created_at: Timestamp,
    pub created_by: UserId,
    pub updated_at: Timestamp,
    pub updated_by: UserId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// At least one, each once.
    pub measures: Vec<Measure>,
    /// At most `DIMENSIONS_MAX`, each once.
    pub dimensions: Vec<Dimension>,
    /// Whose orders; `None`: also of walk-ins and of those who are gone.
    pub filter: Option<RuleText>,
    pub days: Days,
    pub chart: Chart,
}

pub const DIMENSIONS_MAX: usize = 2;

/// Which days of the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Days {
    /// So many, of which the day on which it is asked is one.
    Last(u32),
    /// Both included.
    Between(Date, Date),
}

words! {
    /// What is counted, of orders that count.
    Measure {
        Orders: "orders",
        /// Those who ordered, each once.
        Customers: "customers",
        /// Less what was refunded.
        Revenue: "revenue",
        Refunded: "refunded",
        /// What was asked for; of products their price times their number.
        Gross: "gross",
        AverageOrderValue: "average_order_value",
        /// Things.
        Units: "units",
    }

    /// By what it is parted.
    Dimension {
        Day: "day",
        /// From Monday on.
        Week: "week",
        Month: "month",
        Weekday: "weekday",
        /// Of the customer's addresses: who has two is in both.
        Country: "country",
        City: "city",
        Tag: "tag",
        /// Whether it was somebody's first order, a later one, or nobody's.
        Visit: "visit",
        /// By all that the customer has spent.
        Tier: "tier",
        /// By all orders of the customer's.
        Loyalty: "loyalty",
        /// Of an order's lines: an order is in the group of each of its products.
        Product: "product",
    }

    /// How the first measure is drawn.
    Chart {
        None: "none",
        Bar: "bar",
        Line: "line",
    }
}

impl Measure {
    /// Whether it can be told of one line of an order: refunds and discounts are told of whole orders.
    pub fn is_of_lines(self) -> bool {
        matches!(self, Self::Orders | Self::Customers | Self::Gross | Self::Units)
    }

    pub fn is_amount(self) -> bool {
        matches!(self, Self::Revenue | Self::Refunded | Self::Gross | Self::AverageOrderValue)
    }
}

impl Dimension {
    /// Whether its values follow one another in time.
    pub fn is_time(self) -> bool {
        matches!(self, Self::Day | Self::Week | Self::Month | Self::Weekday)
    }
}

impl Report {
    /// As somebody has changed it from what was held. Told the same again, it stays as it was.
    #[must_use]
    pub fn changed_from(self, held: &Self, by: UserId, now: Timestamp) -> Self {
        let said = |it: &Self| (it.name.clone(), it.description.clone(), it.question.clone());
        if said(&self) == said(held) {
            return held.clone();
        }
        Self { edition: held.edition + 1, updated_at: now, updated_by: by, ..self }
    }
}
