//! The one JSON of a rule.

use serde_json::{Map, Value as Json, json};

use crate::{
    leaf::{Clause, Condition, Leaf, Quantity},
    moment::Moment,
    rule::Rule,
    said::Said,
    value::Value,
};

pub(crate) fn write(rule: &Rule) -> Json {
    match rule {
        Rule::Everyone => json!({ "everyone": true }),
        Rule::All(rules) => json!({ "all": rules.iter().map(write).collect::<Vec<_>>() }),
        Rule::Any(rules) => json!({ "any": rules.iter().map(write).collect::<Vec<_>>() }),
        Rule::Not(rule) => json!({ "not": write(rule) }),
        Rule::Leaf(leaf) => Json::Object(leaf_of(leaf)),
    }
}

fn leaf_of(leaf: &Leaf) -> Map<String, Json> {
    let named = |key: &str, name: &str, condition: &Condition| {
        let mut object = condition_of(condition);
        object.insert(key.to_owned(), name.into());
        object
    };
    match leaf {
        Leaf::Field { field, condition } => named("field", field.name(), condition),
        Leaf::Anniversary { field, condition } => named("anniversary", field.name(), condition),
        Leaf::Bucket { seed, condition } => named("bucket", seed, condition),
        leaf => {
            let mut object = Map::new();
            let mut each = Vec::new();
            for said in leaf.said() {
                match &said {
                    Said::Clause(clause) if clause.param.is_of_all() => {
                        let asked = negated(clause.is_not, condition_of(&clause.condition));
                        object.insert(clause.param.name().to_owned(), asked);
                    }
                    said => each.push(said_of(said)),
                }
            }
            object.insert("event".to_owned(), leaf.function().map_or("", |function| function.name()).into());
            if !each.is_empty() {
                object.insert("where".to_owned(), each.into());
            }
            object
        }
    }
}

fn said_of(said: &Said) -> Json {
    match said {
        Said::Clause(Clause { param, is_not, condition }) => {
            let mut object = condition_of(condition);
            object.insert("param".to_owned(), param.name().into());
            negated(*is_not, object)
        }
        Said::Coordinates(at) => {
            let pair = [at.latitude.to_string(), at.longitude.to_string()];
            json!({ "param": "coordinates", "op": "eq", "value": { "coordinates": pair } })
        }
        Said::Steps(steps) => {
            let steps: Vec<_> = steps.iter().map(|step| step.name()).collect();
            json!({ "param": "steps", "op": "in", "value": steps })
        }
        Said::Within(span) => {
            json!({ "param": "within", "op": "lte", "value": { "offset": span.to_string() } })
        }
    }
}

fn negated(is_not: bool, object: Map<String, Json>) -> Json {
    if is_not { json!({ "not": object }) } else { Json::Object(object) }
}

fn condition_of(condition: &Condition) -> Map<String, Json> {
    let texts = |texts: &[Box<str>]| texts.iter().map(|text| Json::from(&**text)).collect::<Json>();
    let (op, value) = match condition {
        Condition::Is(comparison, value) => (comparison.name(), Some(value_of(value))),
        Condition::Between(from, to) => ("between", Some([from, to].map(value_of).into_iter().collect())),
        Condition::In(values) => ("in", Some(values.iter().map(value_of).collect())),
        Condition::Like(like, text) => (like.name(), Some((&**text).into())),
        Condition::Holds(_, held) if held.len() == 1 => ("contains", Some((&*held[0]).into())),
        Condition::Holds(Quantity::Any, held) => ("contains_any", Some(texts(held))),
        Condition::Holds(Quantity::All, held) => ("contains_all", Some(texts(held))),
        Condition::Length(comparison, number) => {
            let length = json!({ "op": comparison.name(), "value": number });
            return Map::from_iter([("length".to_owned(), length)]);
        }
        Condition::Null => ("is_null", None),
    };
    let mut object = Map::from_iter([("op".to_owned(), op.into())]);
    object.extend(value.map(|value| ("value".to_owned(), value)));
    object
}

fn value_of(value: &Value) -> Json {
    match value {
        Value::Text(text) | Value::Id(text) => (&**text).into(),
        Value::Word(word) => (*word).into(),
        Value::Whole(number) => (*number).into(),
        Value::Number(number) => json!({ "decimal": number.to_string() }),
        Value::Money(amount) => json!({ "money": amount.with_digits(2) }),
        Value::Yes(yes) => (*yes).into(),
        Value::Date(moment @ Moment::Offset(_)) => json!({ "offset": moment.to_string() }),
        Value::Date(moment) => json!({ "date": moment.to_string() }),
    }
}
