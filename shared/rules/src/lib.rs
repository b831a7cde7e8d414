//! The segment language: who is meant, said as text or as JSON, two views of one tree.
//!
//! Shopify's language is its core; what we add is marked in the catalogue. A rule is read for a shop, which knows its own
//! columns; whatever is unknown is refused with its place, and nothing that is unknown ever means everybody. Nothing
//! here evaluates: `columns` does.

mod catalogue;
mod check;
mod decimal;
mod event;
mod export;
mod field;
mod import;
mod in_words;
mod json;
mod kind;
mod leaf;
pub mod limits;
mod moment;
mod nearest;
mod offset;
mod problem;
mod references;
mod rule;
mod said;
mod shop;
mod template;
mod text;
mod told;
mod value;

pub use catalogue::{Entry, Takes, catalogue};
pub use decimal::Decimal;
pub use event::{Event, Function, Param};
pub use export::{Exported, Untranslated};
pub use field::{Field, Group, Known, Origin, Own};
pub use import::{Imported, Note, rfm_group};
pub use kind::{Code, Kind};
pub use leaf::{Clause, Comparison, Condition, Distance, Leaf, Like, Quantity};
pub use moment::Moment;
pub use offset::{Offset, Unit};
pub use problem::{Place, Problem, Wrong};
pub use references::BadReference;
pub use rule::Rule;
pub use shop::Shop;
pub use template::{BadThreshold, Template, Threshold};
pub use value::{Coordinates, Value};

use serde_json::Value as Json;

impl Rule {
    /// A rule in its one form, or all that is wrong with the text.
    pub fn parse(text: &str, shop: &Shop) -> Result<Self, Vec<Problem>> {
        let (told, problems) = text::read(text);
        check::check(&told, problems, shop)
    }

    /// A rule in its one form, or all that is wrong with the JSON.
    pub fn from_json(json: &Json, shop: &Shop) -> Result<Self, Vec<Problem>> {
        let (told, problems) = json::read(json);
        check::check(&told, problems, shop)
    }

    /// A rule of any of the systems that this one replaces, or of ours: known by its form.
    pub fn import(json: &Json, shop: &Shop) -> Result<Imported, Vec<Problem>> {
        import::import(json, shop)
    }

    /// As `from_json` reads it.
    pub fn to_json(&self) -> Json {
        json::write(self)
    }
}
