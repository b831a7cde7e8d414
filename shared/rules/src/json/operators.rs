//! The operators as JSON calls them.

use crate::leaf::{Comparison, Like, Quantity};

#[derive(Clone, Copy)]
pub(super) enum Form {
    Is(Comparison),
    Between,
    In,
    Like(Like),
    Holds(Quantity),
    Null,
}

/// Each operator, and whether it is the opposite of its form.
pub(super) const OPERATORS: [(&str, bool, Form); 21] = [
    ("eq", false, Form::Is(Comparison::Equal)),
    ("neq", true, Form::Is(Comparison::Equal)),
    ("lt", false, Form::Is(Comparison::Less)),
    ("lte", false, Form::Is(Comparison::AtMost)),
    ("gt", false, Form::Is(Comparison::More)),
    ("gte", false, Form::Is(Comparison::AtLeast)),
    ("between", false, Form::Between),
    ("in", false, Form::In),
    ("not_in", true, Form::In),
    ("contains", false, Form::Like(Like::Contains)),
    ("not_contains", true, Form::Like(Like::Contains)),
    ("starts_with", false, Form::Like(Like::StartsWith)),
    ("not_starts_with", true, Form::Like(Like::StartsWith)),
    ("ends_with", false, Form::Like(Like::EndsWith)),
    ("not_ends_with", true, Form::Like(Like::EndsWith)),
    ("contains_any", false, Form::Holds(Quantity::Any)),
    ("contains_all", false, Form::Holds(Quantity::All)),
    ("not_contains_any", true, Form::Holds(Quantity::Any)),
    ("not_contains_all", true, Form::Holds(Quantity::All)),
    ("is_null", false, Form::Null),
    ("is_not_null", true, Form::Null),
];

pub(super) fn form(name: &str) -> Option<(bool, Form)> {
    OPERATORS.iter().find(|(known, ..)| *known == name).map(|(_, is_not, form)| (*is_not, *form))
}
