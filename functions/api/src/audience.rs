//! The audience as handlers read it: for lists, searches and figures.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use columns::{Family, ShardNumber, View};
use domain::{TenantId, Timestamp};
use flows::FlowError;
use jiff::SignedDuration;
use store::{GATHERED_FROM, Stamp, TenantStore};

use crate::{Deps, analytics::kept::Figures};

/// Whoever keeps a shard takes about so long: until then, another who asks would only be one more message.
const ASKED_EACH: SignedDuration = SignedDuration::from_secs(1);
/// So many shards are remembered; beyond, all are forgotten, and asked for once too often.
const REMEMBERED_MAX: usize = 10_000;

/// Which shards this process has just asked somebody to look at, as a reader; and what it has worked out of the audience,
/// for as long as that stands still.
#[derive(Clone, Default)]
pub struct JustAsked {
    shards: Arc<Mutex<BTreeMap<(TenantId, ShardNumber), Timestamp>>>,
    pub(crate) figures: Figures,
}

impl JustAsked {
    /// Whether it is time to ask, which is then done.
    fn is_time(&self, shard: (TenantId, ShardNumber), now: Timestamp) -> bool {
        let mut asked = self.shards.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= REMEMBERED_MAX {
            asked.clear();
        }
        let is_time = asked.get(&shard).is_none_or(|before| now.duration_since(*before) >= ASKED_EACH);
        if is_time {
            asked.insert(shard, now);
        }
        is_time
    }
}

impl Deps {
    /// As far as these families; `Core` is always there. Where much has changed since it was folded, somebody is asked
    /// to fold it: every reader pays for what lies there.
    pub(crate) async fn audience(&self, store: &TenantStore, families: &[Family]) -> Result<View, FlowError> {
        Ok(self.stamped(store, families).await?.0)
    }

    /// The same, and by what it is known from any other.
    pub(crate) async fn stamped(
        &self,
        store: &TenantStore,
        families: &[Family],
    ) -> Result<(View, Stamp), FlowError> {
        let audience = store.audience(families).await?;
        self.noticed(store, &audience.changed).await;
        Ok((audience.view, audience.stamp))
    }

    /// Of an audience that was read, how much stands beside its blocks.
    pub(crate) async fn noticed(&self, store: &TenantStore, changed: &[(ShardNumber, usize)]) {
        let now = self.now();
        let full: Vec<ShardNumber> = changed
            .iter()
            .filter(|(_, rows)| *rows >= GATHERED_FROM)
            .map(|(shard, _)| *shard)
            .filter(|shard| self.asked.is_time((store.id(), *shard), now))
            .collect();
        self.keep(store, &full).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_asked_for_once_a_second() {
        let asked = JustAsked::default();
        let tenant = |dice| TenantId::new(Timestamp::UNIX_EPOCH, [dice; 10]);
        let check = |tenant, shard, millis, expected| {
            let now = Timestamp::from_millisecond(millis).unwrap();
            assert_eq!(asked.is_time((tenant, ShardNumber(shard)), now), expected, "{shard} at {millis}");
        };
        check(tenant(1), 0, 0, true);
        check(tenant(1), 0, 999, false);
        check(tenant(1), 1, 999, true);
        check(tenant(2), 0, 999, true);
        check(tenant(1), 0, 1_000, true);
        check(tenant(1), 0, 1_999, false);
        check(tenant(1), 0, 2_000, true);
    }
}
