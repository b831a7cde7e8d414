//! What providers tell of messages: whether it is their word, and what it means in ours.
//!
//! Computed and nothing else: no provider is asked, and now is an argument. What a provider tells comes in batches, and
//! one thing in them that cannot be read takes nothing away from the others. Nothing here repeats a value that came
//! from outside: it may be somebody's address.

mod read;
pub mod sendgrid;
pub mod ses;
pub mod signature;
pub mod simulated;
pub mod sms;
pub mod sns;
pub mod twilio;

pub use read::{Told, Unreadable};
pub use signature::BadSignature;
