//! How large a rule may be.

pub const LEAVES_MAX: usize = 100;
pub const DEPTH_MAX: usize = 8;
/// Values in one list.
pub const VALUES_MAX: usize = 500;
/// Of what was told, and of the text that says the same.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;
/// Of JSON: names, texts, and one for each value. A rule within the other limits has far less.
pub const JSON_BYTES_MAX: usize = 8 * TEXT_BYTES_MAX;
/// From one segment to the next that it names.
pub const HOPS_MAX: usize = 5;
/// So often a text is read on behind where something could not follow.
pub(crate) const RESUMED_MAX: usize = 20;
/// Brackets that lie in each other, whether a rule needs them or not.
pub(crate) const BRACKETS_MAX: usize = 24;
