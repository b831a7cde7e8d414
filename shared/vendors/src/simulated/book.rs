//! What the simulated vendor has been asked, and what it has taken: the witness of whether anybody was written to twice.
//!
//! In a file, if there is one: a line for each message, written before it is answered, and one when it was told what
//! became of it. A process that is killed in between loses nothing of it.

use domain::{MessageTag, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeSet, HashMap},
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use super::fate::Fate;

/// What the vendor was asked once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub at: Timestamp,
    pub tenant: TenantId,
    pub message: MessageTag,
    pub channel: Channel,
    /// `None`: it was refused.
    pub vendor_id: Option<String>,
    /// `DELIVERED`, or why not.
    pub fate: String,
    /// When the vendor knows what became of it.
    pub known_at: Timestamp,
    /// How often it tells of it.
    pub tellings: usize,
    /// In units of 160 characters.
    pub cost: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Mail,
    Text,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Asked(Entry),
    /// All that there is to tell of it was told.
    Told(usize),
}

#[derive(Default)]
pub(super) struct Book {
    pub(super) entries: Vec<Entry>,
    by_message: HashMap<MessageTag, Vec<usize>>,
    /// What is still to be told, by when; with how often it was tried.
    pending: BTreeSet<(Timestamp, usize, u32)>,
    file: Option<File>,
}

impl Book {
    /// A last line that was cut off is left out: nobody was answered.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let text = if path.exists() { std::fs::read(path)? } else { Vec::new() };
        let mut book = Self::default();
        for line in String::from_utf8_lossy(&text).lines() {
            match serde_json::from_str(line) {
                Ok(Line::Asked(entry)) => book.enter(entry),
                Ok(Line::Told(place)) => book.pending.retain(|(_, pending, _)| *pending != place),
                Err(_) => {}
            }
        }
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        if !text.is_empty() && !text.ends_with(b"\n") {
            // The next line must not be written on to what was cut off.
            file.write_all(b"\n")?;
        }
        book.file = Some(file);
        Ok(book)
    }

    /// How often a message was asked for, and what it was called when it was taken.
    pub(super) fn known(&self, message: &MessageTag) -> (u32, Option<&str>) {
        let places = self.by_message.get(message).map_or(&[][..], Vec::as_slice);
        let taken = places.iter().find_map(|place| self.entries[*place].vendor_id.as_deref());
        (u32::try_from(places.len()).unwrap_or(u32::MAX), taken)
    }

    pub(super) fn add(&mut self, entry: Entry) -> io::Result<()> {
        let line = Line::Asked(entry);
        self.write(&line)?;
        let Line::Asked(entry) = line else { return Ok(()) };
        self.enter(entry);
        Ok(())
    }

    /// So many that are due, the longest due first; they are pending until they are `told` or put off.
    pub(super) fn due(&self, now: Timestamp, most: usize) -> Vec<(Timestamp, usize, u32)> {
        self.pending.iter().take_while(|(at, ..)| *at <= now).take(most).copied().collect()
    }

    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.pending.first().map(|(at, ..)| *at)
    }

    pub(super) fn told(&mut self, what: (Timestamp, usize, u32)) -> io::Result<()> {
        self.write(&Line::Told(what.1))?;
        self.pending.remove(&what);
        Ok(())
    }

    pub(super) fn put_off(&mut self, what: (Timestamp, usize, u32), until: Timestamp) {
        if self.pending.remove(&what) {
            self.pending.insert((until, what.1, what.2 + 1));
        }
    }

    fn enter(&mut self, entry: Entry) {
        let place = self.entries.len();
        let is_told = Fate::of_word(&entry.fate).is_some_and(|fate| fate.happened().is_some());
        if entry.vendor_id.is_some() && is_told && entry.tellings > 0 {
            self.pending.insert((entry.known_at, place, 0));
        }
        self.by_message.entry(entry.message.clone()).or_default().push(place);
        self.entries.push(entry);
    }

    /// Whole, in one write, so that a kill leaves whole lines.
    fn write(&mut self, line: &Line) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        file.write_all(text.as_bytes())
    }
}
