//! A shop's customers as columns, and every question about them.
//!
//! A `Row` is what the audience knows of one customer; a `Block` is 4,096 rows as bytes, one Arrow batch for each
//! family of columns; a `Batch` is rows decoded, ready to be asked; a `Program` is a question. The same program
//! runs over a whole shop, a block, or one row, and says of each row yes or no: there is no "unknown".
//!
//! Nothing here waits, reads a clock or knows where blocks are kept.

mod batch;
mod block;
mod buyers;
mod circle;
mod dated;
mod delta;
mod folded;
mod gaps;
mod history;
mod mask;
mod members;
mod print;
mod program;
mod row;
mod run;
mod sales;
mod schema;
mod sketch;
mod slot;
mod sort;
mod tagged;
mod tally;
mod unpack;
mod view;

pub use batch::Batch;
pub use block::{BadBlock, Family, decode, encode};
pub use buyers::{Buyer, SoldLine};
pub use circle::Circle;
pub use dated::Dated;
pub use delta::{BadDelta, Delta};
pub use folded::{fold, uncased};
pub use mask::Mask;
pub use members::Members;
pub use print::Print;
pub use program::{Among, Clause, Like, LineClause, Program, Span, Test};
pub use row::{Attribute, Line, Order, Row};
pub use run::{Few, NotRead};
pub use sales::Sale;
pub use schema::{Code, LineNumber, LineWord, List, Number, Of, OrderCode, OrderNumber, SCHEMA, Text, Word};
pub use slot::{BLOCK_SLOTS, BlockNumber, SHARD_BLOCKS, SHARD_SLOTS, ShardNumber, Slot};
pub use sort::{By, Place, Rank, Sorted};
pub use tagged::{Ids, Tagged};
pub use tally::{Group, Key, Sum, Tally, tally};
pub use view::{Selected, View};
