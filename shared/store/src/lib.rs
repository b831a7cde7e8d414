//! Everything the product asks of its data, and the one seam beneath it.
//!
//! Nothing outside this crate makes a key or knows an item's shape.

#[cfg(feature = "contract")]
pub mod contract;
pub mod local;
pub mod table;

pub use table::{Item, Page, Range, RawKey, StoreError, Table, When, Write};

use std::sync::Arc;

/// The way to everything that is stored.
#[derive(Clone)]
pub struct Store {
    table: Arc<dyn Table>,
}

impl Store {
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }
}
