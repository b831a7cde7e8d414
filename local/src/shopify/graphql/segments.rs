//! Segments: kept as they are told; their members by the few attributes that a demo needs.

use apollo_compiler::resolvers::FieldError;
use serde_json::{Value, json};

use super::{
    Ask, customers, lists,
    object::{Answer, Arguments, Connection, Thing, object},
    paging::{Part, wrong},
};
use crate::shopify::{
    books::records::{Customer, loud},
    ids::{Kind, gid, of_gid},
    shop::Segment,
    words::utc,
};

const MEMBERS_MAX: usize = 1_000;

pub(super) fn all<'a>(ask: &'a Ask<'_>, arguments: &Arguments<'a>) -> Answer<'a> {
    let key = |segment: &Segment| match arguments.text("sortKey") {
        Some("ID") => 0,
        _ => segment.created_at.as_second(),
    };
    let state = ask.state.borrow();
    let all = state.segments.iter().map(|segment| (key(segment), segment.id, segment));
    let told = |segment: &Segment| Thing::Told("Segment", segment_told(segment));
    lists::some(ask, "Segment", arguments, all.collect(), |_, _| None, told)
}

pub(super) fn segment_told(segment: &Segment) -> Value {
    let at = utc(segment.created_at);
    json!({
        "id": gid(Kind::Segment, segment.id),
        "name": segment.name,
        "query": segment.query,
        "creationDate": at,
        "lastEditDate": at,
    })
}

pub(super) fn filters<'a>(ask: &'a Ask<'_>, arguments: &Arguments<'a>) -> Answer<'a> {
    let whole = |name: &str, localized: &str| {
        json!({
            "__typename": "SegmentIntegerFilter", "queryName": name, "localizedName": localized,
            "multiValue": false, "minRange": 0.0, "maxRange": null,
        })
    };
    let filters = [
        whole("number_of_orders", "Number of orders"),
        json!({
            "__typename": "SegmentFloatFilter", "queryName": "amount_spent", "localizedName": "Amount spent",
            "multiValue": false, "minRange": 0.0, "maxRange": null,
        }),
    ];
    let kinds = ["SegmentIntegerFilter", "SegmentFloatFilter"];
    let part = Part::of(arguments, super::paging::PAGE_MAX)?;
    let rows = (0..).zip(kinds.into_iter().zip(filters));
    let rows = rows.map(|(place, (kind, filter))| ((place, 0), Thing::Told(kind, filter)));
    Ok(object(ask, Thing::Connection(Connection::new("SegmentFilter", part.of_rows(rows)))))
}

pub(super) fn members<'a>(ask: &'a Ask<'_>, arguments: &Arguments<'a>) -> Answer<'a> {
    let part = Part::of(arguments, MEMBERS_MAX)?;
    let state = ask.state.borrow();
    let held = arguments.text("segmentId").map(|gid| {
        let id = of_gid(Kind::Segment, gid);
        let held = state.segments.iter().find(|segment| Some(segment.id) == id);
        held.map(|segment| segment.query.clone()).ok_or_else(|| wrong("Segment not found"))
    });
    let query = match (arguments.text("query"), held.transpose()?) {
        (Some(_), Some(_)) => return Err(wrong("Providing both segment_id and query is not supported.")),
        (Some(query), None) => query.to_owned(),
        (None, Some(query)) => query,
        (None, None) => return Err(wrong("Query can't be blank")),
    };
    let clauses = clauses(&query)?;
    let mut members: Vec<_> =
        state.books.customers().filter(|it| clauses.iter().all(|is| is.holds(it))).collect();
    members.sort_unstable_by_key(|customer| customer.id);
    let count = members.len();
    let rows =
        members.iter().map(|it| ((0, it.id), Thing::Told("CustomerSegmentMember", customers::member(it))));
    let page = part.of_rows(rows);
    let connection = Connection { count, ..Connection::new("CustomerSegmentMember", page) };
    Ok(object(ask, Thing::Connection(connection)))
}

/// `number_of_orders >= 1`.
pub(super) struct Clause {
    attribute: String,
    operator: String,
    value: String,
}

const ATTRIBUTES: [&str; 4] =
    ["number_of_orders", "amount_spent", "customer_tags", "email_subscription_status"];

/// Clauses that are joined by AND.
pub(super) fn clauses(query: &str) -> Result<Vec<Clause>, FieldError> {
    if query.trim().is_empty() {
        return Err(wrong("Query can't be blank"));
    }
    let mut clauses = Vec::new();
    for clause in query.split(" AND ") {
        let mut words = clause.trim().splitn(2, ' ');
        let attribute = words.next().unwrap_or_default().to_owned();
        if !ATTRIBUTES.contains(&attribute.as_str()) {
            let column = query.find(clause).unwrap_or_default() + 1;
            return Err(wrong(&format!(
                "Query Line 1 Column {column}: '{attribute}' filter cannot be found."
            )));
        }
        let rest = words.next().unwrap_or_default().trim();
        let operators = ["NOT CONTAINS ", "CONTAINS ", ">=", "<=", "!=", "=", ">", "<"];
        let Some(operator) = operators.into_iter().find(|operator| rest.starts_with(operator)) else {
            return Err(wrong(&format!(
                "Query Line 1 Column {}: '{rest}' is unexpected.",
                attribute.len() + 2
            )));
        };
        let value = rest[operator.len()..].trim().trim_matches('\'').to_owned();
        clauses.push(Clause { attribute, operator: operator.trim().to_owned(), value });
    }
    Ok(clauses)
}

impl Clause {
    fn holds(&self, customer: &Customer) -> bool {
        let number = |is: f64| {
            let Ok(told) = self.value.parse::<f64>() else { return false };
            match self.operator.as_str() {
                ">=" => is >= told,
                "<=" => is <= told,
                ">" => is > told,
                "<" => is < told,
                "!=" => (is - told).abs() > f64::EPSILON,
                _ => (is - told).abs() <= f64::EPSILON,
            }
        };
        #[expect(clippy::cast_precision_loss, reason = "compared with a number of few digits")]
        match self.attribute.as_str() {
            "number_of_orders" => number(customer.orders as f64),
            "amount_spent" => number(customer.spent as f64 / 100.0),
            "customer_tags" => {
                let has = customer.tags.iter().any(|tag| tag.to_lowercase() == self.value.to_lowercase());
                has == (self.operator == "CONTAINS")
            }
            _ => (loud(customer.email_consent.state) == self.value) == (self.operator == "="),
        }
    }
}
