//! The expressions that we send: every name and value goes by a placeholder, so that none is ever read as
//! one of DynamoDB's words.

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;
use store::{When, table::Add};

use super::attributes::number;

/// Names and values that expressions speak of. `None` where there are none: DynamoDB refuses empty maps.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Terms {
    pub(super) names: Option<HashMap<String, String>>,
    pub(super) values: Option<HashMap<String, AttributeValue>>,
}

impl Terms {
    pub(super) fn name(&mut self, placeholder: &str, name: &str) {
        self.names.get_or_insert_default().insert(placeholder.to_owned(), name.to_owned());
    }

    pub(super) fn value(&mut self, placeholder: &str, value: AttributeValue) {
        self.values.get_or_insert_default().insert(placeholder.to_owned(), value);
    }
}

pub(super) fn condition(when: When) -> (Option<String>, Terms) {
    let mut terms = Terms::default();
    let expression = match when {
        When::Always => return (None, terms),
        When::Absent => "attribute_not_exists(#pk)",
        When::Present => "attribute_exists(#pk)",
        When::Version(version) => {
            terms.name("#version", "version");
            terms.value(":version", number(version));
            return (Some("#version = :version".to_owned()), terms);
        }
    };
    terms.name("#pk", "pk");
    (Some(expression.to_owned()), terms)
}

/// An update that moves counters, and its condition.
pub(super) struct Addition {
    pub(super) update: String,
    pub(super) condition: Option<String>,
    pub(super) terms: Terms,
}

/// `AND` binds tighter than `OR`, and DynamoDB refuses parentheses that are not needed: each condition has one pair.
/// An item that the counters make has version 0, as on every table. No counter may pass the range of 64 bits:
/// DynamoDB's own numbers go further, and what we could not read again must not be written.
pub(super) fn addition(add: &Add) -> Addition {
    let mut terms = Terms::default();
    terms.name("#version", "version");
    terms.value(":zero", number(0));
    let mut update = "SET #version = if_not_exists(#version, :zero)".to_owned();
    if let Some(at) = add.expires_at {
        terms.name("#expires_at", "expires_at");
        terms.value(":expires_at", number(at));
        update.push_str(", #expires_at = :expires_at");
    }
    let mut moves = Vec::with_capacity(add.counts.len());
    let mut conditions = Vec::new();
    for (place, count) in add.counts.iter().enumerate() {
        let name = format!("#c{place}");
        terms.name(&name, &count.counter);
        terms.value(&format!(":by{place}"), number(count.by));
        moves.push(format!("{name} :by{place}"));
        let (low, high) = bounds(count.by, count.within.as_ref());
        let mut limits = Vec::new();
        if low > i64::MIN {
            terms.value(&format!(":low{place}"), number(low));
            limits.push(format!("{name} >= :low{place}"));
        }
        if high < i64::MAX {
            terms.value(&format!(":high{place}"), number(high));
            limits.push(format!("{name} <= :high{place}"));
        }
        if !limits.is_empty() {
            let held = limits.join(" AND ");
            let may_be_absent = low <= 0 && 0 <= high;
            let absent = format!("attribute_not_exists({name}) OR ");
            conditions.push(format!("({}{held})", if may_be_absent { &absent } else { "" }));
        }
    }
    update.push_str(" ADD ");
    update.push_str(&moves.join(", "));
    let condition = (!conditions.is_empty()).then(|| conditions.join(" AND "));
    Addition { update, condition, terms }
}

/// Where a counter must stand for `by` to be added: within what was asked, and without passing 64 bits.
fn bounds(by: i64, within: Option<&std::ops::RangeInclusive<i64>>) -> (i64, i64) {
    let (low, high) = within.map_or((i64::MIN, i64::MAX), |within| (*within.start(), *within.end()));
    if by < 0 { (low.max(i64::MIN - by), high) } else { (low, high.min(i64::MAX - by)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::{RawKey, table::Count};

    fn add(by: i64, within: Option<std::ops::RangeInclusive<i64>>) -> Addition {
        let counts = vec![Count { counter: "size".to_owned(), by, within }];
        addition(&Add { key: RawKey::new("p", "s"), counts, expires_at: None })
    }

    #[test]
    fn a_counter_moves_only_where_it_may_stand() {
        let check = |by, within, condition: Option<&str>| {
            assert_eq!(add(by, within).condition.as_deref(), condition);
        };
        check(0, None, None);
        check(1, None, Some("(attribute_not_exists(#c0) OR #c0 <= :high0)"));
        check(-1, None, Some("(attribute_not_exists(#c0) OR #c0 >= :low0)"));
        check(-1, Some(1..=9), Some("(#c0 >= :low0 AND #c0 <= :high0)"));
        check(1, Some(0..=9), Some("(attribute_not_exists(#c0) OR #c0 >= :low0 AND #c0 <= :high0)"));
    }

    #[test]
    fn a_name_is_never_part_of_an_expression() {
        let addition = add(1, None);
        assert!(!addition.update.contains("size"));
        assert_eq!(addition.terms.names.unwrap()["#c0"], "size");
    }
}
