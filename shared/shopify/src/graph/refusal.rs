//! Why Shopify did not answer a question, and who can help.

use jiff::SignedDuration;
use serde::Deserialize;

/// Never half an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too much was asked in too short a time: again after so long, and a little by chance.
    #[error("Shopify asks us to wait")]
    Throttled { wait: SignedDuration },
    /// The token has ended or was taken away: with a new one, else the merchant has to let us in again.
    #[error("Shopify does not take the token")]
    Unauthorized,
    /// Something that the app has no leave to see: the merchant, or Shopify's review, can give it.
    #[error("Shopify denies {0}")]
    Denied(String),
    /// 402: the shop has not been paid for.
    #[error("the shop is frozen")]
    Frozen,
    /// 423, or an inactive shop.
    #[error("the shop is locked")]
    Locked,
    /// 404: there is no such shop, or no such version.
    #[error("Shopify knows no such shop")]
    NotFound,
    /// What is asked for is more than any bucket holds: smaller pages.
    #[error("the question costs more than may be asked at once")]
    TooCostly,
    /// Shopify's own trouble: again later.
    #[error("Shopify has no answer now")]
    Unavailable { wait: Option<SignedDuration> },
    /// What we asked to be done was not: our fault, or something in its way.
    #[error("Shopify did not do it: {}", told(.0))]
    NotDone(Vec<UserError>),
    /// The question itself is wrong.
    #[error("Shopify does not understand the question: {0}")]
    Misunderstood(String),
    /// The answer is not what its schema promises.
    #[error("Shopify's answer cannot be read at {0}")]
    Unreadable(String),
}

/// One of a mutation's `userErrors`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UserError {
    pub code: Option<String>,
    #[serde(default)]
    pub field: Option<Vec<String>>,
    pub message: String,
}

impl Refusal {
    /// Whether the same question may be answered later, without anybody doing anything.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Throttled { .. } | Self::Unavailable { .. })
    }

    /// How long to wait at least.
    pub fn wait(&self) -> Option<SignedDuration> {
        match self {
            Self::Throttled { wait } => Some(*wait),
            Self::Unavailable { wait } => *wait,
            _ => None,
        }
    }

    /// Whether a mutation was refused with this code.
    pub fn is_not_done_by(&self, code: &str) -> bool {
        matches!(self, Self::NotDone(errors) if errors.iter().any(|error| error.code.as_deref() == Some(code)))
    }
}

/// Codes and fields: messages may hold names of people.
fn told(errors: &[UserError]) -> String {
    let one = |error: &UserError| {
        let field = error.field.as_ref().map(|field| field.join(".")).unwrap_or_default();
        crate::http::code(&format!("{}-{field}", error.code.as_deref().unwrap_or("error")))
    };
    errors.iter().map(one).collect::<Vec<_>>().join(", ")
}
