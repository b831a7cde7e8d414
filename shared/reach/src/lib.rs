//! Who of those whom a campaign means may be written to, and when; and of everybody else, why not.
//!
//! Each is left out for the first reason that holds, in the order of `STAGES`, so that chosen and left out together are those
//! whom it means. Nothing here waits, reads a clock or knows where anything is kept.

mod bounds;
mod costs;
mod hours;
mod laws;
mod places;
mod waterfall;

pub use bounds::Bounds;
pub use costs::{Costs, Each, Micros, PRICES_MAX, fewer};
pub use hours::{Clock, next_allowed};
pub use laws::Hours;
pub use places::clocks_of;
pub use waterfall::{Asked, STAGES, Waterfall, Wave, families, found};
