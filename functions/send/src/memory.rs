//! What one process remembers from one task to the next: words that it has understood, and whose slots are whose.
//!
//! None of it ever becomes wrong: words are known by their edition and by how often somebody was blotted out of it, and a slot is never
//! given to another.

use columns::{ShardNumber, Slot};
use domain::{Campaign, CampaignId, CustomerId, TenantId};
use flows::{FlowError, wording::Wording};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};
use store::TenantStore;

/// A shard's whole directory is a few megabytes.
const SHARDS_KEPT: usize = 8;
/// Words may be some hundred kilobytes.
const WORDINGS_KEPT: usize = 32;

/// Shared by all copies.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    wordings: VecDeque<(Words, Arc<Wording>)>,
    shards: VecDeque<((TenantId, ShardNumber), Arc<Whose>)>,
    /// In which stretch of time a shop was said to send.
    said: HashMap<TenantId, i64>,
    /// In which second it was read, and how many shops send.
    sharing: (i64, u32),
}

/// A campaign's, by their edition, how often they were reworded since, and their arm.
type Words = (TenantId, CampaignId, (u32, u32, u8));
type Whose = HashMap<Slot, CustomerId>;

impl Memory {
    /// `None`: the campaign has other words by now.
    pub(crate) async fn wording(
        &self,
        store: &TenantStore,
        campaign: &Campaign,
        arm: u8,
    ) -> Result<Option<Arc<Wording>>, FlowError> {
        let key = (store.id(), campaign.id, (campaign.edition, campaign.rewordings, arm));
        if let Some(wording) = self.with(|kept| found(&kept.wordings, &key)) {
            return Ok(Some(wording));
        }
        let Some(words) = store.campaign_words_of(campaign, arm).await? else { return Ok(None) };
        let wording = Arc::new(Wording::of(&words)?);
        self.with(|kept| keep(&mut kept.wordings, key, wording.clone(), WORDINGS_KEPT));
        Ok(Some(wording))
    }

    /// Whose slots of one shard these are, in their order. `None`: nobody's.
    pub(crate) async fn whose(
        &self,
        store: &TenantStore,
        shard: ShardNumber,
        slots: &[Slot],
    ) -> Result<Vec<Option<CustomerId>>, FlowError> {
        let key = (store.id(), shard);
        let of = |whose: &Whose| slots.iter().map(|slot| whose.get(slot).copied()).collect::<Vec<_>>();
        if let Some(whose) = self.with(|kept| found(&kept.shards, &key)) {
            let of_them = of(&whose);
            // Somebody may have come since.
            if of_them.iter().all(Option::is_some) {
                return Ok(of_them);
            }
        }
        let whose: Arc<Whose> = Arc::new(store.directory(shard).await?.into_iter().collect());
        let of_them = of(&whose);
        self.with(|kept| keep(&mut kept.shards, key, whose, SHARDS_KEPT));
        Ok(of_them)
    }

    /// Whether that is news in that stretch of time.
    pub(crate) fn is_to_say(&self, tenant: TenantId, stretch: i64) -> bool {
        self.with(|kept| {
            kept.said.retain(|_, said| *said >= stretch);
            !kept.said.contains_key(&tenant)
        })
    }

    pub(crate) fn has_said(&self, tenant: TenantId, stretch: i64) {
        self.with(|kept| kept.said.insert(tenant, stretch));
    }

    /// How many shops send, if it was read in that second.
    pub(crate) fn sharing(&self, second: i64) -> Option<u32> {
        self.with(|kept| (kept.sharing.0 == second).then_some(kept.sharing.1))
    }

    pub(crate) fn is_shared(&self, second: i64, by: u32) {
        self.with(|kept| kept.sharing = (second, by));
    }

    fn with<T>(&self, look: impl FnOnce(&mut Kept) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn found<K: PartialEq, V: Clone>(kept: &VecDeque<(K, V)>, key: &K) -> Option<V> {
    kept.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone())
}

/// The longest there goes first.
fn keep<K: PartialEq, V>(kept: &mut VecDeque<(K, V)>, key: K, value: V, most: usize) {
    kept.retain(|(known, _)| *known != key);
    if kept.len() == most {
        kept.pop_front();
    }
    kept.push_back((key, value));
}
