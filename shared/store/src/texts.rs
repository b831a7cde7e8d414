//! Which message a text is, by what its provider calls it: for providers whose receipts name nothing else.
//!
//! It stands once for all tenants, as such a receipt does not say whose it is, and ends by itself.

use std::time::Duration;

use domain::{TenantId, Timestamp, campaign::MessageId};
use serde::{Deserialize, Serialize};

use crate::{
    Step, Store, StoreError, TenantStore, keys,
    record::{Entry, read},
};

/// Networks tell what became of a text for three days at most.
const KEPT: Duration = Duration::from_hours(7 * 24);
const ID_BYTES_MAX: usize = 100;
/// A table is asked for so many items together.
const AT_ONCE: usize = 100;

impl Store {
    /// Whose texts these are. `None`: nobody's, or of too long ago.
    pub async fn texts_called(&self, vendor_ids: &[&str]) -> Result<Vec<Option<MessageId>>, StoreError> {
        let mut found = Vec::with_capacity(vendor_ids.len());
        for some in vendor_ids.chunks(AT_ONCE) {
            let keys: Vec<_> = some.iter().filter(|id| is_id(id)).map(|id| keys::text(id)).collect();
            let mut items = self.table.get(&keys).await?.into_iter();
            for id in some {
                let item = if is_id(id) { items.next().flatten() } else { None };
                found.push(match item {
                    Some(item) => Some(MessageId::from(read::<TextRecord>(item)?.into_inner())),
                    None => None,
                });
            }
        }
        Ok(found)
    }
}

impl TenantStore {
    /// A text of this tenant's is called so by its provider. `None`: it cannot be found by such a name.
    pub fn text_called(&self, vendor_id: &str, message: &MessageId, now: Timestamp) -> Option<Step> {
        let record = TextRecord {
            tenant: self.id(),
            campaign: message.campaign,
            chunk: message.chunk,
            place: message.place,
        };
        let entry = || Entry::new(keys::text(vendor_id), &record).expiring(now + KEPT).overwrite();
        is_id(vendor_id).then(|| Step(vec![entry()]))
    }
}

/// What may stand in a key.
fn is_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_plain)
}

#[derive(Serialize, Deserialize)]
struct TextRecord {
    tenant: TenantId,
    campaign: domain::CampaignId,
    chunk: u32,
    place: u8,
}

impl From<TextRecord> for MessageId {
    fn from(TextRecord { tenant, campaign, chunk, place }: TextRecord) -> Self {
        Self { tenant, campaign, chunk, place }
    }
}
