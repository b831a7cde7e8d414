//! API keys: found by their hash when a program calls, listed by their tenant.

use domain::{ApiKey, ApiKeyId, Maker, Name, Permissions, TenantId, Timestamp, UserId};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{When, Write},
};

impl TenantStore {
    /// All keys; there are at most `KEYS_MAX`.
    pub async fn api_keys(&self) -> Result<Vec<Held<ApiKey>>, StoreError> {
        let items = self.all(keys::tenant_partition(self.id()), keys::API_KEYS).await?;
        items.into_iter().map(read_as::<ApiKeyRecord, _>).collect()
    }

    pub async fn api_key(&self, id: ApiKeyId) -> Result<Option<Held<ApiKey>>, StoreError> {
        self.get(keys::api_key(self.id(), id)).await?.map(read_as::<ApiKeyRecord, _>).transpose()
    }

    pub fn api_key_made(&self, key: &ApiKey) -> Step {
        let record = ApiKeyRecord::of(self.id(), key);
        let places = [keys::api_key(self.id(), key.id), keys::api_key_by_hash(&key.hash)];
        Step(places.map(|place| Entry::new(place, &record).create()).into())
    }

    /// The key stops working with the commit.
    pub fn api_key_revoked(&self, held: &Held<ApiKey>) -> Step {
        let places = [keys::api_key(self.id(), held.id), keys::api_key_by_hash(&held.hash)];
        Step(places.map(|place| Write::Delete(place, When::Version(held.version))).into())
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ApiKeyRecord {
    id: ApiKeyId,
    tenant: TenantId,
    name: Name,
    hash: String,
    scopes: Permissions,
    created_by: UserId,
    #[serde(default)]
    hand: u32,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
}

impl ApiKeyRecord {
    /// Of that tenant, whatever the key says.
    fn of(tenant: TenantId, key: &ApiKey) -> Self {
        let ApiKey { id, name, hash, scopes, created_by, created_at, .. } = key.clone();
        let Maker { user: created_by, hand } = created_by;
        Self { id, tenant, name, hash, scopes, created_by, hand, created_at }
    }
}

impl From<ApiKeyRecord> for ApiKey {
    fn from(record: ApiKeyRecord) -> Self {
        let ApiKeyRecord { id, tenant, name, hash, scopes, created_by, hand, created_at } = record;
        let created_by = Maker { user: created_by, hand };
        Self { id, tenant, name, hash, scopes, created_by, created_at }
    }
}
