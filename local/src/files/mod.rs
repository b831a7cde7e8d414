//! Files at home: a folder, or memory in a world, with links that lead to this very process.
//!
//! A writing is one unfinished file into which each part is put at its place, so that a part that comes again lies
//! where it lay. What a part is answered is its length; the places follow from these.

mod door;
mod folder;
mod links;
mod memory;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use axum::Router;
use flows::{
    Clock, Dice, Files, FlowError, SecretBox,
    files::{FileName, PART_BYTES_MIN, PARTS_MAX, Writing},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    fs::File,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
    os::unix::fs::{FileExt as _, MetadataExt as _},
    path::Path,
    sync::Arc,
    time::Duration,
};

use self::{folder::Folder, memory::Memory};

/// As the bucket's lifecycle has it; a test compares them.
pub const KEPT_DAYS: i64 = 7;
pub const UNFINISHED_KEPT_DAYS: i64 = 1;

pub struct LocalFiles {
    place: Box<dyn Place>,
    /// Where the door is, without a slash at the end.
    url: String,
    secrets: Arc<dyn SecretBox>,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
}

/// Where the bytes lie. Names are those of `FileName`; ids are ours.
trait Place: Send + Sync {
    fn open(&self, name: &str) -> io::Result<Option<Opened>>;
    fn begin(&self, id: &str, now: Timestamp) -> io::Result<()>;
    /// `NotFound` if nobody has begun it.
    fn put(&self, id: &str, at: u64, bytes: &[u8]) -> io::Result<()>;
    /// So much of it is the file, from now on. `false` if nobody has begun it.
    fn finish(&self, id: &str, length: u64, name: &str, now: Timestamp) -> io::Result<bool>;
    fn give_up(&self, id: &str) -> io::Result<()>;
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Everything there is, also what is not finished, by name.
    fn all(&self) -> io::Result<Vec<(String, Vec<u8>)>>;
    /// What is older goes.
    fn sweep(&self, files_before: Timestamp, unfinished_before: Timestamp) -> io::Result<()>;
}

/// A file as it was when it was opened, whatever comes in its place.
enum Opened {
    File(File),
    Bytes(Arc<Vec<u8>>),
}

impl Opened {
    fn length(&self) -> io::Result<u64> {
        match self {
            Self::File(file) => Ok(file.metadata()?.len()),
            Self::Bytes(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// Of a folder's file, which it is and when it came; of memory's, what it says.
    fn mark(&self) -> io::Result<String> {
        match self {
            Self::File(file) => {
                let told = file.metadata()?;
                Ok(format!("{}-{}.{:09}", told.ino(), told.mtime(), told.mtime_nsec()))
            }
            Self::Bytes(bytes) => {
                let mut hasher = DefaultHasher::new();
                bytes.hash(&mut hasher);
                Ok(hasher.finish().to_string())
            }
        }
    }

    fn read(&self, from: u64, bytes_max: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(self.length()?.saturating_sub(from)).unwrap_or(usize::MAX);
        let length = left.min(bytes_max);
        if length == 0 {
            return Ok(Vec::new());
        }
        match self {
            Self::File(file) => {
                let mut read = vec![0; length];
                file.read_exact_at(&mut read, from)?;
                Ok(read)
            }
            Self::Bytes(bytes) => {
                let from = usize::try_from(from).map_err(io::Error::other)?;
                Ok(bytes[from..from + length].to_vec())
            }
        }
    }
}

impl LocalFiles {
    /// Links begin with `url`.
    pub fn in_memory(
        url: String,
        secrets: Arc<dyn SecretBox>,
        clock: Arc<dyn Clock>,
        dice: Arc<dyn Dice>,
    ) -> Self {
        Self { place: Box::new(Memory::default()), url, secrets, clock, dice }
    }

    /// The same in a folder, which is made if it is not there.
    pub fn open(
        folder: &Path,
        url: String,
        secrets: Arc<dyn SecretBox>,
        clock: Arc<dyn Clock>,
        dice: Arc<dyn Dice>,
    ) -> io::Result<Self> {
        let place = Box::new(Folder::open(folder)?);
        Ok(Self { place, url, secrets, clock, dice })
    }

    /// Where its links lead; to be hung at its `url`.
    pub fn router(self: &Arc<Self>) -> Router {
        door::router(self.clone())
    }

    /// What was kept for long enough goes, as it does in the cloud.
    pub fn sweep(&self) -> io::Result<()> {
        let before = |days| self.clock.now() - SignedDuration::from_hours(24 * days);
        self.place.sweep(before(KEPT_DAYS), before(UNFINISHED_KEPT_DAYS))
    }

    /// Everything there is, by name: for looking at it while developing.
    pub fn dump(&self) -> io::Result<Vec<(String, Vec<u8>)>> {
        self.place.all()
    }

    fn begun(&self) -> io::Result<String> {
        let mut dice = [0; 16];
        self.dice.fill(&mut dice);
        let id: String = dice.iter().map(|byte| format!("{byte:02x}")).collect();
        self.place.begin(&id, self.clock.now())?;
        Ok(id)
    }
}

#[async_trait]
impl Files for LocalFiles {
    async fn link_to_bring(&self, name: FileName, bytes: u64, valid: Duration) -> Result<String, FlowError> {
        self.link("PUT", name, &bytes.to_string(), valid).await
    }

    async fn link_to_take(&self, name: FileName, called: &str, valid: Duration) -> Result<String, FlowError> {
        self.link("GET", name, called, valid).await
    }

    async fn bytes(&self, name: FileName) -> Result<Option<u64>, FlowError> {
        let opened = self.place.open(&name.to_string()).map_err(FlowError::unavailable)?;
        opened.map(|file| file.length()).transpose().map_err(FlowError::unavailable)
    }

    async fn mark(&self, name: FileName) -> Result<Option<String>, FlowError> {
        let opened = self.place.open(&name.to_string()).map_err(FlowError::unavailable)?;
        opened.map(|file| file.mark()).transpose().map_err(FlowError::unavailable)
    }

    async fn read(&self, name: FileName, from: u64, bytes_max: usize) -> Result<Vec<u8>, FlowError> {
        let opened = self.place.open(&name.to_string()).map_err(FlowError::unavailable)?;
        let file = opened.ok_or(FlowError::NotFound("file"))?;
        file.read(from, bytes_max).map_err(FlowError::unavailable)
    }

    async fn read_marked(
        &self,
        name: FileName,
        mark: &str,
        from: u64,
        bytes_max: usize,
    ) -> Result<Option<Vec<u8>>, FlowError> {
        let opened = self.place.open(&name.to_string()).map_err(FlowError::unavailable)?;
        let file = opened.ok_or(FlowError::NotFound("file"))?;
        if file.mark().map_err(FlowError::unavailable)? != mark {
            return Ok(None);
        }
        file.read(from, bytes_max).map(Some).map_err(FlowError::unavailable)
    }

    async fn write(&self, name: FileName, bytes: Vec<u8>) -> Result<(), FlowError> {
        let written = || {
            let id = self.begun()?;
            self.place.put(&id, 0, &bytes)?;
            self.place.finish(&id, bytes.len() as u64, &name.to_string(), self.clock.now())
        };
        written().map(drop).map_err(FlowError::unavailable)
    }

    async fn begin(&self, name: FileName) -> Result<Writing, FlowError> {
        let id = self.begun().map_err(FlowError::unavailable)?;
        Ok(Writing { name, id, parts: Vec::new() })
    }

    async fn add(&self, writing: &mut Writing, bytes: Vec<u8>) -> Result<(), FlowError> {
        if writing.parts.len() >= PARTS_MAX {
            return Err(FlowError::broken("a file has no more parts than storages take"));
        }
        let at = lengths(writing)?.iter().sum();
        self.place.put(&writing.id, at, &bytes).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => FlowError::NotFound("file that is being written"),
            _ => FlowError::unavailable(error),
        })?;
        writing.parts.push(bytes.len().to_string());
        Ok(())
    }

    async fn finish(&self, writing: Writing) -> Result<(), FlowError> {
        let lengths = lengths(&writing)?;
        let Some((_, but_last)) = lengths.split_last() else {
            return Err(FlowError::broken("a file has one part at least"));
        };
        if but_last.iter().any(|length| *length < PART_BYTES_MIN as u64) {
            return Err(FlowError::broken("a part that is not the last is too short for storages"));
        }
        let (name, length) = (writing.name.to_string(), lengths.iter().sum());
        let finished = self.place.finish(&writing.id, length, &name, self.clock.now());
        if finished.map_err(FlowError::unavailable)? || self.bytes(writing.name).await?.is_some() {
            return Ok(());
        }
        Err(FlowError::NotFound("file that is being written"))
    }

    async fn remove(&self, name: FileName) -> Result<(), FlowError> {
        self.place.remove(&name.to_string()).map_err(FlowError::unavailable)
    }
}

fn lengths(writing: &Writing) -> Result<Vec<u64>, FlowError> {
    let lengths = writing.parts.iter().map(|part| part.parse());
    lengths.collect::<Result<_, _>>().map_err(FlowError::broken)
}
