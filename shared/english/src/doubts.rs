//! What is wrong with a rule that is one: that nobody can be meant, or that everybody is.

use rules::{Comparison, Condition, Field, Known, Leaf, Moment, Rule, Value};

/// In words for people, each once.
pub(crate) fn doubts(rule: &Rule) -> Vec<String> {
    let mut found = Vec::new();
    look(rule, &mut found);
    found.dedup();
    found
}

fn look(rule: &Rule, found: &mut Vec<String>) {
    match rule {
        Rule::Everyone => {}
        Rule::Leaf(leaf) => found.extend(alone(leaf)),
        Rule::Not(inner) => look(inner, found),
        Rule::All(rules) => {
            pairs(rules, |one, two| {
                if exclude(one, two) {
                    found.push(format!("“{one}” and “{two}” exclude each other: nobody can be both"));
                }
            });
            for rule in rules {
                look(rule, found);
            }
        }
        Rule::Any(rules) => {
            pairs(rules, |one, two| {
                if is_opposite(one, two) {
                    found.push(format!("“{one}” or “{two}” holds of everybody"));
                }
            });
            for rule in rules {
                look(rule, found);
            }
        }
    }
}

fn pairs<'r>(rules: &'r [Rule], mut both: impl FnMut(&'r Rule, &'r Rule)) {
    for (place, one) in rules.iter().enumerate() {
        rules[place + 1..].iter().for_each(|two| both(one, two));
    }
}

/// Nothing is below zero of orders and of money spent.
fn alone(leaf: &Leaf) -> Option<String> {
    let Leaf::Field { field: Field::Known(Known::Orders | Known::Spent), condition } = leaf else {
        return None;
    };
    let Condition::Is(comparison, value) = condition else { return None };
    let zero =
        matches!(value, Value::Whole(0)) || matches!(value, Value::Money(amount) if amount.millionths() == 0);
    match comparison {
        Comparison::AtLeast if zero => Some(format!("“{leaf}” holds of everybody")),
        Comparison::Less if zero => Some(format!("“{leaf}” holds of nobody")),
        _ => None,
    }
}

fn is_opposite(one: &Rule, two: &Rule) -> bool {
    let is_not = |one: &Rule, two: &Rule| matches!(one, Rule::Not(inner) if **inner == *two);
    is_not(one, two) || is_not(two, one)
}

fn exclude(one: &Rule, two: &Rule) -> bool {
    if is_opposite(one, two) {
        return true;
    }
    let (
        Rule::Leaf(Leaf::Field { field: of_one, condition: one }),
        Rule::Leaf(Leaf::Field { field: of_two, condition: two }),
    ) = (one, two)
    else {
        return false;
    };
    if of_one != of_two {
        return false;
    }
    if let (Some(one), Some(two)) = (words(one), words(two)) {
        return one.iter().all(|word| !two.contains(word));
    }
    match (span(one), span(two)) {
        (Some(one), Some(two)) if one.scale == two.scale => one.least.max(two.least) > one.most.min(two.most),
        _ => false,
    }
}

fn words(condition: &Condition) -> Option<Vec<&'static str>> {
    let word = |value: &Value| match value {
        Value::Word(word) => Some(*word),
        _ => None,
    };
    match condition {
        Condition::Is(Comparison::Equal, value) => Some(vec![word(value)?]),
        Condition::In(values) => values.iter().map(word).collect(),
        _ => None,
    }
}

struct Span {
    /// Numbers of different scales are not compared.
    scale: u8,
    least: i64,
    most: i64,
}

fn span(condition: &Condition) -> Option<Span> {
    let (least, most) = match condition {
        Condition::Between(from, to) => (Some(from), Some(to)),
        Condition::Is(Comparison::Equal, value) => (Some(value), Some(value)),
        Condition::Is(Comparison::More | Comparison::AtLeast, value) => (Some(value), None),
        Condition::Is(Comparison::Less | Comparison::AtMost, value) => (None, Some(value)),
        _ => return None,
    };
    // A step is the least by which two values of the scale differ.
    let (scale, least) = least
        .map_or(Some((None, i64::MIN)), |value| number(value).map(|(scale, number)| (Some(scale), number)))?;
    let (other, most) = most
        .map_or(Some((None, i64::MAX)), |value| number(value).map(|(scale, number)| (Some(scale), number)))?;
    let scale = scale.or(other).filter(|scale| other.is_none_or(|other| other == *scale))?;
    Some(match condition {
        Condition::Is(Comparison::More, _) => Span { scale, least: least.saturating_add(1), most },
        Condition::Is(Comparison::Less, _) => Span { scale, least, most: most.saturating_sub(1) },
        _ => Span { scale, least, most },
    })
}

/// Whole numbers and days count one by one, the others by millionths.
fn number(value: &Value) -> Option<(u8, i64)> {
    Some(match value {
        Value::Whole(number) => (0, *number),
        Value::Number(number) | Value::Money(number) => (1, number.millionths()),
        Value::Date(Moment::Day(day)) => {
            (2, i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day()))
        }
        Value::Date(Moment::Today) => (3, 0),
        Value::Date(Moment::Yesterday) => (3, -1),
        Value::Date(Moment::Offset(offset)) => match offset.unit {
            rules::Unit::Hour => return None,
            rules::Unit::Day => (3, i64::from(offset.number)),
            rules::Unit::Week => (3, i64::from(offset.number) * 7),
            rules::Unit::Month => (4, i64::from(offset.number)),
            rules::Unit::Year => (4, i64::from(offset.number) * 12),
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Currency;
    use rules::Shop;

    #[test]
    fn what_excludes_itself_is_told_and_nothing_else() {
        let check = |text: &str, expected: usize| {
            let rule = Rule::parse(text, &Shop::new(Currency::USD)).unwrap();
            assert_eq!(doubts(&rule).len(), expected, "{text}: {:?}", doubts(&rule));
        };
        check("number_of_orders > 5 AND number_of_orders < 3", 1);
        check("number_of_orders > 5 AND number_of_orders < 6", 1);
        check("number_of_orders >= 5 AND number_of_orders <= 5", 0);
        check("number_of_orders > 5 OR number_of_orders < 3", 0);
        check("amount_spent > 5 AND amount_spent < 6", 0);
        check("amount_spent BETWEEN 5 AND 6 AND amount_spent > 6", 1);
        check("last_order_date >= -30d AND last_order_date < -60d", 1);
        check("last_order_date >= -30d AND last_order_date < -1m", 0);
        check("last_order_date >= -1y AND last_order_date < -13m", 1);
        check("last_order_date > 2026-03-01 AND last_order_date < 2026-03-02", 1);
        check("rfm_group = 'NEW' AND rfm_group IN ('LOYAL', 'DORMANT')", 1);
        check("rfm_group = 'NEW' AND rfm_group IN ('LOYAL', 'NEW')", 0);
        check("customer_tags CONTAINS 'a' AND NOT customer_tags CONTAINS 'a'", 1);
        check("customer_tags CONTAINS 'a' OR customer_tags NOT CONTAINS 'a'", 1);
        check("number_of_orders >= 0", 1);
        check("amount_spent < 0", 1);
        check("number_of_orders >= 1 AND amount_spent < 1", 0);
    }
}
