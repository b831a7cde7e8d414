//! When it is in these tests.

use domain::Timestamp;

/// So many seconds after one in September 2026.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a time in 2026")
}
