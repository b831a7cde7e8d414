//! The beginning of a file: which letter parts its cells, what its columns are called, where its rows begin.

use csv_core::{ReadRecordResult, ReaderBuilder};

use crate::{cell, header::HeaderFault};

/// So much of a file is enough to read its head.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;
const COLUMNS_MAX: usize = 200;
/// Every fault of a row tells its column by name.
const NAME_CHARS_MAX: usize = 255;
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// As the file calls them.
    pub columns: Vec<String>,
    /// So many bytes stand before the first row.
    pub bytes: u64,
    pub(crate) delimiter: u8,
}

impl Head {
    /// From the first `HEAD_BYTES_MAX` bytes of a file, or from all of a shorter one.
    pub fn read(beginning: &[u8]) -> Result<Self, HeaderFault> {
        let beginning = &beginning[..beginning.len().min(HEAD_BYTES_MAX)];
        let is_wide = beginning.starts_with(&[0xff, 0xfe]) || beginning.starts_with(&[0xfe, 0xff]);
        if is_wide || beginning.contains(&0) {
            return Err(HeaderFault::NotText);
        }
        let text = beginning.strip_prefix(BYTE_ORDER_MARK).unwrap_or(beginning);
        let empty = text.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let line = &text[empty..];
        let delimiter = delimiter(line);
        let mut reader = ReaderBuilder::new().delimiter(delimiter).build();
        let (mut letters, mut ends) = (vec![0; line.len() + 1], vec![0; COLUMNS_MAX]);
        let (mut done, read, wrote, mut cells) = reader.read_record(line, &mut letters, &mut ends);
        if done == ReadRecordResult::InputEmpty && beginning.len() < HEAD_BYTES_MAX {
            // The only line may have no end of its own.
            let (last, _, _, more) = reader.read_record(b"\n", &mut letters[wrote..], &mut ends[cells..]);
            (done, cells) = (last, cells + more);
        }
        match done {
            ReadRecordResult::Record => {}
            ReadRecordResult::OutputEndsFull => return Err(HeaderFault::TooManyColumns(COLUMNS_MAX)),
            _ if line.is_empty() => return Err(HeaderFault::Empty),
            _ => return Err(HeaderFault::Endless),
        }
        let mut from = 0;
        let columns = ends[..cells].iter().map(|end| {
            let bytes = &letters[from..*end];
            from = *end;
            cell::letters(bytes).trim().to_owned()
        });
        let columns: Vec<String> = columns.collect();
        if columns.iter().all(String::is_empty) {
            return Err(HeaderFault::Empty);
        }
        if let Some(long) = columns.iter().position(|name| name.chars().count() > NAME_CHARS_MAX) {
            return Err(HeaderFault::LongName(long + 1, NAME_CHARS_MAX));
        }
        let bytes = (beginning.len() - line.len() + read) as u64;
        Ok(Self { columns, bytes, delimiter })
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

    #[test]
    fn what_is_no_table_is_refused() {
        let check = |file: &[u8], expected: HeaderFault| {
            assert_eq!(
                Head::read(file),
                Err(expected),
                "{}",
                String::from_utf8_lossy(&file[..file.len().min(20)])
            );
        };
        check(b"", HeaderFault::Empty);
        check(b"\n\n", HeaderFault::Empty);
        check(b",,\n1,2,3", HeaderFault::Empty);
        check(b"\xff\xfea\0", HeaderFault::NotText);
        check(b"PK\x03\x04\0\0", HeaderFault::NotText);
        check("a,".repeat(200).as_bytes(), HeaderFault::TooManyColumns(200));
        check(b"a,\"b\nc,d\n", HeaderFault::Endless);
        check("a".repeat(HEAD_BYTES_MAX).as_bytes(), HeaderFault::Endless);
        assert!(Head::read("a,".repeat(199).as_bytes()).is_ok());
        check(format!("a,{}\n", "é".repeat(256)).as_bytes(), HeaderFault::LongName(2, 255));
        assert!(Head::read(format!("a,{}\n", "é".repeat(255)).as_bytes()).is_ok());
    }

    #[test]
    fn a_head_is_known_in_every_form() {
        for file in [
            &b"name,note"[..],
            b"name,note\n1,2\n",
            b"\xef\xbb\xbfname,note\r\n1,2\n",
            b"\n\nname;note\n",
            b"\"name\"\t\"note\"\r1\t2",
            b" name , note \n",
        ] {
            let head = Head::read(file).unwrap();
            assert_eq!(head.columns, ["name", "note"], "{}", String::from_utf8_lossy(file));
        }
        assert_eq!(Head::read(b"\xef\xbb\xbfa,b\n1,2").unwrap().bytes, 7);
    }
}
