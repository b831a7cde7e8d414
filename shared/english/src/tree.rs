//! What was read, with its gaps, and which rule may be made of it.
//!
//! A gap beside what was understood is left out, and told. It must not let in whom the words keep out: an alternative
//! with a gap is left out whole, and where what is to be kept out has a gap there is no rule.

use rules::Rule;

#[derive(Debug, Clone)]
pub(crate) enum Node {
    Rule(Rule),
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    /// Words that were not understood.
    Gap,
}

/// What is to be kept out was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unsafe;

impl Node {
    pub(crate) fn not(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            node => Self::Not(Box::new(node)),
        }
    }

    pub(crate) fn has_gap(&self) -> bool {
        match self {
            Self::Rule(_) => false,
            Self::Gap => true,
            Self::Not(inner) => inner.has_gap(),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::has_gap),
        }
    }

    /// `None`: nothing was understood.
    pub(crate) fn rule(self) -> Result<Option<Rule>, Unsafe> {
        Ok(match self {
            Self::Rule(rule) => Some(rule),
            Self::Gap => None,
            Self::Not(inner) if inner.has_gap() => return Err(Unsafe),
            Self::Not(inner) => inner.rule()?.map(not),
            Self::All(parts) => grouped(all(parts)?, Rule::All),
            Self::Any(parts) => {
                // What is kept out within an alternative that is left out is kept out no less.
                let whole = parts.into_iter().filter(|part| !part.has_gap()).collect();
                grouped(all(whole)?, Rule::Any)
            }
        })
    }
}

fn all(parts: Vec<Node>) -> Result<Vec<Rule>, Unsafe> {
    let rules = parts.into_iter().map(Node::rule).collect::<Result<Vec<_>, _>>()?;
    Ok(rules.into_iter().flatten().collect())
}

fn grouped(parts: Vec<Rule>, group: fn(Vec<Rule>) -> Rule) -> Option<Rule> {
    let mut rules = Vec::new();
    for rule in parts {
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    match rules.len() {
        0 => None,
        1 => rules.pop(),
        _ => Some(group(rules)),
    }
}

/// Who has not ordered at least once has ordered no time.
fn not(rule: Rule) -> Rule {
    if let Rule::Not(inner) = rule {
        return *inner;
    }
    let opposite = Rule::Not(Box::new(rule));
    match opposite.to_string().as_str() {
        "NOT number_of_orders >= 1" => none(opposite),
        _ => opposite,
    }
}

fn none(opposite: Rule) -> Rule {
    use rules::{Comparison, Condition, Leaf, Value};
    match opposite {
        Rule::Not(inner) => match *inner {
            Rule::Leaf(Leaf::Field { field, .. }) => {
                let condition = Condition::Is(Comparison::Equal, Value::Whole(0));
                Rule::Leaf(Leaf::Field { field, condition })
            }
            inner => Rule::Not(Box::new(inner)),
        },
        rule => rule,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Currency;
    use rules::Shop;

    fn rule(number: u32) -> Node {
        let text = format!("number_of_orders > {number}");
        Node::Rule(Rule::parse(&text, &Shop::new(Currency::USD)).unwrap())
    }

    fn check(node: Node, expected: &str) {
        let made = match node.rule() {
            Ok(rule) => rule.map_or_else(|| "none".to_owned(), |rule| rule.to_string()),
            Err(Unsafe) => "unsafe".to_owned(),
        };
        assert_eq!(made, expected);
    }

    #[test]
    fn a_gap_lets_nobody_in_whom_the_words_keep_out() {
        use Node::{All, Any, Gap};
        check(Gap, "none");
        check(All(vec![rule(1), Gap]), "number_of_orders > 1");
        check(Any(vec![rule(1), Gap]), "number_of_orders > 1");
        check(Any(vec![rule(1), All(vec![rule(2), Gap])]), "number_of_orders > 1");
        check(Any(vec![All(vec![rule(2), Gap]), Gap]), "none");
        check(Gap.not(), "unsafe");
        check(All(vec![rule(1), Gap.not()]), "unsafe");
        check(All(vec![rule(1), All(vec![rule(2), Gap]).not()]), "unsafe");
        check(Any(vec![rule(1), Any(vec![rule(2), Gap]).not()]), "number_of_orders > 1");
        check(All(vec![rule(1), rule(2).not()]), "number_of_orders > 1 AND NOT number_of_orders > 2");
        check(rule(1).not().not(), "number_of_orders > 1");
    }
}
