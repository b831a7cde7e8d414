//! What became of a campaign's messages, as rules ask for it: of each campaign a small item that says as of when, and of each type
//! of event and each shard one that says to whom it happened and when.
//!
//! They are a fold over the campaign's chunks, made by whoever counts it; that something is another is told in the commit that
//! makes it so. So what is held under an edition is never older than it says.

use columns::{Dated, ShardNumber};
use domain::{
    CampaignId, TenantId, Timestamp,
    campaign::{Upshot, Why, Written},
    template::Channel,
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

use crate::{
    Held, Step, StoreError, TenantStore,
    editions::Editions,
    keys,
    record::{Entry, read, read_as},
    table::Item,
};

/// Of all shops together, so many events are held: 12 bytes each.
const HELD_MAX: usize = 8_000_000;

/// One type of event in one shard: by whom, why, and to whom.
pub type ToldOf = Arc<Vec<Rowed>>;

type Rowed = (Option<bool>, Option<Why>, Arc<Dated>);

/// The same as it is kept.
pub type OutcomeBytes = BTreeMap<(Upshot, u32), Vec<u8>>;

type Place = (TenantId, CampaignId, Upshot, u32);

pub(crate) type OutcomesHeld = Editions<Place, ToldOf>;

pub(crate) fn outcomes_held() -> OutcomesHeld {
    Editions::within(HELD_MAX, |told| told.iter().map(|(.., whom)| whom.len()).sum::<usize>() + 10)
}

impl TenantStore {
    /// All campaigns of whose messages anything became.
    pub async fn campaigns_written(&self) -> Result<Vec<Written>, StoreError> {
        let items = self.all(keys::tenant_partition(self.id()), keys::WRITTEN).await?;
        items.into_iter().map(|item| Ok(read_as::<WrittenRecord, Written>(item)?.into_inner())).collect()
    }

    pub async fn written_by(&self, id: CampaignId) -> Result<Option<Held<Written>>, StoreError> {
        self.get(keys::written(self.id(), id)).await?.map(read_as::<WrittenRecord, _>).transpose()
    }

    /// How often anything else has changed that rules ask of besides customers: what products are tagged with, and what became
    /// of messages.
    pub async fn changes_beside(&self) -> Result<u64, StoreError> {
        let written: u64 = self.campaigns_written().await?.iter().map(|written| written.edition).sum();
        Ok(self.tag_changes().await? + written)
    }

    /// As of that edition, at least.
    pub async fn outcomes(
        &self,
        written: &Written,
        outcome: Upshot,
        shard: ShardNumber,
    ) -> Result<ToldOf, StoreError> {
        let place = (self.id(), written.campaign, outcome, shard.0);
        if let Some(told) = self.store.outcomes_held.of(place, written.edition) {
            return Ok(told);
        }
        let item = self.get(keys::outcomes(self.id(), written.campaign, outcome, shard)).await?;
        let told = Arc::new(item.map(|item| told_from(shard, item)).transpose()?.unwrap_or_default());
        self.store.outcomes_held.hold(place, written.edition, told.clone());
        Ok(told)
    }

    /// Of these, what is kept otherwise.
    pub async fn outcomes_changed(
        &self,
        id: CampaignId,
        mut told: OutcomeBytes,
    ) -> Result<OutcomeBytes, StoreError> {
        let places: Vec<_> = told.keys().copied().collect();
        let key =
            |(outcome, shard): &(Upshot, u32)| keys::outcomes(self.id(), id, *outcome, ShardNumber(*shard));
        let items = self.table().get(&places.iter().map(key).collect::<Vec<_>>()).await?;
        for (place, item) in places.iter().zip(items) {
            let Some(item) = item else { continue };
            if told.get(place) == Some(&read::<OutcomesRecord>(item)?.into_inner().told) {
                told.remove(place);
            }
        }
        Ok(told)
    }

    /// `Conflict` if somebody else has told of it since. With what is held once it is committed.
    pub fn outcomes_kept(
        &self,
        held: Option<&Held<Written>>,
        written: Written,
        told: OutcomeBytes,
    ) -> (Step, Held<Written>) {
        let record = WrittenRecord::from(&written);
        let mut writes =
            vec![Entry::new(keys::written(self.id(), written.campaign), &record).in_place_of(held)];
        for ((outcome, shard), told) in told {
            let key = keys::outcomes(self.id(), written.campaign, outcome, ShardNumber(shard));
            writes.push(Entry::new(key, &OutcomesRecord { told }).overwrite());
        }
        (Step(writes), Held::after(held, written))
    }
}

/// Of one shard, by whom and why. In the order in which they stand here, so that the same has the same bytes.
pub fn outcome_bytes(shard: ShardNumber, told: &BTreeMap<(Option<bool>, Option<Why>), Dated>) -> Vec<u8> {
    let rows: Vec<Row> = told
        .iter()
        .map(|((by_person, why), whom)| (*by_person, why.map(Why::code), whom.to_bytes(shard)))
        .collect();
    // Lists of known length always have a form.
    postcard::to_stdvec(&rows).unwrap_or_default()
}

type Row = (Option<bool>, Option<u8>, Vec<u8>);

fn told_from(shard: ShardNumber, item: Item) -> Result<Vec<Rowed>, StoreError> {
    let broken = || StoreError::Broken("V: outcomes that cannot be read".to_owned());
    let held = read::<OutcomesRecord>(item)?;
    let rows: Vec<Row> = postcard::from_bytes(&held.told).map_err(|_| broken())?;
    let mut told = Vec::with_capacity(rows.len());
    for (by_person, why, whom) in rows {
        let why = why.map(|code| Why::of_code(code).ok_or_else(broken)).transpose()?;
        told.push((by_person, why, Arc::new(Dated::of_bytes(shard, &whom).ok_or_else(broken)?)));
    }
    Ok(told)
}

#[derive(Serialize, Deserialize)]
struct OutcomesRecord {
    #[serde(with = "serde_bytes")]
    told: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct WrittenRecord {
    campaign: CampaignId,
    channel: Channel,
    #[serde(with = "millisecond::required")]
    launched_at: Timestamp,
    #[serde(with = "millisecond::required")]
    last_at: Timestamp,
    messages: u64,
    edition: u64,
    /// As text: the table's numbers have fewer digits.
    print: String,
}

impl From<&Written> for WrittenRecord {
    fn from(written: &Written) -> Self {
        let Written { campaign, channel, launched_at, last_at, messages, edition, print } = *written;
        Self { campaign, channel, launched_at, last_at, messages, edition, print: format!("{print:016x}") }
    }
}

impl From<WrittenRecord> for Written {
    fn from(record: WrittenRecord) -> Self {
        let WrittenRecord { campaign, channel, launched_at, last_at, messages, edition, print } = record;
        // What cannot be read is the print of nothing, and is told anew.
        let print = u64::from_str_radix(&print, 16).unwrap_or_default();
        Self { campaign, channel, launched_at, last_at, messages, edition, print }
    }
}
