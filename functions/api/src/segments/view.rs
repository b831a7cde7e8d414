//! A segment as callers see it.

use asking::rule_of;
use domain::{Segment, SegmentId, Timestamp, UserId, settlement::Settlement};
use insight::Nightly;
use rules::{Rule, Shop};
use segments::{TOO_MANY_OUTCOMES, TOO_MANY_TAGS, names_outcomes, names_tags, untold};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use store::{StoreError, TenantStore};
use utoipa::ToSchema;

use super::told::RuleFault;
use crate::error::Problem;

#[derive(Serialize, ToSchema)]
pub(crate) struct SegmentView {
    #[schema(value_type = String)]
    pub(super) id: SegmentId,
    name: String,
    description: Option<String>,
    /// `dynamic`: a rule decides at every moment who is in it. `static`: a list, on which customers are put by hand.
    kind: &'static str,
    /// `active`; `paused`: nobody joins and nobody leaves; `unreadable`: the same, because the rule was one when it was
    /// stored, and is none in the currency that the shop has now, which another rule ends; or `silent`: the same, because the
    /// rule asks for what the shop's orders are too few to tell by now, until a night tells it again, or for tags of more
    /// products than are looked through.
    state: &'static str,
    /// Of what is `silent`: since which night.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    silent_since: Option<Timestamp>,
    /// Why the rule cannot be read or asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<RuleFault>,
    /// Who is meant; of a list `null`, as what follows.
    #[schema(value_type = Option<Object>)]
    rule: Option<Value>,
    /// The same as text.
    text: Option<String>,
    /// The same for people.
    in_words: Option<String>,
    /// Of the text: SHA-256 in hex. The same rule has the same, wherever it is.
    content_hash: Option<String>,
    /// How many are in it, as far as that is settled.
    count: u64,
    /// Since when every change of a customer has been settled in it, and each day that began; `null`: it is being found
    /// for the first time who is in it, or after an edit.
    #[schema(value_type = Option<String>, format = DateTime)]
    settled_at: Option<Timestamp>,
    /// 1 as it is made, and one more with each change.
    version: u32,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String)]
    created_by: UserId,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    #[schema(value_type = String)]
    updated_by: UserId,
}

/// How many are in each segment, shard by shard.
#[derive(Default)]
pub(super) struct Counts {
    shards: Vec<Option<Settlement>>,
    nightly: Option<Arc<Nightly>>,
    /// Since which night in a row the models have told nothing.
    silent_since: Option<Timestamp>,
}

/// As many nights as are remembered.
const NIGHTS_MAX: u32 = 90;

impl Counts {
    pub(super) async fn of(store: &TenantStore) -> Result<Self, StoreError> {
        let (shards, nightly) = (store.settlements().await?, store.nightly().await?);
        let is_silent = nightly.as_ref().is_some_and(|nightly| nightly.outlook.is_err());
        let silent_since = if is_silent { silent_since(store).await? } else { None };
        Ok(Self { shards, nightly, silent_since })
    }

    /// Why nobody joins or leaves it by its rule, and since when, if a night has said it.
    fn silence(&self, segment: &Segment, rule: Option<&Rule>) -> Option<(&'static str, Option<Timestamp>)> {
        let rule = rule.filter(|_| segment.is_kept() && !self.shards.is_empty())?;
        if let Some(why) = untold(self.nightly.as_deref(), rule) {
            return Some((why, self.silent_since));
        }
        // Whoever settled it has left it as it was.
        let has_too_many = self.shards.iter().flatten().any(|shard| shard.has_too_many_tags);
        if has_too_many && names_tags(rule) {
            return Some((TOO_MANY_TAGS, None));
        }
        let is_asked = |shard: &Settlement| {
            shard.segments.get(&segment.id).is_none_or(|settled| settled.era != segment.era)
                || shard.prints.contains_key(&segment.id)
        };
        let is_left = names_outcomes(rule) && !self.shards.iter().flatten().all(is_asked);
        is_left.then_some((TOO_MANY_OUTCOMES, None))
    }

    pub(super) fn count(&self, id: SegmentId) -> u64 {
        let shards = self.shards.iter().flatten().filter_map(|shard| shard.segments.get(&id));
        shards.map(|settled| u64::from(settled.members)).sum()
    }

    pub(super) fn settled_at(&self, segment: &Segment) -> Option<Timestamp> {
        let shards = self.shards.iter().map(|shard| {
            let settled = shard.as_ref()?.segments.get(&segment.id)?;
            (settled.era == segment.era).then_some(shard.as_ref()?.as_of)
        });
        // In a shop of nobody nobody is in it, since it is there.
        let shards: Option<Vec<Timestamp>> = shards.collect();
        shards.map(|shards| shards.into_iter().min().unwrap_or(segment.created_at).max(segment.created_at))
    }
}

async fn silent_since(store: &TenantStore) -> Result<Option<Timestamp>, StoreError> {
    let (runs, _) = store.scoring_runs(NIGHTS_MAX, None).await?;
    Ok(runs.iter().take_while(|run| run.silence.is_some()).last().map(|run| run.ended_at))
}

/// A rule as it was stored, for whoever needs the rule.
pub(crate) fn readable_rule(segment: &Segment, shop: &Shop) -> Result<Option<Rule>, Problem> {
    rule_of(segment, shop).map_err(|wrong| {
        let wrong: Vec<_> = wrong.iter().map(ToString::to_string).collect();
        let detail = format!("its rule cannot be read any more, and must be changed: {}", wrong.join("; "));
        Problem::conflict("unreadable_rule", detail)
    })
}

impl SegmentView {
    pub(super) fn of(segment: &Segment, shop: &Shop, counts: &Counts) -> Self {
        let (rule, wrong) = match rule_of(segment, shop) {
            Ok(rule) => (rule, Vec::new()),
            Err(wrong) => (None, wrong),
        };
        let told = segment.rule.clone();
        let silence = counts.silence(segment, rule.as_ref());
        let state = match (wrong.is_empty(), silence) {
            (false, _) => "unreadable",
            (true, Some(_)) => "silent",
            (true, None) => segment.state.name(),
        };
        let wrong = wrong.into_iter().map(RuleFault::from);
        Self {
            id: segment.id,
            name: segment.name.as_str().to_owned(),
            description: segment.description.clone(),
            kind: segment.kind(),
            state,
            silent_since: silence.and_then(|(_, since)| since),
            errors: wrong.chain(silence.map(|(why, _)| RuleFault::silent(why))).collect(),
            in_words: rule.as_ref().map(|rule| rule.in_words(shop)),
            rule: rule.map(|rule| rule.to_json()),
            text: told.as_ref().map(|told| told.text.clone()),
            content_hash: told.map(|told| told.hash),
            count: counts.count(segment.id),
            settled_at: counts.settled_at(segment),
            version: segment.edition,
            created_at: segment.created_at,
            created_by: segment.created_by,
            updated_at: segment.updated_at,
            updated_by: segment.updated_by,
        }
    }
}
