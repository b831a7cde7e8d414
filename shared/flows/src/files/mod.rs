//! Files that merchants bring and take: too large for a request or its answer.
//!
//! A file's name is made of ids, so that it can be nobody else's. What is written in parts is there whole, or not at all.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use domain::{JobId, TenantId};

use crate::FlowError;

/// S3 takes no smaller part, apart from a file's last.
pub const PART_BYTES_MIN: usize = 5 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName {
    pub tenant: TenantId,
    pub job: JobId,
    pub part: FilePart,
}

/// Which of a job's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FilePart {
    /// What the merchant brought.
    Brought,
    /// Rows of it that could not be stored, of one stretch of the file.
    FailedPiece(u32),
    /// All rows that could not be stored.
    Failed,
    /// What the merchant takes away.
    Taken,
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/", self.tenant, self.job)?;
        match self.part {
            FilePart::Brought => f.write_str("brought.csv"),
            FilePart::FailedPiece(piece) => write!(f, "failed-{piece:06}.csv"),
            FilePart::Failed => f.write_str("failed.csv"),
            FilePart::Taken => f.write_str("taken.csv"),
        }
    }
}

/// A file that is being written in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    pub name: FileName,
    /// By which the storage knows it.
    pub id: String,
    /// What the storage answered to each part, in their order.
    pub parts: Vec<String>,
}

#[async_trait]
pub trait Files: Send + Sync {
    /// Where whoever has the link may `PUT` a file of exactly so many bytes, for so long.
    async fn link_to_bring(&self, name: FileName, bytes: u64, valid: Duration) -> Result<String, FlowError>;

    /// Where whoever has the link may `GET` the file, for so long; a browser saves it under that name.
    async fn link_to_take(&self, name: FileName, called: &str, valid: Duration) -> Result<String, FlowError>;

    /// How long it is. `None`: there is no such file.
    async fn bytes(&self, name: FileName) -> Result<Option<u64>, FlowError>;

    /// At most so many bytes from a place on; fewer only where the file ends. `NotFound` if there is no such file.
    async fn read(&self, name: FileName, from: u64, bytes_max: usize) -> Result<Vec<u8>, FlowError>;

    /// A file that fits into memory, in place of what was there.
    async fn write(&self, name: FileName, bytes: Vec<u8>) -> Result<(), FlowError>;

    /// Begins a file of many parts. Nobody sees it before it is finished; one that never is goes by itself.
    async fn begin(&self, name: FileName) -> Result<Writing, FlowError>;

    /// One more part; of `PART_BYTES_MIN` at least, unless it is the last.
    async fn add(&self, writing: &mut Writing, bytes: Vec<u8>) -> Result<(), FlowError>;

    /// The file is there, in place of what was there.
    async fn finish(&self, writing: Writing) -> Result<(), FlowError>;

    /// Gone; whether it was there or not.
    async fn remove(&self, name: FileName) -> Result<(), FlowError>;
}
