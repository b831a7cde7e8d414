//! How anything from a provider is read: by a type of its own, and with the place of what is wrong.

use domain::{MessageTag, Receipt, TenantId, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a callback says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    pub receipts: Vec<Receipt>,
    /// What of a batch cannot be read, beside what can.
    pub unread: Vec<Unreadable>,
}

/// Something that a provider's documentation does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {what}")]
pub struct Unreadable {
    /// A JSON pointer into the body, or the name of a form's field.
    pub at: String,
    pub what: &'static str,
}

pub(crate) const MISSING: &str = "is missing";
pub(crate) const STRANGE: &str = "is not of the kind that is expected";
const NO_JSON: &str = "is not JSON";

impl Unreadable {
    pub(crate) fn new(at: impl Into<String>, what: &'static str) -> Self {
        Self { at: at.into(), what }
    }

    /// The same, of something that stands there.
    pub(crate) fn within(self, place: &str) -> Self {
        Self { at: format!("{place}{}", self.at), ..self }
    }
}

impl Told {
    pub(crate) fn of(told: impl IntoIterator<Item = Result<Option<Receipt>, Unreadable>>) -> Self {
        let mut all = Self::default();
        for told in told {
            match told {
                Ok(receipt) => all.receipts.extend(receipt),
                Err(unread) => all.unread.push(unread),
            }
        }
        all
    }
}

pub(crate) fn json(body: &[u8]) -> Result<Value, Unreadable> {
    serde_json::from_slice(body).map_err(|_| Unreadable::new("/", NO_JSON))
}

/// A value as `T`.
pub(crate) fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Unreadable> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let at = format!("/{}", error.path().to_string().replace('.', "/"));
        let at = if at == "/" || at == "//" { String::new() } else { at };
        // The only words of serde's that quote no value.
        let told = error.inner().to_string();
        match told.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')) {
            Some((name, _)) => Unreadable::new(format!("{at}/{name}"), MISSING),
            None if at.is_empty() => Unreadable::new("/", STRANGE),
            None => Unreadable::new(at, STRANGE),
        }
    })
}

/// An instant in RFC 3339, or as AWS's logs have it: without a zone, in UTC.
pub(crate) fn instant(text: &str, at: &str) -> Result<Timestamp, Unreadable> {
    let utc = || format!("{}Z", text.replacen(' ', "T", 1)).parse();
    text.parse()
        .or_else(|_| utc())
        .map_err(|_: <Timestamp as std::str::FromStr>::Err| Unreadable::new(at, STRANGE))
}

pub(crate) fn second(seconds: i64, at: &str) -> Result<Timestamp, Unreadable> {
    Timestamp::from_second(seconds).map_err(|_| Unreadable::new(at, STRANGE))
}

/// Ours if it has our form: a tag that others gave is none of ours.
pub(crate) fn tag(text: Option<&str>) -> Option<MessageTag> {
    text?.parse().ok()
}

pub(crate) fn tenant(text: Option<&str>) -> Option<TenantId> {
    text?.parse().ok()
}
