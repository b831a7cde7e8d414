//! How fast is sent: a bucket for each shop, and one for all, because providers count by account.
//!
//! Where several shops send at once, each has an equal share of what the account may, whatever the number of its campaigns and lanes.
//! Who has used up theirs goes on only with what others leave: half of the account's bucket is not for them. So nothing is left unused,
//! and whoever is below their share never waits for whoever is above.

use domain::{TenantId, Timestamp, bucket::Bucket};
use flows::{FlowError, rates};
use std::time::Duration;
use store::{Store, StoreError};

use crate::{Memory, chunk::AT_ONCE};

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
/// Who sent within so long shares with the others.
const STRETCH_MILLIS: i64 = 10_000;
const KEPT: Duration = Duration::from_mins(1);

impl Pace {
    /// Any shop may use all that the account may.
    pub fn of_account(a_second: u32) -> Self {
        Self { account: a_second, tenant: a_second }
    }

    /// Room for so many now. `None`: it is taken, and they may go out; else how long to wait.
    pub(crate) async fn take(
        self,
        (store, memory): (&Store, &Memory),
        tenant: TenantId,
        count: u32,
        now: Timestamp,
    ) -> Result<Option<Duration>, FlowError> {
        let (own, share) = (format!("{ACCOUNT}.{tenant}"), format!("{ACCOUNT}.share.{tenant}"));
        let (own_millis, millis) = (millis(count, self.tenant), millis(count, self.account));
        if let Some(wait) = rates::take_some(store, &own, bucket(self.tenant, 1), own_millis, now).await? {
            return Ok(Some(wait));
        }
        let shops = sharing((store, memory), tenant, now).await?;
        let (fair, fair_millis) = (bucket(self.account, shops), millis.saturating_mul(shops));
        // Where there is nobody to share with, all of it is theirs.
        let over =
            if shops > 1 { rates::take_some(store, &share, fair, fair_millis, now).await? } else { None };
        let wait = match over {
            None => rates::take_some(store, ACCOUNT, bucket(self.account, 1), millis, now).await?,
            Some(wait) => match beyond(self.account) {
                Some(left) => rates::take_some(store, ACCOUNT, left, millis, now).await?,
                None => Some(wait),
            },
        };
        if wait.is_some() {
            rates::give_some_back(store, &own, bucket(self.tenant, 1), own_millis, now).await?;
            if shops > 1 && over.is_none() {
                rates::give_some_back(store, &share, fair, fair_millis, now).await?;
            }
        }
        Ok(wait)
    }
}

/// How many shops send: within this stretch of time or the one before. Each says so once in each.
async fn sharing(
    (store, memory): (&Store, &Memory),
    tenant: TenantId,
    now: Timestamp,
) -> Result<u32, FlowError> {
    let (stretch, second) = (now.as_millisecond() / STRETCH_MILLIS, now.as_second());
    let shops = |stretch: i64| format!("{ACCOUNT}.shops.{stretch}");
    if memory.is_to_say(tenant, stretch) {
        let said = format!("{ACCOUNT}.said.{tenant}");
        let last = store.rate_of(&said).await?.full_at;
        if last < stretch {
            match store.rate_moved(&said, stretch - last, Some(last..=last), now + KEPT).await {
                Ok(()) => store.rate_moved(&shops(stretch), 1, None, now + KEPT).await?,
                // Another process has said so.
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        memory.has_said(tenant, stretch);
    }
    if let Some(known) = memory.sharing(second) {
        return Ok(known);
    }
    let (here, before) = (store.rate_of(&shops(stretch)).await?, store.rate_of(&shops(stretch - 1)).await?);
    let count = u32::try_from(here.full_at.max(before.full_at)).unwrap_or(u32::MAX);
    memory.is_shared(second, count);
    Ok(count)
}

/// So much of the time that goes by do so many messages take: rather more than is told than less.
fn millis(count: u32, a_second: u32) -> u32 {
    count.saturating_mul(1_000).div_ceil(a_second.clamp(1, 1_000))
}

/// Holds a second, and never less than what goes out at once takes, for one of so many who share it.
fn bucket(a_second: u32, shops: u32) -> Bucket {
    let at_once = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
    Bucket { capacity: millis(at_once, a_second).saturating_mul(shops).max(1_000), refill_millis: 1 }
}

/// The account's, without the half that is for those below their share. `None`: it is too small to be parted.
fn beyond(account: u32) -> Option<Bucket> {
    let whole = bucket(account, 1);
    let capacity = whole.capacity / 2;
    let at_once = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
    (capacity >= millis(at_once, account)).then_some(Bucket { capacity, ..whole })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use store::local::LocalTable;

    fn shop(number: u8) -> TenantId {
        TenantId::new(Timestamp::UNIX_EPOCH, [number; 10])
    }

    /// How many messages of each shop go out in a minute, if it has so many lanes, which come again as lanes do.
    async fn sent(pace: Pace, lanes: &[u32]) -> Vec<u32> {
        let store = Store::new(Arc::new(LocalTable::in_memory()));
        // Each has a process of its own: they share the table alone.
        let memories: Vec<_> = lanes.iter().map(|_| Memory::default()).collect();
        let begin: Timestamp = "2026-11-21T06:00:00Z".parse().unwrap();
        let mut waits: Vec<(usize, i64)> = Vec::new();
        for (shop, lanes) in lanes.iter().enumerate() {
            waits.extend((0..*lanes).map(|_| (shop, 0)));
        }
        let mut sent = vec![0; lanes.len()];
        for millis in (0..60_000).step_by(100) {
            for (number, until) in &mut waits {
                while *until <= millis {
                    let now = begin + Duration::from_millis(millis.unsigned_abs());
                    let of = shop(u8::try_from(*number).unwrap());
                    match pace.take((&store, &memories[*number]), of, 10, now).await.unwrap() {
                        None => {
                            sent[*number] += 10;
                            *until = millis + 100;
                        }
                        Some(wait) => {
                            *until = millis + i64::try_from(wait.as_secs()).unwrap() * 1_000 + 1_000;
                        }
                    }
                }
            }
        }
        sent
    }

    #[tokio::test]
    async fn shops_that_send_at_once_share_fairly_however_many_lanes_they_have() {
        let check = async |account: u32, lanes: &[u32]| {
            let sent = sent(Pace::of_account(account), lanes).await;
            let all: u32 = sent.iter().sum();
            // Ten go out at once and lanes come again in whole seconds: of 14 a second ten do.
            assert!(all >= account / 10 * 10 * 50, "{account} a second: {sent:?} of {}", account * 60);
            assert!(all <= account * 62 + 20, "no more than the account may: {sent:?}");
            let shops = u32::try_from(lanes.len()).unwrap();
            let least = *sent.iter().min().unwrap();
            assert!(least * shops * 10 >= all * 7, "{account} a second, lanes {lanes:?}: {sent:?}");
        };
        check(100, &[4, 24]).await;
        check(100, &[4, 4]).await;
        check(200, &[4, 4, 40]).await;
        check(14, &[4, 24]).await;
    }

    #[tokio::test]
    async fn as_much_goes_out_as_was_told_and_no_more() {
        for a_second in [40, 334, 400, 625, 750, 999, 1_000] {
            let sent = sent(Pace::of_account(a_second), &[120]).await[0];
            let told = a_second * 60;
            assert!(sent * 100 >= told * 90, "{a_second} a second: {sent} of {told}");
            assert!(sent <= told + a_second + 20, "{a_second} a second: {sent} of {told}");
        }
    }

    #[tokio::test]
    async fn what_others_leave_is_used() {
        let alone = sent(Pace::of_account(100), &[4]).await;
        assert!(alone[0] >= 5_000, "{alone:?}");
        // One of them is slow by a limit of its own.
        let store = Store::new(Arc::new(LocalTable::in_memory()));
        let (now, memory) = ("2026-11-21T06:00:00Z".parse::<Timestamp>().unwrap(), Memory::default());
        let pace = Pace::of_account(100);
        assert_eq!(pace.take((&store, &memory), shop(1), 10, now).await.unwrap(), None);
        let mut taken = 0;
        for tenth in 0..600_u64 {
            let now = now + Duration::from_millis(tenth * 100);
            if tenth % 100 == 0 {
                pace.take((&store, &memory), shop(1), 1, now).await.unwrap();
            }
            if pace.take((&store, &memory), shop(2), 10, now).await.unwrap().is_none() {
                taken += 10;
            }
        }
        assert!(taken >= 5_500, "{taken} of 6,000");
    }
}
