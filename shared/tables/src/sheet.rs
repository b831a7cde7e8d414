//! A file of rows: which letter parts its cells, where it begins, and one row after the other.

use std::io::{self, Chain, Cursor, Read};

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::{cell, header::HeaderFault};

/// So much is looked at to find what parts the cells.
const HEAD_BYTES: u64 = 16 * 1024;
const COLUMNS_MAX: usize = 200;

pub struct Sheet<R: Read> {
    reader: Reader<Chain<Cursor<Vec<u8>>, R>>,
    header: Vec<String>,
    record: ByteRecord,
    row: u64,
}

/// One row beneath the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRow {
    /// The first is 1. Lines in which nothing stands are not counted.
    pub number: u64,
    /// Without blanks around them, and as they were meant. Those that are missing at the end are empty.
    pub cells: Vec<String>,
    /// More cells than the header has columns.
    pub is_too_wide: bool,
}

impl<R: Read> Sheet<R> {
    /// Reads the header.
    pub fn open(mut from: R) -> io::Result<Result<Self, HeaderFault>> {
        let mut head = Vec::new();
        from.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) || head.contains(&0) {
            return Ok(Err(HeaderFault::NotText));
        }
        if head.starts_with("\u{feff}".as_bytes()) {
            head.drain(..3);
        }
        let delimiter = delimiter(&head);
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(Cursor::new(head).chain(from));
        let mut record = ByteRecord::new();
        let is_there = reader.read_byte_record(&mut record).map_err(io::Error::other)?;
        let header: Vec<String> = record.iter().map(|cell| cell::letters(cell).trim().to_owned()).collect();
        if !is_there || header.iter().all(String::is_empty) {
            return Ok(Err(HeaderFault::Empty));
        }
        if header.len() > COLUMNS_MAX {
            return Ok(Err(HeaderFault::TooManyColumns(COLUMNS_MAX)));
        }
        Ok(Ok(Self { reader, header, record, row: 0 }))
    }

    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The next row in which something stands.
    pub fn next_row(&mut self) -> io::Result<Option<SheetRow>> {
        while self.reader.read_byte_record(&mut self.record).map_err(io::Error::other)? {
            self.row += 1;
            let columns = self.header.len();
            let is_too_wide = self.record.iter().skip(columns).any(|cell| !cell.trim_ascii().is_empty());
            let cells = self.record.iter().take(columns).map(|bytes| {
                let text = cell::letters(bytes);
                cell::meant(text.trim()).to_owned()
            });
            let mut cells: Vec<_> = cells.collect();
            cells.resize(columns, String::new());
            if is_too_wide || cells.iter().any(|cell| !cell.is_empty()) {
                return Ok(Some(SheetRow { number: self.row, cells, is_too_wide }));
            }
        }
        Ok(None)
    }
}

/// What parts the cells of the first line most often, outside of quotes.
fn delimiter(head: &[u8]) -> u8 {
    let mut is_quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in head {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            byte if !is_quoted => {
                counts.iter_mut().filter(|(known, _)| known == byte).for_each(|(_, count)| *count += 1);
            }
            _ => {}
        }
    }
    // Of equally many the comma, which stands first.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(byte, _)| byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(file: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
        let mut sheet = Sheet::open(file).unwrap().unwrap();
        let mut rows = Vec::new();
        while let Some(row) = sheet.next_row().unwrap() {
            rows.push(row.cells);
        }
        (sheet.header, rows)
    }

    #[test]
    fn one_table_in_every_form_is_the_same_table() {
        let expected = (
            vec!["name".to_owned(), "note".to_owned()],
            vec![vec!["Zoë".to_owned(), "a,b\n\"c\"".to_owned()], vec!["Jo".to_owned(), String::new()]],
        );
        for file in [
            &b"name,note\nZo\xc3\xab,\"a,b\n\"\"c\"\"\"\nJo,\n"[..],
            b"\xef\xbb\xbfname,note\r\nZo\xc3\xab,\"a,b\n\"\"c\"\"\"\r\nJo\r\n",
            b"name;note\nZo\xeb;\"a,b\n\"\"c\"\"\"\n\n;\nJo;",
            b"\"name\"\t\"note\"\n Zo\xc3\xab \t\"a,b\n\"\"c\"\"\"\nJo\t",
        ] {
            assert_eq!(rows(file), expected, "{}", String::from_utf8_lossy(file));
        }
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let check = |file: &[u8], expected: HeaderFault| {
            assert_eq!(Sheet::open(file).unwrap().err(), Some(expected));
        };
        check(b"", HeaderFault::Empty);
        check(b"\n\n", HeaderFault::Empty);
        check(b",,\n1,2,3", HeaderFault::Empty);
        check(b"\xff\xfea\0", HeaderFault::NotText);
        check(b"PK\x03\x04\0\0", HeaderFault::NotText);
        check(",".repeat(200).replace(',', "a,").as_bytes(), HeaderFault::TooManyColumns(200));
    }

    #[test]
    fn a_row_knows_its_number_and_its_width() {
        let mut sheet = Sheet::open(&b"a,b\n1,2,3\n,\n1,2,,\n"[..]).unwrap().unwrap();
        let mut told = Vec::new();
        while let Some(row) = sheet.next_row().unwrap() {
            told.push((row.number, row.is_too_wide));
        }
        assert_eq!(told, [(1, true), (3, false)]);
    }
}
