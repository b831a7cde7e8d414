//! Orders and their lines decoded: tables of their own, the rows of one customer side by side.

use arrow_buffer::ScalarBuffer;
use std::ops::Range;

use crate::{
    batch::{Numbers, Words},
    schema::{LineNumber, LineWord, OrderCode, OrderNumber},
};

#[derive(Debug)]
pub(crate) struct Orders {
    pub(crate) of_rows: OfRows,
    /// The number that the customer's record gave each order; rising within a customer.
    pub(crate) order: Numbers,
    pub(crate) numbers: [Numbers; OrderNumber::COUNT],
    pub(crate) codes: [ScalarBuffer<u8>; OrderCode::COUNT],
}

#[derive(Debug)]
pub(crate) struct Lines {
    pub(crate) of_rows: OfRows,
    /// The order that each line belongs to; in the order of `Orders::order`.
    pub(crate) order: Numbers,
    pub(crate) numbers: [Numbers; LineNumber::COUNT],
    pub(crate) words: [Words; LineWord::COUNT],
}

/// Which entries are whose.
#[derive(Debug)]
pub(crate) struct OfRows {
    starts: Vec<u32>,
    /// Of each entry, whose it is: there if it was read so.
    rows: Option<Numbers>,
}

impl OfRows {
    /// `row` says of each entry whose it is and must not fall. `None`: it falls, or passes the last row.
    pub(crate) fn new(rows: usize, row: Numbers) -> Option<Self> {
        let entries = row.len();
        let mut starts = Vec::with_capacity(rows + 1);
        for entry in 0..entries {
            let whose = usize::try_from(row.raw(entry)).ok().filter(|whose| *whose < rows)?;
            if whose + 1 < starts.len() {
                return None;
            }
            starts.resize(whose + 1, u32::try_from(entry).ok()?);
        }
        starts.resize(rows + 1, u32::try_from(entries).ok()?);
        Some(Self { starts, rows: Some(row) })
    }

    /// How many entries each row has.
    pub(crate) fn of_lengths(rows: impl Iterator<Item = usize>) -> Self {
        let mut last = 0_usize;
        let ends = rows.map(|entries| {
            last += entries;
            u32::try_from(last).unwrap_or(u32::MAX)
        });
        Self { starts: std::iter::once(0).chain(ends).collect(), rows: None }
    }

    pub(crate) fn of(&self, row: usize) -> Range<usize> {
        self.of_all(row..row + 1)
    }

    /// Of neighbours.
    pub(crate) fn of_all(&self, rows: Range<usize>) -> Range<usize> {
        self.starts[rows.start] as usize..self.starts[rows.end] as usize
    }

    /// Whose each entry is, if that was read.
    pub(crate) fn rows(&self) -> Option<&Numbers> {
        self.rows.as_ref()
    }
}
