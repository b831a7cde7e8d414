//! How the adapters take what no emulator does: throttling, work left undone, answers that never come. A server on
//! loopback says what each test scripted, and remembers what it was asked.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod identities;
mod keeping;
mod queues;
mod server;
mod sockets;
mod table;
