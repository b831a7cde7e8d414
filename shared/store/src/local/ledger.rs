//! How much has been read and written, exactly: units are counted in halves.

use std::fmt;

/// Read or write units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Units(u64);

/// Everything billed since the table was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ledger {
    pub reads: Units,
    pub writes: Units,
}

impl Units {
    pub fn whole(units: u64) -> Self {
        Self(units * 2)
    }

    pub fn halves(halves: u64) -> Self {
        Self(halves)
    }

    pub(super) fn add(&mut self, more: Self) {
        self.0 += more.0;
    }
}

impl Ledger {
    /// What came since an earlier look.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self { reads: Units(self.reads.0 - earlier.reads.0), writes: Units(self.writes.0 - earlier.writes.0) }
    }
}

/// `3` or `2.5`.
impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0 / 2, if self.0 % 2 == 1 { ".5" } else { "" })
    }
}
