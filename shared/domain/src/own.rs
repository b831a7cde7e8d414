//! The columns of a shop's own: which attributes its customers have, and what each holds.
//!
//! A name is known for good, and holds what it held first: a rule that names it stays a rule, whatever comes. A value of
//! another kind is kept with its customer, and is nothing to rules.
//!
//! Shopify's metafields are kept among them, by the name that rules have for them: the shop tells those, and nobody else may.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::customer::AttributeValue;

/// More names than this are kept with customers, and rules cannot name them.
pub const OWN_MAX: usize = 500;
/// Before the namespace and key of a metafield: `metafields.facts.birth_date`. No other name has a point.
pub const METAFIELDS: &str = "metafields.";

/// Whether the shop tells it, as one of its metafields.
pub fn is_metafield(attribute: &str) -> bool {
    attribute.starts_with(METAFIELDS)
}

/// What people and programs have told here, without what the shop tells.
pub fn brought(
    attributes: &BTreeMap<String, AttributeValue>,
) -> impl Iterator<Item = (&String, &AttributeValue)> {
    attributes.iter().filter(|(name, _)| !is_metafield(name))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeKind {
    Text,
    Number,
    Yes,
    Day,
    List,
}

/// By name; of each the kinds that its values have had, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnColumns(pub BTreeMap<String, Vec<AttributeKind>>);

impl AttributeValue {
    pub const fn kind(&self) -> AttributeKind {
        match self {
            Self::Text(_) => AttributeKind::Text,
            Self::Number(_) => AttributeKind::Number,
            Self::Yes(_) => AttributeKind::Yes,
            Self::Day(_) => AttributeKind::Day,
            Self::List(_) => AttributeKind::List,
        }
    }
}

impl OwnColumns {
    pub fn has(&self, name: &str, kind: AttributeKind) -> bool {
        self.0.get(name).is_some_and(|kinds| kinds.contains(&kind))
    }

    /// With what is told, as far as there is room for it. `None`: there is nothing to add.
    #[must_use]
    pub fn with(&self, told: &BTreeMap<String, AttributeKind>) -> Option<Self> {
        let mut after = self.clone();
        for (name, kind) in told {
            let is_room = after.0.len() < OWN_MAX;
            let kinds = match after.0.get_mut(name) {
                Some(kinds) => kinds,
                None if is_room => after.0.entry(name.clone()).or_default(),
                None => continue,
            };
            if !kinds.contains(kind) {
                kinds.push(*kind);
            }
        }
        (after != *self).then_some(after)
    }

    /// Each name with what rules find in it.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, AttributeKind)> {
        self.0.iter().filter_map(|(name, kinds)| Some((name.as_str(), *kinds.first()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, kind: AttributeKind) -> BTreeMap<String, AttributeKind> {
        BTreeMap::from([(name.to_owned(), kind)])
    }

    #[test]
    fn a_name_holds_what_it_held_first() {
        let none = OwnColumns::default();
        let one = none.with(&told("size", AttributeKind::Number)).expect("it is new");
        assert_eq!(one.with(&told("size", AttributeKind::Number)), None, "nothing new is told");
        let two = one.with(&told("size", AttributeKind::Text)).expect("another kind");
        assert_eq!(two.kinds().collect::<Vec<_>>(), [("size", AttributeKind::Number)]);
        assert!(two.has("size", AttributeKind::Text) && !two.has("size", AttributeKind::Yes));
    }

    #[test]
    fn only_so_many_are_known() {
        let mut own = OwnColumns::default();
        for number in 0..=OWN_MAX {
            own = own.with(&told(&format!("n{number}"), AttributeKind::Yes)).unwrap_or(own);
        }
        assert_eq!(own.0.len(), OWN_MAX);
        assert!(own.with(&told("n0", AttributeKind::Number)).is_some(), "those that are known stay so");
    }
}
