//! The one text of a rule: `print(parse(print(rule))) = print(rule)`.

use std::fmt;

use crate::{
    leaf::{Comparison, Condition, Leaf, Quantity},
    rule::Rule,
    said::Said,
    value::Value,
};

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("EVERYONE"),
            Self::Leaf(leaf) => leaf_to(f, leaf, false),
            Self::Not(rule) => match &**rule {
                Self::Leaf(leaf) => leaf_to(f, leaf, true),
                Self::Everyone => f.write_str("NOT EVERYONE"),
                rule => write!(f, "NOT ({rule})"),
            },
            Self::All(rules) => joined(f, rules, " AND "),
            Self::Any(rules) => joined(f, rules, " OR "),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, rules: &[Rule], by: &str) -> fmt::Result {
    for (place, rule) in rules.iter().enumerate() {
        f.write_str(if place == 0 { "" } else { by })?;
        match rule {
            Rule::All(_) | Rule::Any(_) => write!(f, "({rule})")?,
            rule => write!(f, "{rule}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        leaf_to(f, self, false)
    }
}

/// The leaf or its opposite.
fn leaf_to(f: &mut fmt::Formatter<'_>, leaf: &Leaf, is_not: bool) -> fmt::Result {
    match leaf {
        Leaf::Field { field, condition } => asked(f, field.name(), condition, is_not),
        Leaf::Anniversary { field, condition } => {
            asked(f, &format!("anniversary({})", field.name()), condition, is_not)
        }
        Leaf::Bucket { seed, condition } => asked(f, &format!("bucket({})", Quoted(seed)), condition, is_not),
        leaf => {
            let name = leaf.function().map_or("", |function| function.name());
            let not = if is_not { "NOT " } else { "" };
            write!(f, "{name} {not}MATCHES (")?;
            for (place, said) in leaf.said().iter().enumerate() {
                f.write_str(if place == 0 { "" } else { ", " })?;
                said_to(f, said)?;
            }
            f.write_str(")")
        }
    }
}

fn said_to(f: &mut fmt::Formatter<'_>, said: &Said) -> fmt::Result {
    match said {
        Said::Clause(clause) => asked(f, clause.param.name(), &clause.condition, clause.is_not),
        Said::Coordinates(at) => write!(f, "coordinates = ({}, {})", at.latitude, at.longitude),
        Said::Steps(steps) => {
            let steps: Vec<_> = steps.iter().map(|step| Quoted(step.name()).to_string()).collect();
            write!(f, "steps IN ({})", steps.join(", "))
        }
        Said::Within(span) => write!(f, "within <= {span}"),
    }
}

/// A name and what is asked of it, or the opposite.
fn asked(f: &mut fmt::Formatter<'_>, name: &str, condition: &Condition, is_not: bool) -> fmt::Result {
    let not = if is_not { "NOT " } else { "" };
    match condition {
        Condition::Is(Comparison::Equal, value) if is_not => write!(f, "{name} != {value}"),
        // What has no opposite of its own is negated as a whole.
        Condition::Is(comparison, value) => write!(f, "{not}{name} {} {value}", comparison.sign()),
        Condition::Between(from, to) => write!(f, "{not}{name} BETWEEN {from} AND {to}"),
        Condition::Length(Comparison::Equal, number) if is_not => write!(f, "{name} LENGTH != {number}"),
        Condition::Length(comparison, number) => {
            write!(f, "{not}{name} LENGTH {} {number}", comparison.sign())
        }
        Condition::In(values) => {
            let values: Vec<_> = values.iter().map(ToString::to_string).collect();
            write!(f, "{name} {not}IN ({})", values.join(", "))
        }
        Condition::Like(like, text) => write!(f, "{name} {not}{} {}", like.words(), Quoted(text)),
        Condition::Holds(_, texts) if texts.len() == 1 => {
            write!(f, "{name} {not}CONTAINS {}", Quoted(&texts[0]))
        }
        Condition::Holds(quantity, texts) => {
            let quantity = match quantity {
                Quantity::Any => "ANY",
                Quantity::All => "ALL",
            };
            let texts: Vec<_> = texts.iter().map(|text| Quoted(text).to_string()).collect();
            write!(f, "{name} {not}CONTAINS {quantity} ({})", texts.join(", "))
        }
        Condition::Null => write!(f, "{name} IS {not}NULL"),
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => Quoted(text).fmt(f),
            Self::Word(word) => Quoted(word).fmt(f),
            Self::Id(id) => Id(id).fmt(f),
            Self::Whole(number) => number.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Money(amount) if amount.digits() == 0 => amount.fmt(f),
            Self::Money(amount) => f.write_str(&amount.with_digits(2)),
            Self::Yes(yes) => f.write_str(if *yes { "TRUE" } else { "FALSE" }),
            Self::Date(moment) => moment.fmt(f),
        }
    }
}

struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0.replace('\\', "\\\\").replace('\'', "\\'"))
    }
}

/// Digits stand without quotes, as Shopify's ids do.
struct Id<'a>(&'a str);

impl fmt::Display for Id<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_number = !self.0.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { f.write_str(self.0) } else { Quoted(self.0).fmt(f) }
    }
}
