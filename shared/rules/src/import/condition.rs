//! One condition `{field, operator, value}` of another system.

use serde_json::Value as Json;

use super::{
    Importer, Object, told,
    words::{self, Becomes, Operator},
};
use crate::{
    Decimal, Field, Kind, Known,
    json::join,
    leaf::{Comparison, Like},
    problem::Wrong,
    told::{Asks, Condition, Leaf, Literal, Node, Test, Told},
};

/// What every customer has.
const NEVER_NOTHING: [&str; 4] = ["number_of_orders", "amount_spent", "historic_clv", "customer_added_date"];

/// A condition that was taken apart.
pub(super) struct Asked<'j> {
    pub(super) at: &'j str,
    pub(super) is_not: bool,
    pub(super) operator: Operator,
    pub(super) value: &'j Json,
    /// Days or months, of a number that is a time.
    pub(super) unit: char,
}

impl Importer<'_> {
    pub(super) fn condition(&mut self, at: &str, json: &Json) -> Told<Node> {
        let Json::Object(object) = json else {
            return self.unread(
                at,
                Wrong::Unexpected("this condition".to_owned()),
                &["{field, operator, value}"],
            );
        };
        self.only(at, object, &["id", "field", "operator", "value", "unit"]);
        let (Some(name), Some((is_not, operator)), Some(unit)) =
            (self.field_name(at, object), self.operator(at, object), self.unit(at, object))
        else {
            return told(at, Node::Unread);
        };
        let becomes = words::field(&name).or_else(|| {
            let is_ours = Known::named(&name).is_some() || self.shop.field(&name).is_some();
            is_ours.then_some(Becomes::Field(""))
        });
        let value = object.get("value").unwrap_or(&Json::Null);
        let asked = Asked { at, is_not, operator, value, unit };
        match becomes {
            Some(Becomes::Field("")) => self.compared(&name, &asked),
            Some(Becomes::Field(ours)) => self.compared(ours, &asked),
            Some(Becomes::Like(ours, says)) => {
                self.note(at, says);
                self.compared(ours, &asked)
            }
            Some(Becomes::DaysSince(ours)) => self.days_since(ours, &asked),
            Some(Becomes::RfmGroup) => self.rfm_group(&asked),
            Some(Becomes::Name) => self.name(&asked),
            Some(Becomes::Flag(flag, says)) => self.flag(flag, says, &asked),
            Some(Becomes::Nothing(why)) => self.unread(at, Wrong::NotBrought(format!("`{name}`"), why), &[]),
            None => {
                self.unread(&join(at, "field"), Wrong::Unknown(name, "field of a system that we know"), &[])
            }
        }
    }

    fn field_name(&mut self, at: &str, object: &Object) -> Option<String> {
        let name = object.get("field").and_then(Json::as_str).map(str::to_owned);
        if name.is_none() {
            self.wrong(at, Wrong::Missing("`field`".to_owned()), &[]);
        }
        name
    }

    fn operator(&mut self, at: &str, object: &Object) -> Option<(bool, Operator)> {
        let Some(name) = object.get("operator").and_then(Json::as_str) else {
            self.wrong(at, Wrong::Missing("`operator`".to_owned()), &[]);
            return None;
        };
        let found = words::operator(name);
        if found.is_none() {
            let wrong = Wrong::Unknown(name.to_owned(), "operator of a system that we know");
            self.wrong(&join(at, "operator"), wrong, &[]);
        }
        found
    }

    fn unit(&mut self, at: &str, object: &Object) -> Option<char> {
        match object.get("unit").map(|unit| unit.as_str().unwrap_or_default().to_ascii_lowercase()).as_deref()
        {
            None | Some("day" | "days") => Some('d'),
            Some("week" | "weeks") => Some('w'),
            Some("month" | "months") => Some('m'),
            Some("year" | "years") => Some('y'),
            Some(_) => {
                let wrong = Wrong::Unexpected("this unit".to_owned());
                self.wrong(&join(at, "unit"), wrong, &["days", "weeks", "months", "years"]);
                None
            }
        }
    }

    fn kind_of(&self, name: &str) -> Kind {
        let known = Known::named(name).map(Field::Known).or_else(|| self.shop.field(name));
        known.map_or(Kind::Text, |field| field.kind())
    }

    fn compared(&mut self, name: &str, asked: &Asked<'_>) -> Told<Node> {
        let kind = self.kind_of(name);
        if kind == Kind::Date {
            // A number is a time that has passed: "more than 30 days ago".
            let is_number = |json: &Json| json.is_number();
            let all_numbers =
                asked.value.as_array().map_or(is_number(asked.value), |values| values.iter().all(is_number));
            if all_numbers || matches!(asked.operator, Operator::Before | Operator::After) {
                return self.days_since(name, asked);
            }
        }
        let Some(literal) = self.literals(kind, asked) else { return told(asked.at, Node::Unread) };
        self.test(name, kind, asked, literal)
    }

    pub(super) fn test(
        &mut self,
        name: &str,
        kind: Kind,
        asked: &Asked<'_>,
        mut values: Vec<Told<Literal>>,
    ) -> Told<Node> {
        let at = asked.at;
        let wants = match asked.operator {
            Operator::Null => 0,
            Operator::Between => 2,
            Operator::In => values.len().max(1),
            _ => 1,
        };
        if values.len() != wants && asked.operator != Operator::Null {
            let wrong = Wrong::Unexpected("what is told".to_owned());
            return self.unread(
                &join(at, "value"),
                wrong,
                &[if wants == 2 { "two values" } else { "a value" }],
            );
        }
        let mut next = || values.remove(0);
        let test = match asked.operator {
            Operator::Null => Test::Null,
            Operator::Is(comparison) if kind.is_list() && comparison == Comparison::Equal => {
                Test::Like(Like::Contains, next())
            }
            Operator::Is(comparison) => Test::Is(comparison, next()),
            Operator::Contains => Test::Like(Like::Contains, next()),
            Operator::StartsWith => Test::Like(Like::StartsWith, next()),
            Operator::EndsWith => Test::Like(Like::EndsWith, next()),
            Operator::Before => Test::Is(Comparison::Less, next()),
            Operator::After => Test::Is(Comparison::More, next()),
            Operator::Between => Test::Between(next(), next()),
            Operator::In if kind.is_named() => Test::In(values),
            Operator::In if kind.is_list() => Test::Holds(crate::Quantity::Any, values),
            // Numbers and dates are one of several only by being each.
            Operator::In => {
                let each =
                    values.into_iter().map(|value| leaf(at, name, false, Test::Is(Comparison::Equal, value)));
                let node = negated(at, asked.is_not, Node::Any(each.collect()));
                return self.known_too(name, asked, node);
            }
        };
        self.known_too(name, asked, leaf(at, name, asked.is_not, test))
    }

    /// In SQL nothing is never unlike something: an opposite holds only of who has any.
    fn known_too(&self, name: &str, asked: &Asked<'_>, node: Told<Node>) -> Told<Node> {
        let is_of_all = NEVER_NOTHING.contains(&name);
        if !self.is_of_sql || !asked.is_not || asked.operator == Operator::Null || is_of_all {
            return node;
        }
        told(asked.at, Node::All(vec![node, leaf(asked.at, name, true, Test::Null)]))
    }

    /// The values as those of the kind are told: other systems' pages send numbers as texts.
    pub(super) fn literals(&mut self, kind: Kind, asked: &Asked<'_>) -> Option<Vec<Told<Literal>>> {
        let at = join(asked.at, "value");
        if asked.operator == Operator::Null {
            return Some(vec![]);
        }
        if asked.value.is_null() {
            self.wrong(asked.at, Wrong::Missing("`value`".to_owned()), &[]);
            return None;
        }
        let one = |at: &str, json: &Json| {
            let literal = match json {
                Json::String(text)
                    if kind.is_ordered() && kind != Kind::Date && Decimal::parse(text).is_some() =>
                {
                    Literal::Number(text.clone())
                }
                Json::String(text) if kind == Kind::Date => Literal::Date(midnight(text).to_owned()),
                Json::String(text) => Literal::Text(text.clone()),
                Json::Number(number) => Literal::Number(number.to_string()),
                Json::Bool(yes) => Literal::Yes(*yes),
                _ => return None,
            };
            Some(told(at, literal))
        };
        let found: Option<Vec<_>> = match asked.value {
            Json::Array(values) => {
                let values = values.iter().enumerate();
                values.map(|(place, value)| one(&join(&at, &place.to_string()), value)).collect()
            }
            // Bounds by name.
            Json::Object(bounds) if asked.operator == Operator::Between && bounds.len() == 2 => {
                let pair = [("min", "max"), ("from", "to"), ("start", "end")].into_iter();
                let pair =
                    pair.filter_map(|(low, high)| Some([(low, bounds.get(low)?), (high, bounds.get(high)?)]));
                pair.flatten().map(|(name, value)| one(&join(&at, name), value)).collect()
            }
            // Several, parted by commas, as forms send them.
            Json::String(text) if asked.operator == Operator::In => {
                text.split(',').map(|part| one(&at, &Json::from(part.trim()))).collect()
            }
            value => one(&at, value).map(|literal| vec![literal]),
        };
        if found.is_none() {
            self.wrong(&at, Wrong::Unexpected("what is told".to_owned()), &["a value"]);
        }
        found
    }
}

pub(super) fn leaf(at: &str, name: &str, is_not: bool, test: Test) -> Told<Node> {
    let asks = Asks::Compares(told(at, Condition { is_not, test }));
    told(at, Node::Leaf(Box::new(Leaf { name: told(at, name.to_owned()), of: None, asks })))
}

pub(super) fn negated(at: &str, is_not: bool, node: Node) -> Told<Node> {
    let node = told(at, node);
    if is_not { told(at, Node::Not(Box::new(node))) } else { node }
}

/// The day of an instant that programs mean as a day: `2026-01-31T00:00:00.000Z`.
pub(super) fn midnight(text: &str) -> &str {
    let day = text.trim_end_matches('Z').trim_end_matches(".000");
    day.strip_suffix("T00:00:00").or_else(|| day.strip_suffix("T00:00")).unwrap_or(text)
}
