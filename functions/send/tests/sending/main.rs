//! A campaign's messages, sent: each once, whatever happens.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crashes;
mod faults;
mod forgotten;
mod lanes;
mod meanwhile;
mod names;
mod people;
mod refused;
mod shop;
mod texts;
mod troubles;
