//! How fast somebody may call: a token bucket and a monthly count for a tenant, a bucket for an address.
//!
//! All processes share the numbers in the table. A call takes its token with one conditional addition, so that
//! a thousand calls at once are counted exactly; only at the edges (an idle bucket, an empty one) does a call
//! read again.

use domain::{
    Plan, Timestamp,
    bucket::{Bucket, Taking},
};
use jiff::{SignedDuration, civil::Date, tz::TimeZone};
use std::time::Duration;
use store::{Month, Move, Rate, Step, Store, StoreError, TenantStore};

use crate::FlowError;

pub const TOO_FAST: &str = "RATE_LIMIT_EXCEEDED";
pub const MONTH_FULL: &str = "MONTHLY_LIMIT_EXCEEDED";

/// Attempts to sign in, or anything else that a stranger may try: ten at once, then one in six seconds.
pub const STRANGERS: Bucket = Bucket { capacity: 10, refill_millis: 6_000 };
/// Mails of one kind to one address: three at once, then one in twenty minutes.
pub const MAILS: Bucket = Bucket { capacity: 3, refill_millis: 1_200_000 };

/// Invitations of one tenant: a hundred at once, then one in a 100th of a day: 24 h ÷ 100 = 864 s.
pub const INVITATIONS: Bucket = Bucket { capacity: 100, refill_millis: 864_000 };
/// Calls of somebody who has signed in but acts in no tenant, and of an address that shows something it was given:
/// sixty at once, then one a second.
pub const PEOPLE: Bucket = Bucket { capacity: 60, refill_millis: 1_000 };

/// How long a bucket is kept at least: no bucket for a digest takes longer to be full again than a day.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Of so many months it is told that they are over.
const MONTHS_TOLD: usize = 24;
/// The tenant's bucket counts its month, too.
const MONTH_KEPT: SignedDuration = SignedDuration::from_hours(24 * 62);

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

/// A bucket in the table, with what else counts there.
enum Shared<'a> {
    OfTenant(&'a TenantStore, Month),
    OfDigest(&'a Store, &'a str),
}

/// Takes one call from a tenant's pace and month. `rate` is what was read with the caller's standing.
pub async fn take_call(
    store: &TenantStore,
    plan: Plan,
    rate: Rate,
    now: Timestamp,
) -> Result<Limits, FlowError> {
    take(&Shared::OfTenant(store, month_of(now, plan)), plan.pace(), rate, now).await
}

/// What a tenant's limits are, without taking anything.
pub fn look(plan: Plan, rate: &Rate, now: Timestamp) -> Limits {
    let month = month_of(now, plan);
    let month = MonthLimit { used: rate.calls_in(&month.name), max: month.calls_max };
    Limits::of(plan.pace(), rate.full_at, Some(month), now)
}

/// Takes one try from the bucket named by `digest`.
pub async fn take_try(
    store: &Store,
    digest: &str,
    bucket: Bucket,
    now: Timestamp,
) -> Result<Limits, FlowError> {
    take(&Shared::OfDigest(store, digest), bucket, store.rate_of(digest).await?, now).await
}

/// Takes so many tokens together from the bucket of that name. `None`: they are taken; else how long to wait before
/// asking again.
pub async fn take_some(
    store: &Store,
    name: &str,
    bucket: Bucket,
    count: u32,
    now: Timestamp,
) -> Result<Option<Duration>, FlowError> {
    for _ in 0..READS_MAX {
        let rate = store.rate_of(name).await?;
        match bucket.take_some(count, rate.full_at, now.as_millisecond()) {
            Taking::Refuse { retry_after_millis } => {
                return Ok(Some(Duration::from_millis(u64::try_from(retry_after_millis).unwrap_or(0))));
            }
            Taking::Take { by, within, .. } => {
                match store.rate_moved(name, by, Some(within), now + KEPT).await {
                    Ok(()) => return Ok(None),
                    Err(StoreError::Conflict(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
    Ok(Some(Duration::from_secs(1)))
}

/// Gives so many back that were taken together and not used.
pub async fn give_some_back(
    store: &Store,
    name: &str,
    bucket: Bucket,
    count: u32,
    now: Timestamp,
) -> Result<(), FlowError> {
    let by = -i64::from(bucket.refill_millis) * i64::from(count);
    Ok(store.rate_moved(name, by, None, now + KEPT).await?)
}

/// As `take_try`, but as a step: the try is taken with the others or not at all.
pub async fn try_step(
    store: &Store,
    digest: &str,
    bucket: Bucket,
    now: Timestamp,
) -> Result<Step, FlowError> {
    let take = may_take(bucket, &store.rate_of(digest).await?, None, now)?;
    Ok(Store::rate_taken(digest, take, now + KEPT))
}

async fn take(
    shared: &Shared<'_>,
    bucket: Bucket,
    mut rate: Rate,
    now: Timestamp,
) -> Result<Limits, FlowError> {
    for _ in 0..READS_MAX {
        let take = may_take(bucket, &rate, shared.month(&rate), now)?;
        let full_at = rate.full_at + take.by;
        match shared.moved(take, now).await {
            Ok(month) => return Ok(Limits::of(bucket, full_at, month, now)),
            Err(StoreError::Conflict(_)) => rate = shared.rate().await?,
            Err(error) => return Err(error.into()),
        }
    }
    Err(too_fast(1_000, Limits::of(bucket, rate.full_at, shared.month(&rate), now)))
}

/// The decision about one more call, as far as is known.
fn may_take(
    bucket: Bucket,
    rate: &Rate,
    month: Option<MonthLimit>,
    now: Timestamp,
) -> Result<Move, FlowError> {
    let limits = Limits::of(bucket, rate.full_at, month, now);
    if month.is_some_and(|month| month.used >= i64::from(month.max)) {
        let retry_after_seconds = seconds_to_next_month(now);
        return Err(FlowError::TooMany { code: MONTH_FULL, retry_after_seconds, limits: Some(limits) });
    }
    match bucket.take(rate.full_at, now.as_millisecond()) {
        Taking::Take { by, within, .. } => Ok(Move { by, within }),
        Taking::Refuse { retry_after_millis } => Err(too_fast(retry_after_millis, limits)),
    }
}

impl Shared<'_> {
    async fn rate(&self) -> Result<Rate, StoreError> {
        match self {
            Self::OfTenant(store, _) => store.rate().await,
            Self::OfDigest(store, digest) => store.rate_of(digest).await,
        }
    }

    /// `Conflict`: others were faster. Answers the month, this call included.
    async fn moved(&self, take: Move, now: Timestamp) -> Result<Option<MonthLimit>, StoreError> {
        match self {
            Self::OfTenant(store, month) => {
                let used = store.call_counted(take, month, now + MONTH_KEPT).await?;
                Ok(Some(MonthLimit { used, max: month.calls_max }))
            }
            Self::OfDigest(store, digest) => {
                store.rate_moved(digest, take.by, Some(take.within), now + KEPT).await?;
                Ok(None)
            }
        }
    }

    fn month(&self, rate: &Rate) -> Option<MonthLimit> {
        let Self::OfTenant(_, month) = self else { return None };
        Some(MonthLimit { used: rate.calls_in(&month.name), max: month.calls_max })
    }
}

impl Limits {
    fn of(bucket: Bucket, full_at: i64, month: Option<MonthLimit>, now: Timestamp) -> Self {
        let now = now.as_millisecond();
        let reset_seconds = seconds(bucket.full_in_millis(full_at, now));
        Self { bucket, remaining: bucket.left(full_at, now), reset_seconds, month }
    }
}

/// Gives a try back: it was a good one.
pub async fn give_back(store: &Store, digest: &str, bucket: Bucket, now: Timestamp) -> Result<(), FlowError> {
    let by = -i64::from(bucket.refill_millis);
    Ok(store.rate_moved(digest, by, None, now + KEPT).await?)
}

fn month_of(now: Timestamp, plan: Plan) -> Month {
    let day = now.to_zoned(TimeZone::UTC).date();
    Month { name: name_of(day), calls_max: plan.calls_a_month() }
}

/// A month of the calendar (UTC) that is over, and how many calls it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthOver {
    /// When it was over: from then on calls are counted anew.
    pub ended_at: Timestamp,
    /// `None`: none was counted, or it is forgotten, as counts are two months after the last call.
    pub calls: Option<i64>,
}

/// The months since that instant, the newest first. Each month counts under its own name: the count begins anew by itself.
pub fn months_over(rate: &Rate, since: Timestamp, now: Timestamp) -> Vec<MonthOver> {
    let mut months = Vec::new();
    let mut first = now.to_zoned(TimeZone::UTC).date().first_of_month();
    loop {
        let Ok(before) = first.yesterday() else { return months };
        let Ok(end) = first.to_zoned(TimeZone::UTC) else { return months };
        let ended_at = end.timestamp();
        if ended_at <= since || months.len() == MONTHS_TOLD {
            return months;
        }
        months.push(MonthOver { ended_at, calls: rate.counted_in(&name_of(before)) });
        first = before.first_of_month();
    }
}

fn name_of(day: Date) -> String {
    format!("calls_{:04}_{:02}", day.year(), day.month())
}

fn seconds_to_next_month(now: Timestamp) -> u64 {
    let zoned = now.to_zoned(TimeZone::UTC);
    let last_day = zoned.last_of_month();
    let next = last_day.and_then(|day| day.tomorrow()).and_then(|day| day.start_of_day());
    next.map_or(0, |next| u64::try_from(next.timestamp().as_second() - now.as_second()).unwrap_or(0))
}

fn too_fast(retry_after_millis: i64, limits: Limits) -> FlowError {
    let retry_after_seconds = seconds(retry_after_millis).max(1);
    FlowError::TooMany { code: TOO_FAST, retry_after_seconds, limits: Some(limits) }
}

/// Rounded up, so that who waits that long has waited long enough.
fn seconds(millis: i64) -> u64 {
    u64::try_from((millis + 999) / 1_000).unwrap_or(0)
}
