//! The whole product in one process: every function's door, the queues, the clock, and what stands for the world
//! outside. `./run` starts it on a port; tests hold it as a `World`.

// An order's webhook is one JSON object of sixty members.
#![recursion_limit = "256"]

pub mod demo;
pub mod doors;
pub mod faults;
pub mod files;
pub mod google;
pub mod keys;
pub mod live;
pub mod outbox;
pub mod product;
pub mod providers;
pub mod pump;
pub mod queues;
pub mod serve;
pub mod shopify;
pub mod tasks;
mod telling;
pub mod web;
pub mod world;

pub use faults::Faults;
pub use world::World;
