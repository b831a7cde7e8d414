//! The work of a campaign: who was chosen and left out, as it was planned, and what became of each message since.
//!
//! A plan is written under a number of its own, and is there when `PLAN` names it: so of two who plan at once one plan holds,
//! whole. What becomes of messages stands in the chunks that they are sent in, and nowhere else: totals are a fold over those.

use columns::{Members, ShardNumber, Slot};
use domain::{
    CampaignId, CustomerId, Timestamp,
    campaign::{
        Chunk, Fate, Follows, Marks, Message, MessageId, Plan, Why,
        follows::Follow,
        plan::{Part, Stretch},
    },
    template::Channel,
    timeline::Written,
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read},
    table::{Item, When, Write},
};

/// A plan, and under which number who is in it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub plan: Plan,
    number: u64,
}

/// Who is in each part of a plan.
#[derive(Debug, Default)]
pub struct Chosen {
    /// By wave.
    pub waves: BTreeMap<u16, Members>,
    pub left_out: BTreeMap<Why, Members>,
}

/// How many plans a shop's campaigns have: whoever reads it before they look at the others' plans sees as they lay their own
/// whether one has come meanwhile.
#[derive(Debug)]
pub struct Laid(Option<Held<LaidRecord>>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LaidRecord {
    count: u64,
}

/// What came of laying a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lay {
    Done,
    /// There is one already: that one holds.
    TooLate,
    /// Another campaign's was laid meanwhile, which this one does not know of.
    Unseen,
}

impl TenantStore {
    pub async fn plans_laid(&self) -> Result<Laid, StoreError> {
        Ok(Laid(self.get(keys::plans_laid(self.id())).await?.map(read::<LaidRecord>).transpose()?))
    }

    /// Writes who is in it, and then that it holds, if no other plan of the shop's was laid since `laid` was read. `number` is by
    /// chance: two who plan at once have two.
    pub async fn lay_plan(
        &self,
        id: CampaignId,
        number: u64,
        (plan, chosen): (&Plan, &Chosen),
        Laid(laid): &Laid,
    ) -> Result<Lay, StoreError> {
        let mut writes = Vec::new();
        for shard in ShardNumber::of_first(self.slots().await?) {
            let waves = chosen.waves.iter().map(|(wave, members)| (format!("Y{wave:05}"), members));
            let left_out =
                chosen.left_out.iter().map(|(why, members)| (format!("X{:05}", why.code()), members));
            for (what, members) in waves.chain(left_out) {
                let members = members.of_shard(shard);
                if !members.is_empty() {
                    let key = keys::campaign_people(self.id(), id, number, &what, shard);
                    let record = PeopleRecord { members: members.to_bytes(shard) };
                    writes.push(Entry::new(key, &record).overwrite());
                }
            }
        }
        let written = stream::iter(writes).map(|write| self.table().write(vec![write]));
        written.buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?;
        let record = PlanRecord { number, plan: plan.clone() };
        let count = laid.as_ref().map_or(0, |laid| laid.count) + 1;
        let count = Entry::new(keys::plans_laid(self.id()), &LaidRecord { count }).in_place_of(laid.as_ref());
        let holds = Entry::new(keys::plan(self.id(), id), &record).create();
        match self.commit(vec![Step(vec![holds]), Step(vec![count])]).await {
            Ok(()) => Ok(Lay::Done),
            Err(StoreError::Conflict(0)) => Ok(Lay::TooLate),
            Err(StoreError::Conflict(_)) => Ok(Lay::Unseen),
            Err(error) => Err(error),
        }
    }

    pub async fn plan(&self, id: CampaignId) -> Result<Option<Planned>, StoreError> {
        let held = self.get(keys::plan(self.id(), id)).await?.map(read::<PlanRecord>).transpose()?;
        Ok(held.map(|held| {
            let PlanRecord { number, plan } = held.into_inner();
            Planned { plan, number }
        }))
    }

    /// Whom the messages of a stretch are for, in their order.
    pub async fn people_of(
        &self,
        id: CampaignId,
        planned: &Planned,
        stretch: &Stretch,
    ) -> Result<Vec<Slot>, StoreError> {
        let members = self.chosen_of(id, planned, &stretch.part).await?;
        let first = usize::try_from(stretch.first).unwrap_or(usize::MAX);
        Ok(members.iter().skip(first).take(stretch.messages).collect())
    }

    pub async fn chosen_of(
        &self,
        id: CampaignId,
        planned: &Planned,
        part: &Part,
    ) -> Result<Members, StoreError> {
        let what = format!("Y{:05}", part.wave);
        self.people(id, planned, &what, ShardNumber(part.shard)).await
    }

    /// Everybody who was chosen, whenever they may be written to.
    pub async fn all_chosen(&self, id: CampaignId, planned: &Planned) -> Result<Members, StoreError> {
        let mut all = Members::default();
        for part in &planned.plan.parts {
            all = all.or(&self.chosen_of(id, planned, part).await?);
        }
        Ok(all)
    }

    pub async fn left_out(&self, id: CampaignId, planned: &Planned, why: Why) -> Result<Members, StoreError> {
        let (what, mut all) = (format!("X{:05}", why.code()), Members::default());
        for shard in ShardNumber::of_first(self.slots().await?) {
            all = all.or(&self.people(id, planned, &what, shard).await?);
        }
        Ok(all)
    }

    /// Those of one shard alone.
    pub async fn left_out_in(
        &self,
        id: CampaignId,
        planned: &Planned,
        why: Why,
        shard: ShardNumber,
    ) -> Result<Members, StoreError> {
        self.people(id, planned, &format!("X{:05}", why.code()), shard).await
    }

    async fn people(
        &self,
        id: CampaignId,
        planned: &Planned,
        what: &str,
        shard: ShardNumber,
    ) -> Result<Members, StoreError> {
        let key = keys::campaign_people(self.id(), id, planned.number, what, shard);
        let mut members = Members::default();
        if let Some(item) = self.get(key).await? {
            let record = read::<PeopleRecord>(item)?;
            let added = members.add_bytes(shard, &record.members);
            added.map_err(|wrong| StoreError::Broken(format!("{what}: {wrong}")))?;
        }
        Ok(members)
    }

    /// `None`: nobody has begun with it.
    pub async fn campaign_chunk(
        &self,
        id: CampaignId,
        number: u32,
    ) -> Result<Option<Held<Chunk>>, StoreError> {
        self.get(keys::message_chunk(self.id(), id, number)).await?.map(chunk_from).transpose()
    }

    /// Of many, in their order.
    pub async fn campaign_chunks(
        &self,
        id: CampaignId,
        numbers: &[u32],
    ) -> Result<Vec<Option<Held<Chunk>>>, StoreError> {
        let keys: Vec<_> = numbers.iter().map(|number| keys::message_chunk(self.id(), id, *number)).collect();
        let items = self.table().get(&keys).await?.into_iter();
        items.map(|item| item.map(chunk_from).transpose()).collect()
    }

    /// What became of each, as far as anybody has begun with it.
    pub async fn messages(&self, ids: &[MessageId]) -> Result<HashMap<MessageId, Message>, StoreError> {
        let key = |id: &MessageId| keys::message_chunk(self.id(), id.campaign, id.chunk);
        let items = self.table().get(&ids.iter().map(key).collect::<Vec<_>>()).await?;
        let mut found = HashMap::new();
        for (id, item) in ids.iter().zip(items) {
            let chunk = item.map(chunk_from).transpose()?;
            if let Some(message) = chunk.and_then(|chunk| chunk.messages.get(usize::from(id.place)).cloned())
            {
                found.insert(*id, message);
            }
        }
        Ok(found)
    }

    /// All with which anybody has begun, by their numbers.
    pub async fn all_campaign_chunks(
        &self,
        id: CampaignId,
    ) -> Result<BTreeMap<u32, Held<Chunk>>, StoreError> {
        let read = stream::iter(0..keys::CHUNK_PARTITIONS).map(|partition| async move {
            self.all(keys::chunk_partition(self.id(), id, partition), keys::MESSAGE_CHUNK).await
        });
        let mut all = BTreeMap::new();
        for item in read.buffered(AT_ONCE).try_collect::<Vec<_>>().await?.into_iter().flatten() {
            let number = item.key.sk.strip_prefix(keys::MESSAGE_CHUNK).and_then(|text| text.parse().ok());
            let number =
                number.ok_or_else(|| StoreError::Broken("P: a chunk without a number".to_owned()))?;
            all.insert(number, chunk_from(item)?);
        }
        Ok(all)
    }

    /// `Conflict` if it is not the chunk that was read, or if somebody has begun where nobody had. With what is held once it is
    /// committed.
    pub fn chunk_put(
        &self,
        id: CampaignId,
        number: u32,
        held: Option<&Held<Chunk>>,
        chunk: Chunk,
    ) -> (Step, Held<Chunk>) {
        let record = ChunkRecord::from(&chunk);
        let entry = Entry::new(keys::message_chunk(self.id(), id, number), &record);
        (Step(vec![entry.in_place_of(held)]), Held::after(held, chunk))
    }

    /// For the customer's timeline, where it stands at the campaign's launch: what became of it is in its chunk.
    pub fn message_noted(&self, customer: CustomerId, launched_at: Timestamp, written: &Written) -> Step {
        let key = keys::event(self.id(), customer, launched_at, 'K', written.message.campaign);
        let Written { message, name, channel } = written.clone();
        let record = WrittenEvent { message, name, channel };
        Step(vec![Entry::new(key, &record).overwrite()])
    }

    /// Somebody who is forgotten has not been written to.
    pub fn message_unnoted(&self, customer: CustomerId, launched_at: Timestamp, id: CampaignId) -> Step {
        Step(vec![Write::Delete(keys::event(self.id(), customer, launched_at, 'K', id), When::Always)])
    }
}

/// Items that are read or written side by side.
const AT_ONCE: usize = 16;

#[derive(Serialize, Deserialize)]
struct PlanRecord {
    number: u64,
    #[serde(flatten)]
    plan: Plan,
}

#[derive(Serialize, Deserialize)]
struct PeopleRecord {
    #[serde(with = "serde_bytes")]
    members: Vec<u8>,
}

/// Few bytes for each message: the item is written with each receipt.
#[derive(Serialize, Deserialize)]
struct ChunkRecord {
    /// In milliseconds: all instants count from here.
    since: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    again: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    open: Option<i64>,
    #[serde(with = "serde_bytes")]
    messages: Vec<u8>,
    /// Of those of which links were followed, where that says more than when first.
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Vec::is_empty")]
    follows: Vec<u8>,
}

/// Fate, reason, refusals and marks; then instants, each 0 for none or one more than the milliseconds since the chunk's first.
type Row = (u8, u8, u8, u8, [u64; 4]);

/// Which message of the chunk; then each place, and its two instants as above.
type FollowsRow = (u8, Vec<(u8, u64, u64)>);

impl From<&Chunk> for ChunkRecord {
    fn from(chunk: &Chunk) -> Self {
        let instants =
            |message: &Message| [message.sent_at, message.settled_at, message.opened_at, message.clicked_at];
        let firsts = |message: &Message| message.follows.all().iter().map(|follow| follow.first).min();
        let all = chunk.messages.iter().flat_map(|message| {
            instants(message).into_iter().flatten().chain(firsts(message)).collect::<Vec<_>>()
        });
        let since = all.map(Timestamp::as_millisecond).min().unwrap_or(0);
        let after = |at: Option<Timestamp>| {
            at.map_or(0, |at| u64::try_from(at.as_millisecond() - since).unwrap_or(0) + 1)
        };
        let rows: Vec<Row> = chunk
            .messages
            .iter()
            .map(|message| {
                let why = message.why.map_or(0, Why::code);
                (message.fate.code(), why, message.refusals, message.marks.0, instants(message).map(after))
            })
            .collect();
        // Lists of known length always have a form.
        let messages = postcard::to_stdvec(&rows).unwrap_or_default();
        let follows: Vec<FollowsRow> = (0..)
            .zip(&chunk.messages)
            .filter(|(_, message)| message.follows != Follows::known(message.clicked_at))
            .map(|(place, message)| {
                let all = message.follows.all().iter();
                (place, all.map(|it| (it.place, after(Some(it.first)), after(it.later))).collect())
            })
            .collect();
        let follows =
            if follows.is_empty() { Vec::new() } else { postcard::to_stdvec(&follows).unwrap_or_default() };
        let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
        Self { since, again: millis(chunk.again_at), open: millis(chunk.open_at), messages, follows }
    }
}

fn chunk_from(item: Item) -> Result<Held<Chunk>, StoreError> {
    let held = read::<ChunkRecord>(item)?;
    let broken = || StoreError::Broken("P: messages that cannot be read".to_owned());
    let rows: Vec<Row> = postcard::from_bytes(&held.messages).map_err(|_| broken())?;
    let at = |after: u64| -> Result<Option<Timestamp>, StoreError> {
        let Some(after) = after.checked_sub(1) else { return Ok(None) };
        let millis = i64::try_from(after).ok().and_then(|after| held.since.checked_add(after));
        Ok(Some(millis.and_then(|millis| Timestamp::from_millisecond(millis).ok()).ok_or_else(broken)?))
    };
    let mut messages = Vec::with_capacity(rows.len());
    for (fate, why, refusals, marks, [sent, settled, opened, clicked]) in rows {
        messages.push(Message {
            fate: Fate::of_code(fate).ok_or_else(broken)?,
            why: if why == 0 { None } else { Some(Why::of_code(why).ok_or_else(broken)?) },
            refusals,
            sent_at: at(sent)?,
            settled_at: at(settled)?,
            opened_at: at(opened)?,
            clicked_at: at(clicked)?,
            marks: Marks(marks),
            follows: Follows::known(at(clicked)?),
        });
    }
    let follows: Vec<FollowsRow> = match &held.follows[..] {
        [] => Vec::new(),
        bytes => postcard::from_bytes(bytes).map_err(|_| broken())?,
    };
    for (number, all) in follows {
        let mut read = Vec::with_capacity(all.len());
        for (place, first, later) in all {
            read.push(Follow { place, first: at(first)?.ok_or_else(broken)?, later: at(later)? });
        }
        messages.get_mut(usize::from(number)).ok_or_else(broken)?.follows = Follows::of(read);
    }
    let at = |millis: Option<i64>| {
        millis.map(|millis| Timestamp::from_millisecond(millis).map_err(|_| broken())).transpose()
    };
    let (again_at, open_at) = (at(held.again)?, at(held.open)?);
    Ok(Held::new(Chunk { messages, again_at, open_at }, held.version))
}

#[derive(Serialize, Deserialize)]
pub(crate) struct WrittenEvent {
    message: MessageId,
    name: String,
    channel: Channel,
}

impl From<WrittenEvent> for Written {
    fn from(event: WrittenEvent) -> Self {
        let WrittenEvent { message, name, channel } = event;
        Self { message, name, channel }
    }
}
