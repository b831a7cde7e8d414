//! The demo: its people, its shop, and how both come to be there.

mod people;
pub mod shop;

pub use people::{Person, people};
