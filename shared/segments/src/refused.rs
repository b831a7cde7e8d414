//! What cannot be asked of the columns.

/// A part of a rule that the columns have no answer to: its name, why, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} cannot be asked: {why}")]
pub struct Unsupported {
    /// As rules name it: `customer_cities`, `orders_placed.app_id`, `segment 'x'`.
    pub what: String,
    pub why: &'static str,
    /// Of the leaf: where it stands in the rule's JSON (RFC 6901).
    pub at: String,
}

/// The same before it is known where it stands.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) what: String,
    pub(crate) why: &'static str,
}

impl Refused {
    pub(crate) fn at(self, at: &str) -> Unsupported {
        Unsupported { what: self.what, why: self.why, at: at.to_owned() }
    }
}

pub(crate) type Found<T> = Result<T, Refused>;

pub(crate) fn refused<T>(what: impl Into<String>, why: &'static str) -> Found<T> {
    Err(Refused { what: what.into(), why })
}

/// Of a tree that no reader of rules gives.
pub(crate) fn misfit<T>(what: impl Into<String>) -> Found<T> {
    refused(what, "it is compared with what it can never be")
}
