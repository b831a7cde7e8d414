//! The first few of many, by any column.

use std::{cmp::Ordering, collections::BinaryHeap};

use crate::{
    batch::{Batch, Column},
    mask::{self, Mask},
    program::Span,
    run,
    schema::{Code, Number, Of, Text},
    slot::Slot,
};

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The order in which customers came.
    Slot,
    Number(Of<Number>),
    Code(Code),
    Text(Of<Text>),
}

/// Where a customer stands by some column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    Number(i64),
    /// Folded.
    Text(Box<str>),
    /// The column is empty: last, whichever way the others stand.
    Absent,
}

/// A place in the list. No two customers share one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub rank: Rank,
    pub slot: Slot,
}

/// Takes rows in any order and keeps the first.
#[derive(Debug)]
pub struct Sorted {
    by: By,
    backward: bool,
    limit: usize,
    after: Option<Entry>,
    /// The last of those kept is on top.
    kept: BinaryHeap<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    place: Place,
    backward: bool,
}

impl Sorted {
    /// The first `limit` customers after that place.
    pub fn new(by: By, backward: bool, limit: usize, after: Option<Place>) -> Self {
        let after = after.map(|place| Entry { place, backward });
        Self { by, backward, limit, after, kept: BinaryHeap::new() }
    }

    /// Rows of which another family would have to be read rank as absent.
    pub fn add(&mut self, batch: &Batch, selected: &Mask) {
        let rows = || all(selected);
        match &self.by {
            By::Slot => rows().for_each(|row| self.offer(Rank::Number(0), batch.slot(row))),
            By::Code(code) => {
                let codes = batch.core.as_ref().map(|core| &core.codes[*code as usize]);
                rows().for_each(|row| {
                    let rank = codes.map_or(Rank::Absent, |codes| Rank::Number(codes[row].into()));
                    self.offer(rank, batch.slot(row));
                });
            }
            By::Number(column) => {
                let numbers = match column {
                    Of::Known(column) => batch.core.as_ref().map(|core| &core.numbers[*column as usize]),
                    Of::Attribute(name) => batch.attribute(name).iter().find_map(|column| match column {
                        Column::Number(numbers) => Some(numbers),
                        _ => None,
                    }),
                };
                // Once there are enough, most rows are seen at a glance to stand behind the last of them.
                let ahead =
                    numbers.zip(self.ahead()).map(|(numbers, span)| run::within(numbers, span, selected));
                all(ahead.as_ref().unwrap_or(selected)).for_each(|row| {
                    let number = numbers.and_then(|numbers| numbers.get(row));
                    self.offer(number.map_or(Rank::Absent, Rank::Number), batch.slot(row));
                });
            }
            By::Text(column) => {
                let texts = match column {
                    Of::Known(column) => batch.name.as_ref().map(|names| &names.texts[*column as usize]),
                    Of::Attribute(name) => batch.attribute(name).iter().find_map(|column| match column {
                        Column::Text(texts) => Some(texts),
                        _ => None,
                    }),
                };
                rows().for_each(|row| {
                    let has = texts.filter(|texts| texts.valid_word(row / 64) >> (row % 64) & 1 == 1);
                    let rank = has.map_or(Rank::Absent, |texts| Rank::Text(texts.folded().get(row).into()));
                    self.offer(rank, batch.slot(row));
                });
            }
        }
    }

    /// The numbers that may still come to be kept; `None`: any, or none at all.
    fn ahead(&self) -> Option<Span> {
        let last = self.kept.peek().filter(|_| self.kept.len() >= self.limit)?;
        match last.place.rank {
            Rank::Number(last) if self.backward => Some(Span::from(last)),
            Rank::Number(last) => Some(Span::to(last)),
            Rank::Text(_) | Rank::Absent => None,
        }
    }

    fn offer(&mut self, rank: Rank, slot: Slot) {
        let entry = Entry { place: Place { rank, slot }, backward: self.backward };
        if self.after.as_ref().is_some_and(|after| entry <= *after) {
            return;
        }
        if self.kept.len() < self.limit {
            self.kept.push(entry);
        } else if let Some(mut last) = self.kept.peek_mut()
            && entry < *last
        {
            *last = entry;
        }
    }

    pub fn finish(self) -> Vec<Place> {
        self.kept.into_sorted_vec().into_iter().map(|entry| entry.place).collect()
    }
}

fn all(selected: &Mask) -> impl Iterator<Item = usize> {
    selected.iter().enumerate().flat_map(|(word, bits)| mask::rows(word, *bits))
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mine, theirs) = (&self.place, &other.place);
        let absent = |place: &Place| place.rank == Rank::Absent;
        let told = absent(mine).cmp(&absent(theirs));
        let forward = mine.rank.cmp(&theirs.rank).then(mine.slot.cmp(&theirs.slot));
        told.then(if self.backward { forward.reverse() } else { forward })
    }
}
