//! When a tenant's connection is looked after next, and whether its merchant is to be told that it is over: due work.

use domain::{
    Timestamp,
    upkeep::{Lack, Notice, Upkeep},
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{When, Write},
};

pub(crate) const DUE_UPKEEP: &str = "upkeep";
pub(crate) const DUE_NOTICE: &str = "notice";

impl TenantStore {
    pub async fn upkeep(&self) -> Result<Option<Held<Upkeep>>, StoreError> {
        self.get(keys::upkeep(self.id())).await?.map(read_as::<UpkeepRecord, _>).transpose()
    }

    /// The shop is connected, for the first time or again: whatever was seen before counts no more.
    pub fn upkeep_begun(&self, upkeep: &Upkeep, now: Timestamp) -> Step {
        Step(vec![self.upkeep_entry(upkeep, &UpkeepRecord::from(upkeep)).put(anew(now), When::Always)])
    }

    /// `Conflict` if somebody else changed it.
    pub fn upkeep_changed(&self, held: &Held<Upkeep>, upkeep: &Upkeep) -> Step {
        Step(vec![self.upkeep_entry(upkeep, &UpkeepRecord::from(upkeep)).replace(held.version)])
    }

    pub async fn notice(&self) -> Result<Option<Held<Notice>>, StoreError> {
        self.get(keys::notice(self.id())).await?.map(read_as::<NoticeRecord, _>).transpose()
    }

    /// In the place of any before it.
    pub fn notice_made(&self, notice: &Notice) -> Step {
        let entry = NoticeRecord::from(notice);
        Step(vec![self.notice_entry(notice, &entry).put(anew(notice.since), When::Always)])
    }

    /// `Conflict` if somebody else changed it.
    pub fn notice_changed(&self, held: &Held<Notice>, notice: &Notice) -> Step {
        Step(vec![self.notice_entry(notice, &NoticeRecord::from(notice)).replace(held.version)])
    }

    /// Nothing is to be told any more.
    pub fn notice_ended(&self, held: &Held<Notice>) -> Step {
        Step(vec![Write::Delete(keys::notice(self.id()), When::Version(held.version))])
    }

    fn upkeep_entry<'a>(&self, upkeep: &Upkeep, record: &'a UpkeepRecord) -> Entry<'a, UpkeepRecord> {
        let due = upkeep.due_at.map(|at| keys::due(at, DUE_UPKEEP, self.id()));
        Entry::new(keys::upkeep(self.id()), record).due(due)
    }

    /// Due until it is told.
    fn notice_entry<'a>(&self, notice: &Notice, record: &'a NoticeRecord) -> Entry<'a, NoticeRecord> {
        let due = notice.told_at.is_none().then(|| keys::due(notice.due_at, DUE_NOTICE, self.id()));
        Entry::new(keys::notice(self.id()), record).due(due)
    }
}

/// A version that nobody who held what stood there before has seen.
fn anew(now: Timestamp) -> u64 {
    u64::try_from(now.as_millisecond()).unwrap_or(1)
}

#[derive(Serialize, Deserialize)]
struct UpkeepRecord {
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    due_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    looked_at: Option<Timestamp>,
    lacking: Vec<Lack>,
}

impl From<&Upkeep> for UpkeepRecord {
    fn from(upkeep: &Upkeep) -> Self {
        let Upkeep { due_at, looked_at, lacking } = upkeep.clone();
        Self { due_at, looked_at, lacking }
    }
}

impl From<UpkeepRecord> for Upkeep {
    fn from(UpkeepRecord { due_at, looked_at, lacking }: UpkeepRecord) -> Self {
        Self { due_at, looked_at, lacking }
    }
}

#[derive(Serialize, Deserialize)]
struct NoticeRecord {
    #[serde(with = "millisecond::required")]
    since: Timestamp,
    #[serde(with = "millisecond::required")]
    due_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    told_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    claimed_until: Option<Timestamp>,
}

impl From<&Notice> for NoticeRecord {
    fn from(notice: &Notice) -> Self {
        let Notice { since, due_at, told_at, claimed_until } = notice.clone();
        Self { since, due_at, told_at, claimed_until }
    }
}

impl From<NoticeRecord> for Notice {
    fn from(NoticeRecord { since, due_at, told_at, claimed_until }: NoticeRecord) -> Self {
        Self { since, due_at, told_at, claimed_until }
    }
}
