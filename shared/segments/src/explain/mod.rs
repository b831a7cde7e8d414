//! Why somebody is meant by a rule, or is not: each part of it with what is seen of them, and when its answer changes by
//! time alone.
//!
//! Nothing here decides anything: every answer, and every number that is shown, is asked of the same tests over the same
//! row as the rule itself.

mod seen;
mod story;
mod words;

use columns::{Batch, Row, Slot};
use domain::Timestamp;
use rules::{Leaf, Rule};

use crate::{changes::NotAsked, compile::Compiler, parts::is_empty, scene::Scene};
use story::Story;

pub use seen::Seen;

/// A rule and one customer, at one instant.
#[derive(Debug, Clone)]
pub struct Explained {
    pub tree: Reason,
    /// When the answer changes if nobody tells anything of the customer. `None`: it never does.
    pub changes_at: Option<Timestamp>,
    /// Changes were looked for until then, because there is so much that may change. `None`: for good.
    pub known_until: Option<Timestamp>,
}

/// A part of the rule.
#[derive(Debug, Clone)]
pub struct Reason {
    /// Where it stands in the rule's JSON (RFC 6901).
    pub at: String,
    pub holds: bool,
    pub part: ReasonOf,
}

#[derive(Debug, Clone)]
pub enum ReasonOf {
    Everyone,
    All(Vec<Reason>),
    Any(Vec<Reason>),
    Not(Box<Reason>),
    /// A leaf, or its opposite where that is what the rule has.
    Leaf(Box<LeafReason>),
}

#[derive(Debug, Clone)]
pub struct LeafReason {
    /// As the language has it.
    pub text: String,
    pub seen: Seen,
    /// It holds only because nothing is known, or has happened.
    pub is_because_empty: bool,
    /// In a sentence.
    pub why: String,
    pub changes_at: Option<Timestamp>,
    story: Story,
}

/// So many instants are looked at, of all leaves together: who has thousands of orders has thousands of days on which one of
/// them may leave a window of time.
const INSTANTS_MAX: usize = 20_000;

/// What the rule asks must have been read of the row.
pub fn explain(rule: &Rule, scene: &Scene<'_>, slot: Slot, row: &Row) -> Result<Explained, NotAsked> {
    let one = One {
        compiler: Compiler { only: Some(slot), ..Compiler::of(*scene) },
        batch: Batch::of(&[(slot, row.clone())])?,
        slot,
        row,
        instants_max: INSTANTS_MAX / rule.leaves().len().max(1),
    };
    // All that cannot be asked is told at once.
    one.compiler.rule(rule).map_err(NotAsked::Unsupported)?;
    let tree = one.reason(rule, String::new())?;
    let mut leaves = Vec::new();
    tree.leaves(&mut leaves);
    let known_until = leaves.iter().filter_map(|leaf| leaf.story.cut).min();
    let flips = leaves.iter().flat_map(|leaf| &leaf.story.flips).copied();
    let mut flips: Vec<i64> = flips.filter(|flip| known_until.is_none_or(|until| *flip < until)).collect();
    flips.sort_unstable();
    let change = flips.into_iter().find(|second| tree.holds_at(*second) != tree.holds);
    let at = |second: Option<i64>| second.and_then(|second| Timestamp::from_second(second).ok());
    Ok(Explained { changes_at: at(change), known_until: at(known_until), tree })
}

/// One customer, as they are asked.
struct One<'a> {
    compiler: Compiler<'a>,
    batch: Batch,
    slot: Slot,
    row: &'a Row,
    instants_max: usize,
}

impl One<'_> {
    fn reason(&self, rule: &Rule, at: String) -> Result<Reason, NotAsked> {
        let group = |rules: &[Rule], name: &str| -> Result<Vec<Reason>, NotAsked> {
            let places = rules.iter().enumerate();
            places.map(|(place, rule)| self.reason(rule, format!("{at}/{name}/{place}"))).collect()
        };
        let part = match rule {
            Rule::Everyone => ReasonOf::Everyone,
            Rule::All(rules) => ReasonOf::All(group(rules, "all")?),
            Rule::Any(rules) => ReasonOf::Any(group(rules, "any")?),
            Rule::Leaf(leaf) => ReasonOf::Leaf(Box::new(self.leaf(rule, leaf, false)?)),
            Rule::Not(inner) => match &**inner {
                Rule::Leaf(leaf) => ReasonOf::Leaf(Box::new(self.leaf(rule, leaf, true)?)),
                inner => ReasonOf::Not(Box::new(self.reason(inner, format!("{at}/not"))?)),
            },
        };
        Ok(Reason { holds: part.holds(&|leaf| leaf.story.holds), at, part })
    }

    /// `rule`: the leaf, or its opposite.
    fn leaf(&self, rule: &Rule, leaf: &Leaf, is_not: bool) -> Result<LeafReason, NotAsked> {
        let story = Story::of(self, rule, leaf)?;
        let empty = is_empty(&self.compiler, leaf).map_err(|refused| unsupported(refused.at("")))?;
        let is_nothing = empty.map(|empty| self.passes(empty)).transpose()?.unwrap_or(false);
        let seen = self.seen(leaf, is_nothing)?;
        let changes_at = story.flips.first().and_then(|second| Timestamp::from_second(*second).ok());
        let is_because_empty = is_not && is_nothing && story.holds;
        let why = words::why(&self.compiler.scene, rule, leaf, &seen, (story.holds, is_because_empty));
        Ok(LeafReason { text: rule.to_string(), seen, is_because_empty, why, changes_at, story })
    }
}

fn unsupported(wrong: crate::Unsupported) -> NotAsked {
    NotAsked::Unsupported(vec![wrong])
}

impl Reason {
    fn leaves<'a>(&'a self, found: &mut Vec<&'a LeafReason>) {
        match &self.part {
            ReasonOf::Everyone => {}
            ReasonOf::All(parts) | ReasonOf::Any(parts) => {
                for part in parts {
                    part.leaves(found);
                }
            }
            ReasonOf::Not(part) => part.leaves(found),
            ReasonOf::Leaf(leaf) => found.push(leaf),
        }
    }

    fn holds_at(&self, second: i64) -> bool {
        self.part.holds(&|leaf| leaf.story.holds_at(second))
    }
}

impl ReasonOf {
    fn holds(&self, of_leaf: &impl Fn(&LeafReason) -> bool) -> bool {
        match self {
            Self::Everyone => true,
            // A group of none is nobody.
            Self::All(parts) => !parts.is_empty() && parts.iter().all(|it| it.part.holds(of_leaf)),
            Self::Any(parts) => parts.iter().any(|it| it.part.holds(of_leaf)),
            Self::Not(part) => !part.part.holds(of_leaf),
            Self::Leaf(leaf) => of_leaf(leaf),
        }
    }
}
