//! The file of a bulk operation: in a folder at home, in memory in tests. Read in parts.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::PathBuf,
};

pub(crate) enum Lines {
    Memory(Vec<u8>),
    File { path: PathBuf, len: u64 },
}

impl Lines {
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        match path {
            None => Self::Memory(Vec::new()),
            Some(path) => Self::File { path, len: 0 },
        }
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { len, .. } => *len,
        }
    }

    pub(crate) fn add(&mut self, more: &[u8]) -> io::Result<()> {
        match self {
            Self::Memory(bytes) => bytes.extend_from_slice(more),
            Self::File { path, len } => {
                let is_first = *len == 0;
                let mut file = OpenOptions::new()
                    .create(true)
                    .write(true)
                    .append(!is_first)
                    .truncate(is_first)
                    .open(path)?;
                file.write_all(more)?;
                *len += more.len() as u64;
            }
        }
        Ok(())
    }

    /// From that byte on, at most so many.
    pub(crate) fn part(&self, from: u64, most: u64) -> io::Result<Vec<u8>> {
        let most = most.min(self.len().saturating_sub(from));
        match self {
            Self::Memory(bytes) => {
                let from = usize::try_from(from).unwrap_or(usize::MAX).min(bytes.len());
                let most = usize::try_from(most).unwrap_or_default();
                Ok(bytes[from..from + most].to_vec())
            }
            Self::File { path, .. } => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(from))?;
                let mut part = Vec::new();
                file.take(most).read_to_end(&mut part)?;
                Ok(part)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_in_parts_wherever_it_is_kept() {
        let path = std::env::temp_dir().join(format!("regulars-bulk-{}.jsonl", std::process::id()));
        for mut lines in [Lines::new(None), Lines::new(Some(path.clone()))] {
            lines.add(b"{\"a\":1}\n").unwrap();
            lines.add(b"{\"b\":2}\n").unwrap();
            assert_eq!(lines.len(), 16);
            assert_eq!(lines.part(6, 3).unwrap(), b"}\n{");
            assert_eq!(lines.part(15, 100).unwrap(), b"\n");
            assert_eq!(lines.part(99, 1).unwrap(), b"");
        }
        std::fs::remove_file(path).unwrap();
    }
}
