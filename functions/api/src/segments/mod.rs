//! Rules of segments: looked at, and asked of the audience before anything is saved.

pub(crate) mod preview;
pub(crate) mod told;
pub(crate) mod validate;
