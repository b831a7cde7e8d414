//! The tree of a rule: groups, their opposites, and leaves, each of which asks one thing.
//!
//! Two-valued: a comparison with what is not known is false, and `Not` is the exact opposite of what it holds. So
//! there are no negative leaves: `!=`, `NOT IN`, `NOT CONTAINS`, `IS NOT NULL` and `NOT MATCHES` are a `Not` around one.
//! `canonical` brings a tree into its one form; what is read is in it already. A rule that was read holds only what its
//! shop knows, within the limits; nothing but `Everyone` and what follows from the leaves is ever everybody.

use crate::leaf::Leaf;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    Everyone,
    /// Never of none.
    All(Vec<Rule>),
    /// Never of none.
    Any(Vec<Rule>),
    Not(Box<Rule>),
    Leaf(Leaf),
}

impl Rule {
    /// The same rule in its one form: no group within a like group, none of a single part, and parameters in their
    /// order. A group of none, which no rule that was read has, is nobody.
    #[must_use]
    pub fn canonical(self) -> Self {
        match self {
            Self::Everyone => Self::Everyone,
            Self::Leaf(leaf) => Self::Leaf(leaf.canonical()),
            Self::Not(rule) => Self::Not(Box::new(rule.canonical())),
            Self::All(rules) => group(rules, true),
            Self::Any(rules) => group(rules, false),
        }
    }

    /// Each leaf in the order in which a rule shows them.
    pub fn leaves(&self) -> Vec<&Leaf> {
        match self {
            Self::Everyone => vec![],
            Self::Leaf(leaf) => vec![leaf],
            Self::Not(rule) => rule.leaves(),
            Self::All(rules) | Self::Any(rules) => rules.iter().flat_map(Self::leaves).collect(),
        }
    }

    /// How many groups lie in each other. The opposite of a leaf is no group.
    pub fn depth(&self) -> usize {
        match self {
            Self::Everyone | Self::Leaf(_) => 0,
            Self::Not(rule) if matches!(**rule, Self::Leaf(_) | Self::Everyone) => 0,
            Self::Not(rule) => 1 + rule.depth(),
            Self::All(rules) | Self::Any(rules) => 1 + rules.iter().map(Self::depth).max().unwrap_or(0),
        }
    }
}

fn group(rules: Vec<Rule>, is_all: bool) -> Rule {
    let mut parts = Vec::new();
    for rule in rules {
        match (rule.canonical(), is_all) {
            (Rule::All(inner), true) | (Rule::Any(inner), false) => parts.extend(inner),
            (rule, _) => parts.push(rule),
        }
    }
    match (parts.len(), is_all) {
        (0, _) => Rule::Not(Box::new(Rule::Everyone)),
        (1, _) => parts.remove(0),
        (_, true) => Rule::All(parts),
        (_, false) => Rule::Any(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Comparison, Condition, Field, Known, Value};

    fn leaf(number: i64) -> Rule {
        let condition = Condition::Is(Comparison::Equal, Value::Whole(number));
        Rule::Leaf(Leaf::Field { field: Field::Known(Known::Orders), condition })
    }

    #[test]
    fn a_tree_has_one_form() {
        let check = |rule: Rule, expected: Rule| assert_eq!(rule.canonical(), expected);
        check(Rule::All(vec![leaf(1)]), leaf(1));
        check(
            Rule::All(vec![leaf(1), Rule::All(vec![leaf(2), Rule::Any(vec![leaf(3)])])]),
            Rule::All(vec![leaf(1), leaf(2), leaf(3)]),
        );
        check(
            Rule::Any(vec![Rule::Any(vec![leaf(1), leaf(2)]), Rule::All(vec![leaf(3), leaf(4)])]),
            Rule::Any(vec![leaf(1), leaf(2), Rule::All(vec![leaf(3), leaf(4)])]),
        );
        check(Rule::Any(vec![]), Rule::Not(Box::new(Rule::Everyone)));
        check(Rule::All(vec![]), Rule::Not(Box::new(Rule::Everyone)));
    }

    #[test]
    fn depth_counts_groups() {
        let check = |rule: Rule, depth: usize| assert_eq!(rule.depth(), depth);
        check(leaf(1), 0);
        check(Rule::Not(Box::new(leaf(1))), 0);
        check(Rule::All(vec![leaf(1), Rule::Not(Box::new(leaf(2)))]), 1);
        check(Rule::Not(Box::new(Rule::All(vec![leaf(1), Rule::Any(vec![leaf(2), leaf(3)])]))), 3);
    }
}
