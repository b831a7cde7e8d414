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
    const FIRST: Self = Self { line: 1, column: 1 };

    /// Behind that text.
    fn after(self, text: &str) -> Self {
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
        let last = text.rsplit('\n').next().unwrap_or_default().chars().count();
        Self { line: self.line + lines, column: if lines == 0 { self.column + last } else { last + 1 } }
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
        let (mut at, mut from) = (Place::FIRST, 0);
        let told = |(byte, sentence)| {
            // From the one before: a long template may have all its faults at its end.
            at = at.after(source.get(from..byte).unwrap_or_default());
            from = byte;
            Fault { at, sentence }
        };
        self.0.into_iter().map(told).collect()
    }

    pub(crate) fn are_many(&self) -> bool {
        self.0.len() >= crate::limits::FAULTS_MAX
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_lines_and_letters_wherever_the_fault_before_was() {
        let source = "äb\ncd\n\nef";
        let mut faults = Faults::default();
        for byte in [10, 0, 2, 4, 6, 6, 7, 8] {
            faults.add(byte, byte.to_string());
        }
        let told: Vec<_> = faults.told(source).iter().map(|fault| (fault.at.line, fault.at.column)).collect();
        assert_eq!(told, [(1, 1), (1, 2), (2, 1), (2, 3), (2, 3), (3, 1), (4, 1), (4, 3)][..told.len()]);
    }
}
