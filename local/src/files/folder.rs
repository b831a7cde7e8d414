//! Files in a folder, which only their owner can read: `kept/<name>`, and `unfinished/<id>` until they are whole.
//!
//! A file comes into its place whole, on the disk, by a rename; whatever kills the process, half of one is never seen.

use jiff::Timestamp;
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{Opened, Place};

pub(super) struct Folder {
    kept: PathBuf,
    unfinished: PathBuf,
}

impl Folder {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let (kept, unfinished) = (folder.join("kept"), folder.join("unfinished"));
        make(&kept)?;
        make(&unfinished)?;
        Ok(Self { kept, unfinished })
    }
}

impl Place for Folder {
    fn open(&self, name: &str) -> io::Result<Option<Opened>> {
        there(File::open(self.kept.join(name)).map(Opened::File))
    }

    fn begin(&self, id: &str, now: Timestamp) -> io::Result<()> {
        let path = self.unfinished.join(id);
        let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
        file.set_modified(SystemTime::from(now))
    }

    fn put(&self, id: &str, at: u64, bytes: &[u8]) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(self.unfinished.join(id))?;
        let begun = file.metadata()?.modified()?;
        file.write_all_at(bytes, at)?;
        // It counts from when it was begun.
        file.set_modified(begun)
    }

    fn finish(&self, id: &str, length: u64, name: &str, now: Timestamp) -> io::Result<bool> {
        let (from, to) = (self.unfinished.join(id), self.kept.join(name));
        let Some(file) = there(OpenOptions::new().write(true).open(&from))? else { return Ok(false) };
        // What a part left that was longer than the one that came in its place.
        file.set_len(length)?;
        file.set_modified(SystemTime::from(now))?;
        file.sync_all()?;
        let folder = to.parent().unwrap_or(&self.kept);
        make(folder)?;
        fs::rename(from, &to)?;
        File::open(folder)?.sync_all()?;
        Ok(true)
    }

    fn give_up(&self, id: &str) -> io::Result<()> {
        there(fs::remove_file(self.unfinished.join(id))).map(drop)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        there(fs::remove_file(self.kept.join(name))).map(drop)
    }

    fn all(&self) -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut all = Vec::new();
        gather(&self.kept, &self.kept, &mut all)?;
        gather(&self.unfinished, &self.unfinished, &mut all)?;
        Ok(all)
    }

    fn sweep(&self, files_before: Timestamp, unfinished_before: Timestamp) -> io::Result<()> {
        sweep(&self.unfinished, unfinished_before)?;
        for tenant in fs::read_dir(&self.kept)? {
            let tenant = tenant?.path();
            for job in fs::read_dir(&tenant)? {
                let job = job?.path();
                sweep(&job, files_before)?;
                // Only if there is nothing in it any more; who writes into it meanwhile makes it anew.
                let _ = fs::remove_dir(job);
            }
            let _ = fs::remove_dir(tenant);
        }
        Ok(())
    }
}

fn gather(root: &Path, folder: &Path, all: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(root, &path, all)?;
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            all.push((name, fs::read(path)?));
        }
    }
    Ok(())
}

fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn sweep(folder: &Path, before: Timestamp) -> io::Result<()> {
    for file in fs::read_dir(folder)? {
        let file = file?;
        if file.metadata()?.modified()? < SystemTime::from(before) {
            there(fs::remove_file(file.path()))?;
        }
    }
    Ok(())
}

/// What is not there is no error.
fn there<T>(done: io::Result<T>) -> io::Result<Option<T>> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
