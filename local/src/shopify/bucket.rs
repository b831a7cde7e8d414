//! A leaky bucket of points, one for each shop: what a question costs is taken, and comes back by the second.

use jiff::Timestamp;

use super::switches::Plan;

/// A bucket holds what comes back in so many seconds.
const SECONDS: u64 = 20;

#[derive(Debug, Default)]
pub(super) struct Bucket {
    /// In thousandths of points.
    used: u64,
    at_millis: i64,
}

/// How full it is, as every answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Level {
    pub(super) most: u64,
    pub(super) available: u64,
    pub(super) restored_a_second: u64,
}

impl Bucket {
    /// `Err`: there is not that much in it, and nothing was taken.
    pub(super) fn take(&mut self, points: u64, plan: Plan, now: Timestamp) -> Result<Level, Level> {
        let rate = plan.points_a_second();
        let passed = u64::try_from(now.as_millisecond() - self.at_millis).unwrap_or_default();
        self.at_millis = now.as_millisecond().max(self.at_millis);
        // A point a second is a thousandth of a point a millisecond.
        self.used = self.used.saturating_sub(passed.saturating_mul(rate));
        let most = rate * SECONDS;
        let available = most.saturating_sub(self.used.div_ceil(1_000));
        if available < points {
            return Err(Level { most, available, restored_a_second: rate });
        }
        self.used += points * 1_000;
        Ok(Level { most, available: available - points, restored_a_second: rate })
    }

    /// As if somebody had asked for all of it.
    pub(super) fn drain(&mut self, plan: Plan, now: Timestamp) {
        self.used = plan.points_a_second() * SECONDS * 1_000;
        self.at_millis = now.as_millisecond().max(self.at_millis);
    }

    /// What a question did not cost after all.
    pub(super) fn give_back(&mut self, points: u64) {
        self.used = self.used.saturating_sub(points * 1_000);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_790_000_000_000 + millis).unwrap()
    }

    #[test]
    fn a_bucket_gives_what_it_holds_and_fills_by_the_second() {
        let mut bucket = Bucket::default();
        let level = |available| Level { most: 2_000, available, restored_a_second: 100 };
        assert_eq!(bucket.take(1_000, Plan::Standard, at(0)), Ok(level(1_000)));
        assert_eq!(bucket.take(900, Plan::Standard, at(0)), Ok(level(100)));
        assert_eq!(bucket.take(101, Plan::Standard, at(0)), Err(level(100)));
        assert_eq!(bucket.take(200, Plan::Standard, at(999)), Err(level(199)));
        assert_eq!(bucket.take(200, Plan::Standard, at(1_000)), Ok(level(0)));
        bucket.give_back(150);
        assert_eq!(bucket.take(150, Plan::Standard, at(1_000)), Ok(level(0)));
        assert_eq!(bucket.take(0, Plan::Standard, at(3_600_000)), Ok(level(2_000)));
    }

    #[test]
    fn a_shop_that_pays_more_may_be_asked_more() {
        for (plan, most) in [(Plan::Standard, 2_000), (Plan::Advanced, 4_000), (Plan::Plus, 20_000)] {
            assert_eq!(Bucket::default().take(0, plan, at(0)).map(|level| level.most), Ok(most));
        }
    }
}
