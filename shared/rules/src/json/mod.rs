//! A rule as JSON: `{"all": [{"field": "number_of_orders", "op": "gte", "value": 2}, …]}`.

mod condition;
mod operators;
mod read;
mod write;

pub(crate) use read::{join, read, too_heavy};
pub(crate) use write::write;
