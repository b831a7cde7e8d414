//! How the simulated vendor tells what became of messages: signed, until somebody has listened.

use domain::{Receipt, Timestamp};
use flows::{
    Web,
    web::{Ask, Content},
};
use receipts::{signature, simulated};
use serde_json::json;
use std::time::Duration;

use super::{Simulated, fate::Fate};

const PATIENCE: Duration = Duration::from_secs(5);
/// Who does not listen is told again after 5, 10, 20 … seconds, eleven times over three hours; then no more.
const AGAIN_SECONDS: u64 = 5;
const TRIES_MAX: u32 = 12;

/// Whom it tells, and how they know that it is the vendor.
pub struct Telling<'a> {
    pub web: &'a dyn Web,
    pub url: String,
    pub key: Vec<u8>,
}

/// A receipt that is due: its place among all that is pending.
type Due = (Timestamp, usize, u32);

impl Simulated {
    /// When there is something to tell next.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.state().book.next_at()
    }

    /// Tells what is due, in as many requests as it takes; answers how many receipts somebody listened to.
    pub async fn tell(&self, telling: &Telling<'_>) -> usize {
        let mut heard = 0;
        // What nobody listens to is put off, so this ends.
        loop {
            let now = self.clock.now();
            let batch = self.batch(now);
            if batch.is_empty() {
                return heard;
            }
            heard += self.post(telling, &batch, now).await;
        }
    }

    fn batch(&self, now: Timestamp) -> Vec<(Due, Receipt)> {
        let state = self.state();
        let due = state.book.due(now, self.habits.batch.max(1));
        let mut batch = Vec::new();
        for due in due {
            let entry = &state.book.entries[due.1];
            let Some(what) = Fate::of_word(&entry.fate).and_then(Fate::happened) else { continue };
            let receipt = Receipt {
                tenant: Some(entry.tenant),
                message: Some(entry.message.clone()),
                vendor_id: entry.vendor_id.clone(),
                what,
                at: entry.known_at,
            };
            batch.extend(std::iter::repeat_n((due, receipt), entry.tellings));
        }
        batch
    }

    async fn post(&self, telling: &Telling<'_>, batch: &[(Due, Receipt)], now: Timestamp) -> usize {
        let written: Vec<_> = batch.iter().map(|(_, receipt)| simulated::written(receipt)).collect();
        let body = match &written[..] {
            [one] => one.to_string(),
            all => json!({ "receipts": all }).to_string(),
        };
        let signed = signature::sign(&telling.key, now, body.as_bytes());
        let told = telling.web.ask(Ask {
            headers: vec![(simulated::SIGNATURE_HEADER, signed)],
            content: Some(Content::Json(body.into_bytes())),
            ..Ask::new(telling.url.clone(), PATIENCE)
        });
        let status = told.await.ok().map(|told| told.status);
        let mut state = self.state();
        let mut heard = 0;
        for (due, _) in batch {
            let is_over = match status {
                Some(200..300) => {
                    heard += 1;
                    true
                }
                // They know of no such message, and will not.
                Some(404 | 410) => true,
                _ => due.2 + 1 >= TRIES_MAX,
            };
            // What cannot be written down is told again: that does no harm.
            if !is_over || state.book.told(*due).is_err() {
                let wait = Duration::from_secs(AGAIN_SECONDS << due.2.min(TRIES_MAX));
                state.book.put_off(*due, now.saturating_add(wait).unwrap_or(now));
            }
        }
        heard
    }
}
