//! Campaigns: each an item that lists read, one for each of the words of its edition, and one for each of its moves.

use domain::{
    Campaign, CampaignId, Name, TemplateId, Timestamp, UserId,
    campaign::{Actor, Byline, Counts, Decision, Kind, Moved, Rules, Schedule, State, Who},
    template::{Channel, Words},
};
use jiff::{civil::DateTime, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read, read_as},
    table::{RawKey, When, Write},
};

pub(crate) const DUE_CAMPAIGN: &str = "campaign";

impl TenantStore {
    /// The oldest first.
    pub async fn campaigns(&self) -> Result<Vec<Held<Campaign>>, StoreError> {
        let items = self.all(keys::tenant_partition(self.id()), keys::CAMPAIGN).await?;
        items.into_iter().map(read_as::<CampaignRecord, _>).collect()
    }

    pub async fn campaign(&self, id: CampaignId) -> Result<Option<Held<Campaign>>, StoreError> {
        self.get(keys::campaign(self.id(), id)).await?.map(read_as::<CampaignRecord, _>).transpose()
    }

    /// All words of the edition that the campaign has, its own first. `None`: it has changed since.
    pub async fn campaign_words(&self, campaign: &Campaign) -> Result<Option<Vec<Words>>, StoreError> {
        let keys: Vec<_> = (0..campaign.arms()).map(|arm| self.words_key(campaign, arm)).collect();
        let mut all = Vec::new();
        for item in self.table().get(&keys).await? {
            let Some(item) = item else { return Ok(None) };
            all.push(read::<WordsRecord>(item)?.into_inner().words);
        }
        Ok(Some(all))
    }

    /// Those of one arm alone. `None` as above, or if it has no such arm.
    pub async fn campaign_words_of(&self, campaign: &Campaign, arm: u8) -> Result<Option<Words>, StoreError> {
        let held = self.get(self.words_key(campaign, arm)).await?.map(read::<WordsRecord>).transpose()?;
        Ok(held.map(|held| held.into_inner().words))
    }

    /// Who did what, the first move first.
    pub async fn campaign_moves(&self, id: CampaignId) -> Result<Vec<Moved>, StoreError> {
        let prefix = keys::campaign_moves(id);
        let items = self.all(keys::tenant_partition(self.id()), &prefix).await?;
        items.into_iter().map(|item| Ok(read_as::<MovedRecord, Moved>(item)?.into_inner())).collect()
    }

    /// With all its words, its own first.
    pub fn campaign_made(&self, campaign: &Campaign, words: &[Words]) -> Step {
        let writes = [self.campaign_entry(campaign, None)].into_iter();
        Step(writes.chain(self.campaign_words_put(campaign, words)).collect())
    }

    /// The same, of one that was moved before anybody saw it.
    pub fn campaign_made_and_moved(&self, campaign: &Campaign, words: &[Words], moved: &Moved) -> Step {
        let Step(mut writes) = self.campaign_made(campaign, words);
        let key = keys::campaign_move(self.id(), campaign.id, campaign.turn);
        writes.push(Entry::new(key, &MovedRecord::from(moved)).overwrite());
        Step(writes)
    }

    /// Another edition of it. `Conflict` if somebody else has changed it since it was read.
    pub fn campaign_changed(&self, held: &Held<Campaign>, campaign: &Campaign, words: &[Words]) -> Step {
        let writes = [self.campaign_entry(campaign, Some(held))].into_iter();
        let writes = writes.chain(self.campaign_words_put(campaign, words));
        Step(writes.chain(self.campaign_words_ended(held)).collect())
    }

    /// The same, of one that is moved with the change. What it was moved by is kept beside it.
    pub fn campaign_changed_and_moved(
        &self,
        held: &Held<Campaign>,
        (after, words): (&Campaign, &[Words]),
        moved: &Moved,
    ) -> Step {
        let Step(mut writes) = self.campaign_changed(held, after, words);
        let key = keys::campaign_move(self.id(), held.id, after.turn);
        writes.push(Entry::new(key, &MovedRecord::from(moved)).overwrite());
        Step(writes)
    }

    /// `Conflict` as above. What it was moved by is kept beside it.
    pub fn campaign_moved(&self, held: &Held<Campaign>, after: &Campaign, moved: &Moved) -> Step {
        let key = keys::campaign_move(self.id(), held.id, after.turn);
        let record = MovedRecord::from(moved);
        Step(vec![self.campaign_entry(after, Some(held)), Entry::new(key, &record).overwrite()])
    }

    /// Looked at, or counted: nobody has moved it. `Conflict` as above.
    pub fn campaign_kept(&self, held: &Held<Campaign>, after: &Campaign) -> Step {
        Step(vec![self.campaign_entry(after, Some(held))])
    }

    /// In other words, which are of the same edition: it is no change of its own. None told: they stay. `Conflict` as above.
    pub fn campaign_reworded(&self, held: &Held<Campaign>, after: &Campaign, words: &[Words]) -> Step {
        let after = Campaign { rewordings: held.rewordings + 1, ..after.clone() };
        let writes = [self.campaign_entry(&after, Some(held))].into_iter();
        Step(writes.chain(self.campaign_words_put(&after, words)).collect())
    }

    /// `Conflict` as above. One that never began: nothing else is left of it but its moves, which end with it.
    pub fn campaign_ended(&self, held: &Held<Campaign>) -> Step {
        let first = Write::Delete(keys::campaign(self.id(), held.id), When::Version(held.version));
        let moves = (1..=held.turn).rev().take(MOVES_ENDED);
        let moves =
            moves.map(|turn| Write::Delete(keys::campaign_move(self.id(), held.id, turn), When::Always));
        Step([first].into_iter().chain(self.campaign_words_ended(held)).chain(moves).collect())
    }

    fn campaign_entry(&self, campaign: &Campaign, held: Option<&Held<Campaign>>) -> Write {
        let record = CampaignRecord::from(campaign);
        let name = format!("{}.{}", self.id(), campaign.id);
        let due = campaign.due_at.map(|at| keys::due(at, DUE_CAMPAIGN, name));
        let entry = Entry::new(keys::campaign(self.id(), campaign.id), &record).due(due);
        entry.in_place_of(held)
    }

    fn campaign_words_put(&self, campaign: &Campaign, words: &[Words]) -> Vec<Write> {
        let put = |(arm, words): (u8, &Words)| {
            Entry::new(self.words_key(campaign, arm), &WordsRecord { words: words.clone() }).overwrite()
        };
        (0..).zip(words).map(put).collect()
    }

    fn campaign_words_ended(&self, held: &Campaign) -> Vec<Write> {
        (0..held.arms()).map(|arm| Write::Delete(self.words_key(held, arm), When::Always)).collect()
    }

    fn words_key(&self, campaign: &Campaign, arm: u8) -> RawKey {
        keys::campaign_words(self.id(), campaign.id, campaign.edition, arm)
    }
}

/// A commit takes a hundred writes.
const MOVES_ENDED: usize = 90;

#[derive(Serialize, Deserialize)]
struct WordsRecord {
    words: Words,
}

#[derive(Serialize, Deserialize)]
struct MovedRecord {
    act: String,
    to: String,
    by: Actor,
    #[serde(with = "millisecond::required")]
    at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct CampaignRecord {
    id: CampaignId,
    name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    kind: Kind,
    channel: Channel,
    audience: Who,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    byline: Option<Byline>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    template: Option<TemplateId>,
    edition: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_wordless: bool,
    #[serde(default, skip_serializing_if = "is_none")]
    rewordings: u32,
    rules: Rules,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    schedule: Option<Schedule>,
    #[serde(flatten)]
    state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<CampaignId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_archived: bool,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    launched_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    ended_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    due_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    missed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    counted_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    counts: Option<Counts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    local_at: Option<DateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    resumed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    judged_from: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decided: Option<Decision>,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    created_by: UserId,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
    updated_by: UserId,
    turn: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_none(count: &u32) -> bool {
    *count == 0
}

impl From<&Moved> for MovedRecord {
    fn from(moved: &Moved) -> Self {
        let Moved { act, to, by, at } = moved.clone();
        Self { act, to, by, at }
    }
}

impl From<MovedRecord> for Moved {
    fn from(record: MovedRecord) -> Self {
        let MovedRecord { act, to, by, at } = record;
        Self { act, to, by, at }
    }
}

impl From<&Campaign> for CampaignRecord {
    fn from(campaign: &Campaign) -> Self {
        let Campaign {
            id,
            name,
            description,
            kind,
            channel,
            audience,
            byline,
            template,
            edition,
            rules,
            schedule,
            ..
        } = campaign.clone();
        let (counted_at, counts) = campaign.counted.clone().unzip();
        Self {
            id,
            name,
            description,
            kind,
            channel,
            audience,
            byline,
            template,
            edition,
            is_wordless: campaign.is_wordless,
            rules,
            schedule,
            state: campaign.state.clone(),
            of: campaign.of,
            is_archived: campaign.is_archived,
            launched_at: campaign.launched_at,
            ended_at: campaign.ended_at,
            due_at: campaign.due_at,
            missed_at: campaign.missed_at,
            counted_at,
            counts,
            local_at: campaign.local_at,
            resumed_at: campaign.resumed_at,
            judged_from: campaign.judged_from,
            decided: campaign.decided.clone(),
            created_at: campaign.created_at,
            created_by: campaign.created_by,
            updated_at: campaign.updated_at,
            updated_by: campaign.updated_by,
            turn: campaign.turn,
            rewordings: campaign.rewordings,
        }
    }
}

impl From<CampaignRecord> for Campaign {
    fn from(record: CampaignRecord) -> Self {
        Self {
            id: record.id,
            name: record.name,
            description: record.description,
            kind: record.kind,
            channel: record.channel,
            audience: record.audience,
            byline: record.byline,
            template: record.template,
            edition: record.edition,
            is_wordless: record.is_wordless,
            rules: record.rules,
            schedule: record.schedule,
            state: record.state,
            of: record.of,
            is_archived: record.is_archived,
            launched_at: record.launched_at,
            ended_at: record.ended_at,
            due_at: record.due_at,
            missed_at: record.missed_at,
            counted: record.counted_at.zip(record.counts),
            local_at: record.local_at,
            resumed_at: record.resumed_at,
            judged_from: record.judged_from,
            decided: record.decided,
            created_at: record.created_at,
            created_by: record.created_by,
            updated_at: record.updated_at,
            updated_by: record.updated_by,
            turn: record.turn,
            rewordings: record.rewordings,
        }
    }
}
