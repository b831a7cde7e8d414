//! What became of the events that a shop told: one small item each, gone by itself after some days.

use domain::{
    Timestamp,
    event::{BodyDigest, NOTED_DAYS, Noted, Outcome},
};
use jiff::{SignedDuration, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{Position, Range, RawKey, Sort, Within},
};

impl TenantStore {
    pub async fn event_noted(&self, at: Timestamp, id: &str) -> Result<Option<Held<Noted>>, StoreError> {
        self.get(keys::noted(self.id(), at, id)).await?.map(read_as::<NotedRecord, _>).transpose()
    }

    /// Newest first, at most `limit`, and what the next part begins after: when that happened, and its id.
    pub async fn events_noted(
        &self,
        limit: u32,
        after: Option<(Timestamp, &str)>,
    ) -> Result<(Vec<Noted>, Option<(Timestamp, String)>), StoreError> {
        let position = |(at, id)| Position { key: keys::noted(self.id(), at, id), index: None };
        let range = Range {
            within: Within::Partition(keys::tenant_partition(self.id())),
            sort: Sort::Prefix(keys::NOTED.to_owned()),
            backward: true,
            limit,
            after: after.map(position),
            consistent: true,
        };
        let page = self.table().query(&range).await?;
        let next = page.next.and_then(|next| place_of(&next.key));
        let noted = page.items.into_iter().map(|item| Ok(read_as::<NotedRecord, Noted>(item)?.into_inner()));
        Ok((noted.collect::<Result<_, StoreError>>()?, next))
    }

    /// `Conflict` if somebody else noted it since `held` was read, or at all.
    pub fn event_note(&self, held: Option<&Held<Noted>>, noted: &Noted) -> Step {
        let record = NotedRecord::from(noted);
        let expires_at = noted.tried_at + SignedDuration::from_hours(24 * NOTED_DAYS);
        let entry = Entry::new(keys::noted(self.id(), noted.at, &noted.id), &record).expiring(expires_at);
        Step(vec![entry.in_place_of(held)])
    }
}

fn place_of(key: &RawKey) -> Option<(Timestamp, String)> {
    let (millis, id) = key.sk.strip_prefix(keys::NOTED)?.split_once('#')?;
    Some((Timestamp::from_millisecond(millis.parse().ok()?).ok()?, id.to_owned()))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn is_none(count: &u32) -> bool {
    *count == 0
}

#[derive(Serialize, Deserialize)]
struct NotedRecord {
    id: String,
    topic: String,
    #[serde(with = "millisecond::required")]
    at: Timestamp,
    #[serde(with = "millisecond::required")]
    tried_at: Timestamp,
    attempts: u32,
    #[serde(default, skip_serializing_if = "is_none")]
    ours: u32,
    #[serde(flatten)]
    outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<BodyDigest>,
    #[serde(rename = "written_as")]
    version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unread: Option<String>,
}

impl From<&Noted> for NotedRecord {
    fn from(noted: &Noted) -> Self {
        let Noted { id, topic, at, tried_at, attempts, ours, outcome, body, version, unread } = noted.clone();
        Self { id, topic, at, tried_at, attempts, ours, outcome, body, version, unread }
    }
}

impl From<NotedRecord> for Noted {
    fn from(record: NotedRecord) -> Self {
        let NotedRecord { id, topic, at, tried_at, attempts, ours, outcome, body, version, unread } = record;
        Self { id, topic, at, tried_at, attempts, ours, outcome, body, version, unread }
    }
}
