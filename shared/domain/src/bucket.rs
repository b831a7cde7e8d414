//! A token bucket as one number, so that many processes can share it through an atomic addition.
//!
//! The number is the instant at which the bucket will be full again (the "theoretical arrival time" of the
//! generic cell rate algorithm). Taking a token moves it on by the time that one token takes to refill.

use std::ops::RangeInclusive;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// How many tokens it holds when full. At least 1.
    pub capacity: u32,
    /// How long one token takes to come back. At least 1.
    pub refill_millis: u32,
}

/// What to do about one more call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taking {
    /// Add `by` to the number if it is still `within`; if it is not, read it again and ask again.
    Take {
        by: i64,
        within: RangeInclusive<i64>,
        remaining: u32,
    },
    Refuse {
        retry_after_millis: i64,
    },
}

impl Bucket {
    fn depth_millis(self) -> i64 {
        i64::from(self.capacity) * i64::from(self.refill_millis)
    }

    /// The decision, when the number was last seen as `full_at` (0 if never used), in milliseconds since 1970.
    pub fn take(self, full_at: i64, now: i64) -> Taking {
        self.take_some(1, full_at, now)
    }

    /// Of so many calls, together or not at all. More than the bucket holds are never taken.
    pub fn take_some(self, count: u32, full_at: i64, now: i64) -> Taking {
        let refill = i64::from(self.refill_millis) * i64::from(count);
        let after = full_at.max(now) + refill;
        if after - now > self.depth_millis() {
            return Taking::Refuse { retry_after_millis: after - now - self.depth_millis() };
        }
        let remaining = self.left(after, now);
        if full_at < now {
            // The bucket has been full for a while: the first one to come sets the number anew.
            Taking::Take { by: after - full_at, within: full_at..=full_at, remaining }
        } else {
            Taking::Take { by: refill, within: now..=now + self.depth_millis() - refill, remaining }
        }
    }

    /// How many tokens are in it.
    pub fn left(self, full_at: i64, now: i64) -> u32 {
        let free = self.depth_millis() - (full_at - now).max(0);
        u32::try_from(free / i64::from(self.refill_millis)).unwrap_or(0)
    }

    /// How long until it is full.
    pub fn full_in_millis(self, full_at: i64, now: i64) -> i64 {
        (full_at - now).max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The bucket as everyone imagines it: a level that rises with time and falls by one a call.
    struct Plain {
        level_millis: i64,
        at: i64,
    }

    impl Plain {
        fn take(&mut self, bucket: Bucket, now: i64) -> bool {
            self.level_millis = (self.level_millis + now - self.at).min(bucket.depth_millis());
            self.at = now;
            let enough = self.level_millis >= i64::from(bucket.refill_millis);
            self.level_millis -= if enough { i64::from(bucket.refill_millis) } else { 0 };
            enough
        }
    }

    proptest! {
        #[test]
        fn it_is_a_plain_token_bucket(
            capacity in 1_u32..20, refill_millis in 1_u32..2_000, waits in prop::collection::vec(0_i64..3_000, 1..200)
        ) {
            let bucket = Bucket { capacity, refill_millis };
            let mut plain = Plain { level_millis: bucket.depth_millis(), at: 1_000_000 };
            let (mut full_at, mut now) = (0, 1_000_000);
            for wait in waits {
                now += wait;
                let before = bucket.left(full_at, now);
                match bucket.take(full_at, now) {
                    Taking::Take { by, within, remaining } => {
                        prop_assert!(within.contains(&full_at));
                        full_at += by;
                        prop_assert!(plain.take(bucket, now));
                        prop_assert_eq!(remaining, bucket.left(full_at, now));
                        prop_assert_eq!(remaining + 1, before);
                    }
                    Taking::Refuse { retry_after_millis } => {
                        prop_assert!(!plain.take(bucket, now));
                        let refused_still = bucket.take(full_at, now + retry_after_millis - 1);
                        let early = matches!(refused_still, Taking::Take { .. });
                        prop_assert!(!early, "retry_after is not too long");
                        let taken = bucket.take(full_at, now + retry_after_millis);
                        let granted = matches!(taken, Taking::Take { .. });
                        prop_assert!(granted, "retry_after is a promise");
                    }
                }
            }
        }

        #[test]
        fn some_together_are_as_many_one_by_one(
            capacity in 1_u32..20, refill_millis in 1_u32..2_000, ahead in -3_000_i64..30_000, count in 1_u32..25
        ) {
            let (bucket, now) = (Bucket { capacity, refill_millis }, 1_000_000);
            let mut full_at = now + ahead;
            let together = bucket.take_some(count, full_at, now);
            for _ in 0..count {
                let Taking::Take { by, .. } = bucket.take(full_at, now) else {
                    let refused = matches!(together, Taking::Refuse { .. });
                    prop_assert!(refused);
                    return Ok(());
                };
                full_at += by;
            }
            let Taking::Take { by, within, remaining } = together else { panic!("there were as many") };
            prop_assert!(within.contains(&(now + ahead)));
            prop_assert_eq!((now + ahead + by, remaining), (full_at, bucket.left(full_at, now)));
        }
    }
}
