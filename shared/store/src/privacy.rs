//! What people ask of a shop by law, each until long after it is done; and addresses that are nobody's any more, since
//! when: no word of before makes anybody of them.

use domain::{
    CustomerId, RequestId, Timestamp,
    privacy::{Asks, Done, Request, Reworded, Searching, Sifting, State},
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    AddressDigest, Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read, read_as},
    table::{Position, Range, Sort, Within},
};

/// Of so many, all that came since some moment are among the newest, or one of them is.
const NEWEST: u32 = 50;

pub(crate) const DUE_REQUEST: &str = "request";

impl TenantStore {
    pub async fn request(&self, id: RequestId) -> Result<Option<Held<Request>>, StoreError> {
        self.get(keys::request(self.id(), id)).await?.map(read_as::<RequestRecord, _>).transpose()
    }

    /// Newest first, at most `limit`, and the one that the next part begins after.
    pub async fn requests(
        &self,
        limit: u32,
        after: Option<RequestId>,
    ) -> Result<(Vec<Held<Request>>, Option<RequestId>), StoreError> {
        let position = |id| Position { key: keys::request(self.id(), id), index: None };
        let range = Range {
            within: Within::Partition(keys::tenant_partition(self.id())),
            sort: Sort::Prefix(keys::REQUESTS.to_owned()),
            backward: true,
            limit,
            after: after.map(position),
            consistent: true,
        };
        let page = self.table().query(&range).await?;
        let next = page.next.and_then(|next| next.key.sk.strip_prefix(keys::REQUESTS)?.parse().ok());
        let requests = page.items.into_iter().map(read_as::<RequestRecord, _>).collect::<Result<_, _>>()?;
        Ok((requests, next))
    }

    /// Whether a request to forget somebody has come since, as far as the newest tell.
    pub async fn is_anybody_forgotten_since(&self, at: Timestamp) -> Result<bool, StoreError> {
        let (newest, _) = self.requests(NEWEST, None).await?;
        Ok(newest.iter().any(|request| request.asks == Asks::Erasure && request.received_at >= at))
    }

    /// `Conflict` if it was made before.
    pub fn request_made(&self, request: &Request) -> Step {
        Step(vec![self.request_entry(request, &RequestRecord::from(request)).create()])
    }

    /// `Conflict` if somebody else moved it on.
    pub fn request_changed(&self, held: &Held<Request>, request: &Request) -> Step {
        Step(vec![self.request_entry(request, &RequestRecord::from(request)).replace(held.version)])
    }

    fn request_entry<'a>(&self, request: &Request, record: &'a RequestRecord) -> Entry<'a, RequestRecord> {
        let name = format!("{}.{}", self.id(), request.id);
        let due = request.is_due().then(|| keys::due(request.due_at, DUE_REQUEST, name));
        Entry::new(keys::request(self.id(), request.id), record).due(due)
    }

    /// Since when each of these is nobody's, in their order.
    pub async fn addresses_gone(
        &self,
        addresses: &[AddressDigest],
    ) -> Result<Vec<Option<Timestamp>>, StoreError> {
        let keys: Vec<_> =
            addresses.iter().map(|address| keys::address(self.id(), &address.digest, keys::GONE)).collect();
        let items = self.table().get(&keys).await?.into_iter();
        items.map(|item| Ok(item.map(read::<GoneRecord>).transpose()?.map(|gone| gone.since))).collect()
    }

    /// It was somebody's who has been forgotten since. It is listed, too: only so it is found when the shop's own data end.
    pub fn address_gone(&self, address: &AddressDigest, since: Timestamp) -> Step {
        let key = keys::address(self.id(), &address.digest, keys::GONE);
        let listed = keys::forgotten_address(self.id(), &address.digest);
        Step(vec![
            Entry::new(key, &GoneRecord { since }).overwrite(),
            Entry::new(listed, &ListedRecord {}).overwrite(),
        ])
    }
}

#[derive(Serialize, Deserialize)]
struct GoneRecord {
    #[serde(with = "millisecond::required")]
    since: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct ListedRecord {}

#[derive(Serialize, Deserialize)]
struct RequestRecord {
    id: RequestId,
    asks: Asks,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerId>,
    #[serde(with = "millisecond::required")]
    received_at: Timestamp,
    #[serde(flatten)]
    state: State,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    erased_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    ended_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    forgotten_at: Option<Timestamp>,
    done: Done,
    /// Since when dead letters are searched, and how many were left there.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    sifting_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stayed: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    searching: Option<Searching>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reworded: Vec<Reworded>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_bytes")]
    about: Option<Vec<u8>>,
    #[serde(with = "millisecond::required")]
    due_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    mailed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    claimed_until: Option<Timestamp>,
}

impl From<&Request> for RequestRecord {
    fn from(request: &Request) -> Self {
        let Request {
            id,
            asks,
            customer,
            received_at,
            state,
            erased_at,
            ended_at,
            done,
            about,
            reworded,
            searching,
            ..
        } = request.clone();
        let Request { forgotten_at, sifting, due_at, mailed_at, claimed_until, .. } = *request;
        Self {
            sifting_since: sifting.map(|sifting| sifting.began_at),
            stayed: sifting.map(|sifting| sifting.stayed),
            id,
            asks,
            customer,
            received_at,
            state,
            erased_at,
            ended_at,
            forgotten_at,
            done,
            searching,
            reworded,
            about,
            due_at,
            mailed_at,
            claimed_until,
        }
    }
}

impl From<RequestRecord> for Request {
    fn from(record: RequestRecord) -> Self {
        let RequestRecord {
            id, asks, customer, received_at, state, erased_at, ended_at, done, about, ..
        } = record;
        let RequestRecord { forgotten_at, sifting_since, stayed, searching, reworded, due_at, .. } = record;
        let RequestRecord { mailed_at, claimed_until, .. } = record;
        let sifting = sifting_since.zip(stayed);
        Self {
            sifting: sifting.map(|(began_at, stayed)| Sifting { began_at, stayed }),
            id,
            asks,
            customer,
            received_at,
            state,
            erased_at,
            ended_at,
            forgotten_at,
            done,
            searching,
            reworded,
            about,
            due_at,
            mailed_at,
            claimed_until,
        }
    }
}
