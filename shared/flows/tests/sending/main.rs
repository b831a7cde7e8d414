//! By whom a shop's messages go, and in whose name.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod senders;
mod ways;
