//! Groups of customers, counted and summed.

use std::collections::BTreeMap;

use crate::{
    batch::Batch,
    mask::{self, Mask},
    schema::{Code, List, Number, Word},
};

/// What customers are grouped by.
pub enum Key<'a> {
    /// All are one group.
    Everyone,
    Code(Code),
    Word(Word),
    /// A customer counts once in the group of each word.
    List(List),
    /// By what is made of the number: a month of an instant, a band of a sum. `None`: in no group.
    Number(Number, &'a dyn Fn(i64) -> Option<i64>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// Customers that have the number.
    pub count: u64,
    pub sum: i128,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    pub count: u64,
    /// In the order of the columns asked for.
    pub sums: Vec<Sum>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    Everyone,
    Number(i64),
    Word(Box<str>),
    /// Those without.
    Absent,
}

/// Adds the selected rows to their groups.
pub fn tally(
    groups: &mut BTreeMap<Group, Tally>,
    batch: &Batch,
    selected: &Mask,
    key: &Key<'_>,
    sums: &[Number],
) {
    let Some(core) = &batch.core else { return };
    let mut add = |group: Group, row: usize| {
        let tally = groups.entry(group).or_default();
        tally.count += 1;
        tally.sums.resize(sums.len(), Sum::default());
        for (sum, column) in tally.sums.iter_mut().zip(sums) {
            if let Some(number) = core.numbers[*column as usize].get(row) {
                sum.count += 1;
                sum.sum += i128::from(number);
            }
        }
    };
    for row in selected.iter().enumerate().flat_map(|(word, bits)| mask::rows(word, *bits)) {
        match key {
            Key::Everyone => add(Group::Everyone, row),
            Key::Code(column) => add(Group::Number(core.codes[*column as usize][row].into()), row),
            Key::Word(word) => {
                let word = core.words[*word as usize].words(row).next();
                add(word.map_or(Group::Absent, |word| Group::Word(word.into())), row);
            }
            Key::List(list) => {
                let words = batch.lists.as_ref().map(|lists| &lists[*list as usize]);
                let mut words = words.into_iter().flat_map(|words| words.words(row)).peekable();
                if words.peek().is_none() {
                    add(Group::Absent, row);
                }
                words.for_each(|word| add(Group::Word(word.into()), row));
            }
            Key::Number(number, made) => match core.numbers[*number as usize].get(row) {
                Some(number) => {
                    if let Some(group) = made(number) {
                        add(Group::Number(group), row);
                    }
                }
                None => add(Group::Absent, row),
            },
        }
    }
}
