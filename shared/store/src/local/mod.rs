//! The local table.
