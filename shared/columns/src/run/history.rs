//! Conditions over a customer's orders and their lines: how many fit, and what they sum up to.

use super::{length, prepare::Keys};
use crate::{
    history::{Lines, Orders},
    program::{Clause, LineClause, Span},
    schema::{LineNumber, OrderNumber},
};

pub(super) fn orders(
    orders: &Orders,
    row: usize,
    clauses: &[Clause],
    count: Span,
    sum: Option<(OrderNumber, Span)>,
) -> bool {
    let fitting =
        || orders.of_rows.of(row).filter(|entry| clauses.iter().all(|clause| fits(orders, *entry, clause)));
    count.has(length(fitting().count()))
        && sum.is_none_or(|(column, span)| {
            let numbers = &orders.numbers[column as usize];
            span.has(total(fitting().filter_map(|entry| numbers.get(entry))))
        })
}

fn fits(orders: &Orders, entry: usize, clause: &Clause) -> bool {
    match clause {
        Clause::Number(column, span) => {
            orders.numbers[*column as usize].get(entry).is_some_and(|number| span.has(number))
        }
        Clause::Code(column, set) => {
            let code = orders.codes[*column as usize][entry];
            code < 64 && set >> code & 1 == 1
        }
        Clause::Bits(column, all, none) => {
            let code = orders.codes[*column as usize][entry];
            code & all == *all && code & none == 0
        }
        Clause::Not(clause) => !fits(orders, entry, clause),
    }
}

/// A condition over lines, with what was looked up for its words.
pub(super) struct AskedLines<'a> {
    /// There if a clause asks about the order.
    pub(super) orders: Option<&'a Orders>,
    pub(super) lines: &'a Lines,
    pub(super) clauses: &'a [LineClause],
    /// For each clause about a word, in their order.
    pub(super) wanted: &'a [Keys],
}

impl AskedLines<'_> {
    pub(super) fn pass(&self, row: usize, count: Span, sum: Option<(LineNumber, Span)>) -> bool {
        let mut fitting = Vec::new();
        let mut orders = self.orders.map_or(0..0, |orders| orders.of_rows.of(row));
        for line in self.lines.of_rows.of(row) {
            let number = self.lines.order.raw(line);
            if let Some(all) = self.orders {
                while orders.start < orders.end && all.order.raw(orders.start) < number {
                    orders.start += 1;
                }
            }
            let order = (orders.start < orders.end).then_some(orders.start);
            let mut wanted = self.wanted.iter();
            let mut fits = true;
            for clause in self.clauses {
                // All are asked, so that each takes its own words.
                fits &= self.fits(line, order, clause, &mut wanted);
            }
            if fits {
                fitting.push(line);
            }
        }
        count.has(length(fitting.len()))
            && sum.is_none_or(|(column, span)| {
                let numbers = &self.lines.numbers[column as usize];
                span.has(total(fitting.iter().filter_map(|line| numbers.get(*line))))
            })
    }

    fn fits<'k>(
        &self,
        line: usize,
        order: Option<usize>,
        clause: &LineClause,
        wanted: &mut impl Iterator<Item = &'k Keys>,
    ) -> bool {
        match clause {
            LineClause::Order(clause) => {
                self.orders.zip(order).is_some_and(|(orders, order)| fits(orders, order, clause))
            }
            LineClause::Number(column, span) => {
                self.lines.numbers[*column as usize].get(line).is_some_and(|number| span.has(number))
            }
            LineClause::Word(column, _) => {
                let of = self.lines.words[*column as usize].of(line);
                wanted.next().is_some_and(|wanted| of.iter().any(|key| wanted.has(*key)))
            }
            LineClause::Not(clause) => !self.fits(line, order, clause, wanted),
        }
    }
}

/// Held at the ends of what an `i64` can say.
fn total(numbers: impl Iterator<Item = i64>) -> i64 {
    let sum: i128 = numbers.map(i128::from).sum();
    i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}
