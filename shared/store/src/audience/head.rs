//! What a shard's blocks are: the one item whose change makes a shard's new state visible, all of it at once.

use columns::{BlockNumber, Family, SCHEMA};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The head of a shard. Whatever it names was written before it, under a version of its own, and does not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Blocks of another schema are rebuilt, never guessed at.
    pub(crate) schema: u32,
    /// Raised by every rebuild.
    pub epoch: u64,
    /// The version that the next blocks are written under.
    pub(crate) next: u64,
    /// What is being written, or was when the writer died: nobody reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) writing: Option<u64>,
    #[serde(default)]
    pub(crate) blocks: BTreeMap<u32, BlockAt>,
    /// Rows that changed since their blocks were written: in the order in which they were told.
    #[serde(default)]
    pub(crate) recent: Vec<RecentAt>,
    /// What nobody who reads this head needs. It goes with the next change, so that a reader of the former head can end.
    #[serde(default)]
    pub(crate) retired: Retired,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlockAt {
    pub(crate) version: u64,
    pub(crate) rows: u32,
    /// How many chunks each family has, in the order of `Family::ALL`.
    pub(crate) chunks: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecentAt {
    pub(crate) version: u64,
    pub(crate) rows: u32,
    pub(crate) chunks: u32,
    /// Whose rows they are.
    pub(crate) blocks: BTreeSet<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Retired {
    pub(crate) blocks: Vec<(u32, BlockAt)>,
    pub(crate) recent: Vec<RecentAt>,
    /// All that was written under these: keepers died over them, or lost to another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) versions: Vec<u64>,
    /// What a head named that was not understood: sort keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) keys: Vec<String>,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            epoch: 0,
            next: 1,
            writing: None,
            blocks: BTreeMap::new(),
            recent: Vec::new(),
            retired: Retired::default(),
        }
    }
}

impl Head {
    /// Whether this program understands its blocks.
    pub fn is_understood(&self) -> bool {
        self.schema == SCHEMA
    }

    /// How many changed rows stand beside the blocks.
    pub fn recent_rows(&self) -> u32 {
        self.recent.iter().map(|recent| recent.rows).sum()
    }

    /// In how many parts they stand.
    pub fn recent_parts(&self) -> usize {
        self.recent.len()
    }

    /// Whether anything that was written under this version can be read.
    pub(crate) fn names(&self, version: u64) -> bool {
        self.blocks.values().any(|at| at.version == version)
            || self.recent.iter().any(|recent| recent.version == version)
    }

    pub fn blocks(&self) -> impl Iterator<Item = BlockNumber> {
        self.blocks.keys().copied().map(BlockNumber)
    }
}

impl BlockAt {
    pub(crate) fn chunks(&self, family: Family) -> u32 {
        self.chunks.get(family as usize).copied().unwrap_or(0)
    }
}
