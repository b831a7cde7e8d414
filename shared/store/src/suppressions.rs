//! The list of addresses that are not written to, by what stands in the table for an address: who reads it reads no address.
//!
//! An item is both how an address is looked up and its place in the list. One that was taken off stays, and says since when.

use domain::{
    Timestamp,
    campaign::{Actor, MessageId},
    suppression::{Cause, Lifted, Standing, Suppressed},
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    AddressDigest, Held, Step, StoreError, TenantStore, Way, keys,
    record::{Entry, read_as},
    table::{Item, Range, Sort, Within},
};

/// An address on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub address: AddressDigest,
    pub suppressed: Suppressed,
}

/// Some of the list, and the digest after which the next of it begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListedPage {
    pub listed: Vec<Listed>,
    pub next: Option<String>,
}

impl TenantStore {
    pub async fn suppression(&self, address: &AddressDigest) -> Result<Option<Held<Standing>>, StoreError> {
        self.get(keys::suppression(self.id(), &address.digest)).await?.map(standing_from).transpose()
    }

    /// Of many, in their order.
    pub async fn suppressions(
        &self,
        addresses: &[AddressDigest],
    ) -> Result<Vec<Option<Suppressed>>, StoreError> {
        let keys: Vec<_> =
            addresses.iter().map(|address| keys::suppression(self.id(), &address.digest)).collect();
        let items = self.table().get(&keys).await?.into_iter();
        items.map(|item| Ok(item.map(standing_from).transpose()?.and_then(|held| held.held))).collect()
    }

    /// At most so many, in the order of their digests within each part of the list; `cause`: those alone.
    pub async fn suppressions_listed(
        &self,
        limit: usize,
        cause: Option<Cause>,
        after: Option<&str>,
    ) -> Result<ListedPage, StoreError> {
        let mut page = ListedPage::default();
        let mut after = after.map(str::to_owned);
        let first = after.as_deref().map_or(0, keys::suppression_partition_of);
        for partition in first..keys::SUPPRESSION_PARTITIONS {
            let position = after.take().map(|digest| keys::suppression(self.id(), &digest));
            let mut range = Range {
                within: Within::Partition(keys::suppressions(self.id(), partition)),
                sort: Sort::All,
                backward: false,
                limit: u32::try_from(limit).unwrap_or(u32::MAX),
                after: position.map(|key| crate::table::Position { key, index: None }),
                consistent: true,
            };
            loop {
                let read = self.table().query(&range).await?;
                for item in read.items {
                    let digest = item.key.sk.clone();
                    let (way, standing) = read_as::<StandingRecord, (Way, Standing)>(item)?.into_inner();
                    let Some(suppressed) =
                        standing.held.filter(|it| cause.is_none_or(|cause| it.cause == cause))
                    else {
                        continue;
                    };
                    if page.listed.len() == limit {
                        page.next = page.listed.last().map(|last| last.address.digest.clone());
                        return Ok(page);
                    }
                    page.listed.push(Listed { address: AddressDigest { way, digest }, suppressed });
                }
                match read.next {
                    Some(next) => range.after = Some(next),
                    None => break,
                }
            }
        }
        Ok(page)
    }

    /// `Conflict` if it is not what was read.
    pub fn suppression_put(
        &self,
        address: &AddressDigest,
        held: Option<&Held<Standing>>,
        standing: &Standing,
    ) -> Step {
        let record = StandingRecord::of(address.way, standing);
        let entry = Entry::new(keys::suppression(self.id(), &address.digest), &record);
        Step(vec![entry.in_place_of(held)])
    }
}

fn standing_from(item: Item) -> Result<Held<Standing>, StoreError> {
    let held = read_as::<StandingRecord, (Way, Standing)>(item)?;
    let version = held.version;
    Ok(Held::new(held.into_inner().1, version))
}

#[derive(Serialize, Deserialize)]
struct StandingRecord {
    /// It is a telephone's number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    phone: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<Actor>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    lifted_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lifted_by: Option<Actor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lifted_why: Option<String>,
}

impl StandingRecord {
    fn of(way: Way, standing: &Standing) -> Self {
        let Standing { held, lifted } = standing.clone();
        Self {
            phone: way == Way::Phone,
            cause: held.map(|held| held.cause),
            since: held.map(|held| held.since),
            message: held.and_then(|held| held.message),
            by: held.map(|held| held.by),
            lifted_at: lifted.as_ref().map(|lifted| lifted.at),
            lifted_by: lifted.as_ref().map(|lifted| lifted.by),
            lifted_why: lifted.and_then(|lifted| lifted.why),
        }
    }
}

impl From<StandingRecord> for (Way, Standing) {
    fn from(record: StandingRecord) -> Self {
        let way = if record.phone { Way::Phone } else { Way::Email };
        let held = record.cause.zip(record.since).map(|(cause, since)| Suppressed {
            cause,
            since,
            message: record.message,
            by: record.by.unwrap_or(Actor::Us),
        });
        let lifted = record.lifted_at.map(|at| Lifted {
            at,
            by: record.lifted_by.unwrap_or(Actor::Us),
            why: record.lifted_why,
        });
        (way, Standing { held, lifted })
    }
}
