//! An explanation says what the evaluator says, part by part, and what it shows is what the language page sees.

use columns::Slot;
use domain::{Minor, Timestamp, Zone, fields};
use proptest::{collection::vec, prelude::*};
use rules::{
    Clause, Comparison, Condition, Decimal, Field, Kind, Known, Leaf, Moment, Param, Quantity, Rule, Value,
};
use segments::{Given, LeafReason, Reason, ReasonOf, Seen, changes_at, explain};

use crate::{
    agree::here,
    days::day,
    parse,
    people::{Person, person},
    rules_any::{given, rule},
    scene,
    slow::Here,
};

/// Each part of the rule beside what is told of it.
fn beside<'a>(rule: &'a Rule, reason: &'a Reason, found: &mut Vec<(&'a Rule, &'a Reason)>) {
    found.push((rule, reason));
    match (rule, &reason.part) {
        (Rule::Everyone, ReasonOf::Everyone) | (Rule::Leaf(_), ReasonOf::Leaf(_)) => {}
        (Rule::All(rules), ReasonOf::All(parts)) | (Rule::Any(rules), ReasonOf::Any(parts)) => {
            assert_eq!(rules.len(), parts.len());
            rules.iter().zip(parts).for_each(|(rule, reason)| beside(rule, reason, found));
        }
        (Rule::Not(inner), ReasonOf::Leaf(_)) => assert!(matches!(**inner, Rule::Leaf(_))),
        (Rule::Not(inner), ReasonOf::Not(reason)) => beside(inner, reason, found),
        (rule, part) => panic!("{rule} is told as {part:?}"),
    }
}

fn is(value: Value) -> Condition {
    Condition::Is(Comparison::Equal, value)
}

fn decimal(millionths: i64) -> Decimal {
    Decimal::parse(&fields::show_number(millionths)).expect("a number")
}

fn money(minor: i64) -> Value {
    let shown = Minor::new(minor).expect("it is little").show(domain::Currency::USD);
    Value::Money(Decimal::parse(&shown).expect("an amount"))
}

/// What holds of whoever is seen so, and of hardly anybody else.
fn as_seen(leaf: &Leaf, seen: &Seen, zone: &Zone) -> Vec<Leaf> {
    let field = match leaf {
        Leaf::Field { field, .. } | Leaf::Anniversary { field, .. } => field.clone(),
        Leaf::Event { event, each, .. } => {
            let clause = |param, value| Clause { param, is_not: false, condition: is(value) };
            if let Seen::Whole(count) = seen {
                let all = vec![clause(Param::Count, Value::Whole(*count))];
                return vec![Leaf::Event { event: *event, each: each.clone(), all }];
            }
            let Seen::Fitting { count, amount, quantity } = seen else { panic!("{leaf:?} sees {seen:?}") };
            let mut all = vec![clause(Param::Count, Value::Whole(*count))];
            all.push(clause(Param::SumAmount, money(*amount)));
            all.extend(quantity.map(|quantity| clause(Param::SumQuantity, Value::Whole(quantity))));
            return vec![Leaf::Event { event: *event, each: each.clone(), all }];
        }
        _ => return vec![],
    };
    let length = |texts: &[String]| {
        Condition::Length(Comparison::Equal, i64::try_from(texts.len()).expect("it is short"))
    };
    let conditions = match seen {
        Seen::Nothing => vec![Condition::Null],
        Seen::Text(text) => match field.kind() {
            // Of a number nobody can say that it is invalid; what is kept may be of an address.
            Kind::Word(words) => {
                words.iter().filter(|word| *word == text).map(|word| is(Value::Word(word))).collect()
            }
            Kind::Id => vec![is(Value::Id(text.as_str().into()))],
            _ => vec![is(Value::Text(text.as_str().into()))],
        },
        Seen::Texts(texts) if texts.is_empty() => vec![Condition::Null],
        Seen::Texts(texts) => {
            let all = texts.iter().map(|text| text.as_str().into()).collect();
            vec![length(texts), Condition::Holds(Quantity::All, all)]
        }
        Seen::Whole(number) => vec![is(Value::Whole(*number))],
        Seen::Number(millionths) if field == Field::Known(Known::DaysBetween) => vec![
            Condition::Is(Comparison::AtLeast, Value::Number(decimal(*millionths))),
            Condition::Is(Comparison::Less, Value::Number(decimal(millionths + 1))),
        ],
        Seen::Number(millionths) => vec![is(Value::Number(decimal(*millionths)))],
        Seen::Money(minor) => vec![is(money(*minor))],
        Seen::Average(spent, orders) => vec![
            Condition::Is(Comparison::AtLeast, money(spent.div_euclid(*orders))),
            Condition::Is(Comparison::Less, money(spent.div_euclid(*orders) + 1)),
        ],
        Seen::Yes(yes) => vec![is(Value::Yes(*yes))],
        Seen::At(at) => vec![is(Value::Date(Moment::Day(day(zone, *at))))],
        Seen::Day(day) => vec![is(Value::Date(Moment::Day(*day)))],
        Seen::Within(_) | Seen::Fitting { .. } => panic!("{leaf:?} sees {seen:?}"),
    };
    let leaf = |condition| Leaf::Field { field: field.clone(), condition };
    conditions.into_iter().map(leaf).collect()
}

fn leaf_of(rule: &Rule) -> (&Leaf, bool) {
    match rule {
        Rule::Leaf(leaf) => (leaf, false),
        Rule::Not(inner) => match &**inner {
            Rule::Leaf(leaf) => (leaf, true),
            other => panic!("{other} is no leaf"),
        },
        other => panic!("{other} is no leaf"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn an_explanation_says_what_the_evaluator_says(
        ((zone, now), person, rules, given) in here().prop_flat_map(|(zone, now)| {
            (Just((zone.clone(), now)), person(now, zone), vec(rule(now), 8), given(now))
        })
    ) {
        let (scene, here) = (scene(&zone, now, &given), Here { zone: &zone, now, given: &given });
        let (slot, row) = (person.slot(), person.row());
        for rule in rules {
            let told = explain(&rule, &scene, slot, &row).expect("all of it can be asked");
            let changes = |rule: &Rule| changes_at(rule, &scene, slot, &row).expect("all of it can be asked");
            // Of what turns each day for years the first turns are told.
            let is_known = |at: &Timestamp| told.known_until.is_none_or(|until| *at < until);
            prop_assert_eq!(told.changes_at, changes(&rule).filter(is_known), "{} of {:#?}", &rule, &person);
            let mut parts = Vec::new();
            beside(&rule, &told.tree, &mut parts);
            for (part, reason) in parts {
                prop_assert_eq!(reason.holds, here.passes(part, &person), "{} of {:#?}", part, &person);
                let ReasonOf::Leaf(told) = &reason.part else { continue };
                prop_assert_eq!(&told.text, &part.to_string());
                prop_assert_eq!(told.changes_at, changes(part), "{} of {:#?}", part, &person);
                let (leaf, is_not) = leaf_of(part);
                for seen in as_seen(leaf, &told.seen, &zone) {
                    let seen = Rule::Leaf(seen);
                    prop_assert!(here.passes(&seen, &person), "{} sees {} of {:#?}", part, seen, &person);
                }
                let is_nothing = |leaf: &Leaf| match leaf {
                    Leaf::Field { condition: Condition::Null, .. } | Leaf::Anniversary { condition: Condition::Null, .. } => false,
                    Leaf::Field { field, .. } | Leaf::Anniversary { field, .. } if field.kind() != Kind::Yes => {
                        here.passes(&Rule::Leaf(Leaf::Field { field: field.clone(), condition: Condition::Null }), &person)
                    }
                    _ => told.is_because_empty,
                };
                prop_assert_eq!(told.is_because_empty, is_not && reason.holds && is_nothing(leaf), "{} of {:#?}", part, &person);
            }
        }
    }
}

fn leaves(reason: &Reason) -> Vec<&LeafReason> {
    match &reason.part {
        ReasonOf::Everyone => vec![],
        ReasonOf::All(parts) | ReasonOf::Any(parts) => parts.iter().flat_map(leaves).collect(),
        ReasonOf::Not(part) => leaves(part),
        ReasonOf::Leaf(leaf) => vec![leaf],
    }
}

#[test]
fn it_is_said_in_words_what_is_seen() {
    let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
    let (zone, given) = ("America/New_York".parse().expect("a zone"), Given::default());
    let scene = scene(&zone, at("2026-03-09T12:00:00-04:00"), &given);
    let mut person = Person::new(7, at("2026-01-01T00:00:00Z"));
    person.customer.tags = ["VIP".into()].into();
    person.customer.totals.orders = 2;
    person.customer.totals.spent = 12_050;
    person.customer.totals.last_order_at = Some(at("2026-02-07T00:30:00-05:00"));
    let check = |text: &str, expected: &[&str]| {
        let told = explain(&parse(text), &scene, Slot(7), &person.row()).expect("all of it can be asked");
        let why: Vec<_> = leaves(&told.tree).into_iter().map(|leaf| leaf.why.as_str()).collect();
        assert_eq!(why, expected, "{text}");
    };
    check(
        "number_of_orders > 1 AND amount_spent > 500",
        &[
            "their number of orders is 2, which fits “who placed more than 1 orders”",
            "their amount spent is 120.50 USD, which does not fit “who spent more than 500.00 USD”",
        ],
    );
    check(
        "customer_tags CONTAINS 'vip' OR birthday = today OR birthday != today",
        &[
            "their tags are “VIP”, which fits “who have “vip” among their tags”",
            "nothing is known of their birthday, and what is not known fits no comparison: “whose birthday is today” does not hold",
            "nothing is known of their birthday, and “whose birthday is not today, or is not known” holds because of that alone",
        ],
    );
    check(
        "last_order_date >= -30d",
        &["their last order is 2026-02-07 00:30:00, which fits “whose last order was in the last 30 days”"],
    );
    check(
        "orders_placed NOT MATCHES (amount > 5) AND customer_countries LENGTH = 0",
        &[
            "no order fits, and “who do not have any order whose amount is more than 5.00 USD” holds because of that alone",
            "there is nothing among their countries, which fits “whose countries is 0 in number”",
        ],
    );
    check(
        "average_days_between_orders IS NULL",
        &[
            "nothing is known of their days between orders, which fits “whose days between orders is not known”",
        ],
    );
    let told = explain(&parse("last_order_date >= -30d"), &scene, Slot(7), &person.row()).expect("it can be");
    assert_eq!(told.changes_at, Some(at("2026-03-10T00:00:00-04:00")));
}
