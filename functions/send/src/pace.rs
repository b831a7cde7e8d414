//! How fast is sent: a bucket for each shop, and one for all, because providers count by account.

use domain::{TenantId, Timestamp, bucket::Bucket};
use flows::{FlowError, rates};
use std::time::Duration;
use store::Store;

use crate::chunk::AT_ONCE;

/// Messages a second, at least 1 each, at most 1,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Of all shops together.
    pub account: u32,
    /// Of one: so that no shop's large campaign keeps another's small one waiting.
    pub tenant: u32,
}

/// Of all shops.
const ACCOUNT: &str = "SEND";

impl Pace {
    /// Any shop may use all that the account may.
    pub fn of_account(a_second: u32) -> Self {
        Self { account: a_second, tenant: a_second }
    }

    /// Room for so many now. `None`: it is taken, and they may go out; else how long to wait.
    pub(crate) async fn take(
        self,
        store: &Store,
        tenant: TenantId,
        count: u32,
        now: Timestamp,
    ) -> Result<Option<Duration>, FlowError> {
        let own = format!("{ACCOUNT}.{tenant}");
        if let Some(wait) = rates::take_some(store, &own, bucket(self.tenant), count, now).await? {
            return Ok(Some(wait));
        }
        let wait = rates::take_some(store, ACCOUNT, bucket(self.account), count, now).await?;
        if wait.is_some() {
            rates::give_some_back(store, &own, bucket(self.tenant), count, now).await?;
        }
        Ok(wait)
    }
}

/// Holds what goes out in a second, and never less than goes out at once.
fn bucket(a_second: u32) -> Bucket {
    let a_second = a_second.clamp(1, 1_000);
    let at_once = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
    // Rather slower than it is told than faster.
    Bucket { capacity: a_second.max(at_once), refill_millis: 1_000_u32.div_ceil(a_second) }
}
