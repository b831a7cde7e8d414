//! How Lambda calls us: one `serve_*` for each shape of function, and `Env`, the one place for configuration.
//!
//! A function's `main.rs` names its `Deps` from the `Env` and hands its door to a `serve_*`; nothing more.

mod env;
mod http;
mod log;
mod queue;
mod serve;
mod socket;
mod timer;
mod told;

pub use env::{BadSetting, Env, SETTINGS};
pub use http::{HttpAnswer, HttpEvent, answered, serve_http};
pub use log::metrics;
pub use queue::{serve_queue, taken};
pub use socket::{heard, serve_socket};
pub use timer::serve_timer;
pub use told::{logged, serve_queue_and_log};
