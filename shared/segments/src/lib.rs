//! From a rule of the segment language to a question over the columns, and to when its answer changes by time alone.
//!
//! A rule is asked in a `Scene`: one shop, one instant. Days are the shop's days; instants are to the second. What the
//! columns do not hold is refused by name and place: it is never taken for "nobody", and never for "everybody".

mod anniversary;
mod bought;
mod calendar;
mod changes;
mod clock;
mod compile;
mod event;
mod explain;
mod field;
mod foretold;
mod looking_back;
mod named;
mod numbers;
mod outcomes;
mod own;
mod parts;
mod ranks;
mod refused;
mod scene;
mod scores;
mod shop;
mod tags;
mod texts;
mod turns;

pub use bought::{Bought, buyers};
pub use changes::{NotAsked, changes_at};
pub use compile::compile;
pub use explain::{Explained, LeafReason, Reason, ReasonOf, Seen, explain};
pub use foretold::{Foretold, asks_orders, scores_in, untold};
pub use looking_back::looks_before;
pub use named::{Named, NotFound};
pub use outcomes::{OUTCOMES_MAX, TOO_MANY_OUTCOMES, asks_too_many_outcomes, names_outcomes, outcomes_asked};
pub use parts::{Part, parts};
pub use ranks::in_group;
pub use refused::Unsupported;
pub use scene::{Given, Outcomes, Scene, Told};
pub use shop::shop;
pub use tags::{TOO_MANY_TAGS, asks_beside, names_tags, print_beside};
pub use turns::turns;
