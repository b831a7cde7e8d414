//! Segments: each an item of its own, and one item that changes with any of them.
//!
//! That item says, too, when the clock looks next whether it is settled who is in them.
//! Whoever changes one has read all, and names that item as it was then: so no two have one name, none names itself by
//! way of others, and there are never too many, whoever changes another at the same moment.

use domain::{
    Name, Segment, SegmentId, Timestamp, UserId,
    segment::{RuleText, SegmentState, Turns},
    settlement::Settling,
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{When, Write},
};

pub(crate) const DUE_SEGMENTS: &str = "segments";

/// All segments of a tenant, as they were read together.
#[derive(Debug)]
pub struct SegmentList {
    head: Option<Held<Settling>>,
    segments: Vec<Held<Segment>>,
}

impl SegmentList {
    /// The oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Held<Segment>> {
        self.segments.iter()
    }

    pub fn get(&self, id: SegmentId) -> Option<&Held<Segment>> {
        self.iter().find(|segment| segment.id == id)
    }

    fn others(&self, id: SegmentId) -> impl Iterator<Item = &Segment> {
        self.iter().map(|held| &**held).filter(move |other| other.id != id)
    }

    pub fn len(&self) -> usize {
        self.segments.len()
    }

    /// How often any has changed.
    pub fn changes(&self) -> u64 {
        self.head.as_ref().map_or(0, |head| head.changes)
    }

    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }
}

impl TenantStore {
    /// What is changed after the list was begun stands against steps that are made of it.
    pub async fn segments(&self) -> Result<SegmentList, StoreError> {
        let mut list = SegmentList { head: None, segments: Vec::new() };
        for item in self.all(keys::tenant_partition(self.id()), keys::SEGMENTS).await? {
            if item.key.sk == keys::SEGMENTS {
                list.head = Some(read_as::<SettlingRecord, _>(item)?);
            } else if item.key.sk.starts_with(keys::SEGMENT) {
                list.segments.push(read_as::<SegmentRecord, _>(item)?);
            }
        }
        Ok(list)
    }

    pub async fn segment(&self, id: SegmentId) -> Result<Option<Held<Segment>>, StoreError> {
        self.get(keys::segment(self.id(), id)).await?.map(read_as::<SegmentRecord, _>).transpose()
    }

    /// `Conflict` if any segment has changed since the list was read.
    pub fn segment_made(&self, list: &SegmentList, segment: &Segment) -> Step {
        let record = SegmentRecord::from(segment);
        let made = Entry::new(keys::segment(self.id(), segment.id), &record).create();
        let all = list.iter().map(|held| &**held).chain([segment]);
        Step(vec![made, self.segments_changed(list, all, segment.updated_at)])
    }

    /// `Conflict` as above.
    pub fn segment_changed(&self, list: &SegmentList, held: &Held<Segment>, segment: &Segment) -> Step {
        let record = SegmentRecord::from(segment);
        let changed = Entry::new(keys::segment(self.id(), held.id), &record).replace(held.version);
        let all = list.others(held.id).chain([segment]);
        Step(vec![changed, self.segments_changed(list, all, segment.updated_at)])
    }

    /// `Conflict` as above.
    pub fn segment_ended(&self, list: &SegmentList, held: &Held<Segment>, now: Timestamp) -> Step {
        let ended = Write::Delete(keys::segment(self.id(), held.id), When::Version(held.version));
        Step(vec![ended, self.segments_changed(list, list.others(held.id), now)])
    }

    fn segments_changed<'a>(
        &self,
        list: &SegmentList,
        all: impl Iterator<Item = &'a Segment>,
        now: Timestamp,
    ) -> Write {
        let before = list.head.as_deref().cloned().unwrap_or_default();
        self.settling_put(list.head.as_ref(), &before.changed(all, now))
    }

    pub async fn settling(&self) -> Result<Option<Held<Settling>>, StoreError> {
        self.get(keys::segments(self.id())).await?.map(read_as::<SettlingRecord, _>).transpose()
    }

    /// `Conflict` if a segment has changed since, or somebody else has looked.
    pub fn settling_changed(&self, held: &Held<Settling>, settling: &Settling) -> Step {
        Step(vec![self.settling_put(Some(held), settling)])
    }

    /// Something stands otherwise beside customers, in the same commit: of many such in a row the first has the clock look, and
    /// the others hold it to that.
    pub fn settling_told(&self, held: &Held<Settling>, now: Timestamp) -> Step {
        match held.told_beside(now) {
            Some(asked) => self.settling_changed(held, &asked),
            None => Step(vec![Write::Check(keys::segments(self.id()), When::Version(held.version))]),
        }
    }

    fn settling_put(&self, held: Option<&Held<Settling>>, settling: &Settling) -> Write {
        let Settling { changes, is_any, is_hourly, asks_beside, due_at, claimed_at, day_at, before } =
            *settling;
        let is_tagged = asks_beside;
        let record =
            SettlingRecord { changes, is_any, is_hourly, is_tagged, due_at, claimed_at, day_at, before };
        let due = due_at.map(|due_at| keys::due(due_at, DUE_SEGMENTS, self.id()));
        let entry = Entry::new(keys::segments(self.id()), &record).due(due);
        entry.in_place_of(held)
    }
}

#[derive(Serialize, Deserialize)]
struct SettlingRecord {
    changes: u64,
    is_any: bool,
    is_hourly: bool,
    /// Also where it is for what became of messages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_tagged: bool,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    claimed_at: Option<Timestamp>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    day_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<u64>,
}

impl From<SettlingRecord> for Settling {
    fn from(record: SettlingRecord) -> Self {
        let SettlingRecord { changes, is_any, is_hourly, is_tagged, due_at, claimed_at, day_at, before } =
            record;
        Self { changes, is_any, is_hourly, asks_beside: is_tagged, due_at, claimed_at, day_at, before }
    }
}

#[derive(Serialize, Deserialize)]
struct SegmentRecord {
    id: SegmentId,
    name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<RuleText>,
    turns: Turns,
    /// Also where it is for what became of messages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    names_tags: bool,
    state: SegmentState,
    edition: u32,
    era: u32,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    created_by: UserId,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
    updated_by: UserId,
}

impl From<&Segment> for SegmentRecord {
    fn from(segment: &Segment) -> Self {
        let segment = segment.clone();
        Self {
            id: segment.id,
            name: segment.name,
            description: segment.description,
            rule: segment.rule,
            turns: segment.turns,
            names_tags: segment.asks_beside,
            state: segment.state,
            edition: segment.edition,
            era: segment.era,
            created_at: segment.created_at,
            created_by: segment.created_by,
            updated_at: segment.updated_at,
            updated_by: segment.updated_by,
        }
    }
}

impl From<SegmentRecord> for Segment {
    fn from(record: SegmentRecord) -> Self {
        Self {
            id: record.id,
            name: record.name,
            description: record.description,
            rule: record.rule,
            turns: record.turns,
            asks_beside: record.names_tags,
            state: record.state,
            edition: record.edition,
            era: record.era,
            created_at: record.created_at,
            created_by: record.created_by,
            updated_at: record.updated_at,
            updated_by: record.updated_by,
        }
    }
}
