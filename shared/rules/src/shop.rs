//! What a shop has of its own that rules may name: its currency, and its columns with what they hold.

use domain::Currency;
use std::collections::BTreeMap;

use crate::{
    Kind,
    field::{Field, Own},
};

/// A rule is read for one shop.
#[derive(Debug, Clone)]
pub struct Shop {
    pub currency: Currency,
    own: BTreeMap<String, Kind>,
}

impl Shop {
    pub fn new(currency: Currency) -> Self {
        Self { currency, own: BTreeMap::new() }
    }

    /// With a column as rules name it: `attributes.shoe_size`, `metafields.facts.birth_date`. It holds
    /// `Text`, `Number`, `Yes`, `Date` or `Texts`: nothing else can be brought.
    #[must_use]
    pub fn with(mut self, name: &str, kind: Kind) -> Self {
        self.own.insert(name.to_owned(), kind);
        self
    }

    pub(crate) fn field(&self, name: &str) -> Option<Field> {
        // Shopify's own pages write it either way.
        let name = name.strip_prefix("customer.").unwrap_or(name);
        let kind = *self.own.get(name)?;
        Some(Field::Own(Own { name: name.into(), kind }))
    }

    /// Its own columns.
    pub(crate) fn own(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.own.iter().map(|(name, kind)| (name.as_str(), *kind))
    }
}
