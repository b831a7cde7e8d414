//! Dates whose year is left aside.
//!
//! Who was born on 29 February has their day on the 28th in years that have no 29th. From a later day to an earlier one it
//! goes over the end of the year.

use columns::{Number, Of, Span, Test};
use jiff::civil::Date;
use rules::{Comparison, Condition, Field, Kind, Moment};
use std::{cmp::Ordering, collections::BTreeSet};

use crate::{
    calendar,
    clock::{self, Clock, Counts, date, moments},
    compile::{Compiler, not},
    field, own,
    refused::{Found, misfit, refused},
};

/// Month and day.
type Day = (i8, i8);

const LEAP_DAY: Day = (2, 29);
/// So many years after one with a 29 February there is another one, at the latest; and one more.
const YEARS: i16 = 9;

pub(crate) fn compared(it: &Compiler<'_>, of: &Field, condition: &Condition) -> Found<Test> {
    let (column, counts) = column(of)?;
    if *condition == Condition::Null {
        return Ok(not(Test::HasNumber(column)));
    }
    let asked = asked(it, of.name(), condition)?;
    let mut spans = Vec::new();
    for year in it.years.clone() {
        for (first, last) in &asked {
            let (Some(first), Some(last)) = (on_or_after(year, *first), on_or_before(year, *last)) else {
                continue;
            };
            if first <= last {
                spans.push(match counts {
                    Counts::Days => Span::new(calendar::number(first), calendar::number(last)),
                    Counts::Seconds => Span::new(
                        it.clock.calendar.start(first),
                        it.clock.calendar.end(last).saturating_sub(1),
                    ),
                });
            }
        }
    }
    // Where the calendar ends, days lie on one another.
    spans.dedup_by(|next, before| next.least <= before.most);
    Ok(Test::OneOf(column, spans))
}

/// The dates that are held, and how they are counted.
pub(crate) fn column(of: &Field) -> Found<(Of<Number>, Counts)> {
    match of {
        Field::Known(known) => match field::date(*known) {
            Some((column, counts)) => Ok((column.into(), counts)),
            None => refused(format!("anniversary({})", known.name()), "it is not among the columns"),
        },
        Field::Own(own) if own.kind == Kind::Date => Ok((own::column(own), Counts::Days)),
        Field::Own(own) => misfit(&*own.name),
    }
}

/// Which days of a year pass, from the first to the last.
fn asked(it: &Compiler<'_>, name: &str, condition: &Condition) -> Found<Vec<(Day, Day)>> {
    let day = |value| Ok(it.clock.day(date(name, value)?));
    let against = |own: Day, bound: Date| {
        let own = if own == LEAP_DAY && !bound.in_leap_year() { (2, 28) } else { own };
        own.cmp(&(bound.month(), bound.day()))
    };
    let passes: Box<dyn Fn(Day) -> bool> = match condition {
        Condition::Is(comparison, value) => {
            let bound = day(value)?;
            let comparison = *comparison;
            Box::new(move |own| match comparison {
                Comparison::Equal => against(own, bound) == Ordering::Equal,
                Comparison::Less => against(own, bound) == Ordering::Less,
                Comparison::AtMost => against(own, bound) != Ordering::Greater,
                Comparison::More => against(own, bound) == Ordering::Greater,
                Comparison::AtLeast => against(own, bound) != Ordering::Less,
            })
        }
        Condition::Between(from, to) => {
            let (from, to) = (day(from)?, day(to)?);
            let is_over = is_over_the_end(from, to);
            Box::new(move |own| {
                let (from, to) =
                    (against(own, from) != Ordering::Less, against(own, to) != Ordering::Greater);
                if is_over { from || to } else { from && to }
            })
        }
        _ => return misfit(name),
    };
    let mut stretches: Vec<(Day, Day)> = Vec::new();
    let mut is_within = false;
    for own in days_of_a_year() {
        let passes = passes(own);
        match stretches.last_mut() {
            Some(last) if is_within && passes => last.1 = own,
            _ if passes => stretches.push((own, own)),
            _ => {}
        }
        is_within = passes;
    }
    Ok(stretches)
}

/// All 366.
fn days_of_a_year() -> impl Iterator<Item = Day> {
    let days = Date::constant(2024, 1, 1).series(jiff::Span::new().days(1)).take(366);
    days.map(|day| (day.month(), day.day()))
}

fn on_or_after(year: i16, (month, day): Day) -> Option<Date> {
    Date::new(year, month, day).or_else(|_| Date::new(year, 3, 1)).ok()
}

fn on_or_before(year: i16, (month, day): Day) -> Option<Date> {
    Date::new(year, month, day).or_else(|_| Date::new(year, 2, 28)).ok()
}

/// Every second to come in which the answer for this date may be another: where a moment comes to lie on the day, behind it,
/// or in another year; and where the two ends of a stretch pass each other.
pub(crate) fn turns(it: &Compiler<'_>, condition: &Condition, own: Date, turns: &mut BTreeSet<i64>) {
    let clock = &it.clock;
    let mut days = vec![(own.month(), own.day()), (1, 1)];
    if let Condition::Between(..) = condition {
        let ends: Vec<_> = moments(condition).collect();
        match &ends[..] {
            [from, to] if clock::moves(*from) && clock::moves(*to) => passings(clock, *from, *to, turns),
            ends => {
                let fixed = ends.iter().filter(|end| !clock::moves(**end)).map(|end| clock.day(*end));
                days.extend(fixed.map(|end| (end.month(), end.day())));
            }
        }
    }
    for moment in moments(condition) {
        let first = clock.day(moment).year();
        for year in first..=first.saturating_add(YEARS) {
            for day in days.iter().filter_map(|day| on_or_before(year, *day)) {
                clock.reaches(moment, day, turns);
                day.tomorrow().into_iter().for_each(|next| clock.reaches(moment, next, turns));
            }
        }
    }
}

/// Where one of two moments that both move passes the other in the year: months are not all as long.
fn passings(clock: &Clock, from: Moment, to: Moment, turns: &mut BTreeSet<i64>) {
    let mut seconds = BTreeSet::new();
    for moment in [from, to] {
        let days =
            clock.day(moment).series(jiff::Span::new().days(1)).take(366 * usize::from(YEARS.unsigned_abs()));
        days.for_each(|day| clock.reaches(moment, day, &mut seconds));
    }
    let mut was_over = is_over_the_end(clock.day(from), clock.day(to));
    for second in seconds {
        let then = clock.at(second);
        let is_over = is_over_the_end(then.day(from), then.day(to));
        if is_over != was_over {
            turns.insert(second);
        }
        was_over = is_over;
    }
}

/// In a year the second lies before the first.
fn is_over_the_end(from: Date, to: Date) -> bool {
    (from.month(), from.day()) > (to.month(), to.day())
}
