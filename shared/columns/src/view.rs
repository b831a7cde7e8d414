//! The audience of a shop as one reader sees it: blocks, and over them the rows that changed since.

use arrow_array::Array;
use std::collections::BTreeMap;

use crate::{
    batch::Batch,
    block::{BadBlock, Family},
    delta::Delta,
    mask::{self, Mask},
    members::Members,
    program::Program,
    row::Row,
    run::NotRead,
    schema::{Code, Number, Text},
    slot::Slot,
    sort::{By, Place, Sorted},
    tally::{Group, Key, Tally, tally},
};

/// Every customer stands in it once.
#[derive(Debug, Clone, Default)]
pub struct View {
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
struct Part {
    batch: Batch,
    /// The rows that have changed: they stand in another part. Empty: none.
    changed: Mask,
}

/// Who passed, in a view.
#[derive(Debug)]
pub struct Selected<'a> {
    parts: Vec<(&'a Batch, Mask)>,
}

impl View {
    /// Blocks, none of which holds a slot of another.
    pub fn of(blocks: impl IntoIterator<Item = Batch>) -> Self {
        Self { parts: blocks.into_iter().map(|batch| Part { batch, changed: Mask::new() }).collect() }
    }

    /// With rows that have changed since. What a change says only of orders is completed from what is there, which
    /// must have been read as far as anybody will ask.
    pub fn with(mut self, deltas: &BTreeMap<Slot, Delta>) -> Result<Self, BadBlock> {
        if deltas.is_empty() {
            return Ok(self);
        }
        let mut rows: BTreeMap<Slot, Option<Row>> = deltas.keys().map(|slot| (*slot, None)).collect();
        for part in &mut self.parts {
            part.give_up(&mut rows);
        }
        let rows: Vec<_> = rows.into_iter().map(|(slot, row)| (slot, deltas[&slot].fold_into(row))).collect();
        self.parts.push(Part { batch: Batch::of(&rows)?, changed: Mask::new() });
        Ok(self)
    }

    /// One view of several shards.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    pub fn select(&self, program: &Program) -> Result<Selected<'_>, NotRead> {
        let passing = self.parts.iter().map(|part| {
            let mut mask = program.select(&part.batch)?;
            for (word, changed) in mask.iter_mut().zip(&part.changed) {
                *word &= !changed;
            }
            Ok((&part.batch, mask))
        });
        Ok(Selected { parts: passing.collect::<Result<_, _>>()? })
    }

    /// For each part the rows that stand in it, of those who pass.
    pub(crate) fn everybody(&self, whose: Option<&Program>) -> Result<Vec<(&Batch, Vec<usize>)>, NotRead> {
        let rows = |part: &Part| -> Result<Vec<usize>, NotRead> {
            let passing = whose.map(|program| program.select(&part.batch)).transpose()?;
            let passes =
                |row: usize| passing.as_ref().is_none_or(|mask| mask[row / 64] >> (row % 64) & 1 == 1);
            Ok((0..part.batch.len()).filter(|row| passes(*row) && !part.has_changed(*row)).collect())
        };
        self.parts.iter().map(|part| Ok((&part.batch, rows(part)?))).collect()
    }

    /// What was read of a slot: somebody, or what is left of somebody.
    pub fn row(&self, slot: Slot) -> Option<Row> {
        self.parts.iter().find_map(|part| part.row(slot))
    }

    /// All slots of which there is anything.
    pub fn rows(&self) -> impl Iterator<Item = (Slot, Row)> {
        self.parts.iter().flat_map(|part| {
            let slots = (0..part.batch.len()).map(|row| part.batch.slot(row));
            slots.filter_map(|slot| Some((slot, part.row(slot)?)))
        })
    }
}

impl Part {
    fn row(&self, slot: Slot) -> Option<Row> {
        let row = self.batch.place(slot)?;
        if self.has_changed(row) { None } else { self.batch.row(row) }
    }

    fn has_changed(&self, row: usize) -> bool {
        self.changed.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Hands over the rows of these slots: from now on they stand elsewhere.
    fn give_up(&mut self, rows: &mut BTreeMap<Slot, Option<Row>>) {
        let len = self.batch.len();
        if len == 0 {
            return;
        }
        for (slot, taken) in rows.range_mut(self.batch.slot(0)..=self.batch.slot(len - 1)) {
            let Some(row) = self.batch.place(*slot).filter(|row| !self.has_changed(*row)) else { continue };
            *taken = self.batch.row(row);
            self.changed.resize(len.div_ceil(64), 0);
            self.changed[row / 64] |= 1 << (row % 64);
        }
    }
}

impl Selected<'_> {
    pub fn total(&self) -> u64 {
        self.parts.iter().flat_map(|(_, mask)| mask).map(|word| u64::from(word.count_ones())).sum()
    }

    pub fn members(&self) -> Members {
        Members::of(self.parts.iter().map(|(batch, mask)| (*batch, mask)))
    }

    /// Of everybody who passes these numbers, in no order.
    pub fn numbers<const N: usize>(
        &self,
        columns: [Number; N],
    ) -> impl Iterator<Item = (Slot, [Option<i64>; N])> {
        self.parts.iter().filter_map(|(batch, mask)| Some((batch, batch.core.as_ref()?, mask))).flat_map(
            move |(batch, core, mask)| {
                let rows = mask.iter().enumerate().flat_map(|(word, bits)| mask::rows(word, *bits));
                rows.map(move |row| {
                    (batch.slot(row), columns.map(|column| core.numbers[column as usize].get(row)))
                })
            },
        )
    }

    /// Of everybody who passes and has it, in no order.
    pub fn texts(&self, column: Text) -> Result<Vec<(Slot, &str)>, NotRead> {
        let mut all = Vec::new();
        for (batch, mask) in &self.parts {
            let names = batch.name.as_deref().ok_or(NotRead(Family::Name))?;
            let told = &names.texts[column as usize].told;
            let rows = mask.iter().enumerate().flat_map(|(word, bits)| mask::rows(word, *bits));
            let has = rows.filter(|row| !told.is_null(*row));
            all.extend(has.map(|row| (batch.slot(row), told.value(row))));
        }
        Ok(all)
    }

    /// Of everybody who passes this code, in the order of `numbers`.
    pub fn codes(&self, column: Code) -> impl Iterator<Item = (Slot, u8)> {
        self.parts.iter().filter_map(|(batch, mask)| Some((batch, batch.core.as_ref()?, mask))).flat_map(
            move |(batch, core, mask)| {
                let rows = mask.iter().enumerate().flat_map(|(word, bits)| mask::rows(word, *bits));
                rows.map(move |row| (batch.slot(row), core.codes[column as usize][row]))
            },
        )
    }

    /// The first `limit` after a place.
    pub fn sorted(&self, by: By, backward: bool, limit: usize, after: Option<Place>) -> Vec<Place> {
        let mut sorted = Sorted::new(by, backward, limit, after);
        self.parts.iter().for_each(|(batch, mask)| sorted.add(batch, mask));
        sorted.finish()
    }

    pub fn tally(&self, key: &Key<'_>, sums: &[Number]) -> BTreeMap<Group, Tally> {
        let mut groups = BTreeMap::new();
        self.parts.iter().for_each(|(batch, mask)| tally(&mut groups, batch, mask, key, sums));
        groups
    }
}
