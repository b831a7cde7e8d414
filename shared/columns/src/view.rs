//! The audience of a shop as one reader sees it: blocks, and over them the rows that changed since.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    batch::Batch,
    block::BadBlock,
    delta::Delta,
    mask::Mask,
    members::Members,
    program::Program,
    row::Row,
    run::NotRead,
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
    /// Blocks and changed rows. What a change says only of orders is completed from its block, which must have been
    /// read as far as anybody will ask.
    pub fn new(
        blocks: impl IntoIterator<Item = Batch>,
        deltas: &BTreeMap<Slot, Delta>,
    ) -> Result<Self, BadBlock> {
        let mut parts = Vec::new();
        let mut unseen: BTreeSet<Slot> = deltas.keys().copied().collect();
        let mut rows = Vec::new();
        for batch in blocks {
            let mut changed = vec![0; batch.len().div_ceil(64)];
            let (first, last) = (batch.slot(0), batch.slot(batch.len().saturating_sub(1)));
            for (slot, delta) in deltas.range(first..=last) {
                let row = (slot.0 - first.0) as usize;
                changed[row / 64] |= 1 << (row % 64);
                rows.extend(delta.fold_into(batch.row(row)).map(|row| (*slot, row)));
                unseen.remove(slot);
            }
            parts.push(Part { batch, changed });
        }
        rows.extend(unseen.iter().filter_map(|slot| Some((*slot, deltas[slot].fold_into(None)?))));
        rows.sort_by_key(|(slot, _)| *slot);
        parts.push(Part { batch: Batch::of(&rows)?, changed: Mask::new() });
        Ok(Self { parts })
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

    /// What was read of a customer.
    pub fn row(&self, slot: Slot) -> Option<Row> {
        self.parts.iter().find_map(|part| {
            let row = part.batch.place(slot)?;
            let is_changed = part.changed.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1);
            if is_changed { None } else { part.batch.row(row) }
        })
    }
}

impl Selected<'_> {
    pub fn total(&self) -> u64 {
        self.parts.iter().flat_map(|(_, mask)| mask).map(|word| u64::from(word.count_ones())).sum()
    }

    pub fn members(&self) -> Members {
        let mut members = Members::default();
        self.parts.iter().for_each(|(batch, mask)| members.add(batch, mask));
        members
    }

    /// The first `limit` after a place.
    pub fn sorted(&self, by: By, backward: bool, limit: usize, after: Option<Place>) -> Vec<Place> {
        let mut sorted = Sorted::new(by, backward, limit, after);
        self.parts.iter().for_each(|(batch, mask)| sorted.add(batch, mask));
        sorted.finish()
    }

    pub fn tally(&self, key: &Key<'_>, sums: &[crate::Number]) -> BTreeMap<Group, Tally> {
        let mut groups = BTreeMap::new();
        self.parts.iter().for_each(|(batch, mask)| tally(&mut groups, batch, mask, key, sums));
        groups
    }
}
