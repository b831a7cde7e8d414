//! What one leaf of a rule asks, and of what.

use crate::{
    Coordinates, Decimal, Field, Offset, Value,
    event::{Event, Function, Param},
};

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

impl Leaf {
    pub(crate) fn canonical(mut self) -> Self {
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
