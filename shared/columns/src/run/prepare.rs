//! What a leaf looks up once for each batch: which words of a dictionary it wants, which rows hold a text.

use std::collections::BTreeSet;

use arrow_array::{Array, StringArray};

use super::{list, number, one::is_uncased_like, text};
use crate::{
    batch::{Batch, Texts, Words},
    folded::{Folded, fold, uncased},
    history::Orders,
    mask::Mask,
    members::Members,
    program::{Among, Clause, Like, LineClause, Node, Test},
};

pub(super) enum Prepared {
    Rows(Mask),
    Keys(Keys),
    /// Of each clause about a word.
    Words(Vec<Keys>),
}

/// Which keys of a dictionary are wanted.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Those below 64: most dictionaries have no more, and need no other memory.
    few: u64,
    rest: Vec<u64>,
}

impl Keys {
    fn want(&mut self, key: usize) {
        let word = key / 64;
        if word == 0 {
            self.few |= 1 << key;
            return;
        }
        if self.rest.len() < word {
            self.rest.resize(word, 0);
        }
        self.rest[word - 1] |= 1 << (key % 64);
    }

    pub(super) fn has(&self, key: u32) -> bool {
        let word = match key as usize / 64 {
            0 => self.few,
            word => self.rest.get(word - 1).copied().unwrap_or(0),
        };
        word >> (key % 64) & 1 == 1
    }

    pub(super) fn is_empty(&self) -> bool {
        self.few == 0 && self.rest.is_empty()
    }
}

/// In the order of the places that `Program::new` gave out.
pub(super) fn all(node: &Node, batch: &Batch, prepared: &mut Vec<Prepared>) {
    match node {
        Node::All(nodes) | Node::Any(nodes) => nodes.iter().for_each(|node| all(node, batch, prepared)),
        Node::Not(node) => all(node, batch, prepared),
        Node::Leaf(test, _) => prepared.extend(leaf(test, batch)),
    }
}

/// Tells the columns whose numbers lie in a span or not that they are asked.
pub(super) fn sketches(node: &Node, batch: &Batch) {
    match node {
        Node::All(nodes) | Node::Any(nodes) => nodes.iter().for_each(|node| sketches(node, batch)),
        Node::Not(node) => sketches(node, batch),
        Node::Leaf(Test::Number(column, _), _) => {
            if let Some(numbers) = number(batch, column) {
                numbers.is_asked();
                if let Some(sketch) = numbers.sketch() {
                    touch(sketch.codes());
                }
            }
        }
        Node::Leaf(Test::Code(column, _) | Test::Bits(column, ..), _) => {
            if let Some(core) = &batch.core {
                touch(&core.codes[*column as usize]);
            }
        }
        Node::Leaf(Test::Orders { each, .. }, _) => {
            if let Some(orders) = &batch.orders {
                for clause in each {
                    sketches_of_orders(clause, orders);
                }
            }
        }
        Node::Leaf(..) => {}
    }
}

/// Asks memory for all of the bytes at once: a loop that works on them would wait for one page after the other.
fn touch(bytes: &[u8]) {
    std::hint::black_box(bytes.iter().step_by(64).fold(0, |all, byte| all ^ byte));
}

fn sketches_of_orders(clause: &Clause, orders: &Orders) {
    match clause {
        Clause::Number(column, _) => orders.numbers[*column as usize].is_asked(),
        Clause::Not(clause) => sketches_of_orders(clause, orders),
        Clause::OneOf(..) | Clause::Code(..) | Clause::Bits(..) => {}
    }
}

fn leaf(test: &Test, batch: &Batch) -> Option<Prepared> {
    let words = batch.len().div_ceil(64);
    Some(match test {
        Test::Word(column, among) => {
            let column = batch.core.as_ref().map(|core| &core.words[*column as usize]);
            Prepared::Keys(wanted(column, among))
        }
        Test::List(column, among) => Prepared::Keys(wanted(list(batch, column), among)),
        Test::Text(column, like) => {
            let mut rows = vec![0; words];
            if let Some(texts) = text(batch, column) {
                texts_like(texts, like, &mut rows);
            }
            Prepared::Rows(rows)
        }
        Test::Search(part) => {
            let mut rows = vec![0; words];
            if let Some(names) = &batch.name {
                contains(names.all(), &fold(part), &mut rows);
            }
            Prepared::Rows(rows)
        }
        Test::Members(members) => Prepared::Rows(rows_of(members, batch)),
        Test::Lines { each, .. } => Prepared::Words(words_of_lines(each, batch)),
        _ => return None,
    })
}

pub(super) fn words_of_lines(clauses: &[LineClause], batch: &Batch) -> Vec<Keys> {
    let mut keys = Vec::new();
    for clause in clauses {
        line_words(clause, batch, &mut keys);
    }
    keys
}

fn line_words(clause: &LineClause, batch: &Batch, keys: &mut Vec<Keys>) {
    match clause {
        LineClause::Word(column, among) => {
            let column = batch.lines.as_ref().map(|lines| &lines.words[*column as usize]);
            keys.push(wanted(column, among));
        }
        LineClause::Not(clause) => line_words(clause, batch, keys),
        LineClause::Order(_) | LineClause::Number(..) => {}
    }
}

fn wanted(column: Option<&Words>, among: &Among) -> Keys {
    let mut keys = Keys::default();
    for (key, word) in column.iter().flat_map(|words| words.dictionary.iter().enumerate()) {
        if word.is_some_and(|word| is_among(word, among)) {
            keys.want(key);
        }
    }
    keys
}

pub(super) fn is_among(word: &str, among: &Among) -> bool {
    match among {
        Among::Exactly(wanted) => wanted.contains(word),
        Among::These(wanted) => wanted.contains(word),
        // What is in small letters as it stands needs no memory.
        Among::Uncased(wanted) if word.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) => {
            wanted.contains(word)
        }
        Among::Uncased(wanted) => wanted.contains(uncased(word).as_str()),
        Among::Like(like) => is_uncased_like(&uncased(word), like),
        Among::Within(circle) => circle.has(word),
    }
}

fn texts_like(texts: &Texts, like: &Like, rows: &mut Mask) {
    match like {
        Like::Exactly(wanted) => exactly(&texts.told, wanted, rows),
        Like::Contains(part) => contains(texts.uncased(), part, rows),
        like => compare(texts, rows, |text| is_uncased_like(text, like)),
    }
    // An absent text is no text, not an empty one.
    for (word, bits) in rows.iter_mut().enumerate() {
        if *bits != 0 {
            *bits &= texts.valid_word(word);
        }
    }
}

fn exactly(told: &StringArray, wanted: &BTreeSet<Box<str>>, rows: &mut Mask) {
    for row in 0..told.len() {
        if wanted.contains(told.value(row)) {
            rows[row / 64] |= 1 << (row % 64);
        }
    }
}

fn compare(texts: &Texts, rows: &mut Mask, is: impl Fn(&str) -> bool) {
    let uncased = texts.uncased();
    for row in 0..uncased.len() {
        if is(uncased.get(row)) {
            rows[row / 64] |= 1 << (row % 64);
        }
    }
}

fn contains(folded: &Folded, part: &str, rows: &mut Mask) {
    folded.containing(part, |row| rows[row / 64] |= 1 << (row % 64));
}

fn rows_of(members: &Members, batch: &Batch) -> Mask {
    let mut rows = vec![0; batch.len().div_ceil(64)];
    for row in 0..batch.len() {
        rows[row / 64] |= u64::from(members.has(batch.slot(row))) << (row % 64);
    }
    rows
}
