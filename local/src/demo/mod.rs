//! The demo: its people, its shop, and how both come to be there.

mod making;
mod people;
pub mod shop;

pub use making::{Made, Wish, shop};
pub use people::{OWNER, Person, people};
