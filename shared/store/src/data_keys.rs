//! The tenant's data key, wrapped: it opens only through the key service, and only for this tenant.

use serde::{Deserialize, Serialize};

use crate::{
    Step, StoreError, TenantStore, keys,
    record::{Entry, read},
};

impl TenantStore {
    pub async fn wrapped_data_key(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(item) = self.get(keys::data_key(self.id())).await? else { return Ok(None) };
        Ok(Some(read::<DataKeyRecord>(item)?.into_inner().wrapped))
    }

    /// `Conflict` if the tenant has one already: then that one counts.
    pub fn data_key_made(&self, wrapped: Vec<u8>) -> Step {
        Step(vec![Entry::new(keys::data_key(self.id()), &DataKeyRecord { wrapped }).create()])
    }
}

#[derive(Serialize, Deserialize)]
struct DataKeyRecord {
    #[serde(with = "serde_bytes")]
    wrapped: Vec<u8>,
}
