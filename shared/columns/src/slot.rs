//! The permanent small number of a customer, and where it puts them.
//!
//! A slot is never used again. A block is 4,096 slots in a row, a shard 16 blocks: one container of a bitmap.

use serde::{Deserialize, Serialize};

pub const BLOCK_SLOTS: u32 = 4_096;
pub const SHARD_BLOCKS: u32 = 16;
pub const SHARD_SLOTS: u32 = BLOCK_SLOTS * SHARD_BLOCKS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slot(pub u32);

/// Counted over the whole shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlockNumber(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ShardNumber(pub u32);

impl Slot {
    pub fn block(self) -> BlockNumber {
        BlockNumber(self.0 / BLOCK_SLOTS)
    }

    pub fn shard(self) -> ShardNumber {
        self.block().shard()
    }
}

impl BlockNumber {
    pub fn first(self) -> Slot {
        Slot(self.0 * BLOCK_SLOTS)
    }

    pub fn shard(self) -> ShardNumber {
        ShardNumber(self.0 / SHARD_BLOCKS)
    }
}

impl ShardNumber {
    pub fn first(self) -> Slot {
        Slot(self.0 * SHARD_SLOTS)
    }

    pub fn blocks(self) -> impl Iterator<Item = BlockNumber> {
        (self.0 * SHARD_BLOCKS..(self.0 + 1) * SHARD_BLOCKS).map(BlockNumber)
    }

    /// The shards that the first `slots` slots of a shop lie in.
    pub fn of_first(slots: u32) -> impl Iterator<Item = Self> {
        (0..slots.div_ceil(SHARD_SLOTS)).map(Self)
    }
}
