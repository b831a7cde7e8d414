//! What a template may cost. All of it together is some milliseconds.

/// A long newsletter is 100 KB; beyond, a mailbox shows only the beginning.
pub const SOURCE_BYTES_MAX: usize = 256 * 1024;
/// What is filled in or decides, all together: a long newsletter has some hundred.
pub const OPENINGS_MAX: usize = 5_000;
/// Blocks within blocks.
pub const DEPTH_MAX: usize = 8;
/// So many are told; who has made more mistakes has made one of them often.
pub const FAULTS_MAX: usize = 50;
/// Filters one after the other.
pub const FILTERS_MAX: usize = 8;
/// What a filter leaves, and a text that stands in a template.
pub const VALUE_BYTES_MAX: usize = 8 * 1024;
/// Steps, and bytes that were looked at or written. A step costs as much as so many bytes.
pub const FUEL: usize = 2 * 1024 * 1024;
pub const STEP_FUEL: usize = 64;
