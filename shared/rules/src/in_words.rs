//! A rule in words, for people: "customers who spent more than 500.00 USD, and who have the tag vip".
//!
//! Says of every opposite that it holds of those, too, of whom nothing is known: that is where people err.

use crate::{
    Field, Kind, Known, Shop,
    event::{Event, Param},
    leaf::{Clause, Comparison, Condition, Distance, Leaf, Like, Quantity},
    moment::Moment,
    offset::Offset,
    rule::Rule,
    value::Value,
};

impl Rule {
    pub fn in_words(&self, shop: &Shop) -> String {
        match self {
            Self::Everyone => "all customers".to_owned(),
            rule => format!("customers {}", words(rule, shop, false)),
        }
    }
}

fn words(rule: &Rule, shop: &Shop, is_inner: bool) -> String {
    let joined = |rules: &[Rule], by: &str| {
        let parts: Vec<_> = rules.iter().map(|rule| words(rule, shop, true)).collect();
        let text = parts.join(by);
        if is_inner { format!("({text})") } else { text }
    };
    match rule {
        Rule::Everyone => "whoever they are".to_owned(),
        Rule::Leaf(leaf) => leaf_words(leaf, shop, false),
        Rule::Not(rule) => match &**rule {
            Rule::Everyone => "who are nobody".to_owned(),
            Rule::Leaf(leaf) => leaf_words(leaf, shop, true),
            rule => format!("of whom it does not hold that they are those {}", words(rule, shop, true)),
        },
        Rule::All(rules) => joined(rules, ", and "),
        Rule::Any(rules) => joined(rules, ", or "),
    }
}

fn leaf_words(leaf: &Leaf, shop: &Shop, is_not: bool) -> String {
    match leaf {
        Leaf::Field { field, condition } => field_words(field, condition, shop, is_not),
        Leaf::Anniversary { field, condition } => {
            format!("whose {} in any year {}", label(field), asked(condition, shop, is_not, "is"))
        }
        Leaf::Bucket { seed, condition } => {
            format!("whose number of 0 to 99 by “{seed}” {}", asked(condition, shop, is_not, "is"))
        }
        Leaf::Event { event, each, all } => event_words(*event, each, all, shop, is_not),
        Leaf::Near { coordinates, distance } => {
            let (number, unit) = match distance {
                Distance::Kilometres(number) => (number, "km"),
                Distance::Miles(number) => (number, "miles"),
            };
            let (latitude, longitude) = (coordinates.latitude, coordinates.longitude);
            format!("who {} an address within {number} {unit} of {latitude}, {longitude}", have(is_not))
        }
        Leaf::Segment(id) => format!("who are {}in the segment {id}", not(is_not)),
        Leaf::List(id) => format!("who are {}on the list {id}", not(is_not)),
        Leaf::Funnel { steps, within, date } => {
            let steps: Vec<_> = steps.iter().map(|step| noun(*step).1).collect();
            let within = within.map(|span| format!(" within {}", span_words(span))).unwrap_or_default();
            let date = date.as_ref().map(|clause| format!(", the first {}", clause_words(clause, shop)));
            format!("who {} {}{within}{}", have(is_not), steps.join(", then "), date.unwrap_or_default())
        }
    }
}

fn have(is_not: bool) -> &'static str {
    if is_not { "do not have" } else { "have" }
}

fn not(is_not: bool) -> &'static str {
    if is_not { "not " } else { "" }
}

fn label(field: &Field) -> &str {
    match field {
        Field::Known(known) => known.label(),
        Field::Own(own) => &own.name,
    }
}

fn field_words(field: &Field, condition: &Condition, shop: &Shop, is_not: bool) -> String {
    match (field, condition) {
        (Field::Known(Known::Spent), Condition::Is(..) | Condition::Between(..)) if !is_not => {
            format!("who spent {}", amount(condition, shop))
        }
        (Field::Known(Known::Orders), Condition::Is(..) | Condition::Between(..)) if !is_not => {
            format!("who placed {} orders", amount(condition, shop))
        }
        (Field::Known(known), Condition::Is(_, Value::Yes(yes))) if field.kind() == Kind::Yes => {
            format!(
                "who {} be reached by {}",
                if *yes ^ is_not { "can" } else { "cannot" },
                match known {
                    Known::CanSms => "SMS",
                    _ => "email",
                }
            )
        }
        (_, Condition::Holds(quantity, texts)) => {
            let texts: Vec<_> = texts.iter().map(|text| format!("“{text}”")).collect();
            let by = if *quantity == Quantity::Any { " or " } else { " and " };
            format!("who {} {} among their {}", have(is_not), texts.join(by), label(field))
        }
        _ => {
            let is_past = !matches!(field, Field::Known(Known::NextOrder | Known::Birthday));
            let verb = if field.kind() == Kind::Date && is_past { "was" } else { "is" };
            format!("whose {} {}", label(field), asked(condition, shop, is_not, verb))
        }
    }
}

fn event_words(event: Event, each: &[Clause], all: &[Clause], shop: &Shop, is_not: bool) -> String {
    let (one, many) = noun(event);
    let count = all.iter().find(|clause| clause.param == Param::Count);
    let number = match count {
        None if is_not => format!("any {one}"),
        None => format!("at least one {one}"),
        Some(clause) => {
            let not = if clause.is_not { "a number other than " } else { "" };
            format!("{not}{} {many}", amount(&clause.condition, shop))
        }
    };
    let each: Vec<_> = each.iter().map(|clause| clause_words(clause, shop)).collect();
    let each = if each.is_empty() { String::new() } else { format!(" {}", each.join(" and ")) };
    let sums = all.iter().filter(|clause| clause.param != Param::Count);
    let sums: String = sums
        .map(|clause| {
            let asked = asked(&clause.condition, shop, clause.is_not, "is");
            format!(", whose {} {asked}", sum(event, clause.param))
        })
        .collect();
    format!("who {} {number}{each}{sums}", have(is_not))
}

fn noun(event: Event) -> (&'static str, &'static str) {
    match event {
        Event::OrdersPlaced => ("order", "orders"),
        Event::ProductsPurchased => ("product bought", "products bought"),
        Event::ProductViewed => ("look at a product", "looks at a product"),
        Event::CollectionViewed => ("look at a collection", "looks at a collection"),
        Event::Campaign => ("event of a campaign", "events of campaigns"),
        Event::Consent => ("word on consent", "words on consent"),
    }
}

/// Which money is summed up: of orders what `amount_spent` has of them, of lines what stands on them.
fn sum(event: Event, of: Param) -> String {
    match (event, of) {
        (Event::OrdersPlaced, Param::SumAmount) => "sum, paid and less refunds,".to_owned(),
        (_, Param::SumAmount) => "sum, at their prices,".to_owned(),
        (_, of) => param(of),
    }
}

fn param(param: Param) -> String {
    match param {
        Param::SumQuantity => "quantity in all".to_owned(),
        param => param.name().replace('_', " "),
    }
}

fn clause_words(clause: &Clause, shop: &Shop) -> String {
    if clause.param == Param::Tag {
        return tag_words(&clause.condition, clause.is_not, shop);
    }
    format!("whose {} {}", param(clause.param), asked(&clause.condition, shop, clause.is_not, "is"))
}

/// Of a product, of whose tags any may fit: that it is not tagged so, no other tag makes untrue.
fn tag_words(condition: &Condition, is_not: bool, shop: &Shop) -> String {
    let verb = if is_not { "is not" } else { "is" };
    match condition {
        Condition::Null => format!("that has {}tags", if is_not { "" } else { "no " }),
        Condition::Like(like, text) => {
            format!("that has {} tag {} “{text}”", if is_not { "no" } else { "a" }, like_words(*like))
        }
        Condition::In(values) => {
            let values: Vec<_> = values.iter().map(|value| value_words(value, shop)).collect();
            format!("that {verb} tagged {}", values.join(" or "))
        }
        condition => format!("that {verb} tagged {}", amount(condition, shop)),
    }
}

fn like_words(like: Like) -> &'static str {
    match like {
        Like::Contains => "that holds",
        Like::StartsWith => "that begins with",
        Like::EndsWith => "that ends with",
    }
}

/// "more than 500.00 USD", where a verb stands before.
fn amount(condition: &Condition, shop: &Shop) -> String {
    match condition {
        Condition::Is(comparison, value) => format!("{}{}", than(*comparison), value_words(value, shop)),
        Condition::Between(from, to) => format!("{} to {}", value_words(from, shop), value_words(to, shop)),
        other => asked(other, shop, false, "is"),
    }
}

fn than(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "",
        Comparison::Less => "less than ",
        Comparison::AtMost => "at most ",
        Comparison::More => "more than ",
        Comparison::AtLeast => "at least ",
    }
}

/// "is more than 5".
fn asked(condition: &Condition, shop: &Shop, is_not: bool, verb: &str) -> String {
    let text = match condition {
        Condition::Null if is_not => return format!("{verb} known"),
        Condition::Null => return format!("{verb} not known"),
        Condition::Is(comparison, Value::Date(moment)) => since(*comparison, *moment),
        Condition::Is(comparison, value) => format!("{}{}", than(*comparison), value_words(value, shop)),
        Condition::Between(from, to) => {
            format!("between {} and {}", value_words(from, shop), value_words(to, shop))
        }
        Condition::In(values) => {
            let values: Vec<_> = values.iter().map(|value| value_words(value, shop)).collect();
            values.join(" or ")
        }
        Condition::Like(like, text) => {
            format!("one {} “{text}”", like_words(*like))
        }
        Condition::Holds(_, texts) => texts.join(", "),
        Condition::Length(comparison, number) => format!("{}{number} in number", than(*comparison)),
    };
    if is_not { format!("{verb} not {text}, or is not known") } else { format!("{verb} {text}") }
}

/// Of a day: "in the last 90 days", "before 2026-01-31".
fn since(comparison: Comparison, moment: Moment) -> String {
    let at = moment_words(moment);
    let on = if matches!(moment, Moment::Day(_)) { "on " } else { "" };
    match (comparison, moment) {
        (Comparison::AtLeast, Moment::Offset(offset)) if offset.number < 0 => {
            format!("in the last {}", span_words(Offset { number: -offset.number, ..offset }))
        }
        (Comparison::Less, Moment::Offset(offset)) if offset.number < 0 => format!("more than {at}"),
        (Comparison::Equal, _) => format!("{on}{at}"),
        (Comparison::Less, _) => format!("before {at}"),
        (Comparison::AtMost, _) => format!("{on}{at} or before"),
        (Comparison::More, _) => format!("after {at}"),
        (Comparison::AtLeast, _) => format!("{on}{at} or after"),
    }
}

fn span_words(span: Offset) -> String {
    let ending = if span.number == 1 { "" } else { "s" };
    format!("{} {}{ending}", span.number, span.unit.name())
}

fn moment_words(moment: Moment) -> String {
    match moment {
        Moment::Offset(offset) if offset.number < 0 => {
            format!("{} ago", span_words(Offset { number: -offset.number, ..offset }))
        }
        Moment::Offset(offset) => format!("in {}", span_words(offset)),
        moment => moment.to_string(),
    }
}

fn value_words(value: &Value, shop: &Shop) -> String {
    match value {
        Value::Text(text) | Value::Id(text) => format!("“{text}”"),
        Value::Word(word) => word.replace('_', " ").to_lowercase(),
        Value::Whole(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Money(amount) => {
            format!("{} {}", amount.with_digits(shop.currency.digits() as usize), shop.currency)
        }
        Value::Yes(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Date(moment) => moment_words(*moment),
    }
}
