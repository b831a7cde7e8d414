//! The tree of a rule: groups, their opposites, and leaves, each of which asks one thing.
//!
//! Two-valued: a comparison with what is not known is false, and `Not` is the exact opposite of what it holds. So
//! there are no negative leaves: `!=`, `NOT IN`, `NOT CONTAINS`, `IS NOT NULL` and `NOT MATCHES` are a `Not` around one.
//! `canonical` brings a tree into its one form; what is read is in it already. A rule that was read holds only what its
//! shop knows, within the limits; nothing but `Everyone` and what follows from the leaves is ever everybody.

use crate::{
    Coordinates, Decimal, Field, Offset, Value,
    event::{Event, Function, Param},
};

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

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaf {
    Field {
        field: Field,
        condition: Condition,
    },
    /// Of a date, its year left aside; from a later day to an earlier one it goes over the end of the year.
    Anniversary {
        field: Field,
        condition: Condition,
    },
    /// A stable share of all customers: each has a number from 0 to 99 for each seed.
    Bucket {
        seed: Box<str>,
        condition: Condition,
    },
    Event {
        event: Event,
        /// All hold of the same happening.
        each: Vec<Clause>,
        /// Of all happenings that fit. Of none: there is at least one.
        all: Vec<Clause>,
    },
    /// Has an address within a circle.
    Near {
        coordinates: Coordinates,
        distance: Distance,
    },
    Segment(Box<str>),
    List(Box<str>),
    /// One after the other, at least two.
    Funnel {
        steps: Vec<Event>,
        /// From the first step to the last.
        within: Option<Offset>,
        /// Of the first step.
        date: Option<Clause>,
    },
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    Is(Comparison, Value),
    /// Both included.
    Between(Value, Value),
    /// Never of none.
    In(Vec<Value>),
    Like(Like, Box<str>),
    /// Of a list: which of these it holds. Never of none.
    Holds(Quantity, Vec<Box<str>>),
    /// Of a list: how many it holds.
    Length(Comparison, i64),
    /// Nothing is known, or the list is empty.
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Like {
    Contains,
    StartsWith,
    EndsWith,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    Any,
    All,
}

/// A condition on one parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    pub param: Param,
    /// The exact opposite.
    pub is_not: bool,
    pub condition: Condition,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    Kilometres(Decimal),
    Miles(Decimal),
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

impl Leaf {
    fn canonical(mut self) -> Self {
        match &mut self {
            Self::Event { each, all, .. } => {
                each.sort_by_key(|clause| clause.param);
                all.sort_by_key(|clause| clause.param);
            }
            Self::Field { condition: Condition::Holds(quantity, texts), .. } if texts.len() == 1 => {
                *quantity = Quantity::Any;
            }
            _ => {}
        }
        self
    }

    /// What is asked about by parameters: the function's name and its clauses, in order. `None`: it is compared.
    pub(crate) fn function(&self) -> Option<Function> {
        Some(match self {
            Self::Field { .. } | Self::Anniversary { .. } | Self::Bucket { .. } => return None,
            Self::Event { event, .. } => Function::of(*event),
            Self::Near { .. } => Function::Near,
            Self::Segment(_) => Function::Segment,
            Self::List(_) => Function::List,
            Self::Funnel { .. } => Function::Funnel,
        })
    }
}

impl Comparison {
    pub const ALL: [Self; 5] = [Self::Equal, Self::Less, Self::AtMost, Self::More, Self::AtLeast];

    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    /// As JSON has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::Less => "lt",
            Self::AtMost => "lte",
            Self::More => "gt",
            Self::AtLeast => "gte",
        }
    }
}

impl Like {
    pub const ALL: [Self; 3] = [Self::Contains, Self::StartsWith, Self::EndsWith];

    pub const fn words(self) -> &'static str {
        match self {
            Self::Contains => "CONTAINS",
            Self::StartsWith => "STARTS WITH",
            Self::EndsWith => "ENDS WITH",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Known;

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
