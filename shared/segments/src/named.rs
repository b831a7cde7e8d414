//! Rules that name segments: who is in those is found first.

use columns::{Family, Members, NotRead, Program, View};
use rules::Rule;
use std::{collections::BTreeSet, sync::Arc};

use crate::{Given, Scene, Unsupported, compile};

/// Segments by their ids, each after those that it names.
#[derive(Debug, Clone, Default)]
pub struct Named(Vec<(Box<str>, Rule)>);

impl Named {
    /// All that a rule names, and all that these name. `rule_of`: of a segment whose members follow from its rule.
    pub fn by<'r>(rule: &'r Rule, rule_of: impl Fn(&str) -> Option<&'r Rule>) -> Self {
        let mut named = Self::default();
        named.follow(rule, &rule_of, &mut BTreeSet::new());
        named
    }

    fn follow<'r>(
        &mut self,
        rule: &'r Rule,
        rule_of: &impl Fn(&str) -> Option<&'r Rule>,
        seen: &mut BTreeSet<&'r str>,
    ) {
        for id in rule.segments() {
            let Some(inner) = rule_of(id).filter(|_| seen.insert(id)) else { continue };
            self.follow(inner, rule_of, seen);
            self.0.push((id.into(), inner.clone()));
        }
    }

    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter().map(|(_, rule)| rule)
    }

    /// `given`, with nobody in each of them: enough to know what can be asked.
    #[must_use]
    pub fn blank(&self, given: &Given) -> Given {
        let mut given = given.clone();
        given.segments.extend(self.0.iter().map(|(id, _)| (id.clone(), Arc::default())));
        given
    }

    /// What must be read to find who is in them. The scene's `given` is blank.
    pub fn families(&self, scene: &Scene<'_>) -> Result<BTreeSet<Family>, Vec<Unsupported>> {
        let mut families = BTreeSet::new();
        for (_, rule) in &self.0 {
            families.extend(Program::new(compile(rule, scene)?).families());
        }
        Ok(families)
    }

    /// The scene's `given`, with whoever is in each of them now.
    pub fn found(&self, view: &View, scene: &Scene<'_>) -> Result<Given, NotFound> {
        let mut given = scene.given.clone();
        for (id, rule) in &self.0 {
            let test = compile(rule, &Scene { given: &given, ..*scene }).map_err(NotFound::Unsupported)?;
            let members: Members = view.select(&Program::new(test))?.members();
            given.segments.insert(id.clone(), Arc::new(members));
        }
        Ok(given)
    }
}

/// Why it was not found who is in a segment.
#[derive(Debug, thiserror::Error)]
pub enum NotFound {
    #[error("the columns do not hold all that a segment asks")]
    Unsupported(Vec<Unsupported>),
    #[error("the customers were not read far enough")]
    NotRead(#[from] NotRead),
}
