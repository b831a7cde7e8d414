//! `{"op": …, "value": …}` and its like: what is asked of a value, in JSON.

use serde_json::Value as Json;

use super::{
    operators::{Form, OPERATORS, form},
    read::{Object, Reader, join, told},
};
use crate::{
    nearest::nearest,
    problem::{Problem, Wrong},
    told::{Condition, Literal, Test, Told},
};

impl Reader {
    pub(super) fn condition(&mut self, at: &str, object: &Object) -> Told<Condition> {
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
