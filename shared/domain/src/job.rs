//! A job: work that outlasts the request that asked for it, and what became of it.
//!
//! It only goes on: an ended job never begins again, and its progress never shrinks.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use crate::{JobId, Timestamp};

/// How long a merchant may take to bring the file that they spoke of.
pub const BRINGING_SECONDS: i64 = 24 * 3_600;
/// How long an ended job is remembered.
pub const REMEMBERED_SECONDS: i64 = 30 * 24 * 3_600;
/// A job that has not moved for so long is asked for again.
pub const STALLED_SECONDS: i64 = 20 * 60;
/// All that is wrong with a file is in a file of its own; of it, so much is told with the job.
pub const FAULTS_TOLD: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub work: Work,
    pub state: JobState,
    pub progress: Progress,
    pub created_at: Timestamp,
    /// When it was last moved on.
    pub updated_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// When the clock asks for it again, in case the message that asked was lost.
    pub due_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum Work {
    Import(Import),
    Export(Export),
}

/// A file's rows become the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    pub of: Kind,
    /// As its owner calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub bytes: u64,
    /// The file is looked at, and nothing is stored.
    pub is_dry: bool,
    /// The merchant's word on where the file's consents are from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attested: Option<String>,
    /// Of telephone numbers that do not say their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Unknown columns become attributes.
    pub keeps_unknown: bool,
    /// Of orders: an address that nobody has becomes a guest.
    #[serde(default)]
    pub makes_guests: bool,
    /// By which the storage tells the file that was started from what comes in its place. `None`: nobody can bring another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
}

/// The record becomes a file: of those who are chosen when the job begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    pub of: Kind,
    /// Which, as whoever does it writes it down.
    pub asked: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Customers,
    Orders,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum JobState {
    /// The merchant has yet to bring the file.
    Waiting,
    /// Nobody has begun.
    Queued,
    Running,
    Done,
    Failed {
        why: String,
    },
    Cancelled,
}

/// How far it is. Counts are exact: each stretch of work is counted in the commit that says that it is done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// How much there is to do, in bytes of a file or in rows.
    pub of: u64,
    pub done: u64,
    /// Rows that were looked at.
    pub rows: u64,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub failed: u64,
    /// Within a row that was given up.
    pub is_in_ruins: bool,
    /// The first of all that is wrong.
    pub faults: Vec<Fault>,
    /// How many files hold rows that failed.
    pub failed_pieces: u32,
    /// Shards of the audience that do not show yet what was stored.
    pub shards: BTreeSet<u32>,
    /// The file that is being written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writing: Option<Writing>,
}

/// A file of many parts, as the storage knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writing {
    pub id: String,
    pub parts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub row: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub message: String,
}

impl Job {
    pub fn new(id: JobId, work: Work, now: Timestamp) -> Self {
        let (state, of) = match &work {
            Work::Import(import) => (JobState::Waiting, import.bytes),
            Work::Export(_) => (JobState::Queued, 0),
        };
        let progress = Progress { of, ..Progress::default() };
        let due_at = later(now, STALLED_SECONDS);
        Self { id, work, state, progress, created_at: now, updated_at: now, ended_at: None, due_at }
    }

    /// Whether there is something left to do.
    pub fn is_open(&self) -> bool {
        matches!(self.state, JobState::Waiting | JobState::Queued | JobState::Running)
    }

    /// Whether somebody should be at it.
    pub fn is_due(&self) -> bool {
        matches!(self.state, JobState::Queued | JobState::Running)
    }

    /// Rounded down: only what is done is a hundred.
    pub fn percent(&self) -> u8 {
        match self.state {
            JobState::Done => 100,
            _ if self.progress.of == 0 => 0,
            _ => {
                let done = self.progress.done.min(self.progress.of);
                u8::try_from(u128::from(done) * 100 / u128::from(self.progress.of)).unwrap_or(99).min(99)
            }
        }
    }

    /// With its state, as of now.
    #[must_use]
    pub fn moved(self, state: JobState, now: Timestamp) -> Self {
        let job = Self { state, updated_at: now, due_at: later(now, STALLED_SECONDS), ..self };
        Self { ended_at: if job.is_open() { None } else { Some(now) }, ..job }
    }

    /// The clock has asked for it.
    #[must_use]
    pub fn asked_again(self, now: Timestamp) -> Self {
        Self { due_at: later(now, STALLED_SECONDS), ..self }
    }

    /// When it is forgotten.
    pub fn forgotten_at(&self) -> Timestamp {
        match self.state {
            JobState::Waiting => later(self.created_at, BRINGING_SECONDS),
            _ => later(self.updated_at, REMEMBERED_SECONDS),
        }
    }
}

impl JobState {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed { .. } => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(bytes: u64) -> Job {
        let import = Import {
            of: Kind::Customers,
            file: None,
            bytes,
            is_dry: false,
            attested: None,
            country: None,
            keeps_unknown: false,
            makes_guests: false,
            mark: None,
        };
        let id = JobId::new(Timestamp::UNIX_EPOCH, [0; 10]);
        Job::new(id, Work::Import(import), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_hundred_per_cent_is_done_and_nothing_else() {
        let check = |done, percent| {
            let mut job = job(1_000).moved(JobState::Running, Timestamp::UNIX_EPOCH);
            job.progress.done = done;
            assert_eq!(job.percent(), percent, "{done}");
            assert_eq!(job.moved(JobState::Done, Timestamp::UNIX_EPOCH).percent(), 100);
        };
        check(0, 0);
        check(9, 0);
        check(500, 50);
        check(1_000, 99);
        check(u64::MAX, 99);
        assert_eq!(job(0).percent(), 0);
    }

    #[test]
    fn a_job_ends_once() {
        let now = Timestamp::from_second(60).unwrap();
        let open = [JobState::Waiting, JobState::Queued, JobState::Running];
        let ended = [JobState::Done, JobState::Failed { why: String::new() }, JobState::Cancelled];
        for state in open {
            let job = job(1).moved(state, now);
            assert!(job.is_open() && job.ended_at.is_none());
        }
        for state in ended {
            let job = job(1).moved(state, now);
            assert!(!job.is_open() && !job.is_due() && job.ended_at == Some(now));
        }
    }
}
