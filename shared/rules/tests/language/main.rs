//! What the language promises: that text and JSON are two views of one tree, that nothing breaks it, and what it says of
//! what is wrong.

mod any;
mod exports;
mod forms;
mod imports;
mod json_problems;
mod limits;
mod meaning;
mod problems;
mod round_trips;
mod soup;
mod vectors;

use domain::Currency;
use rules::{Kind, Problem, Rule, Shop};

/// A shop that counts in dollars and has columns of its own.
pub(crate) fn shop() -> Shop {
    Shop::new(Currency::USD)
        .with("attributes.shoe_size", Kind::Number)
        .with("attributes.favourite", Kind::Text)
        .with("attributes.is_member", Kind::Yes)
        .with("attributes.sizes", Kind::Texts)
        .with("metafields.facts.birth-date", Kind::Date)
}

pub(crate) fn parse(text: &str) -> Result<Rule, Vec<Problem>> {
    Rule::parse(text, &shop())
}
