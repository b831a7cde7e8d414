//! A question about customers, compiled.
//!
//! Two-valued: a comparison with what is absent is false, and `Not` is the exact opposite of what it holds. A
//! program says by itself which families it reads. A test can be written down, and asked later.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, ops::Bound, sync::Arc};

use crate::{
    block::{Families, Family},
    circle::Circle,
    folded::uncased,
    members::Members,
    print::Print,
    run::is_uncased_like,
    schema::{Code, LineNumber, LineWord, List, Number, Of, OrderCode, OrderNumber, Text, Word},
    tagged::Ids,
};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    Everyone,
    Nobody,
    /// Of none: everyone.
    All(Vec<Test>),
    /// Of none: nobody.
    Any(Vec<Test>),
    Not(Box<Test>),
    Number(Of<Number>, Span),
    /// In one of these, which rise and do not overlap.
    OneOf(Of<Number>, Vec<Span>),
    /// `(above - minus) / (below - less)` between the bounds, exactly. Without a positive divisor: false.
    Ratio {
        above: Number,
        minus: Option<Number>,
        below: Number,
        less: i64,
        bounds: (Bound<i64>, Bound<i64>),
    },
    /// Bit `c` of the set stands for code `c`; codes from 64 on are in no set.
    Code(Code, u64),
    /// Has all of the first bits and none of the second.
    Bits(Code, u8, u8),
    Word(Word, Among),
    Text(Of<Text>, Like),
    /// Some name, address or number of the customer contains this. An empty text is contained everywhere.
    Search(String),
    /// Holds at least one of these.
    List(Of<List>, Among),
    ListLength(Of<List>, Span),
    HasNumber(Of<Number>),
    HasWord(Word),
    HasText(Of<Text>),
    Orders {
        /// All hold of the same order.
        each: Vec<Clause>,
        /// How many such orders there are.
        count: Span,
        /// And what they sum up to.
        sum: Option<(OrderNumber, Span)>,
    },
    Lines {
        each: Vec<LineClause>,
        count: Span,
        sum: Option<(LineNumber, Span)>,
    },
    /// From the first to the last of the orders of which all clauses hold, in equal shares:
    /// `(last - first) * times / (orders - 1)` between the bounds, exactly. Of fewer than two: false.
    Spacing {
        each: Vec<Clause>,
        times: i64,
        bounds: (Bound<i64>, Bound<i64>),
    },
    /// Of one moment: it is not written down.
    #[serde(skip)]
    Members(Arc<Members>),
    /// A stable share of all customers: who falls into these of `of` buckets. Of no buckets: nobody.
    Bucket {
        seed: u64,
        of: u32,
        within: Span,
    },
}

/// From the least to the most, both included. Backwards: nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub least: i64,
    pub most: i64,
}

impl Span {
    pub const AT_LEAST_ONE: Self = Self::from(1);

    pub const fn new(least: i64, most: i64) -> Self {
        Self { least, most }
    }

    pub const fn from(least: i64) -> Self {
        Self { least, most: i64::MAX }
    }

    pub const fn to(most: i64) -> Self {
        Self { least: i64::MIN, most }
    }

    pub const fn only(number: i64) -> Self {
        Self { least: number, most: number }
    }

    pub const fn has(self, number: i64) -> bool {
        self.least <= number && number <= self.most
    }
}

/// One of these words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Among {
    /// To the letter.
    Exactly(BTreeSet<Box<str>>),
    /// The same, of what was looked up for one moment: it is not written down.
    #[serde(skip)]
    These(Ids),
    /// Case does not matter. The words are uncased already: see `uncased`.
    Uncased(BTreeSet<Box<str>>),
    /// Like this, uncased.
    Like(Like),
    /// A place within it.
    Within(Circle),
}

/// How a text is compared; what it is compared with is uncased already, except for `Exactly`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Like {
    Exactly(BTreeSet<Box<str>>),
    Is(BTreeSet<Box<str>>),
    Contains(Box<str>),
    StartsWith(Box<str>),
    EndsWith(Box<str>),
    /// What stands behind the last of these is like that. Without one: false.
    Behind(Box<str>, Box<Like>),
}

/// What an order must be to be counted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clause {
    Number(OrderNumber, Span),
    /// One of these.
    OneOf(OrderNumber, BTreeSet<i64>),
    Code(OrderCode, u64),
    Bits(OrderCode, u8, u8),
    Not(Box<Clause>),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineClause {
    /// Of the order that the line belongs to.
    Order(Clause),
    Number(LineNumber, Span),
    Word(LineWord, Among),
    Not(Box<LineClause>),
}

#[derive(Debug, Clone)]
pub struct Program {
    pub(crate) root: Node,
    /// How many leaves look something up once for each batch.
    pub(crate) prepared: usize,
    families: Families,
}

/// A test whose leaves know the place of what is looked up for them.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Leaf(Test, usize),
}

impl Program {
    pub fn new(test: Test) -> Self {
        let mut families = BTreeSet::from([Family::Core]);
        let mut prepared = 0;
        let root = compile(test, &mut families, &mut prepared);
        Self { root, prepared, families: Families::of(families) }
    }

    /// A family that the program reads, and that is not among these.
    pub(crate) fn lacks(&self, families: Families) -> Option<Family> {
        let absent = self.families.but(families);
        if absent == Families::default() { None } else { absent.iter().next() }
    }

    /// What must be read before this can be asked.
    pub fn families(&self) -> impl Iterator<Item = Family> {
        self.families.iter()
    }
}

fn compile(test: Test, families: &mut BTreeSet<Family>, prepared: &mut usize) -> Node {
    let mut group = |mut tests: Vec<Test>| -> Vec<Node> {
        // What is cheap to ask leaves fewer rows for what is not.
        tests.sort_by_key(Test::is_slow);
        tests.into_iter().map(|test| compile(test, families, prepared)).collect()
    };
    match test {
        Test::All(tests) => Node::All(group(tests)),
        Test::Any(tests) => Node::Any(group(tests)),
        Test::Not(test) => Node::Not(Box::new(compile(*test, families, prepared))),
        leaf => {
            families.extend(leaf.families());
            let place = *prepared;
            *prepared += usize::from(leaf.is_prepared());
            Node::Leaf(leaf, place)
        }
    }
}

impl Test {
    /// Who falls into these of `of` buckets: the same ones whenever it is asked with this seed, others with another.
    pub fn bucket<'b>(seed: impl IntoIterator<Item = &'b [u8]>, of: u32, within: Span) -> Self {
        let mut print = Print::default();
        seed.into_iter().for_each(|bytes| print.add(bytes));
        Self::Bucket { seed: print.number(), of, within }
    }

    fn families(&self) -> Vec<Family> {
        fn of<K>(column: &Of<K>, family: Family) -> Vec<Family> {
            vec![if matches!(column, Of::Known(_)) { family } else { Family::Attributes }]
        }
        match self {
            Self::Number(column, _) | Self::OneOf(column, _) | Self::HasNumber(column) => {
                of(column, Family::Core)
            }
            Self::Text(column, _) | Self::HasText(column) => of(column, Family::Name),
            Self::List(column, _) | Self::ListLength(column, _) => of(column, Family::Tags),
            Self::Search(_) => vec![Family::Name],
            Self::Orders { .. } | Self::Spacing { .. } => vec![Family::Orders],
            Self::Lines { each, .. } if each.iter().any(LineClause::asks_the_order) => {
                vec![Family::Orders, Family::Lines]
            }
            Self::Lines { .. } => vec![Family::Lines],
            _ => vec![],
        }
    }

    /// Is asked row by row, or looked up, rather than of many neighbours at a time.
    fn is_slow(&self) -> bool {
        match self {
            Self::Everyone
            | Self::Nobody
            | Self::Number(..)
            | Self::HasNumber(_)
            | Self::Code(..)
            | Self::Bits(..) => false,
            Self::All(tests) | Self::Any(tests) => tests.iter().any(Self::is_slow),
            Self::Not(test) => test.is_slow(),
            _ => true,
        }
    }

    fn is_prepared(&self) -> bool {
        matches!(
            self,
            Self::Word(..)
                | Self::Text(..)
                | Self::Search(_)
                | Self::List(..)
                | Self::Lines { .. }
                | Self::Members(_)
        )
    }
}

impl Like {
    /// Of one text, as rules compare it.
    pub fn has(&self, text: &str) -> bool {
        is_uncased_like(&uncased(text), self)
    }
}

impl LineClause {
    pub(crate) fn asks_the_order(&self) -> bool {
        match self {
            Self::Order(_) => true,
            Self::Not(clause) => clause.asks_the_order(),
            Self::Number(..) | Self::Word(..) => false,
        }
    }
}
