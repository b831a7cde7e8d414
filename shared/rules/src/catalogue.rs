//! Everything that a rule may name, as one list: for editors, for the API's page, and for people.

use crate::{
    Function, Kind, Known, Param, Shop,
    field::{Group, Origin},
};

/// Something that a rule may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub group: Group,
    pub origin: Origin,
    /// What it means, for people.
    pub sentence: &'static str,
    pub takes: Takes,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Takes {
    /// It is compared.
    Kind(Kind),
    /// It is matched, with these parameters.
    Params(&'static [Param]),
}

/// All that a rule of this shop may name.
pub fn catalogue(shop: &Shop) -> Vec<Entry> {
    let fields = Known::ALL.iter().map(|field| Entry {
        name: field.name().to_owned(),
        group: field.group(),
        origin: field.origin(),
        sentence: field.sentence(),
        takes: Takes::Kind(field.kind()),
    });
    let functions = Function::ALL.iter().map(|function| Entry {
        name: function.name().to_owned(),
        group: function.group(),
        origin: function.origin(),
        sentence: function.sentence(),
        takes: Takes::Params(function.params()),
    });
    let own = shop.own().map(|(name, kind)| {
        let is_shopifys = name.starts_with("metafields.");
        Entry {
            name: name.to_owned(),
            group: Group::Tags,
            origin: if is_shopifys { Origin::Shopify } else { Origin::Ours },
            sentence: if is_shopifys {
                "A metafield of the shop."
            } else {
                "A column that the shop brought."
            },
            takes: Takes::Kind(kind),
        }
    });
    let bucket = Entry {
        name: "bucket".to_owned(),
        group: Group::Sets,
        origin: Origin::Ours,
        sentence: "A number from 0 to 99 that stays the same for each customer and seed.",
        takes: Takes::Kind(Kind::Whole(0, 99)),
    };
    fields.chain(own).chain(functions).chain([bucket]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Currency;

    #[test]
    fn names_are_told_once_and_sentences_end() {
        let shop = Shop::new(Currency::USD).with("attributes.size", Kind::Text);
        let entries = catalogue(&shop);
        let mut names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), entries.len());
        assert!(entries.iter().all(|entry| entry.sentence.ends_with('.')));
        assert!(names.contains(&"attributes.size"));
    }

    #[test]
    fn parameters_stand_in_the_order_in_which_rules_show_them() {
        for function in Function::ALL {
            assert!(function.params().is_sorted(), "{}", function.name());
        }
    }
}
