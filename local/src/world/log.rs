//! What the product logs while somebody listens, on the thread of the test that does.

use serde_json::Value;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};
use tracing::{
    Dispatch, Level,
    subscriber::{DefaultGuard, NoSubscriber},
};

pub struct Log {
    lines: Lines,
    _listening: DefaultGuard,
    /// While there is one listener alone, `tracing` asks the thread that comes to a line first whether anybody listens, and
    /// believes it for all. A test on another thread would silence ours.
    _second: Dispatch,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Listens until it is dropped.
    pub fn listen() -> Self {
        let lines = Lines::default();
        let writer = lines.clone();
        let form = tracing_subscriber::fmt().json().flatten_event(true).with_max_level(Level::INFO);
        let form = form.with_writer(move || writer.clone()).finish();
        Self {
            lines,
            _listening: tracing::subscriber::set_default(form),
            _second: Dispatch::new(NoSubscriber::default()),
        }
    }

    /// All lines so far.
    pub fn lines(&self) -> Vec<Value> {
        let bytes = self.lines.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
