//! A rule as JSON: `{"all": [{"field": "number_of_orders", "op": "gte", "value": 2}, …]}`.

mod condition;
mod operators;
mod read;
mod write;

pub(crate) use read::{join, read};
pub(crate) use write::write;
