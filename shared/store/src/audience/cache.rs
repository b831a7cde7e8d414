//! Blocks that were read, in memory, by their version: what does not change need not be read twice.
//!
//! A tenant's blocks are found under the tenant alone. Without any of it every answer is the same, and costs more.

use columns::{Batch, BlockNumber, Delta, Family, ShardNumber, Slot, View};
use domain::TenantId;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::head::Head;

type Key = (TenantId, ShardNumber);

/// Shards in memory, within a budget; what was used longest ago goes first.
#[derive(Debug)]
pub(crate) struct Blocks {
    budget: usize,
    held: Mutex<Shards>,
}

#[derive(Debug, Default)]
struct Shards {
    all: HashMap<Key, (Arc<HeldShard>, u64)>,
    bytes: usize,
    /// Counts the uses.
    uses: u64,
}

/// A shard without its changed rows.
#[derive(Debug)]
pub(crate) struct HeldShard {
    /// The head's version that it was read for.
    pub(crate) head: u64,
    pub(crate) families: BTreeSet<Family>,
    pub(crate) parts: Parts,
    /// The versions of the recent rows in the view, in the order in which they lie there.
    pub(crate) laid: Vec<u64>,
    /// Blocks and recent rows, one over the other.
    pub(crate) view: View,
}

/// What a shard consists of. A clone shares it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parts {
    /// With the version under which each was written.
    pub(crate) blocks: BTreeMap<BlockNumber, (u64, Batch)>,
    /// By version, with how many bytes they were.
    pub(crate) recent: BTreeMap<u64, (Arc<BTreeMap<Slot, Delta>>, usize)>,
}

impl Parts {
    /// Lets go of what the head does not name.
    pub(crate) fn keep(&mut self, head: &Head) {
        self.blocks
            .retain(|block, (version, _)| head.blocks.get(&block.0).is_some_and(|at| at.version == *version));
        self.recent.retain(|version, _| head.recent.iter().any(|recent| recent.version == *version));
    }
}

impl HeldShard {
    pub(crate) fn fits(&self, head: u64, families: &BTreeSet<Family>) -> bool {
        self.head == head && families.is_subset(&self.families)
    }

    /// Whether this head's view is this one with nothing but more recent rows over it.
    pub(crate) fn is_under(&self, head: &Head) -> bool {
        let blocks = self.parts.blocks.iter().map(|(block, (version, _))| (block.0, *version));
        let recent: Vec<u64> = head.recent.iter().map(|recent| recent.version).collect();
        blocks.eq(head.blocks.iter().map(|(block, at)| (*block, at.version)))
            && recent.starts_with(&self.laid)
    }

    /// In memory, about: rows that changed stand there as deltas and as columns.
    fn bytes(&self) -> usize {
        let blocks: usize = self.parts.blocks.values().map(|(_, batch)| batch.bytes()).sum();
        let recent: usize = self.parts.recent.values().map(|(_, bytes)| bytes * 4).sum();
        blocks + recent
    }
}

impl Blocks {
    pub(crate) fn within(budget: usize) -> Self {
        Self { budget, held: Mutex::default() }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<HeldShard>> {
        let mut held = self.lock();
        held.uses += 1;
        let now = held.uses;
        let (shard, used) = held.all.get_mut(key)?;
        *used = now;
        Some(shard.clone())
    }

    pub(crate) fn put(&self, key: Key, shard: HeldShard) {
        let mut held = self.lock();
        held.uses += 1;
        let now = held.uses;
        held.bytes += shard.bytes();
        if let Some((old, _)) = held.all.insert(key, (Arc::new(shard), now)) {
            held.bytes -= old.bytes();
        }
        while held.bytes > self.budget {
            let Some(oldest) = held.all.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| *key) else {
                return;
            };
            if let Some((gone, _)) = held.all.remove(&oldest) {
                held.bytes -= gone.bytes();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shards> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audience::head::{BlockAt, RecentAt};

    #[test]
    fn a_view_lies_under_a_head_that_says_the_same_and_more() {
        let recent = |version| RecentAt { version, rows: 1, chunks: 1, blocks: BTreeSet::new() };
        let head = |block: u64, recents: &[u64]| Head {
            blocks: BTreeMap::from([(0, BlockAt { version: block, rows: 1, chunks: vec![1] })]),
            recent: recents.iter().map(|version| recent(*version)).collect(),
            ..Head::default()
        };
        let blocks = BTreeMap::from([(BlockNumber(0), (1, Batch::new(BlockNumber(0), 1)))]);
        let shard = HeldShard {
            head: 7,
            families: BTreeSet::new(),
            parts: Parts { blocks, recent: BTreeMap::new() },
            laid: vec![2, 3],
            view: View::default(),
        };
        let check = |block, recents: &[u64], expected| {
            assert_eq!(shard.is_under(&head(block, recents)), expected, "{block} {recents:?}");
        };
        check(1, &[2, 3], true);
        check(1, &[2, 3, 4], true);
        // An older head, one whose recent rows were folded, and one with other blocks.
        check(1, &[2], false);
        check(1, &[3, 4], false);
        check(1, &[], false);
        check(5, &[2, 3], false);
        assert!(!shard.is_under(&Head::default()));
    }
}
