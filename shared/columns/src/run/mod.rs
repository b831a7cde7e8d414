//! Runs a program over a batch, a stretch of rows at a time.
//!
//! A stretch goes through the whole program before the next one does, and leaves it as soon as the answer is known for
//! all of its rows. One row costs one row.

mod history;
mod numbers;
mod prepare;

use crate::{
    batch::{Batch, Column, Core, Numbers, Texts, Words},
    block::Family,
    mask::{self, Mask},
    program::{Node, Program, Span, Test},
    schema::{Code, List, Number, Of, Text},
    slot::Slot,
};
pub(crate) use history::fits;
use prepare::Prepared;

/// The batch lacks a family that the program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the columns {0:?} were not read")]
pub struct NotRead(pub Family);

impl Program {
    /// The rows of the batch that are someone and pass.
    pub fn select(&self, batch: &Batch) -> Result<Mask, NotRead> {
        let mut mask = Mask::new();
        self.select_into(&mut mask, batch)?;
        Ok(mask)
    }

    /// The same, in memory that has served another question: of one row, asking for memory is most of the work.
    pub fn select_into(&self, mask: &mut Mask, batch: &Batch) -> Result<(), NotRead> {
        mask.clear();
        if let Some(absent) = self.not_read(batch) {
            return Err(NotRead(absent));
        }
        mask.reserve(batch.len().div_ceil(64));
        let run = Run::new(self, batch);
        if batch.len() <= FEW {
            run.select::<FEW>(&self.root, mask);
        } else {
            run.select::<STRETCH>(&self.root, mask);
        }
        Ok(())
    }
}

/// How many neighbours go through the program together: their answers stay in the nearest cache, and asking what a
/// leaf is costs little beside asking them.
const STRETCH: usize = 512;
/// The rows of a change are few; there, clearing room for a stretch would cost more than the questions.
const FEW: usize = 8;

struct Run<'a> {
    batch: &'a Batch,
    prepared: Vec<Prepared>,
}

impl<'a> Run<'a> {
    fn new(program: &Program, batch: &'a Batch) -> Self {
        let mut prepared = Vec::with_capacity(program.prepared);
        if program.prepared > 0 {
            prepare::all(&program.root, batch, &mut prepared);
        }
        Self { batch, prepared }
    }

    /// `N` at a time: a multiple of 64, or more than there are.
    fn select<const N: usize>(&self, root: &Node, mask: &mut Mask) {
        for from in (0..self.batch.len()).step_by(N) {
            let mut answers = [0; N];
            let answers = &mut answers[..N.min(self.batch.len() - from)];
            self.batch.mark_present(from, answers);
            self.narrow::<N>(root, from, answers);
            mask::pack_onto(mask, answers);
        }
    }

    /// Leaves those among the rows from `from` on that pass: a byte of 1 for each, of 0 for the others.
    fn narrow<const N: usize>(&self, node: &Node, from: usize, among: &mut [u8]) {
        match node {
            Node::All(nodes) => {
                for node in nodes {
                    // A few rows are done at their first no. A stretch hardly ever is: looking costs more.
                    if N == FEW && mask::is_none(among) {
                        return;
                    }
                    self.narrow::<N>(node, from, among);
                }
            }
            Node::Any(nodes) => {
                let mut left = [0; N];
                let left = &mut left[..among.len()];
                left.copy_from_slice(among);
                for node in nodes {
                    self.remove::<N>(node, from, left);
                    if N == FEW && mask::is_none(left) {
                        return;
                    }
                }
                mask::without(among, left);
            }
            Node::Not(node) => self.remove::<N>(node, from, among),
            Node::Leaf(test, place) => self.leaf(test, *place, from, among),
        }
    }

    /// Leaves those that do not pass.
    fn remove<const N: usize>(&self, node: &Node, from: usize, among: &mut [u8]) {
        let mut passing = [0; N];
        let passing = &mut passing[..among.len()];
        passing.copy_from_slice(among);
        self.narrow::<N>(node, from, passing);
        mask::without(among, passing);
    }

    fn leaf(&self, test: &Test, place: usize, from: usize, among: &mut [u8]) {
        match test {
            Test::Everyone | Test::All(_) => {}
            Test::Nobody | Test::Any(_) | Test::Not(_) => among.fill(0),
            Test::Number(column, span) => {
                told(self.number(column), among, |numbers, among| {
                    numbers::within(numbers, from, *span, among);
                });
            }
            Test::HasNumber(column) => {
                told(self.number(column), among, |numbers, among| numbers.keep_valid(from, among));
            }
            Test::Ratio { above, minus, below, less, bounds } => {
                let column = |number: &Number| self.number(&Of::Known(*number));
                each(from, among, |row| {
                    let get = |number| column(number)?.get(row);
                    let minus = minus.as_ref().map_or(Some(0), get);
                    numbers::ratio(get(above), minus, get(below), *less, *bounds)
                });
            }
            Test::Code(code, set) if set.is_power_of_two() => {
                // One code, the usual question, is a plain comparison.
                let only = u8::try_from(set.trailing_zeros()).unwrap_or(u8::MAX);
                self.code(*code, from, among, |code| code == only);
            }
            Test::Code(code, set) => {
                self.code(*code, from, among, |code| code < 64 && set >> code & 1 == 1);
            }
            Test::Bits(code, all, none) => {
                self.code(*code, from, among, |code| code & (all | none) == *all && all & none == 0);
            }
            Test::Word(column, _) => {
                told(self.core(), among, |core, among| {
                    self.holds(&core.words[*column as usize], place, from, among);
                });
            }
            Test::HasWord(column) => told(self.core(), among, |core, among| {
                each(from, among, |row| !core.words[*column as usize].of(row).is_empty());
            }),
            Test::Text(..) | Test::Search(_) | Test::Members(_) => match &self.prepared[place] {
                Prepared::Rows(rows) => mask::keep(among, &rows[from / 64..]),
                Prepared::Keys(_) | Prepared::Words(_) => among.fill(0),
            },
            Test::HasText(column) => told(text(self.batch, column), among, |texts, among| {
                each(from, among, |row| texts.is_told(row));
            }),
            Test::List(column, _) => told(list(self.batch, column), among, |words, among| {
                self.holds(words, place, from, among);
            }),
            Test::ListLength(column, span) => {
                let words = list(self.batch, column);
                each(from, among, |row| span.has(length(words.map_or(0, |words| words.of(row).len()))));
            }
            Test::Orders { each: clauses, count, sum } => {
                told(self.batch.orders.as_deref(), among, |orders, among| {
                    each(from, among, |row| history::orders(orders, row, clauses, *count, *sum));
                });
            }
            Test::Lines { each: clauses, count, sum } => match (&self.batch.lines, &self.prepared[place]) {
                (Some(lines), Prepared::Words(wanted)) => {
                    let orders = self.batch.orders.as_deref();
                    let asked = history::AskedLines { orders, lines, clauses, wanted };
                    each(from, among, |row| asked.pass(row, *count, *sum));
                }
                _ => among.fill(0),
            },
            Test::Bucket { seed, of, within } => {
                each(from, among, |row| within.has(bucket(self.batch.slot(row), *seed, *of)));
            }
        }
    }

    fn number(&self, column: &Of<Number>) -> Option<&'a Numbers> {
        match column {
            Of::Known(column) => self.batch.core.as_ref().map(|core| &core.numbers[*column as usize]),
            Of::Attribute(name) => self.batch.attribute(name).iter().find_map(|column| match column {
                Column::Number(numbers) => Some(numbers),
                _ => None,
            }),
        }
    }

    fn core(&self) -> Option<&'a Core> {
        self.batch.core.as_deref()
    }

    fn code(&self, column: Code, from: usize, among: &mut [u8], is: impl Fn(u8) -> bool) {
        told(self.core(), among, |core, among| {
            numbers::keep(&core.codes[column as usize][from..], among, is);
        });
    }

    fn holds(&self, words: &Words, place: usize, from: usize, among: &mut [u8]) {
        match &self.prepared[place] {
            Prepared::Keys(wanted) if !wanted.is_empty() => {
                each(from, among, |row| words.of(row).iter().any(|key| wanted.has(*key)));
            }
            _ => among.fill(0),
        }
    }
}

/// Those of the selected rows whose number lies in the span.
pub(crate) fn within(numbers: &Numbers, span: Span, selected: &Mask) -> Mask {
    let words = selected.iter().enumerate().map(|(word, bits)| {
        // What lies beyond the last row stays 1 here, and is not selected.
        let mut answers = [1; 64];
        numbers::within(numbers, word * 64, span, &mut answers);
        mask::pack(&answers) & bits
    });
    words.collect()
}

/// Nobody passes by a column that there is not.
fn told<T>(column: Option<T>, among: &mut [u8], ask: impl FnOnce(T, &mut [u8])) {
    match column {
        Some(column) => ask(column, among),
        None => among.fill(0),
    }
}

/// Asks the rows that are left, one by one.
fn each(from: usize, among: &mut [u8], passes: impl Fn(usize) -> bool) {
    for (eight, among) in among.chunks_mut(8).enumerate() {
        if mask::is_none(among) {
            continue;
        }
        for (row, answer) in (from + eight * 8..).zip(among) {
            if *answer != 0 {
                *answer = u8::from(passes(row));
            }
        }
    }
}

fn text<'a>(batch: &'a Batch, column: &Of<Text>) -> Option<&'a Texts> {
    match column {
        Of::Known(column) => batch.name.as_ref().map(|names| &names.texts[*column as usize]),
        Of::Attribute(name) => batch.attribute(name).iter().find_map(|column| match column {
            Column::Text(texts) => Some(texts),
            _ => None,
        }),
    }
}

fn list<'a>(batch: &'a Batch, column: &Of<List>) -> Option<&'a Words> {
    match column {
        Of::Known(column) => batch.lists.as_ref().map(|lists| &lists[*column as usize]),
        Of::Attribute(name) => batch.attribute(name).iter().find_map(|column| match column {
            Column::List(words) => Some(words),
            _ => None,
        }),
    }
}

fn length(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}

/// `SplitMix64`'s finisher: every bit of the slot moves every bit of the answer. No buckets: none, -1.
pub(crate) fn bucket(slot: Slot, seed: u64, of: u32) -> i64 {
    let mut hash = seed ^ u64::from(slot.0).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^= hash >> 31;
    hash.checked_rem(of.into()).and_then(|bucket| i64::try_from(bucket).ok()).unwrap_or(-1)
}
