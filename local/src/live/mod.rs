//! Sockets at home: what stands for API Gateway's WebSocket API.

mod door;
mod hub;

pub use door::{Door, Limits, router};
pub use hub::{Hub, Out};

/// Where sockets are opened.
pub const PATH: &str = "/live";
