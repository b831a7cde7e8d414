//! Files of rows that merchants bring and take.

mod brought;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod samples;
pub(crate) mod uploaded;
