//! Whoever passes a test, by a plain look at one row.

use columns::{
    Among, Attribute, Clause, Like, Line, LineClause, List, Number, Of, Order, OrderNumber, Row, Slot, Test,
    Text, fold, uncased,
};
use std::ops::Bound;

/// Written to be read, not to be fast.
pub(crate) fn passes(test: &Test, slot: Slot, row: &Row) -> bool {
    let number = |column: &Of<Number>| match column {
        Of::Known(column) => row[*column],
        Of::Attribute(name) => match row.attributes.get(name) {
            Some(Attribute::Number(number)) => Some(*number),
            _ => None,
        },
    };
    let told = |column: &Of<Text>| match column {
        Of::Known(column) => row[*column].clone(),
        Of::Attribute(name) => match row.attributes.get(name) {
            Some(Attribute::Text(words)) => Some(words.clone()),
            _ => None,
        },
    };
    let list = |column: &Of<List>| match column {
        Of::Known(column) => row.list(*column).to_vec(),
        Of::Attribute(name) => match row.attributes.get(name) {
            Some(Attribute::List(list)) => list.clone(),
            _ => vec![],
        },
    };
    match test {
        Test::Everyone => true,
        Test::Nobody => false,
        Test::All(tests) => tests.iter().all(|test| passes(test, slot, row)),
        Test::Any(tests) => tests.iter().any(|test| passes(test, slot, row)),
        Test::Not(test) => !passes(test, slot, row),
        Test::Number(column, span) => number(column).is_some_and(|number| span.has(number)),
        Test::Ratio { above, minus, below, less, bounds } => {
            let minus = minus.map_or(Some(0), |minus| row[minus]);
            let (Some(above), Some(minus), Some(below)) = (row[*above], minus, row[*below]) else {
                return false;
            };
            lies(i128::from(above) - i128::from(minus), i128::from(below) - i128::from(*less), *bounds)
        }
        Test::OneOf(column, spans) => {
            number(column).is_some_and(|number| spans.iter().any(|span| span.has(number)))
        }
        Test::Spacing { each, times, bounds } => {
            let fitting = row.orders.values().filter(|order| each.iter().all(|clause| fits(order, clause)));
            let mut at: Vec<_> = fitting.filter_map(|order| order[OrderNumber::At]).collect();
            at.sort_unstable();
            let steps = at.len() as i128 - 1;
            steps > 0 && {
                let span = i128::from(at[at.len() - 1]) - i128::from(at[0]);
                lies(span * i128::from(*times), steps, *bounds)
            }
        }
        Test::Code(code, set) => row[*code] < 64 && set >> row[*code] & 1 == 1,
        Test::Bits(code, all, none) => row[*code] & all == *all && row[*code] & none == 0,
        Test::Word(column, among) => row[*column].as_ref().is_some_and(|word| is_among(word, among)),
        Test::Text(column, like) => told(column).is_some_and(|text| is_like(&text, like)),
        Test::Search(part) if fold(part).is_empty() => true,
        Test::Search(part) => Text::ALL
            .iter()
            .any(|column| row[*column].as_ref().is_some_and(|text| fold(text).contains(&fold(part)))),
        Test::List(column, among) => list(column).iter().any(|word| is_among(word, among)),
        Test::ListLength(column, span) => span.has(list(column).len().try_into().expect("it fits")),
        Test::HasNumber(column) => number(column).is_some(),
        Test::HasWord(column) => row[*column].is_some(),
        Test::HasText(column) => told(column).is_some(),
        Test::Orders { each, count, sum } => {
            let all = row.orders.values();
            let fitting: Vec<_> = all.filter(|order| each.iter().all(|clause| fits(order, clause))).collect();
            count.has(fitting.len().try_into().expect("it fits"))
                && sum.is_none_or(|(column, span)| span.has(total(fitting.iter().map(|order| order[column]))))
        }
        Test::Lines { each, count, sum } => {
            let all = row.orders.values().flat_map(|order| order.lines.iter().map(move |line| (order, line)));
            let fitting: Vec<_> = all
                .filter(|(order, line)| each.iter().all(|clause| line_fits(order, line, clause)))
                .collect();
            count.has(fitting.len().try_into().expect("it fits"))
                && sum.is_none_or(|(column, span)| {
                    span.has(total(fitting.iter().map(|(_, line)| line[column])))
                })
        }
        Test::Members(members) => members.has(slot),
        // The hash itself is what is tested in `tests/eval.rs`.
        Test::Bucket { .. } => unreachable!("buckets are asked of the program"),
    }
}

fn lies(above: i128, below: i128, bounds: (Bound<i64>, Bound<i64>)) -> bool {
    let times = |bound: i64| i128::from(bound) * below;
    below > 0
        && match bounds.0 {
            Bound::Unbounded => true,
            Bound::Included(least) => above >= times(least),
            Bound::Excluded(least) => above > times(least),
        }
        && match bounds.1 {
            Bound::Unbounded => true,
            Bound::Included(most) => above <= times(most),
            Bound::Excluded(most) => above < times(most),
        }
}

fn total(numbers: impl Iterator<Item = Option<i64>>) -> i64 {
    let sum: i128 = numbers.flatten().map(i128::from).sum();
    sum.clamp(i64::MIN.into(), i64::MAX.into()).try_into().expect("it fits")
}

fn is_among(word: &str, among: &Among) -> bool {
    match among {
        Among::Exactly(wanted) => wanted.iter().any(|other| **other == *word),
        Among::These(wanted) => wanted.iter().any(|other| **other == *word),
        Among::Uncased(wanted) => wanted.iter().any(|other| **other == *uncased(word)),
        Among::Like(Like::Exactly(wanted)) => wanted.iter().any(|other| **other == *uncased(word)),
        Among::Like(like) => is_like(word, like),
        // The distance itself is what is tested in `src/circle.rs`.
        Among::Within(circle) => circle.has(word),
    }
}

fn is_like(text: &str, like: &Like) -> bool {
    match like {
        Like::Exactly(wanted) => wanted.iter().any(|other| **other == *text),
        Like::Is(wanted) => wanted.iter().any(|other| **other == *uncased(text)),
        Like::Contains(part) => !part.contains('\0') && uncased(text).contains(&**part),
        Like::StartsWith(start) => uncased(text).starts_with(&**start),
        Like::EndsWith(end) => uncased(text).ends_with(&**end),
        Like::Behind(mark, like) => {
            let text = uncased(text);
            let behind = text.rfind(&**mark).map(|at| &text[at + mark.len()..]);
            behind.is_some_and(|behind| is_like(behind, like))
        }
    }
}

pub(crate) fn fits(order: &Order, clause: &Clause) -> bool {
    match clause {
        Clause::Number(column, span) => order[*column].is_some_and(|number| span.has(number)),
        Clause::OneOf(column, wanted) => order[*column].is_some_and(|number| wanted.contains(&number)),
        Clause::Code(code, set) => order[*code] < 64 && set >> order[*code] & 1 == 1,
        Clause::Bits(code, all, none) => order[*code] & all == *all && order[*code] & none == 0,
        Clause::Not(clause) => !fits(order, clause),
    }
}

fn line_fits(order: &Order, line: &Line, clause: &LineClause) -> bool {
    match clause {
        LineClause::Order(clause) => fits(order, clause),
        LineClause::Number(column, span) => line[*column].is_some_and(|number| span.has(number)),
        LineClause::Word(column, among) => line[*column].as_ref().is_some_and(|word| is_among(word, among)),
        LineClause::Not(clause) => !line_fits(order, line, clause),
    }
}
