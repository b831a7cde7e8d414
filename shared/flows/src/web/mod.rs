//! Providers over plain HTTPS: what a vendor asks of the way out.

#[cfg(feature = "contract")]
pub mod contract;

use std::time::Duration;

use async_trait::async_trait;

use crate::FlowError;

/// The most that a provider may answer.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// The way out. A redirect is an answer like any other: nobody follows it.
#[async_trait]
pub trait Web: Send + Sync {
    /// What was answered, whatever its status. No answer, one that is late and one that is too long are
    /// `Unavailable`.
    async fn ask(&self, ask: Ask) -> Result<Told, FlowError>;
}

/// A form to be taken in, or, without one, a document to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub url: String,
    /// As `application/x-www-form-urlencoded`.
    pub form: Option<String>,
    /// From the beginning to the last byte of the answer.
    pub patience: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub status: u16,
    pub cache_control: Option<String>,
    pub body: Vec<u8>,
}
