//! What whoever keeps campaigns does, and that it comes to the same however often they look.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod caps;
mod course;
mod forgotten;
mod harm;
#[path = "../made/mod.rs"]
mod made;
mod resting;
