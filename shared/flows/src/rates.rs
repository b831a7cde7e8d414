//! How fast somebody may call: a token bucket and a monthly count for a tenant, a bucket for an address.
//!
//! All processes share the numbers in the table. A call takes its token with one conditional addition, so that
//! a thousand calls at once are counted exactly; only at the edges (an idle bucket, an empty one) does a call
//! read again.

use domain::{
    Plan, Timestamp,
    bucket::{Bucket, Taking},
};
use jiff::{SignedDuration, tz::TimeZone};
use store::{Month, Move, Rate, Store, StoreError, TenantStore};

use crate::FlowError;

pub const TOO_FAST: &str = "RATE_LIMIT_EXCEEDED";
pub const MONTH_FULL: &str = "MONTHLY_LIMIT_EXCEEDED";

/// Attempts to sign in, or anything else that a stranger may try: ten at once, then one in six seconds.
pub const STRANGERS: Bucket = Bucket { capacity: 10, refill_millis: 6_000 };
/// Mails of one kind to one address: three at once, then one in twenty minutes.
pub const MAILS: Bucket = Bucket { capacity: 3, refill_millis: 1_200_000 };

/// How often a bucket is read again when others take from it at the same moment.
const READS_MAX: usize = 20;

/// What a call may tell its caller about their limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    pub bucket: Bucket,
    pub remaining: u32,
    /// Seconds until the bucket is full again, rounded up.
    pub reset_seconds: u64,
    pub month: Option<MonthLimit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthLimit {
    pub used: i64,
    pub max: u32,
}

/// Takes one call from a tenant's pace and month. `rate` is what was read with the caller's standing.
pub async fn take_call(
    store: &TenantStore,
    plan: Plan,
    mut rate: Rate,
    now: Timestamp,
) -> Result<Limits, FlowError> {
    let bucket = plan.pace();
    let month = month_of(now, plan);
    let keep_until = now + SignedDuration::from_hours(24 * 62);
    for _ in 0..READS_MAX {
        if rate.calls_in(&month.name) >= i64::from(month.calls_max) {
            let retry_after_seconds = seconds_to_next_month(now);
            return Err(FlowError::TooMany { code: MONTH_FULL, retry_after_seconds });
        }
        let (by, within, remaining) = match bucket.take(rate.full_at, now.as_millisecond()) {
            Taking::Take { by, within, remaining } => (by, within, remaining),
            Taking::Refuse { retry_after_millis } => return Err(too_fast(retry_after_millis)),
        };
        match store.call_counted(Move { by, within }, &month, keep_until).await {
            Ok(used) => {
                let reset_seconds = seconds(bucket.full_in_millis(rate.full_at + by, now.as_millisecond()));
                let month = Some(MonthLimit { used, max: month.calls_max });
                return Ok(Limits { bucket, remaining, reset_seconds, month });
            }
            Err(StoreError::Conflict(_)) => rate = store.rate().await?,
            Err(error) => return Err(error.into()),
        }
    }
    Err(too_fast(1_000))
}

/// What a tenant's limits are, without taking anything.
pub fn look(plan: Plan, rate: &Rate, now: Timestamp) -> Limits {
    let bucket = plan.pace();
    let month = month_of(now, plan);
    let used = rate.calls_in(&month.name);
    Limits {
        bucket,
        remaining: bucket.left(rate.full_at, now.as_millisecond()),
        reset_seconds: seconds(bucket.full_in_millis(rate.full_at, now.as_millisecond())),
        month: Some(MonthLimit { used, max: month.calls_max }),
    }
}

/// Takes one try from the bucket named by `digest`.
pub async fn take_try(
    store: &Store,
    digest: &str,
    bucket: Bucket,
    now: Timestamp,
) -> Result<Limits, FlowError> {
    let mut rate = store.rate_of(digest).await?;
    let keep_until = now + SignedDuration::from_hours(24);
    for _ in 0..READS_MAX {
        let (by, within, remaining) = match bucket.take(rate.full_at, now.as_millisecond()) {
            Taking::Take { by, within, remaining } => (by, within, remaining),
            Taking::Refuse { retry_after_millis } => return Err(too_fast(retry_after_millis)),
        };
        match store.rate_moved(digest, by, Some(within), keep_until).await {
            Ok(()) => {
                let reset_seconds = seconds(bucket.full_in_millis(rate.full_at + by, now.as_millisecond()));
                return Ok(Limits { bucket, remaining, reset_seconds, month: None });
            }
            Err(StoreError::Conflict(_)) => rate = store.rate_of(digest).await?,
            Err(error) => return Err(error.into()),
        }
    }
    Err(too_fast(1_000))
}

/// Gives a try back: it was a good one.
pub async fn give_back(store: &Store, digest: &str, bucket: Bucket, now: Timestamp) -> Result<(), FlowError> {
    let keep_until = now + SignedDuration::from_hours(24);
    let by = -i64::from(bucket.refill_millis);
    Ok(store.rate_moved(digest, by, None, keep_until).await?)
}

fn month_of(now: Timestamp, plan: Plan) -> Month {
    let day = now.to_zoned(TimeZone::UTC).date();
    Month { name: format!("calls_{:04}_{:02}", day.year(), day.month()), calls_max: plan.calls_a_month() }
}

fn seconds_to_next_month(now: Timestamp) -> u64 {
    let zoned = now.to_zoned(TimeZone::UTC);
    let last_day = zoned.last_of_month();
    let next = last_day.and_then(|day| day.tomorrow()).and_then(|day| day.start_of_day());
    next.map_or(0, |next| u64::try_from(next.timestamp().as_second() - now.as_second()).unwrap_or(0))
}

fn too_fast(retry_after_millis: i64) -> FlowError {
    FlowError::TooMany { code: TOO_FAST, retry_after_seconds: seconds(retry_after_millis).max(1) }
}

/// Rounded up, so that who waits that long has waited long enough.
fn seconds(millis: i64) -> u64 {
    u64::try_from((millis + 999) / 1_000).unwrap_or(0)
}
