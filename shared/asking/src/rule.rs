//! A rule as it is asked of the audience: at one instant, and of what was found at that instant of those whom it names.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use columns::{Family, Members, Program, View};
use domain::{Segment, SegmentId, Tenant, Timestamp, days::date_of};
use flows::{FlowError, identify::Caller};
use jiff::civil::Date;
use rules::{Known, Rule, Shop};
use segments::{Given, Named, Scene, Unsupported, asks_orders, compile, looks_before, scores_in};
use store::{SegmentList, StoreError, TenantStore};

use crate::facts::Facts;

/// Whose audience is asked.
#[derive(Clone, Copy)]
pub struct Whose<'a> {
    pub store: &'a TenantStore,
    pub tenant: &'a Tenant,
}

impl<'a> From<&'a Caller> for Whose<'a> {
    fn from(caller: &'a Caller) -> Self {
        Self { store: &caller.store, tenant: &caller.tenant }
    }
}

/// A rule asks for what the columns do not hold.
#[derive(Debug)]
pub struct Unasked(pub Vec<Unsupported>);

/// What was stored was a rule of the shop as it was then. In another currency an amount may be finer than anything that is
/// paid: nobody joins or leaves such a segment until it has another rule.
pub fn rule_of(segment: &Segment, shop: &Shop) -> Result<Option<Rule>, Vec<rules::Problem>> {
    segment.rule.as_ref().map(|told| Rule::parse(&told.text, shop)).transpose()
}

/// The segments that a rule may name.
#[derive(Default)]
pub struct Others {
    /// Of each its rule, by its id. Of whoever is put on it by hand: anybody's, which names nobody.
    pub rules: BTreeMap<String, Rule>,
    /// Those whose members are as they are kept, whatever their rule: lists, what is paused, and what cannot be read or asked.
    frozen: BTreeMap<String, SegmentId>,
    lists: BTreeSet<String>,
    facts: Facts,
}

impl Others {
    pub fn of(list: &SegmentList, shop: &Shop) -> Self {
        let mut others = Self::default();
        for segment in list.iter() {
            let id = segment.id.to_string();
            let rule = rule_of(segment, shop);
            let is_readable = rule.is_ok();
            others.rules.insert(id.clone(), rule.ok().flatten().unwrap_or(Rule::Everyone));
            if !segment.is_kept() || !is_readable {
                others.frozen.insert(id.clone(), segment.id);
            }
            if segment.rule.is_none() {
                others.lists.insert(id);
            }
        }
        others
    }

    /// Those that ask for what the night did not tell, or for more tags than are looked through, are as they are kept, too.
    #[must_use]
    pub fn with(mut self, facts: Facts) -> Self {
        let silent = self.rules.iter().filter(|(_, rule)| facts.keep_silent(rule));
        let ids: Vec<_> = silent.filter_map(|(id, _)| Some((id.clone(), id.parse().ok()?))).collect();
        self.frozen.extend(ids);
        Self { facts, ..self }
    }

    /// With all that they ask for, or this one does.
    pub async fn knowing(
        self,
        whose: impl Into<Whose<'_>>,
        asked: &Rule,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let facts = Facts::of(whose.into(), self.rules.values().chain([asked]), now).await?;
        Ok(self.with(facts))
    }

    pub fn has_list(&self, id: &str) -> bool {
        self.lists.contains(id)
    }
}

/// One shop at one instant, and who is in the segments that are named.
pub struct Asking<'a> {
    whose: Whose<'a>,
    now: Timestamp,
    named: Named,
    /// What is named and not asked, and whether it is a list.
    frozen: Vec<(SegmentId, bool)>,
    given: Given,
    facts: Facts,
    /// What is asked of it.
    scores: BTreeSet<Known>,
}

impl<'a> Asking<'a> {
    pub fn of(whose: impl Into<Whose<'a>>, now: Timestamp, asked: &Rule, others: &Others) -> Self {
        let named = Named::by(asked, |id| others.rules.get(id).filter(|_| !others.frozen.contains_key(id)));
        let mut given = named.blank(&Given::default());
        let all = named.rules().chain([asked]).flat_map(|rule| rule.segments().chain(rule.lists()));
        let ids: BTreeSet<&str> = all.collect();
        let frozen = ids.into_iter().filter_map(|id| Some((*others.frozen.get(id)?, others.has_list(id))));
        let frozen: Vec<_> = frozen.collect();
        for (id, is_list) in &frozen {
            give(&mut given, *id, *is_list, Members::default());
        }
        let facts = others.facts.clone();
        let scores: BTreeSet<Known> = named.rules().chain([asked]).flat_map(scores_in).collect();
        if let Some(nightly) = &facts.nightly {
            given.may_ask(nightly, &scores);
        }
        given.tagged.clone_from(&facts.tagged);
        given.outcomes.clone_from(&facts.outcomes);
        Self { whose: whose.into(), now, named, frozen, given, facts, scores }
    }

    /// As `of`, where the segments are read only if any is named.
    pub async fn reading(
        whose: impl Into<Whose<'a>>,
        now: Timestamp,
        asked: &Rule,
        shop: &Shop,
    ) -> Result<Self, FlowError> {
        let whose = whose.into();
        let names_any = asked.segments().chain(asked.lists()).next().is_some();
        let others =
            if names_any { Others::of(&whose.store.segments().await?, shop) } else { Others::default() };
        let others = others.knowing(whose, asked, now).await?;
        Ok(Self::of(whose, now, asked, &others))
    }

    pub fn scene(&self) -> Scene<'_> {
        let Whose { store, tenant } = self.whose;
        let (now, given) = (self.now, &self.given);
        Scene { tenant: store.id(), currency: tenant.currency, zone: &tenant.zone, now, given }
    }

    /// All of it that the columns do not hold.
    pub fn unsupported(&self, rule: &Rule) -> Vec<Unsupported> {
        compile(rule, &self.scene()).err().unwrap_or_default()
    }

    /// Of the rule itself, and of those that it names.
    pub fn families(&self, rule: &Rule) -> Result<BTreeSet<Family>, Unasked> {
        let scene = self.scene();
        let mut families: BTreeSet<_> =
            Program::new(compile(rule, &scene).map_err(Unasked)?).families().collect();
        families.extend(self.named.families(&scene).map_err(Unasked)?);
        if asks_orders(&self.scores) {
            families.insert(Family::Orders);
        }
        Ok(families)
    }

    /// From now on who is named is known.
    pub async fn found(mut self, view: &View) -> Result<Self, FlowError> {
        for (id, is_list) in &self.frozen {
            give(&mut self.given, *id, *is_list, self.whose.store.members_of(*id).await?);
        }
        if let Some(nightly) = &self.facts.nightly {
            self.given.foretell(nightly, view, &self.whose.tenant.zone).map_err(FlowError::broken)?;
        }
        let given = self.named.found(view, &self.scene()).map_err(FlowError::broken)?;
        Ok(Self { given, ..self })
    }

    /// The conditions of the rule, and of those that it names, which hang on orders of before that instant.
    pub fn looks_before(&self, rule: &Rule, since: Timestamp) -> Result<Vec<String>, Unasked> {
        let mut found = Vec::new();
        for rule in [rule].into_iter().chain(self.named.rules()) {
            found.extend(looks_before(rule, &self.scene(), since).map_err(Unasked)?);
        }
        Ok(found)
    }

    /// The day as of which the scores are that it asks for. `None`: it asks for none.
    pub fn scores_as_of(&self) -> Option<Date> {
        let nightly = self.facts.nightly.as_ref().filter(|_| !self.scores.is_empty())?;
        date_of(nightly.as_of)
    }

    pub fn program(&self, rule: &Rule) -> Result<Program, Unasked> {
        Ok(Program::new(compile(rule, &self.scene()).map_err(Unasked)?))
    }
}

/// The shop, as its rules are read.
pub async fn shop_of(whose: impl Into<Whose<'_>>) -> Result<Shop, FlowError> {
    let Whose { store, tenant } = whose.into();
    Ok(segments::shop(tenant.currency, &store.own_columns().await?))
}

fn give(given: &mut Given, id: SegmentId, is_list: bool, members: Members) {
    let members = Arc::new(members);
    if is_list {
        given.lists.insert(id.to_string().into(), members.clone());
    }
    given.segments.insert(id.to_string().into(), members);
}
