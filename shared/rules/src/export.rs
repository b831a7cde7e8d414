//! A rule in Shopify's own words, to be pasted there; or all of it that Shopify cannot say.
//!
//! A rule goes over whole or not at all. What Shopify has no word for, but can say in others, is said in others: the
//! opposite of a group, one of several words, all of several tags.

use crate::{
    Field,
    event::{Event, Param},
    field::{Known, Origin},
    leaf::{Clause, Comparison, Condition, Leaf, Quantity},
    moment::Moment,
    offset::Unit,
    rule::Rule,
    value::Value,
};

/// More than this Shopify may refuse.
const CLAUSES_MAX: usize = 10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    pub text: String,
    /// Where Shopify may find others than we do.
    pub notes: Vec<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untranslated {
    /// The part of the rule, as it is printed.
    pub part: String,
    pub why: &'static str,
}

impl Rule {
    pub fn to_shopify(&self) -> Result<Exported, Vec<Untranslated>> {
        let mut lost = Vec::new();
        let mut notes = Vec::new();
        for (leaf, is_not) in signed(self, false) {
            if let Some(why) = obstacle(leaf, is_not) {
                lost.push(Untranslated { part: leaf.to_string(), why });
            }
            notes.extend(note(leaf));
        }
        if self.names_everyone() {
            lost.push(Untranslated {
                part: "EVERYONE".to_owned(),
                why: "a query of Shopify's names a condition",
            });
        }
        if !lost.is_empty() {
            return Err(lost);
        }
        let said = said(self, false).canonical();
        if said.leaves().len() > CLAUSES_MAX {
            notes.push("Shopify may refuse more than 10 conditions.");
        }
        notes.sort_unstable();
        notes.dedup();
        Ok(Exported { text: shown(&said, false), notes })
    }

    fn names_everyone(&self) -> bool {
        match self {
            Self::Everyone => true,
            Self::Leaf(_) => false,
            Self::Not(rule) => rule.names_everyone(),
            Self::All(rules) | Self::Any(rules) => rules.iter().any(Self::names_everyone),
        }
    }
}

/// Each leaf, and whether its opposite is asked.
fn signed(rule: &Rule, is_not: bool) -> Vec<(&Leaf, bool)> {
    match rule {
        Rule::Everyone => vec![],
        Rule::Leaf(leaf) => vec![(leaf, is_not)],
        Rule::Not(rule) => signed(rule, !is_not),
        Rule::All(rules) | Rule::Any(rules) => rules.iter().flat_map(|rule| signed(rule, is_not)).collect(),
    }
}

/// What Shopify calls its own word, which has another name here.
fn shopifys(field: Known) -> Known {
    match field {
        Known::ShopGroup => Known::RfmGroup,
        field => field,
    }
}

/// Why Shopify cannot ask this.
fn obstacle(leaf: &Leaf, is_not: bool) -> Option<&'static str> {
    const OURS: &str = "Shopify knows nothing like it";
    match leaf {
        Leaf::Field { field, condition } => {
            let is_shopifys = match field {
                Field::Known(known) => shopifys(*known).origin() == Origin::Shopify,
                Field::Own(own) => own.metafield().is_some(),
            };
            if is_shopifys { of_condition(condition) } else { Some(OURS) }
        }
        Leaf::Anniversary { field: Field::Own(own), condition } if own.metafield().is_some() => {
            match condition {
                Condition::Is(Comparison::Equal, _) | Condition::Between(..) if !is_not => {
                    of_condition(condition)
                }
                _ => Some("Shopify compares anniversaries by = and BETWEEN only"),
            }
        }
        Leaf::Event { event: Event::Campaign, .. } => Some("Shopify knows of its own mails only"),
        Leaf::Event { event, each, all } => {
            let function = crate::Function::of(*event);
            if function.origin() != Origin::Shopify {
                return Some(OURS);
            }
            let mut clauses = each.iter().chain(all);
            clauses.find_map(|clause| {
                if !function.is_shopifys(clause.param) {
                    return Some("Shopify has no such parameter");
                }
                of_clause(clause)
            })
        }
        Leaf::Near { .. } => None,
        Leaf::Anniversary { .. }
        | Leaf::Bucket { .. }
        | Leaf::Segment(_)
        | Leaf::List(_)
        | Leaf::Funnel { .. } => Some(OURS),
    }
}

fn of_clause(clause: &Clause) -> Option<&'static str> {
    let is_equal = matches!(clause.condition, Condition::Is(Comparison::Equal, _));
    match clause.condition {
        Condition::Null => Some("Shopify's parameters are never compared with NULL"),
        Condition::Like(..) => Some("Shopify compares texts by = only"),
        _ if clause.is_not && !is_equal => Some("Shopify's parameters have no such opposite"),
        _ => of_condition(&clause.condition),
    }
}

fn of_condition(condition: &Condition) -> Option<&'static str> {
    let values: Vec<&Value> = match condition {
        Condition::Is(_, value) => vec![value],
        Condition::Between(from, to) => vec![from, to],
        Condition::In(values) => values.iter().collect(),
        Condition::Like(..) => return Some("Shopify compares texts by = only"),
        Condition::Length(..) => return Some("Shopify does not count what a list holds"),
        Condition::Holds(_, texts) => {
            let has_backslash = texts.iter().any(|text| text.contains('\\'));
            return has_backslash.then_some(BACKSLASH);
        }
        Condition::Null => vec![],
    };
    values.into_iter().find_map(of_value)
}

const BACKSLASH: &str = "how Shopify writes a backslash is not known";

fn of_value(value: &Value) -> Option<&'static str> {
    match value {
        Value::Text(text) if text.contains('\\') => Some(BACKSLASH),
        Value::Id(id) if id.bytes().any(|byte| !byte.is_ascii_digit()) => Some("Shopify's ids are numbers"),
        Value::Date(Moment::Now) => Some("Shopify has no `now`"),
        Value::Date(Moment::Offset(offset)) if offset.unit == Unit::Hour => Some("Shopify counts no hours"),
        _ => None,
    }
}

fn note(leaf: &Leaf) -> Option<&'static str> {
    match leaf {
        Leaf::Field { field: Field::Known(Known::RfmGroup), .. } => {
            Some("Shopify cuts its RFM groups by a table of its own.")
        }
        Leaf::Field { field: Field::Known(Known::EmailDomain | Known::Language), .. } => {
            Some("Shopify tells capitals apart in domains and languages.")
        }
        Leaf::Field { field: Field::Own(_), .. } | Leaf::Anniversary { .. } => {
            Some("Shopify asks for metafields only whose definition is pinned.")
        }
        Leaf::Event { each, .. } if each.iter().any(|clause| clause.param == Param::Amount) => {
            Some("Shopify compares an order's amount as it was placed.")
        }
        _ => None,
    }
}

/// The rule or its opposite, where only leaves are negated, and of those only such as Shopify can negate.
fn said(rule: &Rule, is_not: bool) -> Rule {
    let all = |rules: &[Rule]| rules.iter().map(|rule| said(rule, is_not)).collect();
    match (rule, is_not) {
        (Rule::Everyone, _) => rule.clone(),
        (Rule::Not(rule), _) => said(rule, !is_not),
        (Rule::All(rules), false) | (Rule::Any(rules), true) => Rule::All(all(rules)),
        (Rule::Any(rules), false) | (Rule::All(rules), true) => Rule::Any(all(rules)),
        (Rule::Leaf(leaf), _) => said_leaf(leaf, is_not),
    }
}

fn said_leaf(leaf: &Leaf, is_not: bool) -> Rule {
    let negated = |rule: Rule, is_not: bool| if is_not { Rule::Not(Box::new(rule)) } else { rule };
    let Leaf::Field { field, condition } = leaf else {
        return negated(Rule::Leaf(leaf.clone()), is_not);
    };
    let field = match field {
        Field::Known(known) => &Field::Known(shopifys(*known)),
        own @ Field::Own(_) => own,
    };
    let asked = |condition| Rule::Leaf(Leaf::Field { field: field.clone(), condition });
    let is = |comparison, value: &Value| asked(Condition::Is(comparison, value.clone()));
    // What is not known fits no comparison: it fits the opposite of each.
    let or_null = |mut rules: Vec<Rule>| {
        rules.push(asked(Condition::Null));
        Rule::Any(rules)
    };
    match condition {
        Condition::Is(Comparison::Equal, _) | Condition::Null => negated(asked(condition.clone()), is_not),
        Condition::Is(comparison, value) if is_not => or_null(vec![is(opposite(*comparison), value)]),
        Condition::Between(from, to) if is_not => {
            or_null(vec![is(Comparison::Less, from), is(Comparison::More, to)])
        }
        Condition::In(values) => {
            let each = values.iter().map(|value| negated(is(Comparison::Equal, value), is_not)).collect();
            if is_not { Rule::All(each) } else { Rule::Any(each) }
        }
        Condition::Holds(quantity, texts) => {
            let one = |text: &str| asked(Condition::Holds(Quantity::Any, vec![text.into()]));
            let each = texts.iter().map(|text| negated(one(text), is_not)).collect();
            if (*quantity == Quantity::All) ^ is_not { Rule::All(each) } else { Rule::Any(each) }
        }
        _ => asked(condition.clone()),
    }
}

fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::Equal,
        Comparison::Less => Comparison::AtLeast,
        Comparison::AtMost => Comparison::More,
        Comparison::More => Comparison::AtMost,
        Comparison::AtLeast => Comparison::Less,
    }
}

fn shown(rule: &Rule, is_inner: bool) -> String {
    let joined = |rules: &[Rule], by: &str| {
        let parts: Vec<_> = rules.iter().map(|rule| shown(rule, true)).collect();
        let text = parts.join(by);
        if is_inner { format!("({text})") } else { text }
    };
    match rule {
        Rule::All(rules) => joined(rules, " AND "),
        Rule::Any(rules) => joined(rules, " OR "),
        Rule::Leaf(Leaf::Anniversary { .. }) => {
            rule.to_string().replacen("anniversary(", "anniversary(date: ", 1)
        }
        rule => rule.to_string(),
    }
}
