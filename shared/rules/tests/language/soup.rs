//! Pieces of the language, and of other systems' rules, in no order.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value as Json, json};

const WORDS: &[&str] = &[
    "AND",
    "OR",
    "NOT",
    "(",
    ")",
    ",",
    ":",
    "=",
    "!=",
    ">=",
    "==",
    "IN",
    "BETWEEN",
    "IS",
    "NULL",
    "CONTAINS",
    "ANY",
    "STARTS",
    "WITH",
    "LENGTH",
    "MATCHES",
    "TRUE",
    "EVERYONE",
    "amount_spent",
    "customer_tags",
    "orders_placed",
    "anniversary",
    "birthday",
    "bucket",
    "segment",
    "id",
    "date",
    "count",
    "today",
    "-30d",
    "2026-01-31",
    "2026-13-99",
    "5",
    "-5.5",
    "1e9",
    "'vip'",
    "'",
    "\\'",
    "\"x\"",
    "attributes.shoe_size",
    "metafields.",
    "-",
    "+",
    ".",
    "é",
    "\u{0}",
    "shopify_email.opened",
    "customer_within_distance",
    "coordinates",
    "funnel",
    "steps",
];

const MEMBERS: &[&str] = &[
    "all",
    "any",
    "not",
    "everyone",
    "field",
    "op",
    "value",
    "length",
    "anniversary",
    "bucket",
    "event",
    "where",
    "param",
    "count",
    "sum_amount",
    "money",
    "offset",
    "date",
    "decimal",
    "coordinates",
    "eq",
    "gte",
    "between",
    "in",
    "contains",
    "amount_spent",
    "customer_tags",
    "orders_placed",
    "segment",
    "id",
    "-30d",
    "500.00",
    "",
];

/// Of the forms of other systems.
const THEIRS: &[&str] = &[
    "conditions",
    "groups",
    "rules",
    "logic",
    "connectors",
    "operator",
    "field",
    "value",
    "unit",
    "AND",
    "OR",
    ">",
    "between",
    "in",
    "contains",
    "isNull",
    "before",
    "totalSpent",
    "lastVisit",
    "rfmSegment",
    "name",
    "isHighValue",
    "createdAt",
    "days",
    "5",
    "-30d",
    "condition_groups",
    "type",
    "profile-property",
    "profile-metric",
    "filter",
    "property",
    "email",
    "date",
    "in-the-last",
    "quantity",
    "metric_id",
    "Placed Order",
    "measurement",
    "count",
];

/// Pieces of the language in no order.
pub(crate) fn text() -> BoxedStrategy<String> {
    vec((select(WORDS), select(&["", " "][..])), 0..40)
        .prop_map(|words| words.into_iter().flat_map(|(word, gap)| [word, gap]).collect())
        .boxed()
}

/// JSON out of the members of the language in no order.
pub(crate) fn json() -> BoxedStrategy<Json> {
    soup_of(MEMBERS)
}

pub(crate) fn foreign() -> BoxedStrategy<Json> {
    soup_of(THEIRS)
}

fn soup_of(words: &'static [&'static str]) -> BoxedStrategy<Json> {
    let word = select(words).prop_map(str::to_owned);
    let base = prop_oneof![
        word.clone().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any::<bool>().prop_map(Json::from),
        Just(json!(null)),
        ".{0,4}".prop_map(Json::from),
    ];
    base.prop_recursive(5, 32, 4, move |inner| {
        let members = vec((word.clone(), inner.clone()), 0..4);
        prop_oneof![
            vec(inner, 0..3).prop_map(Json::from),
            members.prop_map(|members| members.into_iter().collect())
        ]
    })
    .boxed()
}
