//! What a shop keeps on disk: how it was thought up, and a line for each change since. A line that a crash cut off was
//! never told to anybody.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use super::{access::Access, books::Entry, shop::Segment, webhooks::Subscription};

/// How a shop was thought up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begun {
    pub(super) seed: u64,
    pub(super) customers: u32,
    pub(super) at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Note {
    Book(Entry),
    Access(Access),
    /// All that are there, and how many there ever were.
    Subscriptions(Vec<Subscription>, u64),
    Segment(Segment),
    /// What the shop is called.
    Name(String),
}

pub(super) struct Journal(File);

impl Journal {
    /// How the shop began, what was noted since, and where the next note goes. `begun` counts if there is no file yet.
    pub(super) fn open(path: &Path, begun: Begun) -> io::Result<(Begun, Vec<Note>, Self)> {
        let text = if path.exists() {
            String::from_utf8_lossy(&fs::read(path)?).into_owned()
        } else {
            String::new()
        };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut lines = text[..whole].lines();
        let first = lines.next();
        let read = |line: &str| serde_json::from_str(line).map_err(io::Error::other);
        let held = match first {
            Some(line) => serde_json::from_str(line).map_err(io::Error::other)?,
            None => begun,
        };
        let notes = lines.map(read).collect::<io::Result<_>>()?;
        let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        // What was cut off is no part of what follows.
        file.set_len(whole as u64)?;
        if first.is_none() {
            writeln!(file, "{}", serde_json::to_string(&held)?)?;
        }
        Ok((held, notes, Self(file)))
    }

    /// In one piece. A disk that does not take it is said, and nothing more: the shop is a demo.
    pub(super) fn keep(&mut self, notes: &[Note]) {
        let lines: String = notes
            .iter()
            .filter_map(|note| serde_json::to_string(note).ok())
            .map(|line| line + "\n")
            .collect();
        if !lines.is_empty()
            && let Err(error) = self.0.write_all(lines.as_bytes())
        {
            tracing::warn!("the demo shop's journal was not written: {error}");
        }
    }
}
