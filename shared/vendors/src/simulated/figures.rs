//! What the simulated vendor says of its own work.

use domain::{TenantId, Timestamp};
use std::collections::BTreeMap;

use super::{Simulated, fate::Fate};

/// Of one tenant's messages that the vendor was asked for within a time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    pub total: u64,
    /// By `SENT` for what is on its way, `DELIVERED`, or why not.
    pub distribution: BTreeMap<String, u64>,
    /// From the asking to the delivery; `None`: nothing has been delivered.
    pub average_delivery_millis: Option<f64>,
    /// What was delivered of what has come to an end; `None`: nothing has.
    pub success_rate: Option<f64>,
}

impl Simulated {
    /// `from` is within, `to` is not.
    pub fn figures(&self, tenant: TenantId, from: Timestamp, to: Timestamp) -> Figures {
        let now = self.clock.now();
        let state = self.state();
        let mut figures = Figures::default();
        let (mut ended, mut delivered, mut millis) = (0_u32, 0_u32, 0.0);
        for entry in &state.book.entries {
            if entry.tenant != tenant || entry.at < from || entry.at >= to {
                continue;
            }
            let is_on_its_way = entry.vendor_id.is_some() && entry.known_at > now;
            let word = if is_on_its_way { "SENT" } else { entry.fate.as_str() };
            figures.total += 1;
            *figures.distribution.entry(word.to_owned()).or_default() += 1;
            if is_on_its_way {
                continue;
            }
            ended += 1;
            if entry.fate == Fate::Delivered.word() {
                delivered += 1;
                millis += entry.known_at.duration_since(entry.at).as_secs_f64() * 1_000.0;
            }
        }
        figures.success_rate = (ended > 0).then(|| f64::from(delivered) / f64::from(ended));
        figures.average_delivery_millis = (delivered > 0).then(|| millis / f64::from(delivered));
        figures
    }
}
