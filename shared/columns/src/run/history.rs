//! Conditions over a customer's orders and their lines: how many fit, and what they sum up to.

use super::{length, numbers, prepare::Keys};
use crate::{
    batch::Numbers,
    history::{Lines, Orders},
    mask::{self, Mask},
    program::{Clause, LineClause, Span},
    schema::{LineNumber, OrderNumber},
};

/// A condition over orders.
pub(super) struct AskedOrders<'a> {
    pub(super) orders: &'a Orders,
    pub(super) clauses: &'a [Clause],
    pub(super) count: Span,
    pub(super) sum: Option<(OrderNumber, Span)>,
}

/// Orders asked together.
const TOGETHER: usize = 512;
/// Of so many rows one must be left; else it is cheaper to ask the few for their orders.
const DENSE: usize = 16;

impl AskedOrders<'_> {
    /// Leaves those of the rows from `from` on that pass.
    pub(super) fn narrow(&self, from: usize, among: &mut [u8]) {
        match self.orders.of_rows.rows() {
            Some(rows) if mask::count(among) * DENSE >= among.len() => self.narrow_all(rows, from, among),
            _ => super::each(from, among, |row| self.passes(row)),
        }
    }

    pub(super) fn passes(&self, row: usize) -> bool {
        let mut found = Found::default();
        for entry in self.orders.of_rows.of(row) {
            if self.clauses.iter().all(|clause| fits(self.orders, entry, clause)) {
                found.add(self, entry);
            }
        }
        found.passes(self)
    }

    /// Asks all orders of the rows, and then of each customer those that fit.
    fn narrow_all(&self, rows: &Numbers, from: usize, among: &mut [u8]) {
        let entries = self.orders.of_rows.of_all(from..from + among.len());
        let before = among.to_vec();
        if !Found::default().passes(self) {
            among.fill(0);
        }
        let mut know = |row: usize, found: &Found| among[row] = before[row] & u8::from(found.passes(self));
        let mut found = Found::default();
        let mut last = None;
        // A stretch of orders begins where a word of the rows that have a number does.
        for first in (entries.start / 64 * 64..entries.end).step_by(TOGETHER) {
            let mut answers = [1; TOGETHER];
            let answers = &mut answers[..TOGETHER.min(entries.end - first)];
            answers[..entries.start.saturating_sub(first)].fill(0);
            self.fit(first, answers);
            let mut fitting = Mask::new();
            mask::pack_onto(&mut fitting, answers);
            for entry in fitting.iter().enumerate().flat_map(|(word, bits)| mask::rows(word, *bits)) {
                let entry = first + entry;
                let row = usize::try_from(rows.raw(entry)).unwrap_or(usize::MAX) - from;
                if let Some(last) = last.replace(row).filter(|last| *last != row) {
                    know(last, &std::mem::take(&mut found));
                }
                found.add(self, entry);
            }
        }
        if let Some(last) = last {
            know(last, &found);
        }
    }

    /// Leaves those of the orders from `first` on for which all clauses hold.
    fn fit(&self, first: usize, among: &mut [u8]) {
        self.clauses.iter().for_each(|clause| loosely(self.orders, first, clause, among));
        self.clauses.iter().for_each(|clause| settle(self.orders, first, clause, among));
    }
}

/// The orders of one customer that fit.
#[derive(Default)]
struct Found {
    count: i64,
    sum: i128,
}

impl Found {
    fn add(&mut self, asked: &AskedOrders<'_>, entry: usize) {
        self.count += 1;
        if let Some((column, _)) = asked.sum {
            self.sum += i128::from(asked.orders.numbers[column as usize].get(entry).unwrap_or(0));
        }
    }

    fn passes(&self, asked: &AskedOrders<'_>) -> bool {
        asked.count.has(self.count) && asked.sum.is_none_or(|(_, span)| span.has(held(self.sum)))
    }
}

/// As `numbers::loosely`, of orders.
fn loosely(orders: &Orders, from: usize, clause: &Clause, among: &mut [u8]) {
    match clause {
        Clause::Number(column, span) => {
            numbers::loosely(&orders.numbers[*column as usize], from, *span, among);
        }
        Clause::OneOf(column, wanted) => {
            let numbers = &orders.numbers[*column as usize];
            let is = |entry| numbers.get(entry).is_some_and(|number| wanted.contains(&number));
            for (entry, fits) in (from..).zip(among.iter_mut()).filter(|(_, fits)| **fits == 1) {
                *fits = u8::from(is(entry));
            }
        }
        Clause::Code(column, set) => numbers::in_set(&orders.codes[*column as usize][from..], *set, among),
        Clause::Bits(column, all, none) => {
            numbers::with_bits(&orders.codes[*column as usize][from..], *all, *none, among);
        }
        Clause::Not(clause) => {
            let mut fitting = [0; TOGETHER];
            let fitting = &mut fitting[..among.len()];
            fitting.copy_from_slice(among);
            loosely(orders, from, clause, fitting);
            settle(orders, from, clause, fitting);
            mask::without(among, fitting);
        }
    }
}

fn settle(orders: &Orders, from: usize, clause: &Clause, among: &mut [u8]) {
    if let Clause::Number(column, span) = clause {
        numbers::settle(&orders.numbers[*column as usize], from, *span, among);
    }
}
pub(crate) fn fits(orders: &Orders, entry: usize, clause: &Clause) -> bool {
    match clause {
        Clause::Number(column, span) => {
            orders.numbers[*column as usize].get(entry).is_some_and(|number| span.has(number))
        }
        Clause::OneOf(column, wanted) => {
            let number = orders.numbers[*column as usize].get(entry);
            number.is_some_and(|number| wanted.contains(&number))
        }
        Clause::Code(column, set) => numbers::is_in(orders.codes[*column as usize][entry], *set),
        Clause::Bits(column, all, none) => {
            numbers::has_bits(orders.codes[*column as usize][entry], *all, *none)
        }
        Clause::Not(clause) => !fits(orders, entry, clause),
    }
}

/// The seconds from the first to the last of a customer's orders for which all clauses hold, and how many steps lie
/// between. `None`: there are fewer than two.
pub(super) fn spacing(orders: &Orders, row: usize, clauses: &[Clause]) -> Option<(i128, i128)> {
    let entries = orders.of_rows.of(row);
    let fitting = entries.filter(|entry| clauses.iter().all(|clause| fits(orders, *entry, clause)));
    let at: Vec<_> =
        fitting.filter_map(|entry| orders.numbers[OrderNumber::At as usize].get(entry)).collect();
    let span = i128::from(*at.iter().max()?) - i128::from(*at.iter().min()?);
    Some((span, i128::try_from(at.len()).ok()? - 1)).filter(|(_, steps)| *steps > 0)
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
                span.has(held(fitting.iter().filter_map(|line| numbers.get(*line)).map(i128::from).sum()))
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
fn held(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}
