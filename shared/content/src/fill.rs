//! A template, filled for one customer.

use std::cmp::Ordering;

use domain::Currency;

use crate::{
    escape,
    expression::{Comparison, Condition, Expression, Field, Operand, Source, Test},
    limits::{FUEL, STEP_FUEL, VALUE_BYTES_MAX},
    literal::{Literal, Number},
    tree::{Node, Pattern},
    value::{Facts, Value},
};

/// Why there is no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// The template itself leaves them out.
    #[error("the template leaves them out: {0}")]
    Skipped(String),
    #[error("it becomes longer than {0} bytes")]
    TooLong(usize),
    #[error("it takes too many steps: shorten its loops")]
    TooMuch,
}

impl Pattern {
    /// `into` holds nothing else afterwards; it is the caller's so that one piece of memory does for all of a campaign.
    pub fn fill(&self, facts: &dyn Facts, into: &mut String) -> Result<(), Stopped> {
        into.clear();
        // Where it is no memory that was used before: what is filled in is little beside what stands there.
        into.reserve(self.source.len() + self.source.len() / 4);
        let currency = facts.currency();
        let mut filling = Filling { template: self, facts, currency, into, fuel: FUEL, turns: Vec::new() };
        let done = filling.nodes(&self.nodes);
        if done.is_err() {
            into.clear();
        }
        done
    }
}

struct Filling<'a> {
    template: &'a Pattern,
    facts: &'a dyn Facts,
    currency: Currency,
    into: &'a mut String,
    fuel: usize,
    turns: Vec<Turn<'a>>,
}

/// Where a loop is.
struct Turn<'a> {
    item: Value<'a>,
    at: usize,
    of: usize,
}

impl<'a> Filling<'a> {
    fn nodes(&mut self, nodes: &'a [Node]) -> Result<(), Stopped> {
        for node in nodes {
            match node {
                Node::Plain(range) => {
                    let text = &self.template.source[range.clone()];
                    self.burn(text.len())?;
                    self.into.push_str(text);
                }
                Node::Value(expression) => {
                    let value = self.value(expression)?.shown(self.currency);
                    self.burn(value.len())?;
                    escape::push(&value, self.template.shape, self.into);
                }
                Node::If { arms, otherwise } => {
                    let mut chosen = otherwise;
                    for (condition, nodes) in arms {
                        if self.holds(condition)? {
                            chosen = nodes;
                            break;
                        }
                    }
                    self.nodes(chosen)?;
                }
                Node::For { of, limit, body, empty } => self.turns(*of, *limit, (body, empty))?,
                Node::Skip(reason) => return Err(Stopped::Skipped(reason.clone())),
                Node::Link { target, always } => self.link(target, always.as_deref())?,
            }
            let most = self.template.shape.bytes_max();
            if self.into.len() > most {
                return Err(Stopped::TooLong(most));
            }
        }
        Ok(())
    }

    /// Another in its place, or as it is written. The other has no letter which markup knows.
    fn link(&mut self, target: &'a [Node], always: Option<&str>) -> Result<(), Stopped> {
        let from = self.into.len();
        let led = if let Some(told) = always {
            self.burn(told.len())?;
            self.facts.leads(told)
        } else {
            self.nodes(target)?;
            self.facts.leads(&escape::plain(&self.into[from..], self.template.shape))
        };
        match led {
            Some(led) => {
                self.burn(led.len())?;
                self.into.truncate(from);
                self.into.push_str(&led);
            }
            None if always.is_some() => self.nodes(target)?,
            None => {}
        }
        Ok(())
    }

    fn turns(
        &mut self,
        of: Source,
        limit: Option<usize>,
        (body, empty): (&'a [Node], &'a [Node]),
    ) -> Result<(), Stopped> {
        let items: Vec<Value<'a>> = match self.source(of) {
            Value::Texts(texts) => texts.iter().map(|text| Value::text(text.as_str())).collect(),
            Value::Lines(lines) => lines.iter().map(Value::Line).collect(),
            _ => Vec::new(),
        };
        let count = items.len().min(limit.unwrap_or(usize::MAX));
        self.burn(count)?;
        if count == 0 {
            return self.nodes(empty);
        }
        for (at, item) in items.into_iter().take(count).enumerate() {
            // Also where there is nothing within.
            self.burn(0)?;
            self.turns.push(Turn { item, at, of: count });
            let done = self.nodes(body);
            self.turns.pop();
            done?;
        }
        Ok(())
    }

    fn holds(&mut self, condition: &'a Condition) -> Result<bool, Stopped> {
        for test in &condition.tests {
            // With `or` the first that holds decides, with `and` the first that does not.
            if self.is_so(test)? == condition.is_any {
                return Ok(condition.is_any != condition.is_not);
            }
        }
        Ok(condition.is_any == condition.is_not)
    }

    fn is_so(&mut self, test: &'a Test) -> Result<bool, Stopped> {
        let of = self.value(&test.of)?;
        let Some((comparison, expression)) = &test.beside else { return Ok(!of.is_nothing()) };
        let beside = self.value(expression)?;
        Ok(match comparison {
            Comparison::Is => self.is_same(&test.of, &of, expression, &beside),
            Comparison::IsNot => !self.is_same(&test.of, &of, expression, &beside),
            Comparison::Contains => match (of, beside) {
                (Value::Text(of), Value::Text(part)) => of.contains(&*part),
                (Value::Texts(of), Value::Text(one)) => of.iter().any(|text| *text == one),
                _ => false,
            },
            // What is not known is neither more nor less.
            _ => self.order((&test.of, &of), (expression, &beside)).is_some_and(|order| match comparison {
                Comparison::Less => order == Ordering::Less,
                Comparison::LessOrIs => order != Ordering::Greater,
                Comparison::More => order == Ordering::Greater,
                _ => order != Ordering::Less,
            }),
        })
    }

    fn is_same(&self, one: &Expression, of: &Value<'_>, other: &Expression, beside: &Value<'_>) -> bool {
        if matches!(other.of, Operand::Literal(Literal::Nothing)) {
            return of.is_nothing();
        }
        match self.order((one, of), (other, beside)) {
            Some(order) => order == Ordering::Equal,
            None => of == beside && !of.is_nothing(),
        }
    }

    fn order(&self, one: (&Expression, &Value<'_>), other: (&Expression, &Value<'_>)) -> Option<Ordering> {
        if let (Value::Day(one), Value::Day(other)) = (one.1, other.1) {
            return Some(one.cmp(other));
        }
        Some(self.number(one)?.compare(self.number(other)?))
    }

    /// A number in a template may be finer than a count.
    fn number(&self, (expression, value): (&Expression, &Value<'_>)) -> Option<Number> {
        match (&expression.of, value) {
            (Operand::Literal(Literal::Number(number)), _) if expression.filters.is_empty() => Some(*number),
            (_, Value::Count(count)) => Some(Number { parts: *count, digits: 0 }),
            (_, Value::Money(amount)) => Some(Number { parts: amount.get(), digits: self.currency.digits() }),
            _ => None,
        }
    }

    fn value(&mut self, expression: &'a Expression) -> Result<Value<'a>, Stopped> {
        self.burn(0)?;
        let mut value = match &expression.of {
            Operand::Source(source) => self.source(*source),
            Operand::Literal(literal) => literal.value(),
        };
        for filter in &expression.filters {
            value = filter.apply(value, self.currency);
            if let Value::Text(text) = &value {
                self.burn(text.len())?;
                if text.len() > VALUE_BYTES_MAX {
                    return Err(Stopped::TooLong(VALUE_BYTES_MAX));
                }
            }
        }
        Ok(value)
    }

    fn source(&self, source: Source) -> Value<'a> {
        let facts = self.facts;
        let count = |at: usize| Value::Count(i64::try_from(at).unwrap_or(i64::MAX));
        match source {
            Source::Fact(name) => facts.of(name),
            Source::Item(place) => self.turns[place].item.clone(),
            Source::Turn(place) => count(self.turns[place].at + 1),
            Source::IsFirst(place) => Value::Truth(self.turns[place].at == 0),
            Source::IsLast(place) => Value::Truth(self.turns[place].at + 1 == self.turns[place].of),
            Source::Of(place, field) => {
                let Value::Line(line) = self.turns[place].item else { return Value::Nothing };
                let maybe = |text: &'a Option<String>| text.as_deref().map_or(Value::Nothing, Value::text);
                match field {
                    Field::Title => Value::text(line.title.as_str()),
                    Field::Quantity => Value::Count(line.quantity.into()),
                    Field::Price => Value::Money(line.price),
                    Field::Url => maybe(&line.url),
                    Field::ImageUrl => maybe(&line.image_url),
                }
            }
        }
    }

    fn burn(&mut self, bytes: usize) -> Result<(), Stopped> {
        self.fuel = self.fuel.checked_sub(STEP_FUEL + bytes).ok_or(Stopped::TooMuch)?;
        Ok(())
    }
}
