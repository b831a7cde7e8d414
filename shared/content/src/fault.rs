//! What is wrong with a template, and where.

use std::fmt;

/// In the template as it was written. Both count from one, as editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: usize,
    /// In characters.
    pub column: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub at: Place,
    pub sentence: String,
}

/// Something wrong with a mail that is made of parts, and with which: a JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartFault {
    pub at: String,
    pub sentence: String,
}

impl Place {
    pub(crate) fn of(source: &str, byte: usize) -> Self {
        let before = source.get(..byte).unwrap_or(source);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.at.line, self.at.column, self.sentence)
    }
}

/// Faults as they are found: by byte, since most templates have none.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(usize, String)>);

impl Faults {
    pub(crate) fn add(&mut self, byte: usize, sentence: impl Into<String>) {
        self.0.push((byte, sentence.into()));
    }

    /// In the order of their places, as many as somebody reads.
    pub(crate) fn told(mut self, source: &str) -> Vec<Fault> {
        self.0.sort();
        self.0.truncate(crate::limits::FAULTS_MAX);
        let told = |(byte, sentence)| Fault { at: Place::of(source, byte), sentence };
        self.0.into_iter().map(told).collect()
    }

    pub(crate) fn are_many(&self) -> bool {
        self.0.len() >= crate::limits::FAULTS_MAX
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
