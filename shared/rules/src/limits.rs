//! How large a rule may be.

pub const LEAVES_MAX: usize = 100;
pub const DEPTH_MAX: usize = 8;
/// Values in one list.
pub const VALUES_MAX: usize = 500;
/// Of what was told, and of the text that says the same.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;
/// From one segment to the next that it names.
pub const HOPS_MAX: usize = 5;
/// Brackets that lie in each other, whether a rule needs them or not.
pub(crate) const BRACKETS_MAX: usize = 24;
