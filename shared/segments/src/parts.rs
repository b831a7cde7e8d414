//! The leaves of a rule, each asked by itself: how many it keeps, and how many only because nothing is known of them.

use columns::Test;
use rules::{Condition, Kind, Leaf, Rule};

use crate::{
    compile::Compiler,
    event,
    refused::{Found, Unsupported},
    scene::Scene,
};

/// A leaf, or its opposite where that is what the rule has.
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
    leaves(rule, "", &mut found);
    let mut parts = Vec::new();
    let mut unsupported = Vec::new();
    for (at, rule) in found {
        match part(&compiler, rule, &at) {
            Ok(part) => parts.push(part),
            Err(wrong) => unsupported.extend(wrong),
        }
    }
    if unsupported.is_empty() { Ok(parts) } else { Err(unsupported) }
}

/// Each with its place: the leaf's, or its opposite's.
fn leaves<'r>(rule: &'r Rule, at: &str, found: &mut Vec<(String, &'r Rule)>) {
    match rule {
        Rule::Everyone => {}
        Rule::Leaf(_) => found.push((at.to_owned(), rule)),
        Rule::Not(inner) if matches!(**inner, Rule::Leaf(_)) => found.push((at.to_owned(), rule)),
        Rule::Not(inner) => leaves(inner, &format!("{at}/not"), found),
        Rule::All(rules) => {
            (0..).zip(rules).for_each(|(place, rule)| leaves(rule, &format!("{at}/all/{place}"), found));
        }
        Rule::Any(rules) => {
            (0..).zip(rules).for_each(|(place, rule)| leaves(rule, &format!("{at}/any/{place}"), found));
        }
    }
}

fn part(compiler: &Compiler<'_>, rule: &Rule, at: &str) -> Result<Part, Vec<Unsupported>> {
    let test = compiler.rule_at(rule, at)?;
    let empty = match rule {
        Rule::Not(inner) => match &**inner {
            Rule::Leaf(leaf) => is_empty(compiler, leaf).map_err(|refused| vec![refused.at(at)])?,
            _ => None,
        },
        _ => None,
    };
    let empty = empty.map(|empty| Test::All(vec![empty, test.clone()]));
    Ok(Part { at: at.to_owned(), text: rule.to_string(), test, empty })
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
        Leaf::Event { event, each, .. } => Ok(event::never(*event, each)),
        _ => Ok(None),
    }
}
