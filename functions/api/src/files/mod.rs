//! Files of rows that merchants bring: as they are, or in a form of a page.

pub(crate) mod import;
mod uploaded;
