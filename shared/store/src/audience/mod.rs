//! The audience in the table: a row for each customer that changed, written with the customer; blocks of all others.

mod cache;
mod forget;
mod head;
mod keep;
mod parts;
mod read;
mod rebuild;
mod rows;

pub(crate) use cache::Blocks;
pub use head::Head;
pub use read::{Audience, Shard, ShardStamp, Stamp};
pub(crate) use rows::delta_of;
pub use rows::{Orders, order_row, whole_row};

/// So many changed rows are read with every list; from here on a shard's are worth gathering.
pub const GATHERED_FROM: usize = 64;
