//! The rows of a file, read from pieces of it.
//!
//! A piece is any stretch of bytes, and where a row has been read another reader can begin: all that must be known is
//! the head and a `Place`. No row is held but the one that is read. A row that is too long, or in which a quote is opened and
//! never closed, is told as such and ends with its first line: it takes no other row with it.

use std::ops::Range;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::{cell, head::Head};

/// More than what may be told of one customer (100 KB), if every letter of it were a quote: in JSON, and quoted, three.
const ROW_BYTES_MAX: usize = 512 * 1024;

/// Cells beside the columns that are parted at a time.
const CELLS_BESIDE: usize = 64;

/// Where in a file a reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Of the first byte that is not read yet.
    pub offset: u64,
    /// How many rows were before it.
    pub row: u64,
    /// Within a line that was given up: what is left of it is passed over.
    pub is_in_ruins: bool,
}

/// A stretch of a file.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// Where in the file it begins.
    pub from: u64,
    /// Of less than twice `ROW_BYTES_MAX`, unless the file ends, there may be no whole row in it.
    pub bytes: &'a [u8],
    /// The file ends with it.
    pub is_last: bool,
}

impl<'a> Piece<'a> {
    /// All of a file.
    pub fn whole(file: &'a [u8]) -> Self {
        Self { from: 0, bytes: file, is_last: true }
    }
}

/// One row beneath the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRow {
    /// The first is 1. Empty lines are not counted.
    pub number: u64,
    /// Without blanks around them, and as they were meant. Those that are missing at the end are empty.
    pub cells: Vec<String>,
    pub wrong: Option<RowFault>,
    /// Where it stands in the file, without the end of its line.
    pub at: Range<u64>,
}

impl SheetRow {
    /// Where it begins.
    pub fn place(&self) -> Place {
        Place { offset: self.at.start, row: self.number - 1, is_in_ruins: false }
    }
}

/// Why a row is none, whatever stands in its cells. The end of a sentence that begins with the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    #[error("has more cells than the header has columns: is a text with a comma without its quotes?")]
    TooWide,
    #[error("is longer than {} KB: is there a quote that is opened and not closed?", ROW_BYTES_MAX / 1024)]
    TooLong,
    #[error("has a quote that is opened and not closed")]
    Endless,
}

pub struct Sheet {
    columns: usize,
    place: Place,
    reader: Reader,
    letters: Vec<u8>,
    ends: Vec<usize>,
    row_bytes_max: usize,
}

/// What stands at the beginning of some bytes.
enum Found {
    /// So many bytes, and so many cells, perhaps with others behind them.
    Row {
        bytes: usize,
        cells: usize,
        is_too_wide: bool,
    },
    Wrong(RowFault),
    /// It cannot be told without what follows.
    Part,
}

impl Sheet {
    /// From the first row on.
    pub fn new(head: &Head) -> Self {
        Self::from(head, Place { offset: head.bytes, row: 0, is_in_ruins: false })
    }

    /// From where another reader was.
    pub fn from(head: &Head, place: Place) -> Self {
        let columns = head.columns.len();
        Self {
            columns,
            place,
            reader: ReaderBuilder::new().delimiter(head.delimiter).build(),
            letters: vec![0; ROW_BYTES_MAX + 1],
            ends: vec![0; columns],
            row_bytes_max: ROW_BYTES_MAX,
        }
    }

    /// Behind the row that was read last.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The next row in which something stands. `None`: the rest of the piece holds no whole row; whoever wants more
    /// comes with the piece that begins at `place`.
    pub fn next_row(&mut self, piece: &Piece<'_>) -> Option<SheetRow> {
        loop {
            let begin = usize::try_from(self.place.offset.checked_sub(piece.from)?).ok()?;
            let bytes = piece.bytes.get(begin..)?;
            if self.place.is_in_ruins {
                let (passed, is_over) = match line_of(bytes) {
                    Some(line) => (line, true),
                    None => (bytes.len(), false),
                };
                self.place.offset += passed as u64;
                self.place.is_in_ruins = !is_over;
                if !is_over {
                    return None;
                }
                continue;
            }
            let blank = bytes.iter().take_while(|byte| is_end_of_line(**byte)).count();
            if blank > 0 {
                self.place.offset += blank as u64;
                continue;
            }
            if bytes.is_empty() {
                return None;
            }
            let (cells, wrong, length) = match self.find(bytes, piece.is_last) {
                Found::Part => return None,
                Found::Row { bytes, cells, is_too_wide } => {
                    (self.cells(cells), is_too_wide.then_some(RowFault::TooWide), bytes)
                }
                Found::Wrong(fault) => {
                    let looked_at = bytes.len().min(self.row_bytes_max);
                    let line = line_of(&bytes[..looked_at]);
                    self.place.is_in_ruins = line.is_none();
                    (vec![String::new(); self.columns], Some(fault), line.unwrap_or(looked_at))
                }
            };
            let text =
                bytes[..length].iter().rposition(|byte| !is_end_of_line(*byte)).map_or(0, |last| last + 1);
            let at = self.place.offset..self.place.offset + text as u64;
            self.place.offset += length as u64;
            self.place.row += 1;
            if wrong.is_some() || cells.iter().any(|cell| !cell.is_empty()) {
                return Some(SheetRow { number: self.place.row, cells, wrong, at });
            }
        }
    }

    /// The row at the beginning of the bytes, its letters in `letters` and where its cells end in `ends`.
    fn find(&mut self, bytes: &[u8], is_last: bool) -> Found {
        self.reader.reset();
        let looked_at = &bytes[..bytes.len().min(self.row_bytes_max)];
        let (mut read, mut wrote, mut cells, mut is_closed) = (0, 0, 0, false);
        loop {
            // The last line may have no end of its own. Within quotes an end ends nothing.
            let input: &[u8] = if is_closed { b"\n" } else { &looked_at[read..] };
            // Of cells beside the columns, only the letters are kept.
            let mut beside = [0; CELLS_BESIDE];
            let ends = if cells < self.columns { &mut self.ends[cells..] } else { &mut beside[..] };
            let (done, more_read, more_wrote, more_cells) =
                self.reader.read_record(input, &mut self.letters[wrote..], ends);
            read += more_read;
            wrote += more_wrote;
            cells += more_cells;
            match done {
                ReadRecordResult::Record | ReadRecordResult::End => {
                    let cells = cells.min(self.columns);
                    let within = cells.checked_sub(1).map_or(0, |last| self.ends[last]);
                    let is_too_wide = !self.letters[within..wrote].trim_ascii().is_empty();
                    return Found::Row { bytes: read.min(looked_at.len()), cells, is_too_wide };
                }
                ReadRecordResult::OutputEndsFull => {}
                ReadRecordResult::OutputFull => return Found::Wrong(RowFault::TooLong),
                ReadRecordResult::InputEmpty if is_closed => return Found::Wrong(RowFault::Endless),
                ReadRecordResult::InputEmpty if bytes.len() > looked_at.len() => {
                    return Found::Wrong(RowFault::TooLong);
                }
                ReadRecordResult::InputEmpty if is_last => is_closed = true,
                ReadRecordResult::InputEmpty => return Found::Part,
            }
        }
    }

    fn cells(&self, cells: usize) -> Vec<String> {
        let mut from = 0;
        let texts = self.ends[..cells].iter().map(|end| {
            let text = cell::letters(&self.letters[from..*end]);
            from = *end;
            cell::meant(text.trim()).to_owned()
        });
        let mut cells: Vec<_> = texts.collect();
        cells.resize(self.columns, String::new());
        cells
    }
}

fn is_end_of_line(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// The length of the first line with its end.
fn line_of(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| is_end_of_line(*byte)).map(|end| end + 1)
}

#[cfg(test)]
mod tests;
