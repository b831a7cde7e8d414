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

impl Rank {
    fn borrowed(&self) -> Ranked<'_> {
        match self {
            Self::Number(number) => Ranked::Number(*number),
            Self::Text(text) => Ranked::Text(text),
            Self::Absent => Ranked::Absent,
        }
    }
}

/// A rank of which nothing is kept yet: of most rows nothing ever is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ranked<'a> {
    Number(i64),
    Text(&'a str),
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
            By::Slot => rows().for_each(|row| self.offer(Ranked::Number(0), batch.slot(row))),
            By::Code(code) => {
                let codes = batch.core.as_ref().map(|core| &core.codes[*code as usize]);
                rows().for_each(|row| {
                    let rank = codes.map_or(Ranked::Absent, |codes| Ranked::Number(codes[row].into()));
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
                    self.offer(number.map_or(Ranked::Absent, Ranked::Number), batch.slot(row));
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
                    let has = texts.filter(|texts| texts.is_told(row));
                    let rank = has.map_or(Ranked::Absent, |texts| Ranked::Text(texts.folded().get(row)));
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

    fn offer(&mut self, rank: Ranked<'_>, slot: Slot) {
        let against = |other: &Entry| compare((rank, slot), other.borrowed(), self.backward);
        if self.after.as_ref().is_some_and(|after| against(after).is_le()) {
            return;
        }
        let is_full = self.kept.len() >= self.limit;
        if is_full && self.kept.peek().is_none_or(|last| against(last).is_ge()) {
            return;
        }
        let rank = match rank {
            Ranked::Number(number) => Rank::Number(number),
            Ranked::Text(text) => Rank::Text(text.into()),
            Ranked::Absent => Rank::Absent,
        };
        let entry = Entry { place: Place { rank, slot }, backward: self.backward };
        if !is_full {
            self.kept.push(entry);
        } else if let Some(mut last) = self.kept.peek_mut() {
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
        compare(self.borrowed(), other.borrowed(), self.backward)
    }
}

impl Entry {
    fn borrowed(&self) -> (Ranked<'_>, Slot) {
        (self.place.rank.borrowed(), self.place.slot)
    }
}

fn compare(mine: (Ranked<'_>, Slot), theirs: (Ranked<'_>, Slot), backward: bool) -> Ordering {
    let is_absent = |(rank, _)| rank == Ranked::Absent;
    let forward = mine.cmp(&theirs);
    is_absent(mine).cmp(&is_absent(theirs)).then(if backward { forward.reverse() } else { forward })
}
