//! Who is in segments: for each shard of the audience a bitmap for each segment, and one item that says as of when.
//!
//! Whatever is written is written only if nobody else has written it since it was read. A settlement that says less than
//! the bitmaps only has them asked once more: so bitmaps may be written before it.

use columns::{Members, ShardNumber, Slot};
use domain::{
    CustomerId, SegmentId, Timestamp, Zone,
    settlement::{Editions, Look, Settled, Settlement, Settling},
    timeline::Moved,
};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Held, Step, StoreError, TenantStore,
    audience::Head,
    keys,
    record::{Entry, read, read_as},
    table::{Item, When, Write},
};

/// Shards that are asked side by side.
const AT_ONCE: usize = 16;

/// All that is settled of a shard.
#[derive(Debug, Default)]
pub struct Membership {
    pub settlement: Option<Held<Settlement>>,
    pub members: BTreeMap<SegmentId, Held<Members>>,
}

impl TenantStore {
    pub async fn membership(&self, shard: ShardNumber) -> Result<Membership, StoreError> {
        let mut found = Membership::default();
        for item in self.all(keys::shard(self.id(), shard), keys::SETTLED).await? {
            if item.key.sk == keys::SETTLED {
                found.settlement = Some(settlement_from(item)?);
            } else {
                let id = item.key.sk.strip_prefix(keys::MEMBERS_OF).and_then(|id| id.parse().ok());
                let id = id.ok_or_else(|| StoreError::Broken("S: members of no segment".to_owned()))?;
                found.members.insert(id, members_from(shard, item)?);
            }
        }
        Ok(found)
    }

    /// Who is in a segment, in all shards.
    pub async fn members_of(&self, id: SegmentId) -> Result<Members, StoreError> {
        let shards: Vec<_> = ShardNumber::of_first(self.slots().await?).collect();
        let keys: Vec<_> = shards.iter().map(|shard| keys::members(self.id(), *shard, id)).collect();
        let mut all = Members::default();
        for (shard, item) in shards.into_iter().zip(self.table().get(&keys).await?) {
            if let Some(item) = item {
                all = all.or(&*members_from(shard, item)?);
            }
        }
        Ok(all)
    }

    /// In which segments the customer of a slot is, and what is settled of their shard. Where nobody of the shard is,
    /// nothing is read.
    pub async fn segments_of(
        &self,
        slot: Slot,
    ) -> Result<(Option<Settlement>, BTreeSet<SegmentId>), StoreError> {
        let shard = slot.shard();
        let settlement = self.get(keys::settlement(self.id(), shard)).await?;
        let settlement = settlement.map(settlement_from).transpose()?.map(Held::into_inner);
        let some = settlement.iter().flat_map(|settlement| &settlement.segments);
        let some: Vec<_> = some.filter(|(_, settled)| settled.members > 0).map(|(id, _)| *id).collect();
        let keys: Vec<_> = some.iter().map(|id| keys::members(self.id(), shard, *id)).collect();
        let mut theirs = BTreeSet::new();
        for (id, item) in some.into_iter().zip(self.table().get(&keys).await?) {
            if let Some(item) = item
                && members_from(shard, item)?.has(slot)
            {
                theirs.insert(id);
            }
        }
        Ok((settlement, theirs))
    }

    /// Of every shard that there is; `None`: nothing was settled in it yet.
    pub async fn settlements(&self) -> Result<Vec<Option<Settlement>>, StoreError> {
        let shards = ShardNumber::of_first(self.slots().await?);
        let keys: Vec<_> = shards.map(|shard| keys::settlement(self.id(), shard)).collect();
        let items = self.table().get(&keys).await?.into_iter();
        items.map(|item| Ok(item.map(settlement_from).transpose()?.map(Held::into_inner))).collect()
    }

    /// The shards in which more is to be settled than changed rows, and how all of them stand.
    pub async fn unsettled(
        &self,
        settling: &Settling,
        zone: &Zone,
        now: Timestamp,
    ) -> Result<(Vec<ShardNumber>, Look), StoreError> {
        let shards: Vec<_> = ShardNumber::of_first(self.slots().await?).collect();
        let by = Editions {
            scores: self.scores().await?.map_or(0, |held| held.scoring.edition),
            beside: if settling.asks_beside { self.changes_beside().await? } else { 0 },
        };
        let asked = stream::iter(shards).map(|shard| async move {
            let keys = [keys::settlement(self.id(), shard), keys::head(self.id(), shard)];
            let mut found = self.table().get(&keys).await?.into_iter();
            let settlement = found.next().flatten().map(settlement_from).transpose()?;
            // One that is not understood is made anew, and is of another epoch then.
            let head = found.next().flatten().and_then(|item| read::<Head>(item).ok());
            let epoch = head.map_or(0, |head| head.epoch);
            let is_settled =
                settlement.as_ref().is_some_and(|held| settling.is_settled(held, zone, epoch, by, now));
            Ok::<_, StoreError>((shard, is_settled, settlement.map(Held::into_inner)))
        });
        let found: Vec<_> = asked.buffered(AT_ONCE).try_collect().await?;
        let unsettled: Vec<_> =
            found.iter().filter(|(_, is_settled, _)| !is_settled).map(|(shard, ..)| *shard).collect();
        let known = || found.iter().filter_map(|(_, _, settlement)| settlement.as_ref());
        let look = Look {
            is_settled: unsettled.is_empty(),
            shards: u32::try_from(found.len()).unwrap_or(u32::MAX),
            segments: known()
                .map(|it| it.segments.len())
                .max()
                .and_then(|all| u32::try_from(all).ok())
                .unwrap_or(0),
            places: known().flat_map(|it| it.segments.values()).map(|it| u64::from(it.members)).sum(),
            settled_at: known().map(|it| it.as_of).max(),
        };
        Ok((unsettled, look))
    }

    /// `Conflict` if somebody else has settled anything there. With what is held once it is committed.
    pub fn settled(
        &self,
        shard: ShardNumber,
        held: Option<&Held<Settlement>>,
        settlement: Settlement,
    ) -> (Step, Held<Settlement>) {
        let record = SettlementRecord::from(&settlement);
        let step = Step(vec![Entry::new(keys::settlement(self.id(), shard), &record).in_place_of(held)]);
        (step, Held::after(held, settlement))
    }

    /// `Conflict` if they are not those that were held.
    pub fn members_settled(
        &self,
        shard: ShardNumber,
        id: SegmentId,
        held: Option<&Held<Members>>,
        members: Members,
    ) -> (Step, Held<Members>) {
        let record = MembersRecord { members: members.to_bytes(shard) };
        let step = Step(vec![Entry::new(keys::members(self.id(), shard, id), &record).in_place_of(held)]);
        (step, Held::after(held, members))
    }

    /// Of a segment that is no more.
    pub fn members_ended(&self, shard: ShardNumber, id: SegmentId, held: &Held<Members>) -> Step {
        Step(vec![Write::Delete(keys::members(self.id(), shard, id), When::Version(held.version))])
    }

    /// Holds as long as the customer of that slot has not changed again.
    pub fn row_stands(&self, slot: Slot, version: u64) -> Step {
        Step(vec![Write::Check(keys::delta(self.id(), slot), When::Version(version))])
    }

    /// For good. `turn`: the same for the same move alone.
    pub fn move_noted(&self, customer: CustomerId, at: Timestamp, turn: u64, moved: &Moved) -> Step {
        let key = keys::event(self.id(), customer, at, 'S', format_args!("{}#{turn:010}", moved.segment));
        let Moved { segment, name, joined } = moved.clone();
        Step(vec![Entry::new(key, &MoveEvent { segment, name, joined }).overwrite()])
    }
}

fn members_from(shard: ShardNumber, item: Item) -> Result<Held<Members>, StoreError> {
    let record = read::<MembersRecord>(item)?;
    let mut members = Members::default();
    let added = members.add_bytes(shard, &record.members);
    added.map_err(|wrong| StoreError::Broken(format!("S: {wrong}")))?;
    Ok(Held::new(members, record.version))
}

fn settlement_from(item: Item) -> Result<Held<Settlement>, StoreError> {
    read_as::<SettlementRecord, _>(item)
}

#[derive(Serialize, Deserialize)]
struct MembersRecord {
    #[serde(with = "serde_bytes")]
    members: Vec<u8>,
}

/// Few bytes for each segment: the item is written with each move.
#[derive(Serialize, Deserialize)]
struct SettlementRecord {
    #[serde(with = "millisecond::required")]
    as_of: Timestamp,
    zone: Zone,
    epoch: u64,
    changes: u64,
    #[serde(default)]
    scores: u64,
    #[serde(default, skip_serializing_if = "is_none")]
    tags: u64,
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Vec::is_empty")]
    tagged: Vec<u8>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_too_many_tags: bool,
    #[serde(with = "serde_bytes")]
    segments: Vec<u8>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl From<&Settlement> for SettlementRecord {
    fn from(settlement: &Settlement) -> Self {
        let Settlement { as_of, zone, epoch, changes, by, prints, has_too_many_tags, segments } =
            settlement.clone();
        let segments: Vec<(SegmentId, Settled)> = segments.into_iter().collect();
        // Lists of known length always have a form.
        let segments = postcard::to_stdvec(&segments).unwrap_or_default();
        let tagged: Vec<(SegmentId, u64)> = prints.into_iter().collect();
        let tagged =
            if tagged.is_empty() { Vec::new() } else { postcard::to_stdvec(&tagged).unwrap_or_default() };
        let Editions { scores, beside: tags } = by;
        Self { as_of, zone, epoch, changes, scores, tags, tagged, has_too_many_tags, segments }
    }
}

impl From<SettlementRecord> for Settlement {
    fn from(record: SettlementRecord) -> Self {
        let SettlementRecord {
            as_of,
            zone,
            epoch,
            changes,
            scores,
            tags,
            tagged,
            has_too_many_tags,
            segments,
        } = record;
        let by = Editions { scores, beside: tags };
        // What cannot be read was never settled.
        let segments: Vec<(SegmentId, Settled)> = postcard::from_bytes(&segments).unwrap_or_default();
        let tagged: Vec<(SegmentId, u64)> = postcard::from_bytes(&tagged).unwrap_or_default();
        let (prints, segments) = (tagged.into_iter().collect(), segments.into_iter().collect());
        Self { as_of, zone, epoch, changes, by, prints, has_too_many_tags, segments }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct MoveEvent {
    segment: SegmentId,
    name: String,
    joined: bool,
}

impl From<MoveEvent> for Moved {
    fn from(event: MoveEvent) -> Self {
        let MoveEvent { segment, name, joined } = event;
        Self { segment, name, joined }
    }
}
