//! What a caller tells of a segment that is kept, and what becomes of it.

use asking::{Asking, Facts, Others};
use columns::fold;
use domain::{
    Name, Segment, SegmentId, Timestamp, UserId, fields,
    segment::{RuleText, SEGMENTS_MAX, SegmentState, Turns},
};
use flows::{FlowError, identify::Caller, sign::sha256_hex};
use rules::{Imported, Rule, Shop};
use segments::{asks_beside, turns};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;
use store::{SegmentList, StoreError};
use utoipa::ToSchema;

use super::{
    references,
    told::{RuleTold, faults},
};
use crate::{
    campaigns::told::CampaignTold,
    error::Problem,
    input::{Faults, Part},
};

/// What is told. In a `PATCH`, what is left out stays, and a description goes with `null`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentTold {
    /// Of a new segment, and of a whole one, it must be told. No two have the same.
    name: Option<String>,
    /// At most 1,000 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    description: Part<String>,
    /// `dynamic` unless told, which a rule makes; or `static`: a list, on which customers are put by hand.
    #[serde(alias = "type")]
    kind: Option<String>,
    /// Who is meant: as text, as JSON, or as the JSON of a system that merchants come from.
    #[serde(default, alias = "rules", alias = "filters", alias = "conditions")]
    #[schema(value_type = Option<Object>)]
    rule: Option<Value>,
    /// `active` unless told, or `paused`.
    state: Option<String>,
    /// The same as `state`, as another system has it.
    #[serde(default, alias = "isActive")]
    is_active: Option<bool>,
    /// Of a new segment: `campaign` is launched for it in the moment in which it is made.
    #[serde(default, alias = "autoLaunch")]
    pub(super) auto_launch: Option<bool>,
    /// What is launched, told as `POST /api/v1/campaigns` has it, but for whom: it is for the segment, and has its name unless told.
    pub(super) campaign: Option<Box<CampaignTold>>,
    /// Taken from other systems' requests and not kept: how many are in it is counted.
    #[serde(default, rename = "audience_count", alias = "audienceCount")]
    #[schema(value_type = Option<u64>)]
    _audience_count: IgnoredAny,
    /// The `version` that you have seen: if it is another by now, nothing changes.
    version: Option<u32>,
}

/// What was told, understood as far as it stands for itself.
pub(super) struct Told {
    name: Option<Name>,
    description: Part<String>,
    is_list: Option<bool>,
    pub(super) rule: Option<Imported>,
    state: Option<SegmentState>,
    version: Option<u32>,
}

/// Who changes what, and when.
pub(super) struct Editor<'a> {
    pub(super) caller: &'a Caller,
    pub(super) shop: Shop,
    pub(super) now: Timestamp,
    /// Of which the rule asks that was told.
    pub(super) facts: Facts,
}

impl SegmentTold {
    pub(super) fn understood(self, shop: &Shop) -> Result<Told, Problem> {
        let mut it = Faults::default();
        let rule = self.rule.and_then(|rule| match RuleTold::of(rule).read(shop) {
            Ok(read) => Some(read),
            Err(wrong) => {
                for fault in faults(wrong) {
                    it.add(&fault.at, fault.code, fault.sentence);
                }
                None
            }
        });
        let by_other = self.is_active.map(|is| if is { SegmentState::Active } else { SegmentState::Paused });
        let told = Told {
            name: it.maybe("/name", self.name, |name| name.parse()),
            description: it.part("/description", self.description, |told| fields::description(&told)),
            is_list: it.maybe("/kind", self.kind, |kind| match kind.as_str() {
                "dynamic" => Ok(false),
                "static" => Ok(true),
                _ => Err("is not one of dynamic, static"),
            }),
            rule,
            state: it.maybe("/state", self.state, |state| state.parse()).or(by_other),
            version: self.version,
        };
        it.none(Some(told))
    }
}

impl Told {
    /// Nobody would get what is launched for it.
    pub(super) fn is_empty_at_first(&self) -> bool {
        self.is_list() || self.state == Some(SegmentState::Paused)
    }

    pub(super) fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    fn is_list(&self) -> bool {
        self.is_list == Some(true)
    }

    /// What its rule asks for.
    pub(super) async fn facts(&self, caller: &Caller, now: Timestamp) -> Result<Facts, StoreError> {
        Facts::of(caller.into(), self.rule.iter().map(|read| &read.rule), now).await
    }

    /// As a whole: what is left out is cleared, and the state stays.
    pub(super) fn whole(self) -> Result<Self, Problem> {
        let mut it = Faults::default();
        if self.name.is_none() {
            it.add("/name", "missing_member", "must be told");
        }
        if self.rule.is_none() && !self.is_list() {
            it.add("/rule", "missing_member", "must be told: everybody is `EVERYONE`");
        }
        it.none(Some(Self { description: self.description.or_cleared(), ..self }))
    }
}

impl Editor<'_> {
    /// A new segment. What was told is whole.
    pub(super) fn new_segment(
        &self,
        told: &Told,
        id: SegmentId,
        list: &SegmentList,
    ) -> Result<Segment, Problem> {
        if list.len() >= SEGMENTS_MAX {
            let detail = format!("at most {SEGMENTS_MAX} segments may exist; delete some");
            return Err(Problem::conflict("too_many_segments", detail));
        }
        let Some(name) = &told.name else {
            return Err(FlowError::broken("a segment that is not whole").into());
        };
        let (by, rule) = (self.by(), told.rule.as_ref().map(|read| &read.rule));
        let segment = Segment {
            id,
            name: name.clone(),
            description: told.description.told().cloned(),
            rule: rule.map(rule_text),
            turns: rule.map_or(Turns::Never, turns),
            asks_beside: rule.is_some_and(asks_beside),
            state: told.state.unwrap_or(SegmentState::Active),
            edition: 1,
            era: 1,
            created_at: self.now,
            created_by: by,
            updated_at: self.now,
            updated_by: by,
        };
        no_other_kind(told, told.is_list())?;
        self.fits(&segment, rule, list)?;
        Ok(segment)
    }

    /// What becomes of one that is there.
    pub(super) fn changed(
        &self,
        told: &Told,
        held: &Segment,
        list: &SegmentList,
    ) -> Result<Segment, Problem> {
        if told.version.is_some_and(|seen| seen != held.edition) {
            let detail = format!("it has changed since you read it: it is at version {}", held.edition);
            return Err(Problem::conflict("changed_meanwhile", detail));
        }
        let mut segment = held.clone();
        segment.name = told.name.clone().unwrap_or(segment.name);
        told.description.apply(&mut segment.description);
        segment.state = told.state.unwrap_or(segment.state);
        let new_rule = told.rule.as_ref().map(|read| &read.rule);
        no_other_kind(told, held.rule.is_none())?;
        segment.turns = new_rule.map_or(segment.turns, turns);
        segment.asks_beside = new_rule.map_or(segment.asks_beside, asks_beside);
        segment.rule = new_rule.map(rule_text).or(segment.rule);
        self.fits(&segment, new_rule, list)?;
        Ok(segment.changed_from(held, self.by(), self.now))
    }

    /// Whether it can stand among the others.
    fn fits(&self, segment: &Segment, new_rule: Option<&Rule>, list: &SegmentList) -> Result<(), Problem> {
        let name = fold(segment.name.as_str());
        let others = || list.iter().filter(|other| other.id != segment.id);
        if others().any(|other| fold(other.name.as_str()) == name) {
            let detail = format!("another segment is called '{}'", segment.name.as_str());
            return Err(Problem::conflict("name_taken", detail));
        }
        match new_rule {
            Some(rule) => {
                let others = Others::of(list, &self.shop).with(self.facts.clone());
                self.may_have(&segment.id.to_string(), rule, &others, list)
            }
            None => Ok(()),
        }
    }

    /// Whether a segment of that id may have the rule: all that is wrong with it is told.
    pub(super) fn may_have(
        &self,
        own: &str,
        rule: &Rule,
        others: &Others,
        list: &SegmentList,
    ) -> Result<(), Problem> {
        if let Some(fault) = references::wrong(own, rule, others, list) {
            return Err(FlowError::Invalid(vec![fault]).into());
        }
        let unsupported = Asking::of(self.caller, self.now, rule, others).unsupported(rule);
        if unsupported.is_empty() { Ok(()) } else { Err(super::told::refused(unsupported)) }
    }

    /// A key acts for whoever made it.
    fn by(&self) -> UserId {
        self.caller.maker().user
    }
}

/// A list has no rule and is never paused, and neither becomes the other.
fn no_other_kind(told: &Told, is_list: bool) -> Result<(), Problem> {
    let mut it = Faults::default();
    if told.is_list.is_some_and(|told| told != is_list) {
        it.add("/kind", "final", "cannot be changed: make another segment");
    }
    if is_list && told.rule.is_some() {
        it.add("/rule", "is_a_list", "no rule decides who is on a list");
    }
    if is_list && told.state == Some(SegmentState::Paused) {
        it.add("/state", "is_a_list", "a list is never paused");
    }
    it.none(Some(()))
}

fn rule_text(rule: &Rule) -> RuleText {
    let text = rule.to_string();
    RuleText { hash: sha256_hex(text.as_bytes()), text }
}
