//! The mail that would have gone out: kept to be read at `/dev/outbox`, in a file if there is one.

use async_trait::async_trait;
use flows::{Clock, FlowError, Mail, Mailer};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

pub struct Outbox {
    clock: Arc<dyn Clock>,
    file: Option<PathBuf>,
    sent: Mutex<Vec<Sent>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub at: Timestamp,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub about: String,
}

impl Outbox {
    pub fn in_memory(clock: Arc<dyn Clock>) -> Self {
        Self { clock, file: None, sent: Mutex::default() }
    }

    /// One mail a line. A last line that a crash cut off is left out.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let text = if path.exists() { std::fs::read_to_string(path)? } else { String::new() };
        let sent = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Ok(Self { clock, file: Some(path.to_owned()), sent: Mutex::new(sent) })
    }

    /// Newest first.
    pub fn all(&self) -> Vec<Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }

    /// Newest first.
    pub fn to(&self, address: &str) -> Vec<Sent> {
        self.all().into_iter().filter(|sent| sent.to == address).collect()
    }

    fn keep(&self, sent: &Sent) -> std::io::Result<()> {
        let Some(path) = &self.file else { return Ok(()) };
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        writeln!(file, "{}", serde_json::to_string(sent)?)?;
        file.sync_data()
    }
}

#[async_trait]
impl Mailer for Outbox {
    async fn send(&self, mail: Mail) -> Result<(), FlowError> {
        let Mail { to, subject, text, about } = mail;
        let sent = Sent { at: self.clock.now(), to, subject, text, about };
        self.keep(&sent).map_err(FlowError::unavailable)?;
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
        Ok(())
    }
}
