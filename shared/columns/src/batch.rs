//! Rows decoded, ready to be asked: a block, or a few changed rows, or one.

use arrow_array::{Array, StringArray};
use arrow_buffer::ScalarBuffer;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    block::{Families, Family},
    folded::{Folded, fold_onto, uncase_onto},
    history::{Lines, Orders},
    mask::{self, Mask},
    schema::{Code, List, Number, Text, Word},
    sketch::Sketch,
    slot::{BlockNumber, Slot},
};

/// Holds the families that were read into it; the others are absent, which is another thing than empty.
///
/// A clone shares the columns: it costs nothing, and may be given further families.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    slots: Slots,
    pub(crate) core: Option<Arc<Core>>,
    pub(crate) name: Option<Arc<Names>>,
    pub(crate) lists: Option<Arc<[Words; List::COUNT]>>,
    pub(crate) orders: Option<Arc<Orders>>,
    pub(crate) lines: Option<Arc<Lines>>,
    pub(crate) attributes: Option<Arc<BTreeMap<Box<str>, Vec<Column>>>>,
    pub(crate) bytes: usize,
}

#[derive(Debug, Clone)]
enum Slots {
    From(Slot, usize),
    Picked(Arc<[Slot]>),
}

impl Default for Slots {
    fn default() -> Self {
        Self::Picked([].into())
    }
}

#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) numbers: [Numbers; Number::COUNT],
    pub(crate) codes: [ScalarBuffer<u8>; Code::COUNT],
    pub(crate) words: [Words; Word::COUNT],
}

/// The texts as told, and as they are compared when that is first asked for.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) texts: [Texts; Text::COUNT],
    /// All that names a customer, for the search box.
    all: OnceLock<Folded>,
}

/// A column of a shop's own.
#[derive(Debug)]
pub(crate) enum Column {
    Number(Numbers),
    Text(Texts),
    List(Words),
}

#[derive(Debug)]
pub(crate) struct Numbers {
    pub(crate) values: Whole,
    /// A bit for each row that has a value; `None`: all have.
    pub(crate) valid: Option<Vec<u64>>,
    sketch: OnceLock<Sketch>,
    was_asked: AtomicBool,
}

#[derive(Debug)]
pub(crate) enum Whole {
    U16(ScalarBuffer<u16>),
    U32(ScalarBuffer<u32>),
    I32(ScalarBuffer<i32>),
    I64(ScalarBuffer<i64>),
}

/// Words by their place in a dictionary: none, one or many for each row.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) dictionary: StringArray,
    pub(crate) keys: ScalarBuffer<u32>,
    /// Where each row's keys begin; one more than there are rows.
    pub(crate) starts: Starts,
}

#[derive(Debug)]
pub(crate) enum Starts {
    /// A list: row `r` has the keys from the r-th place to the next.
    List(ScalarBuffer<i32>),
    /// At most one: row `r` has the r-th key, if its bit is set.
    One(Option<Vec<u64>>),
}

#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) told: StringArray,
    /// For orders.
    folded: OnceLock<Folded>,
    /// For rules.
    uncased: OnceLock<Folded>,
}

impl Batch {
    /// Of a block, whose families are yet to be read.
    pub fn new(block: BlockNumber, rows: usize) -> Self {
        Self { slots: Slots::From(block.first(), rows), ..Self::default() }
    }

    /// Of these slots, which rise.
    pub(crate) fn picked(slots: Vec<Slot>) -> Self {
        Self { slots: Slots::Picked(slots.into()), ..Self::default() }
    }

    pub fn len(&self) -> usize {
        match &self.slots {
            Slots::From(_, rows) => *rows,
            Slots::Picked(slots) => slots.len(),
        }
    }

    /// What its columns take in memory, texts counted as if they had been searched, and every column as if it had a
    /// sketch.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn slot(&self, row: usize) -> Slot {
        match &self.slots {
            Slots::From(first, _) => Slot(first.0 + u32::try_from(row).unwrap_or(u32::MAX)),
            Slots::Picked(slots) => slots[row],
        }
    }

    /// The row of a slot, if it is in the batch.
    pub(crate) fn place(&self, slot: Slot) -> Option<usize> {
        match &self.slots {
            Slots::From(first, rows) => {
                slot.0.checked_sub(first.0).map(|row| row as usize).filter(|row| row < rows)
            }
            Slots::Picked(slots) => slots.binary_search(&slot).ok(),
        }
    }

    /// The first slot, if the others follow it one by one.
    pub(crate) fn first(&self) -> Option<Slot> {
        match &self.slots {
            Slots::From(first, _) => Some(*first),
            Slots::Picked(_) => None,
        }
    }

    pub fn has(&self, family: Family) -> bool {
        match family {
            Family::Core => self.core.is_some(),
            Family::Name => self.name.is_some(),
            Family::Tags => self.lists.is_some(),
            Family::Orders => self.orders.is_some(),
            Family::Lines => self.lines.is_some(),
            Family::Attributes => self.attributes.is_some(),
        }
    }

    pub(crate) fn families(&self) -> Families {
        let bit = |family: Family, is_there: bool| u8::from(is_there) << family as u8;
        Families(
            bit(Family::Core, self.core.is_some())
                | bit(Family::Name, self.name.is_some())
                | bit(Family::Tags, self.lists.is_some())
                | bit(Family::Orders, self.orders.is_some())
                | bit(Family::Lines, self.lines.is_some())
                | bit(Family::Attributes, self.attributes.is_some()),
        )
    }

    /// The rows that are someone.
    pub fn present(&self) -> Mask {
        (0..self.len().div_ceil(64)).map(|word| self.present_word(word)).collect()
    }

    pub(crate) fn present_word(&self, word: usize) -> u64 {
        let all = mask::all_of(self.len(), word);
        match &self.core {
            Some(core) => all & core.numbers[Number::Added as usize].valid_word(word),
            None => all,
        }
    }

    /// The rows of which there is anything: somebody, or what is left of somebody.
    pub(crate) fn known_word(&self, word: usize) -> u64 {
        let versions = self.core.as_ref().map(|core| &core.numbers[Number::Version as usize]);
        self.present_word(word)
            | versions.map_or(0, |versions| mask::all_of(self.len(), word) & versions.valid_word(word))
    }

    /// Marks those of the rows from `from` on that are someone.
    pub(crate) fn mark_present(&self, from: usize, answers: &mut [u8]) {
        answers.fill(1);
        if let Some(core) = &self.core {
            core.numbers[Number::Added as usize].keep_valid(from, answers);
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> &[Column] {
        self.attributes.as_ref().and_then(|all| all.get(name)).map_or(&[], Vec::as_slice)
    }
}

impl Names {
    pub(crate) fn new(texts: [Texts; Text::COUNT]) -> Self {
        Self { texts, all: OnceLock::new() }
    }

    pub(crate) fn all(&self) -> &Folded {
        self.all.get_or_init(|| {
            let columns = [Text::FirstName, Text::LastName, Text::Email, Text::Phone, Text::Id]
                .map(|column| &self.texts[column as usize].told);
            let rows = 0..columns[0].len();
            Folded::new(
                fold_onto,
                rows.map(|row| {
                    let told = columns.iter().filter(move |column| column.is_valid(row));
                    told.map(move |column| column.value(row))
                }),
            )
        })
    }
}

impl Texts {
    pub(crate) fn new(told: StringArray) -> Self {
        Self { told, folded: OnceLock::new(), uncased: OnceLock::new() }
    }

    pub(crate) fn folded(&self) -> &Folded {
        self.folded.get_or_init(|| Folded::new(fold_onto, self.told.iter().map(Option::into_iter)))
    }

    pub(crate) fn uncased(&self) -> &Folded {
        self.uncased.get_or_init(|| Folded::new(uncase_onto, self.told.iter().map(Option::into_iter)))
    }

    pub(crate) fn valid_word(&self, word: usize) -> u64 {
        let rows = word * 64..self.told.len().min(word * 64 + 64);
        (0..).zip(rows).fold(0, |bits, (bit, row)| bits | u64::from(self.is_told(row)) << bit)
    }

    pub(crate) fn is_told(&self, row: usize) -> bool {
        self.told.is_valid(row)
    }
}

/// Fewer are asked as fast as they are.
const SKETCHED_FROM: usize = 64;

impl Numbers {
    pub(crate) fn new(values: Whole, valid: Option<Vec<u64>>) -> Self {
        Self { values, valid, sketch: OnceLock::new(), was_asked: AtomicBool::new(false) }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.values {
            Whole::U16(values) => values.len(),
            Whole::U32(values) => values.len(),
            Whole::I32(values) => values.len(),
            Whole::I64(values) => values.len(),
        }
    }

    /// Is told of every question, once. Whoever was asked before is worth a sketch: what was read for one question
    /// alone does without.
    pub(crate) fn is_asked(&self) {
        if self.sketch.get().is_some() || self.len() < SKETCHED_FROM {
            return;
        }
        if self.was_asked.swap(true, Ordering::Relaxed) {
            self.sketch.get_or_init(|| Sketch::new((0..self.len()).map(|row| self.get(row))));
        }
    }

    pub(crate) fn sketch(&self) -> Option<&Sketch> {
        self.sketch.get()
    }

    pub(crate) fn valid_word(&self, word: usize) -> u64 {
        self.valid.as_ref().map_or(u64::MAX, |valid| valid[word])
    }

    /// Leaves those of the rows from `from` on, the first of a word, that have a number.
    pub(crate) fn keep_valid(&self, from: usize, among: &mut [u8]) {
        if let Some(valid) = &self.valid {
            mask::keep(among, &valid[from / 64..]);
        }
    }

    #[inline]
    pub(crate) fn get(&self, row: usize) -> Option<i64> {
        if self.valid_word(row / 64) >> (row % 64) & 1 == 0 {
            return None;
        }
        Some(self.raw(row))
    }

    /// The number of a row that is known to have one; of another, nothing in particular.
    #[inline]
    pub(crate) fn raw(&self, row: usize) -> i64 {
        match &self.values {
            Whole::U16(values) => values[row].into(),
            Whole::U32(values) => values[row].into(),
            Whole::I32(values) => values[row].into(),
            Whole::I64(values) => values[row],
        }
    }
}

impl Words {
    pub(crate) fn of(&self, row: usize) -> &[u32] {
        match &self.starts {
            Starts::List(starts) => {
                let place = |row: usize| usize::try_from(starts[row]).unwrap_or(0);
                &self.keys[place(row)..place(row + 1)]
            }
            Starts::One(valid) => {
                let has = valid.as_ref().is_none_or(|valid| valid[row / 64] >> (row % 64) & 1 == 1);
                if has { &self.keys[row..=row] } else { &[] }
            }
        }
    }

    pub(crate) fn words(&self, row: usize) -> impl Iterator<Item = &str> {
        self.of(row).iter().map(|key| self.dictionary.value(*key as usize))
    }
}
