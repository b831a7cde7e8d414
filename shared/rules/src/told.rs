//! What was told, by text or by JSON, before anybody has looked whether it means anything.
//!
//! Both ways of telling a rule come together here, so that whatever is wrong is wrong in both.

use crate::{
    leaf::{Comparison, Like, Quantity},
    problem::Place,
};

#[derive(Debug, Clone)]
pub(crate) struct Told<T> {
    pub(crate) place: Place,
    pub(crate) is: T,
}

#[derive(Debug, Clone)]
pub(crate) enum Node {
    Everyone,
    All(Vec<Told<Node>>),
    Any(Vec<Told<Node>>),
    Not(Box<Told<Node>>),
    Leaf(Box<Leaf>),
    /// Nothing that could be read; what is wrong with it has been said.
    Unread,
}

#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub(crate) name: Told<String>,
    /// What stands in brackets behind the name.
    pub(crate) of: Option<Vec<Argument>>,
    pub(crate) asks: Asks,
}

#[derive(Debug, Clone)]
pub(crate) enum Argument {
    Bare(Told<Literal>),
    /// `name: value`
    Plain(Told<String>, Told<Literal>),
    /// `name: >= value`
    Named(Clause),
}

#[derive(Debug, Clone)]
pub(crate) enum Asks {
    Compares(Told<Condition>),
    Matches { is_not: bool, clauses: Vec<Clause> },
}

#[derive(Debug, Clone)]
pub(crate) struct Clause {
    pub(crate) param: Told<String>,
    pub(crate) condition: Told<Condition>,
}

#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) is_not: bool,
    pub(crate) test: Test,
}

#[derive(Debug, Clone)]
pub(crate) enum Test {
    Is(Comparison, Told<Literal>),
    Between(Told<Literal>, Told<Literal>),
    In(Vec<Told<Literal>>),
    Like(Like, Told<Literal>),
    Holds(Quantity, Vec<Told<Literal>>),
    Length(Comparison, Told<Literal>),
    Null,
    /// What is wrong with it has been said.
    Unread,
}

#[derive(Debug, Clone)]
pub(crate) enum Literal {
    Text(String),
    /// As it was written.
    Number(String),
    Money(String),
    Yes(bool),
    /// `today`, `-30d`, `2026-01-31`.
    Date(String),
    /// Without quotes.
    Name(String),
    /// In brackets.
    Several(Vec<Told<Literal>>),
}

impl Test {
    /// As an error calls it.
    pub(crate) fn sign(&self, is_not: bool) -> String {
        let words = match self {
            Self::Is(Comparison::Equal, _) if is_not => return "`!=`".to_owned(),
            Self::Is(comparison, _) => comparison.sign(),
            Self::Between(..) => "BETWEEN",
            Self::In(_) => "IN",
            Self::Like(like, _) => like.words(),
            Self::Holds(Quantity::Any, _) => "CONTAINS ANY",
            Self::Holds(Quantity::All, _) => "CONTAINS ALL",
            Self::Length(..) => "LENGTH",
            Self::Null if is_not => "IS NOT NULL",
            Self::Null => "IS NULL",
            Self::Unread => "",
        };
        let not = if is_not && !matches!(self, Self::Null) { "NOT " } else { "" };
        format!("`{not}{words}`")
    }
}

impl Literal {
    /// As an error calls it.
    pub(crate) const fn told(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Money(_) => "an amount of money",
            Self::Yes(_) => "TRUE or FALSE",
            Self::Date(_) => "a date",
            Self::Name(_) => "a word without quotes",
            Self::Several(_) => "a list",
        }
    }
}
