//! Who of those whom a campaign means may be written to, and when; and of everybody else, why not.
//!
//! Each is left out for the first reason that holds, in the order of `STAGES`, so that chosen and left out together are those
//! whom it means. Nothing here waits, reads a clock or knows where anything is kept.

mod hours;
mod places;
mod waterfall;

pub use hours::next_allowed;
pub use places::clocks_of;
pub use waterfall::{Asked, STAGES, Waterfall, families, found};
