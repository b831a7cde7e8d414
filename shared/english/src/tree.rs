//! What was read, with its gaps, and which rule may be made of it.
//!
//! A gap beside what was understood is left out, and told. It must not let in whom the words keep out: an alternative
//! with a gap is left out whole, and where what is to be kept out has a gap, anywhere, there is no rule.

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

    /// Whom it is said of that they are to be kept out is not all understood.
    pub(crate) fn keeps_out_a_gap(&self) -> bool {
        match self {
            Self::Rule(_) | Self::Gap => false,
            Self::Not(inner) => inner.has_gap(),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::keeps_out_a_gap),
        }
    }

    /// Of what keeps out no gap. `None`: nothing was understood.
    pub(crate) fn rule(self) -> Option<Rule> {
        match self {
            Self::Rule(rule) => Some(rule),
            Self::Gap => None,
            Self::Not(inner) => inner.rule().map(not),
            Self::All(parts) => grouped(parts.into_iter().filter_map(Self::rule), Rule::All),
            Self::Any(parts) => {
                let whole = parts.into_iter().filter(|part| !part.has_gap());
                grouped(whole.filter_map(Self::rule), Rule::Any)
            }
        }
    }
}

fn grouped(parts: impl Iterator<Item = Rule>, group: fn(Vec<Rule>) -> Rule) -> Option<Rule> {
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
        let made = if node.keeps_out_a_gap() {
            "unsafe".to_owned()
        } else {
            node.rule().map_or_else(|| "none".to_owned(), |rule| rule.to_string())
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
        check(Any(vec![rule(1), Any(vec![rule(2), Gap]).not()]), "unsafe");
        check(All(vec![rule(1), rule(2).not()]), "number_of_orders > 1 AND NOT number_of_orders > 2");
        check(rule(1).not().not(), "number_of_orders > 1");
    }
}
