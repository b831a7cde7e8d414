//! A shop as its rules are read: what it counts in, and the columns of its own.

use domain::{
    Currency,
    own::{AttributeKind, OwnColumns, is_metafield},
};
use rules::{Kind, Shop};

/// With each attribute of its customers, as `attributes.shoe_size`, or as `metafields.facts.birth_date`.
pub fn shop(currency: Currency, own: &OwnColumns) -> Shop {
    own.kinds().fold(Shop::new(currency), |shop, (name, kind)| {
        let kind = match kind {
            AttributeKind::Text => Kind::Text,
            AttributeKind::Number => Kind::Number,
            AttributeKind::Yes => Kind::Yes,
            AttributeKind::Day => Kind::Date,
            AttributeKind::List => Kind::Texts,
        };
        if is_metafield(name) {
            shop.with(name, kind)
        } else {
            shop.with(&format!("attributes.{name}"), kind)
        }
    })
}
