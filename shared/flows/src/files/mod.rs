//! Files that merchants bring and take: too large for a request or its answer.
//!
//! A file's name is made of ids, or of what is in it, so that it can be nobody else's. What is written in parts is there whole, or not at all.
//! No file is kept: a week after it was written it is gone, and what was begun and not finished after a day.

#[cfg(feature = "contract")]
pub mod contract;
#[cfg(feature = "contract")]
mod nowhere;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use domain::{JobId, RequestId, TenantId, event::BodyDigest};

use crate::{FlowError, sign::sha256_hex};

#[cfg(feature = "contract")]
pub use nowhere::Nowhere;

/// S3 takes no smaller part, apart from a file's last.
pub const PART_BYTES_MIN: usize = 5 * 1024 * 1024;
/// Nor more parts.
pub const PARTS_MAX: usize = 10_000;
/// Nor links that hold for longer than a week. One ends with the credentials that signed it, too: on Lambda, within hours.
pub const LINK_SECONDS_MAX: u64 = 7 * 24 * 60 * 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileName {
    /// A tenant's.
    Job { tenant: TenantId, job: JobId, part: FilePart },
    /// All that is known of somebody, for the shop's owner.
    Person { tenant: TenantId, request: RequestId },
    /// The body of an event, before it is known whose it is. Found by what is in it, so that no two are confused.
    Event(BodyDigest),
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
    /// Who, or what, is in the file that the merchant takes away.
    Chosen,
    /// What the merchant takes away.
    Taken,
}

impl FileName {
    /// As whoever takes it is told.
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Job { .. } => "text/csv",
            Self::Person { .. } | Self::Event(_) => "application/json",
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Job { tenant, job, part } => write!(f, "{tenant}/{job}/{part}"),
            Self::Person { tenant, request } => write!(f, "{tenant}/{request}/person.json"),
            // No tenant's id is this word.
            Self::Event(digest) => write!(f, "events/{:02x}/{digest}.json", digest.0[0]),
        }
    }
}

impl fmt::Display for FilePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Brought => f.write_str("brought.csv"),
            Self::FailedPiece(piece) => write!(f, "failed-{piece:06}.csv"),
            Self::Failed => f.write_str("failed.csv"),
            Self::Chosen => f.write_str("chosen.txt"),
            Self::Taken => f.write_str("taken.csv"),
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

    /// By which what stands there is told from what comes in its place. `None`: there is no such file.
    async fn mark(&self, name: FileName) -> Result<Option<String>, FlowError>;

    /// At most so many bytes from a place on; fewer only where the file ends, and none behind it. `NotFound` if there is
    /// no such file.
    async fn read(&self, name: FileName, from: u64, bytes_max: usize) -> Result<Vec<u8>, FlowError>;

    /// As `read`, of the file that had this mark. `None`: another stands there.
    async fn read_marked(
        &self,
        name: FileName,
        mark: &str,
        from: u64,
        bytes_max: usize,
    ) -> Result<Option<Vec<u8>>, FlowError>;

    /// A file that fits into memory, in place of what was there.
    async fn write(&self, name: FileName, bytes: Vec<u8>) -> Result<(), FlowError>;

    /// Begins a file of many parts. Nobody sees it before it is finished; one that never is goes by itself.
    async fn begin(&self, name: FileName) -> Result<Writing, FlowError>;

    /// One more part; of `PART_BYTES_MIN` at least, unless it is the last. If this fails, `writing` is as it was, and the
    /// same part may be added again: it takes the place of what may have come of the first try.
    async fn add(&self, writing: &mut Writing, bytes: Vec<u8>) -> Result<(), FlowError>;

    /// The file is there, in place of what was there. It has one part at least, which may be empty. A writing that nobody
    /// knows (any more) is taken for finished if there is a file of its name, so that this may be done twice; else it
    /// is `NotFound`.
    async fn finish(&self, writing: Writing) -> Result<(), FlowError>;

    /// Gone; whether it was there or not.
    async fn remove(&self, name: FileName) -> Result<(), FlowError>;
}

/// Keeps the body of an event. The same body is the same file, however often it comes.
pub async fn event_kept(files: &dyn Files, body: Vec<u8>) -> Result<BodyDigest, FlowError> {
    let digest = BodyDigest::try_from(sha256_hex(&body)).map_err(FlowError::broken)?;
    files.write(FileName::Event(digest), body).await?;
    Ok(digest)
}

/// What makes a browser save what it gets, under that name: the header `Content-Disposition`.
///
/// Old browsers read the plain form, in which only plain letters stand.
pub fn disposition(called: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_. ()".contains(letter);
    let plain: String = called.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
    let encoded: String = called.bytes().map(encoded).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

/// As RFC 5987 writes a byte.
fn encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_saves_it_under_any_name() {
        let check = |called: &str, expected: &str| assert_eq!(disposition(called), expected);
        check("failed.csv", "attachment; filename=\"failed.csv\"; filename*=UTF-8''failed.csv");
        check(
            "Größe \"1\"\r\n.csv",
            "attachment; filename=\"Gr__e _1___.csv\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22%0D%0A.csv",
        );
    }
}
