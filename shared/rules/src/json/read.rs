//! JSON to what was told. A member that is not known is refused: it could have been the one that matters.

use serde_json::{Map, Value as Json};

use super::operators::{Form, OPERATORS, form};
use crate::{
    event::Param,
    limits::BRACKETS_MAX,
    nearest::nearest,
    problem::{Place, Problem, Wrong},
    told::{Argument, Asks, Clause, Condition, Leaf, Literal, Node, Test, Told},
};

type Object = Map<String, Json>;

/// What was told, as far as it can be read, and all that is wrong with its form.
pub(crate) fn read(json: &Json) -> (Told<Node>, Vec<Problem>) {
    let mut reader = Reader { problems: Vec::new() };
    let node = reader.node("", json, 0);
    (node, reader.problems)
}

/// The pointer to a member or an element.
pub(crate) fn join(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn told<T>(at: &str, is: T) -> Told<T> {
    Told { place: Place::Pointer(at.to_owned()), is }
}

struct Reader {
    problems: Vec<Problem>,
}

/// Each form of a node: the member by which it is known, and all that it may have.
const FORMS: [(&str, &[&str]); 8] = [
    ("all", &["all"]),
    ("any", &["any"]),
    ("not", &["not"]),
    ("everyone", &["everyone"]),
    ("field", &["field", "op", "value", "length"]),
    ("anniversary", &["anniversary", "op", "value"]),
    ("bucket", &["bucket", "op", "value"]),
    ("event", &["event", "where", "count", "sum_amount", "sum_quantity"]),
];

impl Reader {
    fn wrong(&mut self, at: &str, wrong: Wrong, expected: &[&str]) {
        let problem = Problem::new(&Place::Pointer(at.to_owned()), wrong);
        self.problems.push(problem.expecting(expected.iter().copied()));
    }

    fn unexpected(&mut self, at: &str, found: &Json, expected: &[&str]) {
        let found = match found {
            Json::Null => "null",
            Json::Bool(_) => "true or false",
            Json::Number(_) => "a number",
            Json::String(_) => "a text",
            Json::Array(_) => "a list",
            Json::Object(_) => "an object",
        };
        self.wrong(at, Wrong::Unexpected(found.to_owned()), expected);
    }

    /// Of members that are not known. Those known are told at the object.
    fn only(&mut self, at: &str, object: &Object, known: &[&str]) {
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            let place = Place::Pointer(join(at, name));
            let problem = Problem::new(&place, Wrong::Unknown(name.clone(), "member"));
            let meant = nearest(name, known.iter().copied());
            self.problems.push(problem.meaning(meant).expecting(known.iter().copied()));
        }
    }

    fn node(&mut self, at: &str, json: &Json, depth: usize) -> Told<Node> {
        if depth > BRACKETS_MAX {
            self.wrong(at, Wrong::TooDeep(BRACKETS_MAX), &[]);
            return told(at, Node::Unread);
        }
        let names = FORMS.map(|(name, _)| name);
        let Some(object) = json.as_object() else {
            self.unexpected(at, json, &["an object with one of: all, any, not, everyone, field, event"]);
            return told(at, Node::Unread);
        };
        let Some((name, known)) = FORMS.iter().find(|(name, _)| object.contains_key(*name)) else {
            if object.is_empty() {
                self.wrong(at, Wrong::Empty("rule"), &names);
            } else {
                self.only(at, object, &names);
            }
            return told(at, Node::Unread);
        };
        self.only(at, object, known);
        let (inner, value) = (join(at, name), &object[*name]);
        let node = match *name {
            "all" => self.parts(&inner, value, depth).map(Node::All),
            "any" => self.parts(&inner, value, depth).map(Node::Any),
            "not" => Some(Node::Not(Box::new(self.node(&inner, value, depth + 1)))),
            "everyone" if *value == Json::Bool(true) => Some(Node::Everyone),
            "everyone" => {
                self.unexpected(&inner, value, &["true"]);
                None
            }
            "event" => self.event(at, object).map(|leaf| Node::Leaf(Box::new(leaf))),
            _ => self.compared(at, name, object).map(|leaf| Node::Leaf(Box::new(leaf))),
        };
        told(at, node.unwrap_or(Node::Unread))
    }

    fn parts(&mut self, at: &str, json: &Json, depth: usize) -> Option<Vec<Told<Node>>> {
        let Some(parts) = json.as_array() else {
            self.unexpected(at, json, &["a list of rules"]);
            return None;
        };
        let parts = parts.iter().enumerate();
        Some(parts.map(|(place, part)| self.node(&join(at, &place.to_string()), part, depth + 1)).collect())
    }

    fn text(&mut self, at: &str, json: &Json) -> Option<Told<String>> {
        if let Json::String(text) = json {
            return Some(told(at, text.clone()));
        }
        self.unexpected(at, json, &["a text"]);
        None
    }

    fn compared(&mut self, at: &str, by: &str, object: &Object) -> Option<Leaf> {
        let name = self.text(&join(at, by), &object[by]);
        let asks = Asks::Compares(self.condition(at, object));
        let name = name?;
        if by == "field" {
            return Some(Leaf { name, of: None, asks });
        }
        let of = Told { place: name.place, is: Literal::Text(name.is) };
        Some(Leaf { name: told(at, by.to_owned()), of: Some(vec![Argument::Bare(of)]), asks })
    }

    fn event(&mut self, at: &str, object: &Object) -> Option<Leaf> {
        let name = self.text(&join(at, "event"), &object["event"]);
        let mut clauses = Vec::new();
        let inner = join(at, "where");
        match object.get("where") {
            None => {}
            Some(Json::Array(each)) => {
                for (place, clause) in each.iter().enumerate() {
                    clauses.extend(self.clause(&join(&inner, &place.to_string()), clause));
                }
            }
            Some(other) => self.unexpected(&inner, other, &["a list of conditions"]),
        }
        for param in Param::ALL.iter().filter(|param| param.is_of_all()) {
            let Some(json) = object.get(param.name()) else { continue };
            let at = join(at, param.name());
            if let Some((is_not, place, inner)) = self.negatable(&at, json) {
                self.only(&place, inner, &["op", "value"]);
                let mut condition = self.condition(&place, inner);
                condition.is.is_not ^= is_not;
                clauses.push(Clause { param: told(&at, param.name().to_owned()), condition });
            }
        }
        Some(Leaf { name: name?, of: None, asks: Asks::Matches { is_not: false, clauses } })
    }

    /// `{"not": {…}}` or what would stand in it.
    fn negatable<'j>(&mut self, at: &str, json: &'j Json) -> Option<(bool, String, &'j Object)> {
        let Some(object) = json.as_object() else {
            self.unexpected(at, json, &["an object"]);
            return None;
        };
        let Some(negated) = object.get("not") else { return Some((false, at.to_owned(), object)) };
        self.only(at, object, &["not"]);
        let inner = join(at, "not");
        let Some(object) = negated.as_object() else {
            self.unexpected(&inner, negated, &["an object"]);
            return None;
        };
        Some((true, inner, object))
    }

    fn clause(&mut self, at: &str, json: &Json) -> Option<Clause> {
        let (is_not, at, object) = self.negatable(at, json)?;
        self.only(&at, object, &["param", "op", "value"]);
        let Some(param) = object.get("param") else {
            self.wrong(&at, Wrong::Missing("`param`".to_owned()), &[]);
            return None;
        };
        let param = self.text(&join(&at, "param"), param);
        let mut condition = self.condition(&at, object);
        condition.is.is_not ^= is_not;
        Some(Clause { param: param?, condition })
    }

    fn condition(&mut self, at: &str, object: &Object) -> Told<Condition> {
        let found = match object.get("length") {
            Some(length) => self.length(at, object, length),
            None => self.operation(at, object),
        };
        told(at, found.unwrap_or(Condition { is_not: false, test: Test::Unread }))
    }

    fn length(&mut self, at: &str, object: &Object, json: &Json) -> Option<Condition> {
        for other in ["op", "value"] {
            if object.contains_key(other) {
                self.wrong(at, Wrong::Exclude("`length`".to_owned(), format!("`{other}`")), &[]);
            }
        }
        let at = join(at, "length");
        let Some(object) = json.as_object() else {
            self.unexpected(&at, json, &["an object"]);
            return None;
        };
        self.only(&at, object, &["op", "value"]);
        let condition = self.operation(&at, object)?;
        let Test::Is(comparison, number) = condition.test else {
            let found = Wrong::Unexpected("this operator".to_owned());
            self.wrong(&join(&at, "op"), found, &["eq", "neq", "lt", "lte", "gt", "gte"]);
            return None;
        };
        Some(Condition { is_not: condition.is_not, test: Test::Length(comparison, number) })
    }

    fn operation(&mut self, at: &str, object: &Object) -> Option<Condition> {
        let Some(op) = object.get("op") else {
            self.wrong(at, Wrong::Missing("`op`".to_owned()), &[]);
            return None;
        };
        let op = self.text(&join(at, "op"), op)?;
        let Some((is_not, form)) = form(&op.is) else {
            let known = OPERATORS.iter().map(|(name, ..)| *name);
            let problem = Problem::new(&op.place, Wrong::Unknown(op.is.clone(), "operator"));
            self.problems.push(problem.meaning(nearest(&op.is, known.clone())).expecting(known));
            return None;
        };
        let inner = join(at, "value");
        let value = match (&form, object.get("value")) {
            (Form::Null, None) => return Some(Condition { is_not, test: Test::Null }),
            (Form::Null, Some(_)) => {
                self.wrong(&inner, Wrong::Unexpected("a value".to_owned()), &["nothing"]);
                return None;
            }
            (_, Some(value)) => value,
            (_, None) => {
                self.wrong(at, Wrong::Missing("`value`".to_owned()), &[]);
                return None;
            }
        };
        let test = match form {
            Form::Is(comparison) => Test::Is(comparison, self.literal(&inner, value)?),
            Form::Like(like) => Test::Like(like, self.literal(&inner, value)?),
            Form::In => Test::In(self.literals(&inner, value)?),
            Form::Holds(quantity) => Test::Holds(quantity, self.literals(&inner, value)?),
            Form::Between => {
                let pair: Result<[_; 2], _> = self.literals(&inner, value)?.try_into();
                let Ok([from, to]) = pair else {
                    self.wrong(&inner, Wrong::Unexpected("this list".to_owned()), &["a list of two values"]);
                    return None;
                };
                Test::Between(from, to)
            }
            Form::Null => Test::Null,
        };
        Some(Condition { is_not, test })
    }

    fn literals(&mut self, at: &str, json: &Json) -> Option<Vec<Told<Literal>>> {
        let Some(values) = json.as_array() else {
            self.unexpected(at, json, &["a list"]);
            return None;
        };
        let values = values.iter().enumerate();
        let values: Vec<_> =
            values.map(|(place, value)| self.literal(&join(at, &place.to_string()), value)).collect();
        values.into_iter().collect()
    }

    fn literal(&mut self, at: &str, json: &Json) -> Option<Told<Literal>> {
        let literal = match json {
            Json::String(text) => Literal::Text(text.clone()),
            Json::Number(number) => Literal::Number(number.to_string()),
            Json::Bool(yes) => Literal::Yes(*yes),
            Json::Object(object) if object.len() == 1 => return self.typed(at, object),
            other => {
                let expected = ["a text", "a number", "true or false", "money", "offset", "date", "decimal"];
                self.unexpected(at, other, &expected);
                return None;
            }
        };
        Some(told(at, literal))
    }

    /// `{"money": "500.00"}` and its like.
    fn typed(&mut self, at: &str, object: &Object) -> Option<Told<Literal>> {
        let (name, value) = object.iter().next()?;
        let inner = join(at, name);
        let literal = match name.as_str() {
            "money" => Literal::Money(self.text(&inner, value)?.is),
            "decimal" => Literal::Number(self.text(&inner, value)?.is),
            "offset" | "date" => Literal::Date(self.text(&inner, value)?.is),
            "coordinates" => Literal::Several(self.literals(&inner, value)?),
            _ => {
                self.only(at, object, &["money", "decimal", "offset", "date", "coordinates"]);
                return None;
            }
        };
        Some(told(at, literal))
    }
}
