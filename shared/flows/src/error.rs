//! The one error of flows and functions: whose fault, and whether trying again helps.
//!
//! One of four places that match over it; the others are `functions/api/src/error.rs` (status codes),
//! `runtime/src/queue.rs` (acknowledged or not) and `socket.rs` (let in or not). `Display` says its own sentence and never its source.

use domain::Task;
use std::sync::Arc;
use store::StoreError;

use crate::rates::Limits;

#[derive(Debug, Clone, thiserror::Error)]
pub enum FlowError {
    /// The caller sent something wrong. Again will not help.
    #[error("the request is not valid")]
    Invalid(Vec<Fault>),
    /// The caller may not do this, or did not say who they are.
    #[error("{}", .0.sentence())]
    Denied(Denial),
    /// Not there, or another tenant's: the caller cannot tell which.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// Something else happened first.
    #[error("{sentence}")]
    Conflict { code: &'static str, sentence: String },
    /// Later it will be fine.
    #[error("too many requests")]
    TooMany { code: &'static str, retry_after_seconds: u64, limits: Option<Limits> },
    /// Something that we depend on did not answer.
    #[error("a service that we depend on is not available")]
    Unavailable(#[source] Cause),
    /// Our fault.
    #[error("something went wrong on our side")]
    Broken(#[source] Cause),
}

pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// What was wrong on our side, as the merchant is told in what has failed; we are told by a dead letter.
pub const OURS: &str = "something went wrong on our side; we have been told";

const OVERTAKEN: &str = "changed_meanwhile";

/// One thing wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A JSON pointer into the body, or `?name` for a query parameter, or a header's name.
    pub at: String,
    pub code: &'static str,
    pub sentence: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// No credentials, or none that hold.
    Unauthenticated,
    /// Known, but not allowed.
    Forbidden { code: &'static str, sentence: &'static str },
}

impl Denial {
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Unauthenticated => "sign in first: there is no valid session or API key here",
            Self::Forbidden { sentence, .. } => sentence,
        }
    }
}

/// What a queue does with a message whose handler failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Give it again after a while; after too many tries it is a dead letter.
    Again,
    /// Trying again cannot help: it is a dead letter.
    Dead,
}

impl FlowError {
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Invalid(_) | Self::Denied(_) | Self::NotFound(_) | Self::Broken(_) => Verdict::Dead,
            Self::Conflict { .. } | Self::TooMany { .. } | Self::Unavailable(_) => Verdict::Again,
        }
    }

    /// Somebody else was faster: what was planned is to be planned again.
    pub fn is_overtaken(&self) -> bool {
        matches!(self, Self::Conflict { code: OVERTAKEN, .. })
    }

    pub fn broken(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Broken(Arc::from(cause.into()))
    }

    pub fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(cause.into()))
    }

    /// One thing wrong, at one place.
    pub fn invalid(at: impl Into<String>, code: &'static str, sentence: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault { at: at.into(), code, sentence: sentence.into() }])
    }
}

/// What must be asked for, so that this does not fail again: whoever keeps the audience makes it anew if they cannot
/// read it, either.
pub fn checks(cause: &Cause) -> Vec<Task> {
    let Some(StoreError::Outdated(outdated)) = cause.downcast_ref::<StoreError>() else { return Vec::new() };
    let tenant = outdated.tenant;
    outdated.shards.iter().map(|shard| Task::CheckShard { tenant, shard: shard.0 }).collect()
}

/// An error with everything that led to it, in one line: for a log, where it is told once.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        told = format!("{told}: {cause}");
        next = cause.source();
    }
    told
}

impl From<StoreError> for FlowError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(_) => Self::Conflict {
                code: OVERTAKEN,
                sentence: "it was changed by someone else at the same moment; read it again and repeat"
                    .into(),
            },
            // Somebody is asked to mend it: see `checks`.
            StoreError::Unavailable(_) | StoreError::Outdated(_) => Self::unavailable(error),
            StoreError::Refused(_) | StoreError::Broken(_) => Self::broken(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_tells_every_cause_once() {
        let table =
            StoreError::Unavailable(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from("no route")));
        let told = chain(&FlowError::from(table));
        assert_eq!(
            told,
            "a service that we depend on is not available: the table is not available: no route"
        );
    }
}
