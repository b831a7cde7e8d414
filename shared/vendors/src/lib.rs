//! Providers spoken to over plain HTTP. Adapters translate and do not think.

mod google;
pub mod simulated;

pub use google::{Endpoints, Google};
pub use simulated::Simulated;
