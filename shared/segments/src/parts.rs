//! The leaves of a rule, each asked by itself: how many it keeps, and how many only because nothing is known of them.

use columns::{List, Span, Test};
use rules::{Condition, Field, Kind, Leaf, Rule};

use crate::{
    compile::{Compiler, not},
    event,
    refused::{Found, Unsupported},
    scene::Scene,
};

/// A leaf as the rule has it: where it stands in an odd number of opposites, its opposite.
#[derive(Debug, Clone)]
pub struct Part {
    /// Where it stands in the rule's JSON (RFC 6901).
    pub at: String,
    /// As the language has it.
    pub text: String,
    pub test: Test,
    /// Of an opposite: who passes because nothing is known of them, or nothing has happened. `None`: nobody could.
    pub empty: Option<Test>,
}

/// In the order in which the rule shows them.
pub fn parts(rule: &Rule, scene: &Scene<'_>) -> Result<Vec<Part>, Vec<Unsupported>> {
    let compiler = Compiler::of(*scene);
    let mut found = Vec::new();
    leaves(rule, Place::default(), &mut found);
    let mut parts = Vec::new();
    let mut unsupported = Vec::new();
    for (place, leaf) in found {
        match part(&compiler, place, leaf) {
            Ok(part) => parts.push(part),
            Err(wrong) => unsupported.push(wrong),
        }
    }
    if unsupported.is_empty() { Ok(parts) } else { Err(unsupported) }
}

#[derive(Debug, Clone, Default)]
struct Place {
    /// Of what is shown: the leaf's, or where an opposite of nothing but it begins.
    at: String,
    /// The leaf's own.
    leaf_at: String,
    is_not: bool,
}

impl Place {
    fn below(&self, step: &str) -> Self {
        let at = format!("{}/{step}", self.leaf_at);
        Self { at: at.clone(), leaf_at: at, is_not: self.is_not }
    }
}

/// Who is neither of two is each one's opposite: so what stands in an opposite of a group is shown as its own.
fn leaves<'r>(rule: &'r Rule, place: Place, found: &mut Vec<(Place, &'r Leaf)>) {
    match rule {
        Rule::Everyone => {}
        Rule::Leaf(leaf) => found.push((place, leaf)),
        Rule::Not(inner) => {
            let below = Place { is_not: !place.is_not, ..place.below("not") };
            let at = if matches!(**inner, Rule::Leaf(_)) { place.at } else { below.at.clone() };
            leaves(inner, Place { at, ..below }, found);
        }
        Rule::All(rules) => {
            (0..).zip(rules).for_each(|(nth, rule)| leaves(rule, place.below(&format!("all/{nth}")), found));
        }
        Rule::Any(rules) => {
            (0..).zip(rules).for_each(|(nth, rule)| leaves(rule, place.below(&format!("any/{nth}")), found));
        }
    }
}

fn part(compiler: &Compiler<'_>, place: Place, leaf: &Leaf) -> Result<Part, Unsupported> {
    let Place { at, leaf_at, is_not } = place;
    let test = compiler.leaf(leaf).map_err(|refused| refused.at(&leaf_at))?;
    let rule = Rule::Leaf(leaf.clone());
    if !is_not {
        return Ok(Part { at, text: rule.to_string(), test, empty: None });
    }
    let test = not(test);
    let empty = is_empty(compiler, leaf).map_err(|refused| refused.at(&leaf_at))?;
    let empty = empty.map(|empty| Test::All(vec![empty, test.clone()]));
    Ok(Part { at, text: Rule::Not(Box::new(rule)).to_string(), test, empty })
}

/// Of a leaf: who passes its opposite because nothing is known of them, or nothing has happened. `None`: nobody could.
pub(crate) fn is_empty(compiler: &Compiler<'_>, leaf: &Leaf) -> Found<Option<Test>> {
    match leaf {
        // It says so itself.
        Leaf::Field { condition: Condition::Null, .. }
        | Leaf::Anniversary { condition: Condition::Null, .. } => Ok(None),
        Leaf::Field { field, .. } | Leaf::Anniversary { field, .. } if field.kind() != Kind::Yes => {
            let null = Leaf::Field { field: field.clone(), condition: Condition::Null };
            compiler.leaf(&null).map(Some)
        }
        // Whether somebody can be reached is always known; what a shop has noted itself is not.
        Leaf::Field { field: Field::Own(own), .. } => Ok(Some(not(Test::HasNumber(crate::own::column(own))))),
        Leaf::Event { event, each, .. } => event::never(compiler, *event, each),
        Leaf::Near { .. } => Ok(Some(not(Test::ListLength(List::Points.into(), Span::AT_LEAST_ONE)))),
        _ => Ok(None),
    }
}
