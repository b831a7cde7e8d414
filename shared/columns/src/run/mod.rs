//! Runs a program over a batch, 64 rows at a time.
//!
//! A word of 64 rows goes through the whole program before the next one does, and leaves it as soon as the answer is
//! known for all of them. One row costs one row.

mod history;
mod numbers;
mod prepare;

use crate::{
    batch::{Batch, Column, Numbers, Texts, Words},
    block::Family,
    mask::{self, Mask},
    program::{Node, Program, Span, Test},
    schema::{List, Number, Of, Text},
    slot::Slot,
};
use prepare::Prepared;

/// The batch lacks a family that the program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the columns {0:?} were not read")]
pub struct NotRead(pub Family);

impl Program {
    /// The rows of the batch that are someone and pass.
    pub fn select(&self, batch: &Batch) -> Result<Mask, NotRead> {
        if let Some(absent) = self.families().find(|family| !batch.has(*family)) {
            return Err(NotRead(absent));
        }
        let run = Run::new(self, batch);
        Ok((0..batch.len().div_ceil(64))
            .map(|word| run.word(&self.root, word, batch.present_word(word)))
            .collect())
    }
}

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

    /// Which of the rows `among` pass. The others' bits are 0.
    fn word(&self, node: &Node, word: usize, among: u64) -> u64 {
        if among == 0 {
            return 0;
        }
        match node {
            Node::All(nodes) => nodes.iter().fold(among, |left, node| self.word(node, word, left)),
            Node::Any(nodes) => {
                nodes.iter().fold(0, |found, node| found | self.word(node, word, among & !found))
            }
            Node::Not(node) => among & !self.word(node, word, among),
            Node::Leaf(test, place) => among & self.leaf(test, *place, word, among),
        }
    }

    fn leaf(&self, test: &Test, place: usize, word: usize, among: u64) -> u64 {
        match test {
            Test::Everyone | Test::All(_) => u64::MAX,
            Test::Nobody | Test::Any(_) | Test::Not(_) => 0,
            Test::Number(column, span) => {
                self.number(column).map_or(0, |numbers| numbers::within(numbers, word, *span))
            }
            Test::HasNumber(column) => self.number(column).map_or(0, |numbers| numbers.valid_word(word)),
            Test::Ratio { above, minus, below, less, bounds } => {
                let column = |number: &Number| self.number(&Of::Known(*number));
                each(word, among, |row| {
                    let get = |number| column(number)?.get(row);
                    let minus = minus.as_ref().map_or(Some(0), get);
                    numbers::ratio(get(above), minus, get(below), *less, *bounds)
                })
            }
            Test::Code(code, set) => self.code(*code, word, |code| code < 64 && set >> code & 1 == 1),
            Test::Bits(code, all, none) => {
                self.code(*code, word, |code| code & all == *all && code & none == 0)
            }
            Test::Word(column, _) => {
                self.core(|core| self.holds(&core.words[*column as usize], place, word, among))
            }
            Test::HasWord(column) => {
                self.core(|core| each(word, among, |row| !core.words[*column as usize].of(row).is_empty()))
            }
            Test::Text(..) | Test::Search(_) | Test::Members(_) => match &self.prepared[place] {
                Prepared::Rows(rows) => rows[word],
                Prepared::Keys(_) | Prepared::Words(_) => 0,
            },
            Test::HasText(column) => text(self.batch, column).map_or(0, |texts| texts.valid_word(word)),
            Test::List(column, _) => {
                list(self.batch, column).map_or(0, |words| self.holds(words, place, word, among))
            }
            Test::ListLength(column, span) => {
                let words = list(self.batch, column);
                each(word, among, |row| span.has(length(words.map_or(0, |words| words.of(row).len()))))
            }
            Test::Orders { each: clauses, count, sum } => self.batch.orders.as_ref().map_or(0, |orders| {
                each(word, among, |row| history::orders(orders, row, clauses, *count, *sum))
            }),
            Test::Lines { each: clauses, count, sum } => {
                self.lines(clauses, *count, *sum, place, word, among)
            }
            Test::Bucket { seed, of, within } => {
                each(word, among, |row| within.has(bucket(self.batch.slot(row), *seed, *of)))
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

    fn core(&self, ask: impl FnOnce(&crate::batch::Core) -> u64) -> u64 {
        self.batch.core.as_deref().map_or(0, ask)
    }

    fn code(&self, column: crate::Code, word: usize, is: impl Fn(u8) -> bool) -> u64 {
        self.core(|core| numbers::answers(&core.codes[column as usize], word, is))
    }

    fn holds(&self, words: &Words, place: usize, word: usize, among: u64) -> u64 {
        let Prepared::Keys(wanted) = &self.prepared[place] else { return 0 };
        if wanted.is_empty() {
            return 0;
        }
        each(word, among, |row| words.of(row).iter().any(|key| wanted.has(*key)))
    }

    fn lines(
        &self,
        clauses: &[crate::LineClause],
        count: Span,
        sum: Option<(crate::LineNumber, Span)>,
        place: usize,
        word: usize,
        among: u64,
    ) -> u64 {
        let (Some(lines), Prepared::Words(wanted)) = (&self.batch.lines, &self.prepared[place]) else {
            return 0;
        };
        let asked = history::AskedLines { orders: self.batch.orders.as_deref(), lines, clauses, wanted };
        each(word, among, |row| asked.pass(row, count, sum))
    }
}

fn each(word: usize, among: u64, passes: impl Fn(usize) -> bool) -> u64 {
    mask::rows(word, among).fold(0, |bits, row| bits | u64::from(passes(row)) << (row % 64))
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
