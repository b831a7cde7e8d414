//! Dates as they are compared: whole days of the shop, or seconds where a rule tells a time of day or hours.

use columns::Span;
use jiff::civil::Date;
use rules::{Comparison, Condition, Moment, Offset, Unit, Value};
use std::collections::BTreeSet;

use crate::{
    calendar::{self, Calendar},
    refused::{Found, Refused, misfit},
    scene::Scene,
};

/// The shop's days, and which second it is.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    pub(crate) calendar: Calendar,
    now: i64,
    today: Date,
}

/// How a column counts what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    Seconds,
    Days,
}

/// What a date is compared with, today.
enum Bound {
    Day(Date),
    Second(i64),
}

const HOUR_SECONDS: i64 = 3_600;

impl Clock {
    pub(crate) fn of(scene: &Scene<'_>) -> Self {
        let calendar = Calendar::of(scene.zone);
        let now = scene.now.as_second();
        Self { today: calendar.day(now), calendar, now }
    }

    /// The same in another second.
    pub(crate) fn at(&self, now: i64) -> Self {
        Self { today: self.calendar.day(now), calendar: self.calendar.clone(), now }
    }

    fn bound(&self, moment: Moment) -> Bound {
        match (hours(moment), moment) {
            (Some(hours), _) => Bound::Second(self.now + hours),
            (None, Moment::At(time)) => Bound::Second(self.calendar.second(time)),
            (None, moment) => Bound::Day(calendar::meant(moment, self.today)),
        }
    }

    /// The day on which the moment lies.
    pub(crate) fn day(&self, moment: Moment) -> Date {
        match self.bound(moment) {
            Bound::Day(day) => day,
            Bound::Second(second) => self.calendar.day(second),
        }
    }

    /// Of a comparison with dates: which numbers of a column pass it now. A span of time up to an instant ends before it;
    /// one up to a day ends with it.
    pub(crate) fn span(&self, name: &str, condition: &Condition, counts: Counts) -> Found<Span> {
        let least = |value: &Value| Ok::<_, Refused>(self.least(&self.bound(date(name, value)?), counts));
        let past = |value: &Value| Ok::<_, Refused>(self.past(&self.bound(date(name, value)?), counts));
        Ok(match condition {
            Condition::Is(Comparison::Equal, value) => Span::new(least(value)?, past(value)? - 1),
            Condition::Is(Comparison::AtLeast, value) => Span::from(least(value)?),
            Condition::Is(Comparison::More, value) => Span::from(past(value)?),
            Condition::Is(Comparison::AtMost, value) => Span::to(past(value)? - 1),
            Condition::Is(Comparison::Less, value) => Span::to(least(value)? - 1),
            Condition::Between(from, to) => {
                let is_of_days = date(name, to)?.is_of_days();
                Span::new(least(from)?, if is_of_days { past(to)? } else { least(to)? } - 1)
            }
            _ => return misfit(name),
        })
    }

    /// The least number that is not before the bound. A day begins with its first second.
    fn least(&self, bound: &Bound, counts: Counts) -> i64 {
        match (bound, counts) {
            (Bound::Day(day), Counts::Seconds) => self.calendar.start(*day),
            (Bound::Day(day), Counts::Days) => calendar::number(*day),
            (Bound::Second(second), Counts::Seconds) => *second,
            (Bound::Second(second), Counts::Days) => {
                let last = self.calendar.day(*second);
                let mut first = calendar::number(last) + 1;
                let begins =
                    |number: i64| calendar::day_of_number(number).map(|day| self.calendar.start(day));
                while begins(first - 1).is_some_and(|begins| begins >= *second) {
                    first -= 1;
                }
                first
            }
        }
    }

    /// The least number that lies behind the bound.
    fn past(&self, bound: &Bound, counts: Counts) -> i64 {
        match (bound, counts) {
            (Bound::Day(day), Counts::Seconds) => self.calendar.end(*day),
            (Bound::Day(day), Counts::Days) => calendar::number(*day) + 1,
            (Bound::Second(second), Counts::Seconds) => second + 1,
            (Bound::Second(second), Counts::Days) => calendar::number(self.calendar.day(*second)) + 1,
        }
    }

    /// Every second to come in which a comparison of this number may get another answer.
    pub(crate) fn turns(
        &self,
        condition: &Condition,
        number: i64,
        counts: Counts,
        turns: &mut BTreeSet<i64>,
    ) {
        let (day, second) = match counts {
            Counts::Seconds => (self.calendar.day(number), number),
            Counts::Days => match calendar::day_of_number(number) {
                Some(day) => (day, self.calendar.start(day)),
                None => return,
            },
        };
        for moment in moments(condition) {
            if let Some(hours) = hours(moment) {
                let reached = second.saturating_sub(hours);
                self.turn(reached, turns);
                self.turn(reached.saturating_add(1), turns);
            } else {
                let days = [Some(day), day.tomorrow().ok()];
                days.into_iter().flatten().for_each(|day| self.reaches(moment, day, turns));
            }
        }
    }

    /// The second in which the moment comes to lie on the day or behind it.
    pub(crate) fn reaches(&self, moment: Moment, day: Date, turns: &mut BTreeSet<i64>) {
        if let Some(hours) = hours(moment) {
            self.turn(self.calendar.start(day).saturating_sub(hours), turns);
        } else if let Some(today) = calendar::first_meaning(moment, day) {
            self.turn(self.calendar.start(today), turns);
        }
    }

    fn turn(&self, second: i64, turns: &mut BTreeSet<i64>) {
        if second > self.now {
            turns.insert(second);
        }
    }
}

/// Of a moment that follows the clock: how many seconds it lies behind now, or before.
fn hours(moment: Moment) -> Option<i64> {
    match moment {
        Moment::Now => Some(0),
        Moment::Offset(Offset { number, unit: Unit::Hour }) => Some(i64::from(number) * HOUR_SECONDS),
        _ => None,
    }
}

/// Is another from second to second.
pub(crate) fn follows_the_clock(moment: Moment) -> bool {
    hours(moment).is_some()
}

/// Is another from day to day, or from second to second.
pub(crate) fn moves(moment: Moment) -> bool {
    !matches!(moment, Moment::Day(_) | Moment::At(_))
}

pub(crate) fn date(name: &str, value: &Value) -> Found<Moment> {
    match value {
        Value::Date(moment) => Ok(*moment),
        _ => misfit(name),
    }
}

/// All that a condition compares with.
pub(crate) fn moments(condition: &Condition) -> impl Iterator<Item = Moment> {
    let values = match condition {
        Condition::Is(_, value) => vec![value],
        Condition::Between(from, to) => vec![from, to],
        _ => vec![],
    };
    values.into_iter().filter_map(|value| date("", value).ok())
}
