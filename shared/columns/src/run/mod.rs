//! Runs a program over a batch, a stretch of rows at a time, or over a few rows, one by one.
//!
//! A stretch goes through the whole program before the next one does, and leaves it as soon as the answer is known for
//! all of its rows.

mod history;
mod numbers;
mod one;
mod prepare;

use crate::{
    batch::{Batch, Column, Core, Numbers, Texts, Words},
    block::{Families, Family},
    mask::{self, Mask},
    program::{Node, Program, Span, Test},
    schema::{List, Number, Of, Text},
    slot::Slot,
};
pub(crate) use history::fits;
pub(crate) use one::is_uncased_like;
use prepare::Prepared;

/// The batch lacks a family that the program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the columns {0:?} were not read")]
pub struct NotRead(pub Family);

impl Program {
    /// The rows of the batch that are someone and pass.
    pub fn select(&self, batch: &Batch) -> Result<Mask, NotRead> {
        let mut mask = Mask::new();
        if let Some(absent) = self.lacks(batch.families()) {
            return Err(NotRead(absent));
        }
        if batch.is_empty() {
            return Ok(mask);
        }
        if let Some(few) = Few::of(batch) {
            mask.push(few.asked(self));
            return Ok(mask);
        }
        prepare::sketches(&self.root, batch);
        mask.reserve(batch.len().div_ceil(64));
        Run::new(self, batch).select(&self.root, &mut mask);
        Ok(mask)
    }
}

/// A few rows, of whom hundreds of programs are asked: what is the same for each of these is looked up once.
#[derive(Debug, Clone, Copy)]
pub struct Few<'a> {
    batch: &'a Batch,
    families: Families,
    someone: u64,
}

impl<'a> Few<'a> {
    /// `None`: they are more.
    pub fn of(batch: &'a Batch) -> Option<Self> {
        let is_few = batch.len() <= FEW;
        is_few.then(|| Self { batch, families: batch.families(), someone: batch.present_word(0) })
    }

    /// Those who are someone and pass: a bit for each, the lowest for the first.
    pub fn passing(&self, program: &Program) -> Result<u64, NotRead> {
        match program.lacks(self.families) {
            Some(absent) => Err(NotRead(absent)),
            None => Ok(self.asked(program)),
        }
    }

    fn asked(&self, program: &Program) -> u64 {
        let passes = |row| u64::from(one::passes(&program.root, self.batch, row));
        mask::rows(0, self.someone).fold(0, |bits, row| bits | passes(row) << row)
    }
}

/// How many neighbours go through the program together, a block: their answers stay in the nearest cache, and asking
/// what a leaf is costs little beside asking them. A multiple of 64.
const STRETCH: usize = 4_096;
/// At most a word: the rows of a change, which are mostly one.
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

    fn select(&self, root: &Node, mask: &mut Mask) {
        for from in (0..self.batch.len()).step_by(STRETCH) {
            let mut answers = [0; STRETCH];
            let answers = &mut answers[..STRETCH.min(self.batch.len() - from)];
            self.batch.mark_present(from, answers);
            self.narrow(root, from, answers);
            mask::pack_onto(mask, answers);
        }
    }

    /// Leaves those among the rows from `from` on that pass: a byte of 1 for each, of 0 for the others.
    fn narrow(&self, node: &Node, from: usize, among: &mut [u8]) {
        self.loosely(node, from, among);
        self.settle(node, from, among);
    }

    /// The same, but may leave some who do not pass, until `settle`.
    fn loosely(&self, node: &Node, from: usize, among: &mut [u8]) {
        match node {
            Node::All(nodes) => {
                for node in nodes {
                    if mask::is_none(among) {
                        return;
                    }
                    self.loosely(node, from, among);
                }
            }
            Node::Any(nodes) => {
                let mut left = [0; STRETCH];
                let left = &mut left[..among.len()];
                left.copy_from_slice(among);
                for node in nodes {
                    self.remove(node, from, left);
                    if mask::is_none(left) {
                        return;
                    }
                }
                mask::without(among, left);
            }
            Node::Not(node) => self.remove(node, from, among),
            Node::Leaf(test, place) => self.leaf(test, *place, from, among),
        }
    }

    /// Takes away whom `loosely` left too many: once all that must hold together has been asked, few are looked at.
    fn settle(&self, node: &Node, from: usize, among: &mut [u8]) {
        match node {
            Node::All(nodes) => nodes.iter().for_each(|node| self.settle(node, from, among)),
            Node::Leaf(Test::Number(column, span), _) => {
                if let Some(numbers) = number(self.batch, column) {
                    numbers::settle(numbers, from, *span, among);
                }
            }
            Node::Leaf(..) | Node::Any(_) | Node::Not(_) => {}
        }
    }

    /// Leaves those that do not pass.
    fn remove(&self, node: &Node, from: usize, among: &mut [u8]) {
        let mut passing = [0; STRETCH];
        let passing = &mut passing[..among.len()];
        passing.copy_from_slice(among);
        self.narrow(node, from, passing);
        mask::without(among, passing);
    }

    fn leaf(&self, test: &Test, place: usize, from: usize, among: &mut [u8]) {
        match test {
            Test::Everyone | Test::All(_) => {}
            Test::Nobody | Test::Any(_) | Test::Not(_) => among.fill(0),
            Test::Number(column, span) => {
                told(number(self.batch, column), among, |numbers, among| {
                    numbers::loosely(numbers, from, *span, among);
                });
            }
            Test::HasNumber(column) => {
                told(number(self.batch, column), among, |numbers, among| numbers.keep_valid(from, among));
            }
            Test::Code(column, set) => told(self.core(), among, |core, among| {
                numbers::in_set(&core.codes[*column as usize][from..], *set, among);
            }),
            Test::Bits(column, all, none) => told(self.core(), among, |core, among| {
                numbers::with_bits(&core.codes[*column as usize][from..], *all, *none, among);
            }),
            Test::Word(column, _) => {
                told(self.core(), among, |core, among| {
                    self.holds(&core.words[*column as usize], place, from, among);
                });
            }
            Test::Text(..) | Test::Search(_) | Test::Members(_) => match &self.prepared[place] {
                Prepared::Rows(rows) => mask::keep(among, &rows[from / 64..]),
                Prepared::Keys(_) | Prepared::Words(_) => among.fill(0),
            },
            Test::List(column, _) => told(list(self.batch, column), among, |words, among| {
                self.holds(words, place, from, among);
            }),
            Test::Orders { each, count, sum } => {
                told(self.batch.orders.as_deref(), among, |orders, among| {
                    let asked = history::AskedOrders { orders, clauses: each, count: *count, sum: *sum };
                    asked.narrow(from, among);
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
            Test::OneOf(..)
            | Test::Ratio { .. }
            | Test::Spacing { .. }
            | Test::HasWord(_)
            | Test::HasText(_)
            | Test::ListLength(..)
            | Test::Bucket { .. } => each(from, among, |row| one::holds(test, self.batch, row)),
        }
    }

    fn core(&self) -> Option<&'a Core> {
        self.batch.core.as_deref()
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

fn number<'a>(batch: &'a Batch, column: &Of<Number>) -> Option<&'a Numbers> {
    match column {
        Of::Known(column) => batch.core.as_ref().map(|core| &core.numbers[*column as usize]),
        Of::Attribute(name) => batch.attribute(name).iter().find_map(|column| match column {
            Column::Number(numbers) => Some(numbers),
            _ => None,
        }),
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
