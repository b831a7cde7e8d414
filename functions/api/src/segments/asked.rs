//! A rule as it is asked of the audience: at one instant, and of what was found at that instant of those whom it names.

use std::collections::{BTreeMap, BTreeSet};

use columns::{Family, Program, View};
use domain::Timestamp;
use flows::{FlowError, identify::Caller};
use rules::{Rule, Shop};
use segments::{Given, Named, Scene, Unsupported, compile};
use store::SegmentList;

use super::told::{refused, scene};
use crate::error::Problem;

/// Each segment's rule, by its id.
pub(super) type Rules = BTreeMap<String, Rule>;

/// What was stored can be read again: anything else is our fault.
pub(super) fn rules(list: &SegmentList, shop: &Shop) -> Result<Rules, FlowError> {
    let read = |segment: &domain::Segment| {
        let rule = Rule::parse(&segment.rule.text, shop);
        let rule = rule.map_err(|_| FlowError::broken(format!("the rule of {} is none", segment.id)))?;
        Ok((segment.id.to_string(), rule))
    };
    list.iter().map(|segment| read(segment)).collect()
}

/// One shop at one instant, and who is in the segments that are named.
pub(super) struct Asking<'a> {
    caller: &'a Caller,
    now: Timestamp,
    named: Named,
    given: Given,
}

impl<'a> Asking<'a> {
    /// `others`: of the segments that these rules may name.
    pub(super) fn of(caller: &'a Caller, now: Timestamp, asked: &Rule, others: &Rules) -> Self {
        let named = Named::by(asked, |id| others.get(id));
        let given = named.blank(&Given::default());
        Self { caller, now, named, given }
    }

    /// As `of`, where the segments are read only if any is named.
    pub(super) async fn reading(
        caller: &'a Caller,
        now: Timestamp,
        asked: &Rule,
        shop: &Shop,
    ) -> Result<Self, FlowError> {
        let names_any = asked.segments().next().is_some();
        let others = if names_any { rules(&caller.store.segments().await?, shop)? } else { Rules::default() };
        Ok(Self::of(caller, now, asked, &others))
    }

    pub(super) fn scene(&self) -> Scene<'_> {
        scene(self.caller, self.now, &self.given)
    }

    /// All of it that the columns do not hold.
    pub(super) fn unsupported(&self, rule: &Rule) -> Vec<Unsupported> {
        compile(rule, &self.scene()).err().unwrap_or_default()
    }

    /// Of the rule itself, and of those that it names.
    pub(super) fn families(&self, rule: &Rule) -> Result<BTreeSet<Family>, Problem> {
        let scene = self.scene();
        let mut families: BTreeSet<_> =
            Program::new(compile(rule, &scene).map_err(refused)?).families().collect();
        families.extend(self.named.families(&scene).map_err(refused)?);
        Ok(families)
    }

    /// From now on who is named is known.
    pub(super) fn found(self, view: &View) -> Result<Self, FlowError> {
        if self.named.is_empty() {
            return Ok(self);
        }
        let given = self.named.found(view, &self.scene()).map_err(FlowError::broken)?;
        Ok(Self { given, ..self })
    }

    pub(super) fn program(&self, rule: &Rule) -> Result<Program, Problem> {
        Ok(Program::new(compile(rule, &self.scene()).map_err(refused)?))
    }
}
