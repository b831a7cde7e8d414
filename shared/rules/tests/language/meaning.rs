//! What rewriting must not change: whom a rule means. A slow evaluator of three fields says whom.

use proptest::{collection::vec, option, prelude::*, sample::select};
use rules::{Comparison, Condition, Field, Known, Leaf, Quantity, Rule, Value};

use crate::parse;

#[derive(Debug, Clone)]
struct Row {
    orders: Option<i64>,
    tier: Option<&'static str>,
    tags: Vec<&'static str>,
}

/// As the language page has it: a comparison with what is not known is false, and the opposite is the opposite.
fn holds(rule: &Rule, row: &Row) -> bool {
    match rule {
        Rule::Everyone => true,
        Rule::All(rules) => rules.iter().all(|rule| holds(rule, row)),
        Rule::Any(rules) => rules.iter().any(|rule| holds(rule, row)),
        Rule::Not(rule) => !holds(rule, row),
        Rule::Leaf(Leaf::Field { field: Field::Known(known), condition }) => match known {
            Known::Orders => of_number(condition, row.orders),
            Known::SpendTier => of_word(condition, row.tier),
            _ => of_list(condition, &row.tags),
        },
        Rule::Leaf(leaf) => panic!("{leaf} is not asked here"),
    }
}

fn of_number(condition: &Condition, number: Option<i64>) -> bool {
    let is = |comparison: Comparison, value: &Value| {
        let (Some(number), Value::Whole(value)) = (number, value) else { return false };
        match comparison {
            Comparison::Equal => number == *value,
            Comparison::Less => number < *value,
            Comparison::AtMost => number <= *value,
            Comparison::More => number > *value,
            Comparison::AtLeast => number >= *value,
        }
    };
    match condition {
        Condition::Is(comparison, value) => is(*comparison, value),
        Condition::Between(from, to) => is(Comparison::AtLeast, from) && is(Comparison::AtMost, to),
        _ => number.is_none(),
    }
}

fn of_word(condition: &Condition, word: Option<&str>) -> bool {
    let is = |value: &Value| matches!(value, Value::Word(known) if word == Some(known));
    match condition {
        Condition::Is(_, value) => is(value),
        Condition::In(values) => values.iter().any(is),
        _ => word.is_none(),
    }
}

fn of_list(condition: &Condition, held: &[&str]) -> bool {
    let holds = |text: &str| held.contains(&text);
    match condition {
        Condition::Holds(Quantity::Any, texts) => texts.iter().any(|text| holds(text)),
        Condition::Holds(Quantity::All, texts) => texts.iter().all(|text| holds(text)),
        _ => held.is_empty(),
    }
}

const TAGS: &[&str] = &["a", "b", "c"];
const TIERS: &[&str] = &["HIGH", "MEDIUM", "LOW"];

fn row() -> impl Strategy<Value = Row> {
    let tags = proptest::sample::subsequence(TAGS, 0..=3);
    (option::of(0..5_i64), option::of(select(TIERS)), tags).prop_map(|(orders, tier, tags)| Row {
        orders,
        tier,
        tags,
    })
}

fn rule() -> BoxedStrategy<Rule> {
    let asked = |known, condition: BoxedStrategy<Condition>| {
        let field = Field::Known(known);
        condition.prop_map(move |condition| Rule::Leaf(Leaf::Field { field: field.clone(), condition }))
    };
    let number = prop_oneof![
        (select(&Comparison::ALL[..]), 0..5_i64)
            .prop_map(|(sign, number)| Condition::Is(sign, Value::Whole(number))),
        (0..3_i64, 0..3_i64)
            .prop_map(|(from, more)| Condition::Between(Value::Whole(from), Value::Whole(from + more))),
        Just(Condition::Null),
    ];
    let word = prop_oneof![
        select(TIERS).prop_map(|word| Condition::Is(Comparison::Equal, Value::Word(word))),
        vec(select(TIERS).prop_map(Value::Word), 1..3).prop_map(Condition::In),
        Just(Condition::Null),
    ];
    let quantity = select(&[Quantity::Any, Quantity::All][..]);
    let texts = vec(select(TAGS).prop_map(Box::from), 1..4);
    let list = prop_oneof![
        (quantity, texts).prop_map(|(quantity, texts)| Condition::Holds(quantity, texts)),
        Just(Condition::Null),
    ];
    let leaf = prop_oneof![
        asked(Known::Orders, number.boxed()),
        asked(Known::SpendTier, word.boxed()),
        asked(Known::Tags, list.boxed()),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(Rule::All),
            vec(inner.clone(), 1..4).prop_map(Rule::Any),
            inner.prop_map(|rule| Rule::Not(Box::new(rule))),
        ]
    })
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn the_one_form_of_a_rule_means_the_same_people(rule in rule(), rows in vec(row(), 1..8)) {
        let canonical = rule.clone().canonical();
        let read = parse(&rule.to_string()).unwrap();
        for row in &rows {
            prop_assert_eq!(holds(&canonical, row), holds(&rule, row), "{} {:?}", rule, row);
            prop_assert_eq!(holds(&read, row), holds(&rule, row), "{} {:?}", rule, row);
        }
    }

    #[test]
    fn what_is_said_to_shopify_means_the_same_people(rule in rule(), rows in vec(row(), 1..8)) {
        let text = rule.to_shopify().unwrap().text;
        let said = parse(&text).unwrap();
        prop_assert!(!text.contains("NOT (") && !text.starts_with("NOT ") && !text.contains("(NOT "), "{}", text);
        for row in &rows {
            prop_assert_eq!(holds(&said, row), holds(&rule, row), "{} as {} {:?}", rule, text, row);
        }
    }
}
