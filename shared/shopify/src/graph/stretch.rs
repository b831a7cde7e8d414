//! Which part of a list is asked for, and what comes.

use std::fmt;

use domain::Timestamp;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// As many as Shopify gives at once.
const FIRST_MAX: u16 = 250;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stretch {
    first: u16,
    /// The cursor that the page before ended with.
    after: Option<String>,
    query: Option<String>,
}

/// What changed within this time, by the shop's own account. No end on either side unless told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    pub since: Option<Timestamp>,
    /// Not itself.
    pub before: Option<Timestamp>,
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub nodes: Vec<T>,
    /// The cursor behind which there are more.
    pub next: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

impl PageInfo {
    pub(crate) fn goes_on(cursor: String) -> Self {
        Self { has_next_page: true, end_cursor: Some(cursor) }
    }

    pub(crate) fn next(self) -> Option<String> {
        self.end_cursor.filter(|_| self.has_next_page)
    }
}

/// A list as GraphQL gives it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connection<T> {
    nodes: Vec<T>,
    page_info: PageInfo,
}

impl<T> Connection<T> {
    pub(super) fn page(self) -> Page<T> {
        Page { nodes: self.nodes, next: self.page_info.next() }
    }
}

impl Stretch {
    /// Of everything, in the order in which it was changed.
    pub fn all(first: u16, after: Option<String>) -> Self {
        Self { first: first.clamp(1, FIRST_MAX), after, query: None }
    }

    /// Of what was changed within that time.
    pub fn updated(window: &Window, first: u16, after: Option<String>) -> Self {
        Self { query: window.query("updated_at"), ..Self::all(first, after) }
    }

    pub(super) fn matching(query: String, first: u16, after: Option<String>) -> Self {
        Self { query: Some(query), ..Self::all(first, after) }
    }
}

impl Window {
    /// `None`: everything.
    pub(crate) fn query(&self, field: &str) -> Option<String> {
        let since = self.since.map(|at| format!("{field}:>='{}'", Second(at)));
        // What is within the last second belongs to it.
        let before = self.before.map(|at| {
            let is_whole = at.subsec_nanosecond() == 0;
            let end =
                if is_whole { at } else { at.saturating_add(SignedDuration::from_secs(1)).unwrap_or(at) };
            format!("{field}:<'{}'", Second(end))
        });
        let both: Vec<_> = since.into_iter().chain(before).collect();
        (!both.is_empty()).then(|| both.join(" AND "))
    }
}

/// Shopify's times are of whole seconds.
struct Second(Timestamp);

impl fmt::Display for Second {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = Timestamp::from_second(self.0.as_second()).unwrap_or(self.0);
        second.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_all_that_changed_within_it() {
        let at = |text: &str| text.parse::<Timestamp>().ok();
        let check = |since: &str, before: &str, expected: Option<&str>| {
            let window = Window { since: at(since), before: at(before) };
            assert_eq!(window.query("updated_at").as_deref(), expected);
        };
        check("", "", None);
        check("2026-11-20T00:00:00.9Z", "", Some("updated_at:>='2026-11-20T00:00:00Z'"));
        check("", "2026-11-20T00:00:00Z", Some("updated_at:<'2026-11-20T00:00:00Z'"));
        check(
            "2026-11-20T00:00:00+01:00",
            "2026-11-20T00:00:00.1Z",
            Some("updated_at:>='2026-11-19T23:00:00Z' AND updated_at:<'2026-11-20T00:00:01Z'"),
        );
    }

    #[test]
    fn a_page_is_no_larger_than_shopify_gives() {
        for (asked, given) in [(0, 1), (50, 50), (1_000, 250)] {
            assert_eq!(Stretch::all(asked, None).first, given);
        }
    }
}
