//! Providers spoken to over plain HTTP. Adapters translate and do not think.

mod google;

pub use google::{Endpoints, Google};
