//! What may be asked of a value of each kind.

use super::Checker;
use crate::{
    Kind, Problem,
    leaf::{Condition, Like, Quantity},
    limits::VALUES_MAX,
    problem::{Place, Wrong},
    told::{self, Literal, Test, Told},
    value::Value,
};

type Asked = Option<(bool, Condition)>;

impl Checker<'_> {
    pub(super) fn condition(&mut self, kind: Kind, name: &str, told: &Told<told::Condition>) -> Asked {
        let (is_not, condition) = self.asked(kind, name, told)?;
        if let Condition::Between(from, to) = &condition
            && from.is_surely_above(to)
        {
            self.wrong(&told.place, Wrong::Backwards(from.to_string(), to.to_string()));
            return None;
        }
        Some((is_not, condition))
    }

    /// As of a date, but a later day before an earlier one goes over the end of the year.
    pub(super) fn anniversary(&mut self, name: &str, told: &Told<told::Condition>) -> Asked {
        self.asked(Kind::Date, name, told)
    }

    fn asked(&mut self, kind: Kind, name: &str, told: &Told<told::Condition>) -> Asked {
        let condition = match &told.is.test {
            Test::Unread => return None,
            Test::Null if kind != Kind::Yes => Condition::Null,
            // As functions were given several ids before 2026-10.
            Test::Is(crate::Comparison::Equal, Told { is: Literal::Several(values), place })
                if kind.is_named() =>
            {
                Condition::In(self.values(kind, name, place, values)?)
            }
            Test::Is(crate::Comparison::Equal, value) if !kind.is_list() => {
                Condition::Is(crate::Comparison::Equal, self.value(kind, name, value)?)
            }
            Test::Is(comparison, value) if kind.is_ordered() => {
                Condition::Is(*comparison, self.value(kind, name, value)?)
            }
            Test::Between(from, to) if kind.is_ordered() => {
                let (from, to) = (self.value(kind, name, from), self.value(kind, name, to));
                Condition::Between(from?, to?)
            }
            Test::In(values) if kind.is_named() => {
                Condition::In(self.values(kind, name, &told.place, values)?)
            }
            Test::Like(like, text) if kind == Kind::Text => match self.value(kind, name, text)? {
                Value::Text(text) => Condition::Like(*like, text),
                _ => return None,
            },
            Test::Like(Like::Contains, text) if kind.is_list() => {
                Condition::Holds(Quantity::Any, vec![self.text(kind, name, text)?])
            }
            Test::Holds(quantity, texts) if kind.is_list() => {
                self.amount(&told.place, texts.len())?;
                let texts: Vec<_> = texts.iter().map(|text| self.text(kind, name, text)).collect();
                Condition::Holds(*quantity, texts.into_iter().collect::<Option<_>>()?)
            }
            Test::Length(comparison, number) if kind.is_list() => {
                match self.value(Kind::COUNT, &format!("the length of {name}"), number)? {
                    Value::Whole(number) => Condition::Length(*comparison, number),
                    _ => return None,
                }
            }
            test => {
                let wrong = Wrong::Operator(test.sign(told.is.is_not), name.to_owned(), kind.told());
                let problem = Problem::new(&told.place, wrong);
                self.problems.push(problem.expecting(kind.operators().iter().copied()));
                return None;
            }
        };
        Some((told.is.is_not, condition))
    }

    fn values(
        &mut self,
        kind: Kind,
        name: &str,
        place: &Place,
        told: &[Told<Literal>],
    ) -> Option<Vec<Value>> {
        self.amount(place, told.len())?;
        let values: Vec<_> = told.iter().map(|value| self.value(kind, name, value)).collect();
        values.into_iter().collect()
    }

    fn text(&mut self, kind: Kind, name: &str, told: &Told<Literal>) -> Option<Box<str>> {
        match self.value(kind, name, told)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn amount(&mut self, place: &Place, values: usize) -> Option<()> {
        match values {
            0 => self.wrong(place, Wrong::Empty("list")),
            1..=VALUES_MAX => return Some(()),
            _ => self.wrong(place, Wrong::TooMany("values", values, VALUES_MAX)),
        }
        None
    }
}
