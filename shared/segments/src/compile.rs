//! The tree of a rule as a test over the columns, leaf by leaf.

use columns::{Among, Circle, List, Members, Slot, Test};
use rules::{Condition, Coordinates, Decimal, Distance, Field, Leaf, Rule};
use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc};

use crate::{
    anniversary,
    clock::Clock,
    event, field, numbers,
    refused::{Found, Unsupported, misfit, refused},
    scene::Scene,
};

/// Who is meant, now. All that the columns do not hold is told at once.
pub fn compile(rule: &Rule, scene: &Scene<'_>) -> Result<Test, Vec<Unsupported>> {
    Compiler::of(*scene).rule(rule)
}

pub(crate) struct Compiler<'a> {
    pub(crate) scene: Scene<'a>,
    pub(crate) clock: Clock,
    /// In which dates may lie that have an anniversary.
    pub(crate) years: RangeInclusive<i16>,
    /// Nobody else is asked.
    pub(crate) only: Option<Slot>,
}

/// Of how many buckets one is each customer's.
const BUCKETS: u32 = 100;

impl<'a> Compiler<'a> {
    pub(crate) fn of(scene: Scene<'a>) -> Self {
        Self { clock: Clock::of(&scene), scene, years: 0..=9_999, only: None }
    }

    pub(crate) fn rule(&self, rule: &Rule) -> Result<Test, Vec<Unsupported>> {
        self.rule_at(rule, "")
    }

    /// Of a part of a rule that stands there.
    pub(crate) fn rule_at(&self, rule: &Rule, at: &str) -> Result<Test, Vec<Unsupported>> {
        let mut unsupported = Vec::new();
        let test = self.node(rule, at, &mut unsupported);
        if unsupported.is_empty() { Ok(test) } else { Err(unsupported) }
    }

    fn node(&self, rule: &Rule, at: &str, unsupported: &mut Vec<Unsupported>) -> Test {
        let mut group = |rules: &[Rule], name: &str| -> Vec<Test> {
            let places = rules.iter().enumerate();
            places
                .map(|(place, rule)| self.node(rule, &format!("{at}/{name}/{place}"), unsupported))
                .collect()
        };
        match rule {
            Rule::Everyone => Test::Everyone,
            // A group of none, which no rule that was read has, is nobody.
            Rule::All(rules) if rules.is_empty() => Test::Nobody,
            Rule::All(rules) => Test::All(group(rules, "all")),
            Rule::Any(rules) => Test::Any(group(rules, "any")),
            Rule::Not(rule) => not(self.node(rule, &format!("{at}/not"), unsupported)),
            Rule::Leaf(leaf) => self.leaf(leaf).unwrap_or_else(|refused| {
                unsupported.push(refused.at(at));
                Test::Nobody
            }),
        }
    }

    pub(crate) fn leaf(&self, leaf: &Leaf) -> Found<Test> {
        match leaf {
            Leaf::Field { field: Field::Known(known), condition } => field::known(self, *known, condition),
            Leaf::Field { field: Field::Own(own), condition } => crate::own::compared(self, own, condition),
            Leaf::Anniversary { field, condition } => anniversary::compared(self, field, condition),
            Leaf::Bucket { seed, condition } => self.bucket(seed, condition),
            Leaf::Event { event, each, all } => event::matched(self, *event, each, all),
            Leaf::Near { coordinates, distance } => near(*coordinates, *distance),
            Leaf::Segment(id) => {
                set(&self.scene.given.segments, id, "segment", "it is not known who is in that segment")
            }
            Leaf::List(id) => set(&self.scene.given.lists, id, "list", "it is not known who is on that list"),
            Leaf::Funnel { .. } => refused("funnel", "it is not kept what was done one after the other"),
        }
    }

    /// Each customer's is the same for good, and another for each seed and each shop.
    fn bucket(&self, seed: &str, condition: &Condition) -> Found<Test> {
        if *condition == Condition::Null {
            return Ok(Test::Nobody);
        }
        let within = numbers::span("bucket", condition, |value| numbers::whole("bucket", value))?;
        let tenant = self.scene.tenant.to_string();
        let seed = [tenant.as_bytes(), b"#", seed.as_bytes()];
        Ok(Test::bucket(seed, BUCKETS, within))
    }
}

/// Has an address there. Of whose addresses it is not known where they lie, nobody is near.
fn near(coordinates: Coordinates, distance: Distance) -> Found<Test> {
    const MILLIONTHS: i128 = 1_000_000;
    const KILOMETRE_MILLIMETRES: i128 = 1_000_000;
    const MILE_MILLIMETRES: i128 = 1_609_344;
    let (number, unit) = match distance {
        Distance::Kilometres(number) => (number, KILOMETRE_MILLIMETRES),
        Distance::Miles(number) => (number, MILE_MILLIMETRES),
    };
    let millimetres = i128::from(number.millionths()) * unit / MILLIONTHS;
    let degrees = |part: Decimal| i32::try_from(part.millionths()).or_else(|_| misfit("coordinates"));
    let circle = Circle {
        latitude: degrees(coordinates.latitude)?,
        longitude: degrees(coordinates.longitude)?,
        millimetres: i64::try_from(millimetres).unwrap_or(i64::MAX),
    };
    Ok(Test::List(List::Points.into(), Among::Within(circle)))
}

fn set(sets: &BTreeMap<Box<str>, Arc<Members>>, id: &str, of: &str, why: &'static str) -> Found<Test> {
    match sets.get(id) {
        Some(members) => Ok(Test::Members(members.clone())),
        None => refused(format!("{of} '{id}'"), why),
    }
}

pub(crate) fn not(test: Test) -> Test {
    Test::Not(Box::new(test))
}
