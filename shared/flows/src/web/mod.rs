//! Providers over plain HTTPS: what a vendor asks of the way out.

#[cfg(feature = "contract")]
pub mod contract;

use std::{fmt, time::Duration};

use async_trait::async_trait;

use crate::FlowError;

/// The most that a provider may answer, unless whoever asks expects more.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// The way out. A redirect is an answer like any other: nobody follows it.
#[async_trait]
pub trait Web: Send + Sync {
    /// What was answered, whatever its status. No answer, one that is late and one that is too long are
    /// `Unavailable`, for the cause `Unreached` if that is what it is. It is asked once.
    async fn ask(&self, ask: Ask) -> Result<Told, FlowError>;
}

/// The cause of `Unavailable` if nobody was reached, and so nothing of what was asked has left. Every other cause leaves
/// open what the provider has heard.
#[derive(Debug, thiserror::Error)]
#[error("nobody could be reached")]
pub struct Unreached;

/// Whether the provider cannot have heard of it.
pub fn is_unreached(error: &FlowError) -> bool {
    matches!(error, FlowError::Unavailable(cause) if cause.is::<Unreached>())
}

/// Something to be taken in, or, without it, a document to be read.
#[derive(Clone, PartialEq, Eq)]
pub struct Ask {
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub content: Option<Content>,
    /// From the beginning to the last byte of the answer.
    pub patience: Duration,
    pub answer_bytes_max: usize,
}

#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// `application/x-www-form-urlencoded`.
    Form(String),
    /// `application/json`.
    Json(Vec<u8>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub status: u16,
    /// Those whose values are plain text, with their names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Ask {
    pub fn new(url: String, patience: Duration) -> Self {
        Self { url, headers: Vec::new(), content: None, patience, answer_bytes_max: ANSWER_BYTES_MAX }
    }
}

impl Content {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Form(_) => "application/x-www-form-urlencoded",
            Self::Json(_) => "application/json",
        }
    }

    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Form(form) => form.into_bytes(),
            Self::Json(json) => json,
        }
    }
}

impl Told {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(told, _)| told == name).map(|(_, value)| value.as_str())
    }
}

/// What is asked can hold tokens and secrets.
impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ask(…)")
    }
}
