//! Files in memory: a world's.

use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Opened, Place};

#[derive(Default)]
pub(super) struct Memory(Mutex<Held>);

#[derive(Default)]
struct Held {
    kept: BTreeMap<String, (Timestamp, Arc<Vec<u8>>)>,
    unfinished: BTreeMap<String, (Timestamp, Vec<u8>)>,
}

impl Memory {
    fn with<T>(&self, look: impl FnOnce(&mut Held) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Place for Memory {
    fn open(&self, name: &str) -> io::Result<Option<Opened>> {
        Ok(self.with(|held| held.kept.get(name).map(|(_, bytes)| Opened::Bytes(bytes.clone()))))
    }

    fn begin(&self, id: &str, now: Timestamp) -> io::Result<()> {
        self.with(|held| held.unfinished.insert(id.to_owned(), (now, Vec::new())));
        Ok(())
    }

    fn put(&self, id: &str, at: u64, bytes: &[u8]) -> io::Result<()> {
        let at = usize::try_from(at).map_err(io::Error::other)?;
        self.with(|held| {
            let (_, written) = held.unfinished.get_mut(id).ok_or(io::ErrorKind::NotFound)?;
            written.resize(written.len().max(at + bytes.len()), 0);
            written[at..at + bytes.len()].copy_from_slice(bytes);
            Ok(())
        })
    }

    fn finish(&self, id: &str, length: u64, name: &str, now: Timestamp) -> io::Result<bool> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        self.with(|held| {
            let Some((_, mut written)) = held.unfinished.remove(id) else { return Ok(false) };
            written.truncate(length);
            held.kept.insert(name.to_owned(), (now, Arc::new(written)));
            Ok(true)
        })
    }

    fn give_up(&self, id: &str) -> io::Result<()> {
        self.with(|held| held.unfinished.remove(id));
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.with(|held| held.kept.remove(name));
        Ok(())
    }

    fn all(&self) -> io::Result<Vec<(String, Vec<u8>)>> {
        Ok(self.with(|held| {
            let kept = held.kept.iter().map(|(name, (_, bytes))| (name.clone(), bytes.to_vec()));
            let unfinished = held.unfinished.iter().map(|(id, (_, bytes))| (id.clone(), bytes.clone()));
            kept.chain(unfinished).collect()
        }))
    }

    fn sweep(&self, files_before: Timestamp, unfinished_before: Timestamp) -> io::Result<()> {
        self.with(|held| {
            held.kept.retain(|_, (at, _)| *at >= files_before);
            held.unfinished.retain(|_, (at, _)| *at >= unfinished_before);
        });
        Ok(())
    }
}
