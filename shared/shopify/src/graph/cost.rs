//! What a question cost, and what is left: Shopify's bucket leaks at so many points a second, per app and shop.
//!
//! How large the bucket is differs between shops and is not promised: it is read from every answer.

use jiff::SignedDuration;
use serde::Deserialize;

/// As an answer tells it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// What the question might have cost: so much must be in the bucket.
    #[serde(rename = "requestedQueryCost")]
    pub requested: f64,
    /// What it did cost. Nothing of a question that was not answered.
    #[serde(rename = "actualQueryCost")]
    pub actual: Option<f64>,
    #[serde(rename = "throttleStatus")]
    pub bucket: Bucket,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Bucket {
    #[serde(rename = "maximumAvailable")]
    pub maximum: f64,
    #[serde(rename = "currentlyAvailable")]
    pub available: f64,
    /// Points a second.
    #[serde(rename = "restoreRate")]
    pub restored: f64,
}

/// Of a bucket whose figures make no sense.
const WAIT: SignedDuration = SignedDuration::from_secs(2);
const WAIT_SECONDS_MAX: f64 = 600.0;

impl Cost {
    /// How long until the same question can be asked again.
    pub fn wait(&self) -> SignedDuration {
        self.bucket.wait_for(self.requested)
    }
}

impl Bucket {
    /// How long until there are so many points. More than it can hold are never there: then, until it is full.
    pub fn wait_for(&self, points: f64) -> SignedDuration {
        let seconds = (points.min(self.maximum) - self.available) / self.restored;
        if self.restored <= 0.0 || !seconds.is_finite() {
            return WAIT;
        }
        SignedDuration::from_secs_f64(seconds.clamp(0.0, WAIT_SECONDS_MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_waits_until_there_is_enough() {
        let check = |points: f64, maximum: f64, available: f64, restored: f64, millis: i64| {
            let wait = Bucket { maximum, available, restored }.wait_for(points);
            assert_eq!(wait, SignedDuration::from_millis(millis), "{points} of {available}");
        };
        check(222.0, 2_000.0, 118.0, 100.0, 1_040);
        check(222.0, 2_000.0, 222.0, 100.0, 0);
        check(222.0, 2_000.0, 2_000.0, 100.0, 0);
        check(5_000.0, 2_000.0, 0.0, 100.0, 20_000);
        check(222.0, 2_000.0, 0.0, 0.0, 2_000);
        check(222.0, 2_000.0, f64::NAN, 100.0, 2_000);
        check(1e12, 1e12, 0.0, 1.0, 600_000);
    }
}
