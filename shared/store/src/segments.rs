//! Segments: each an item of its own, and one item that changes with any of them.
//!
//! Whoever changes one has read all, and names that item as it was then: so no two have one name, none names itself by
//! way of others, and there are never too many, whoever changes another at the same moment.

use domain::{
    Name, Segment, SegmentId, Timestamp, UserId,
    segment::{RuleText, SegmentState},
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read, read_as},
    table::{When, Write},
};

/// All segments of a tenant, as they were read together.
#[derive(Debug)]
pub struct SegmentList {
    head: Option<Held<HeadRecord>>,
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

    pub fn len(&self) -> usize {
        self.segments.len()
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
                list.head = Some(read(item)?);
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
        Step(vec![made, self.segments_changed(list)])
    }

    /// `Conflict` as above.
    pub fn segment_changed(&self, list: &SegmentList, held: &Held<Segment>, segment: &Segment) -> Step {
        let record = SegmentRecord::from(segment);
        let changed = Entry::new(keys::segment(self.id(), held.id), &record).replace(held.version);
        Step(vec![changed, self.segments_changed(list)])
    }

    /// `Conflict` as above.
    pub fn segment_ended(&self, list: &SegmentList, held: &Held<Segment>) -> Step {
        let ended = Write::Delete(keys::segment(self.id(), held.id), When::Version(held.version));
        Step(vec![ended, self.segments_changed(list)])
    }

    fn segments_changed(&self, list: &SegmentList) -> Write {
        let changes = list.head.as_ref().map_or(0, |head| head.changes) + 1;
        let record = HeadRecord { changes };
        let entry = Entry::new(keys::segments(self.id()), &record);
        match &list.head {
            Some(held) => entry.replace(held.version),
            None => entry.create(),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct HeadRecord {
    /// How often any was made, changed or deleted.
    changes: u64,
}

#[derive(Serialize, Deserialize)]
struct SegmentRecord {
    id: SegmentId,
    name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    rule: RuleText,
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
