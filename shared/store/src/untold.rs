//! What customers told us and their shop does not know yet: due work, beside the customer.

use domain::{CustomerId, Timestamp, timeline::Channel, untold::Untold};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read},
    table::{When, Write},
};

pub(crate) const DUE_UNTOLD: &str = "untold";

impl TenantStore {
    pub async fn untold(
        &self,
        customer: CustomerId,
        channel: Channel,
    ) -> Result<Option<Held<Untold>>, StoreError> {
        let Some(item) = self.get(keys::untold(self.id(), customer, channel)).await? else {
            return Ok(None);
        };
        let held = read::<UntoldRecord>(item)?;
        let (since, due_at, version) = (held.since, held.due_at, held.version());
        Ok(Some(Held::new(Untold { customer, channel, since, due_at }, version)))
    }

    /// In the place of any before it: who is about to tell that finds another.
    pub fn untold_made(&self, untold: &Untold) -> Step {
        let anew = u64::try_from(untold.since.as_millisecond()).unwrap_or(1);
        Step(vec![self.untold_entry(untold, &UntoldRecord::from(untold)).put(anew, When::Always)])
    }

    /// `Conflict` if they have told another thing meanwhile.
    pub fn untold_changed(&self, held: &Held<Untold>, untold: &Untold) -> Step {
        Step(vec![self.untold_entry(untold, &UntoldRecord::from(untold)).replace(held.version())])
    }

    /// The shop knows it, or need not. `Conflict` as above.
    pub fn untold_ended(&self, held: &Held<Untold>) -> Step {
        let key = keys::untold(self.id(), held.customer, held.channel);
        Step(vec![Write::Delete(key, When::Version(held.version()))])
    }

    fn untold_entry<'a>(&self, untold: &Untold, record: &'a UntoldRecord) -> Entry<'a, UntoldRecord> {
        let Untold { customer, channel, due_at, .. } = untold;
        let name = format!("{}.{customer}.{}", self.id(), channel.name());
        Entry::new(keys::untold(self.id(), *customer, *channel), record)
            .due(Some(keys::due(*due_at, DUE_UNTOLD, name)))
    }
}

#[derive(Serialize, Deserialize)]
struct UntoldRecord {
    #[serde(with = "millisecond::required")]
    since: Timestamp,
    #[serde(with = "millisecond::required")]
    due_at: Timestamp,
}

impl From<&Untold> for UntoldRecord {
    fn from(untold: &Untold) -> Self {
        Self { since: untold.since, due_at: untold.due_at }
    }
}
