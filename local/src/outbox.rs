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
        let text = if path.exists() { std::fs::read(path)? } else { Vec::new() };
        let text = String::from_utf8_lossy(&text);
        let sent = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        if !text.is_empty() && !text.ends_with('\n') {
            // The next mail must not be written on to what was cut off.
            OpenOptions::new().append(true).open(path)?.write_all(b"\n")?;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use flows::clock::SystemClock;

    #[tokio::test]
    async fn a_mail_after_one_that_a_crash_cut_off_is_kept() {
        let path = std::env::temp_dir().join(format!("regulars-outbox-{}", std::process::id()));
        // Cut within a letter of two bytes.
        std::fs::write(&path, b"{\"at\":\"2026-01-01T00:00:00Z\",\"to\":\"J\xc3").unwrap();
        let outbox = Outbox::open(&path, Arc::new(SystemClock)).unwrap();
        assert_eq!(outbox.all(), []);
        let word = |word: &str| word.to_owned();
        let mail = Mail { to: word("a@b.test"), subject: word("s"), text: word("t"), about: word("x") };
        outbox.send(mail).await.unwrap();
        let again = Outbox::open(&path, Arc::new(SystemClock)).unwrap();
        assert_eq!(again.all(), outbox.all());
        assert_eq!(again.all().len(), 1);
        std::fs::remove_file(path).unwrap();
    }
}
