//! Who belongs to something: a set of slots.

use roaring::RoaringBitmap;
use std::io;

use crate::{
    batch::Batch,
    gaps,
    mask::{self, Mask},
    slot::{SHARD_SLOTS, ShardNumber, Slot},
};

/// Set algebra over the whole shop; kept by shard, one container of at most 8 KB each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Members(RoaringBitmap);

impl Members {
    pub fn len(&self) -> u64 {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has(&self, slot: Slot) -> bool {
        self.0.contains(slot.0)
    }

    pub fn insert(&mut self, slot: Slot) -> bool {
        self.0.insert(slot.0)
    }

    pub fn remove(&mut self, slot: Slot) -> bool {
        self.0.remove(slot.0)
    }

    pub fn iter(&self) -> impl Iterator<Item = Slot> {
        self.0.iter().map(Slot)
    }

    /// The rows whose bits are set.
    pub(crate) fn of<'a>(parts: impl IntoIterator<Item = (&'a Batch, &'a Mask)>) -> Self {
        let mut all = RoaringBitmap::new();
        // Blocks that follow one another are taken over together, word by word.
        let (mut first, mut bytes) = (0, Vec::new());
        for (batch, selected) in parts {
            let Some(next) = batch.first() else {
                let rows = selected.iter().enumerate().flat_map(|(word, bits)| mask::rows(word, *bits));
                all.extend(rows.map(|row| batch.slot(row).0));
                continue;
            };
            if next.0 as usize != first as usize + bytes.len() * 8 {
                all |= RoaringBitmap::from_lsb0_bytes(first, &bytes);
                bytes.clear();
                first = next.0;
            }
            for word in selected {
                bytes.extend_from_slice(&word.to_le_bytes());
            }
        }
        all |= RoaringBitmap::from_lsb0_bytes(first, &bytes);
        Self(all)
    }

    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(&self.0 & &other.0)
    }

    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self(&self.0 | &other.0)
    }

    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self(&self.0 - &other.0)
    }

    /// Those of one shard alone.
    #[must_use]
    pub fn of_shard(&self, shard: ShardNumber) -> Self {
        let first = shard.first().0;
        Self(self.0.range(first..=first + (SHARD_SLOTS - 1)).collect())
    }

    /// Those of one shard: as roaring bitmaps are written everywhere, or as gaps, whichever is shorter. Slots count from the
    /// shard's first.
    pub fn to_bytes(&self, shard: ShardNumber) -> Vec<u8> {
        let first = shard.first().0;
        let mut own: RoaringBitmap =
            self.0.range(first..=first + (SHARD_SLOTS - 1)).map(|slot| slot - first).collect();
        own.optimize();
        let gaps = gaps::written(&own);
        if gaps.len() < own.serialized_size() {
            return gaps;
        }
        let mut bytes = Vec::with_capacity(own.serialized_size());
        // Writing to memory cannot fail.
        let _ = own.serialize_into(&mut bytes);
        bytes
    }

    /// Adds what `to_bytes` gave for that shard. Bytes that are no bitmap, or of more than a shard, add nobody.
    pub fn add_bytes(&mut self, shard: ShardNumber, bytes: &[u8]) -> Result<(), io::Error> {
        let own = gaps::read(bytes).unwrap_or_else(|| RoaringBitmap::deserialize_from(bytes))?;
        if own.max().is_some_and(|most| most >= SHARD_SLOTS) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a slot beyond the shard"));
        }
        self.0.extend(own.iter().map(|slot| slot + shard.first().0));
        Ok(())
    }
}

impl FromIterator<Slot> for Members {
    fn from_iter<I: IntoIterator<Item = Slot>>(slots: I) -> Self {
        Self(slots.into_iter().map(|slot| slot.0).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_kept_by_shard() {
        let all: Members = [0, 1, 65_535, 65_536, 200_000].map(Slot).into_iter().collect();
        let mut again = Members::default();
        for shard in ShardNumber::of_first(200_001) {
            again.add_bytes(shard, &all.to_bytes(shard)).unwrap();
        }
        assert_eq!(again, all);
        let two_shards = {
            let mut bytes = vec![];
            RoaringBitmap::from([70_000]).serialize_into(&mut bytes).unwrap();
            bytes
        };
        assert!(again.add_bytes(ShardNumber(0), &two_shards).is_err());
        assert!(again.add_bytes(ShardNumber(0), b"none").is_err());
        assert_eq!(again, all);
    }

    #[test]
    fn a_full_shard_is_small() {
        let all: Members = (0..SHARD_SLOTS).map(Slot).collect();
        assert!(all.to_bytes(ShardNumber(0)).len() < 32);
        let every_other: Members = (0..SHARD_SLOTS).step_by(2).map(Slot).collect();
        assert!(
            every_other.to_bytes(ShardNumber(0)).len() <= 8_198,
            "no form is much longer than a bit for each"
        );
    }
}
