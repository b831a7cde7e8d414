//! What functions are given that is no value of a field: places, sets, steps; and the leaves that are made of it.

use super::{Checker, function::Given};
use crate::{
    Coordinates, Decimal, Function, Problem,
    event::{Event, Param},
    leaf::{Comparison, Condition, Distance, Leaf},
    moment::Moment,
    nearest::nearest,
    offset::Offset,
    problem::{Place, Wrong},
    told::{self, Literal, Test, Told},
    value::Value,
};

impl Checker<'_> {
    pub(super) fn leaf_of(&mut self, place: &Place, function: Function, given: Given) -> Option<Leaf> {
        if let Some(event) = function.event() {
            return Some(Leaf::Event { event, each: given.each, all: given.all });
        }
        match function {
            Function::Near => {
                self.needed(place, &given, &[Param::Coordinates]);
                self.needed(place, &given, &[Param::DistanceKm, Param::DistanceMi]);
                let distance = self.distance(place, &given);
                Some(Leaf::Near { coordinates: given.coordinates?, distance: distance? })
            }
            Function::Funnel => {
                self.needed(place, &given, &[Param::Steps]);
                Some(Leaf::Funnel {
                    steps: given.steps?,
                    within: given.within,
                    date: given.each.into_iter().next(),
                })
            }
            _ => {
                self.needed(place, &given, &[Param::Id]);
                let clause = given.each.into_iter().next()?;
                let (false, Condition::Is(_, Value::Id(id))) = (clause.is_not, clause.condition) else {
                    return self.only(place, Param::Id, "= '…'");
                };
                Some(if function == Function::Segment { Leaf::Segment(id) } else { Leaf::List(id) })
            }
        }
    }

    /// One of these was told, rightly or not.
    fn needed(&mut self, place: &Place, given: &Given, params: &[Param]) {
        if !params.iter().any(|param| given.seen.contains(param)) {
            let names: Vec<_> = params.iter().map(|param| format!("`{}`", param.name())).collect();
            self.wrong(place, Wrong::Missing(names.join(" or ")));
        }
    }

    fn only<T>(&mut self, place: &Place, param: Param, form: &str) -> Option<T> {
        let wrong = Wrong::Unexpected(format!("what is asked of `{}`", param.name()));
        self.problems.push(Problem::new(place, wrong).expecting([format!("{} {form}", param.name())]));
        None
    }

    fn distance(&mut self, place: &Place, given: &Given) -> Option<Distance> {
        let clause = match &given.each[..] {
            [clause] => clause,
            [] => return None,
            _ => {
                let [km, mi] =
                    [Param::DistanceKm, Param::DistanceMi].map(|param| format!("`{}`", param.name()));
                self.wrong(place, Wrong::Exclude(km, mi));
                return None;
            }
        };
        match &clause.condition {
            Condition::Is(Comparison::Equal | Comparison::AtMost, Value::Number(number))
                if !clause.is_not && *number > Decimal::ZERO =>
            {
                Some(match clause.param {
                    Param::DistanceMi => Distance::Miles(*number),
                    _ => Distance::Kilometres(*number),
                })
            }
            _ => self.only(place, clause.param, "= 10"),
        }
    }

    /// `(45.4, -75.7)`, or the same as a text.
    pub(super) fn coordinates(&mut self, told: &Told<told::Condition>) -> Option<Coordinates> {
        let parse = |text: &str| Decimal::parse(text.trim());
        let pair = match &told.is.test {
            Test::Is(Comparison::Equal, Told { is: Literal::Several(values), .. }) => match &values[..] {
                [
                    Told { is: Literal::Number(one) | Literal::Text(one), .. },
                    Told { is: Literal::Number(two) | Literal::Text(two), .. },
                ] => parse(one).zip(parse(two)),
                _ => None,
            },
            Test::Is(Comparison::Equal, Told { is: Literal::Text(text), .. }) => {
                text.split_once(',').and_then(|(one, two)| parse(one).zip(parse(two)))
            }
            _ => None,
        };
        let found = pair.and_then(|(latitude, longitude)| Coordinates::new(latitude, longitude));
        if found.is_none() || told.is.is_not {
            return self.only(&told.place, Param::Coordinates, "= (45.4215, -75.6972)");
        }
        found
    }

    pub(super) fn steps(&mut self, told: &Told<told::Condition>) -> Option<Vec<Event>> {
        let (Test::In(values) | Test::Is(Comparison::Equal, Told { is: Literal::Several(values), .. })) =
            &told.is.test
        else {
            return self.only(&told.place, Param::Steps, "IN ('storefront.product_viewed', 'orders_placed')");
        };
        let mut steps = Vec::new();
        for value in values {
            let (Literal::Text(name) | Literal::Name(name)) = &value.is else {
                return self.only(
                    &value.place,
                    Param::Steps,
                    "IN ('storefront.product_viewed', 'orders_placed')",
                );
            };
            if let Some(event) = Event::named(name) {
                steps.push(event);
            } else {
                let names = Event::ALL.iter().map(|event| event.name());
                let problem = Problem::new(&value.place, Wrong::Unknown(name.clone(), "event"));
                self.problems.push(problem.meaning(nearest(name, names.clone())).expecting(names));
            }
        }
        if told.is.is_not || !(2..=5).contains(&values.len()) {
            return self.only(&told.place, Param::Steps, "IN (two to five events)");
        }
        Some(steps)
    }

    pub(super) fn within(&mut self, told: &Told<told::Condition>) -> Option<Offset> {
        let text = match &told.is.test {
            Test::Is(
                Comparison::AtMost | Comparison::Equal,
                Told { is: Literal::Date(text) | Literal::Text(text), .. },
            ) => text.as_str(),
            _ => "",
        };
        match Moment::parse(text) {
            Some(Moment::Offset(span)) if span.number > 0 && !told.is.is_not => Some(span),
            _ => self.only(&told.place, Param::Within, "<= +7d"),
        }
    }
}
