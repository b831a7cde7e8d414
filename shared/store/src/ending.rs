//! A tenant's data end, part by part: what is left in the end are the tenant, under no name, and what was asked of them.
//!
//! Whatever is removed may be gone already: each part may be ended again.

use columns::ShardNumber;
use domain::{CampaignId, CustomerId, JobId, Timestamp};
use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    AddressDigest, Held, ShopOwner, Step, StoreError, TenantStore, Way, keys,
    table::{RawKey, When, Write},
};

/// Writes at once.
const AT_ONCE: usize = 32;

impl TenantStore {
    /// A customer, and all that happened with them. Says how many orders there were.
    pub async fn customer_ended(&self, id: CustomerId) -> Result<u64, StoreError> {
        let orders = self.orders_of(id).await?;
        let places = orders.iter().map(|order| keys::order_place(self.id(), order.id));
        self.removed_all(places.collect()).await?;
        let partition = keys::customer_partition(self.id(), id);
        let names = self.keys_under(&partition, keys::NAMES.to_owned()).await?.into_iter();
        let names = names.filter_map(|key| {
            let digest = key.sk.strip_prefix(keys::NAMES)?;
            Some(keys::address(self.id(), digest, Way::Called.key()))
        });
        self.removed_all(names.collect()).await?;
        self.partition_ended(&partition).await?;
        Ok(orders.len() as u64)
    }

    /// These are nobody's.
    pub async fn addresses_ended(&self, addresses: &[AddressDigest]) -> Result<(), StoreError> {
        let key = |address: &AddressDigest| keys::address(self.id(), &address.digest, address.way.key());
        self.removed_all(addresses.iter().map(key).collect()).await
    }

    /// A shard of the audience, and whose its slots were.
    pub async fn shard_ended(&self, number: ShardNumber) -> Result<(), StoreError> {
        self.partition_ended(&keys::shard(self.id(), number)).await
    }

    pub async fn products_ended(&self) -> Result<(), StoreError> {
        for partition in 0..keys::PRODUCT_PARTITIONS {
            self.partition_ended(&keys::product_partition(self.id(), partition)).await?;
        }
        Ok(())
    }

    /// What was noted of the shop beside people and products: baskets and their names, when what was read, which orders are deleted,
    /// which addresses are nobody's or are not written to, and what requests were answered.
    pub async fn notes_ended(&self) -> Result<(), StoreError> {
        for partition in 0..keys::SUPPRESSION_PARTITIONS {
            self.partition_ended(&keys::suppressions(self.id(), partition)).await?;
        }
        let deleted = self.all_of(keys::deleted_orders(self.id())).await?;
        let orders = deleted.iter().filter_map(|item| item.key.sk.parse().ok());
        self.removed_all(orders.map(|order| keys::order_place(self.id(), order)).collect()).await?;
        let gone = self.all_of(keys::forgotten_addresses(self.id())).await?;
        let gone = gone.iter().map(|item| keys::address(self.id(), &item.key.sk, keys::GONE));
        self.removed_all(gone.collect()).await?;
        let lists = [
            keys::deleted_orders,
            keys::carts,
            keys::cart_names,
            keys::readings,
            keys::answers,
            keys::forgotten_addresses,
        ];
        for partition in lists {
            self.partition_ended(&partition(self.id())).await?;
        }
        Ok(())
    }

    /// What campaigns did: whom they chose and left out, and what became of each message. The campaigns themselves are the tenant's
    /// own items: as long as they are there, what is left of their work is found.
    pub async fn campaigns_ended(&self) -> Result<(), StoreError> {
        for item in self.all(keys::tenant_partition(self.id()), keys::CAMPAIGN).await? {
            let id = item.key.sk.strip_prefix(keys::CAMPAIGN).and_then(|id| id.parse().ok());
            let id: CampaignId =
                id.ok_or_else(|| StoreError::Broken("CMP: a campaign without an id".into()))?;
            self.partition_ended(&keys::plans(self.id(), id)).await?;
            for partition in 0..keys::CHUNK_PARTITIONS {
                self.partition_ended(&keys::chunk_partition(self.id(), id, partition)).await?;
            }
        }
        Ok(())
    }

    /// These jobs, with which their files have ended.
    pub async fn jobs_ended(&self, jobs: impl Iterator<Item = JobId>) -> Result<(), StoreError> {
        self.removed_all(jobs.map(|job| keys::job(self.id(), job)).collect()).await
    }

    /// What was noted of these events, with which their bodies have ended.
    pub async fn events_ended(
        &self,
        events: impl Iterator<Item = (Timestamp, String)>,
    ) -> Result<(), StoreError> {
        self.removed_all(events.map(|(at, id)| keys::noted(self.id(), at, &id)).collect()).await
    }

    /// The tenant's own items, but for the tenant and what was asked of them. With the data key, what it sealed is gone, too,
    /// wherever it is: so it is the last. Keys and members have a second place, and must have ended before.
    pub async fn own_ended(&self) -> Result<(), StoreError> {
        let partition = keys::tenant_partition(self.id());
        let (tenant, data_key) = (keys::tenant(self.id()), keys::data_key(self.id()));
        let mut own: Vec<RawKey> = self.all_of(partition).await?.into_iter().map(|item| item.key).collect();
        own.retain(|key| *key != tenant && *key != data_key && !key.sk.starts_with(keys::REQUESTS));
        own.push(keys::rate_of_tenant(self.id()));
        self.removed_all(own).await?;
        let sockets = self.all_of(keys::sockets(self.id())).await?;
        let ids = sockets.iter().filter_map(|item| item.key.sk.parse().ok());
        self.removed_all(ids.map(|id| keys::socket(&id)).collect()).await?;
        self.partition_ended(&keys::sockets(self.id())).await?;
        self.removed_all(vec![data_key]).await
    }

    /// The shop is nobody's: who told of it is not heard any more. `Conflict` if it has become somebody's.
    pub fn shop_ended(&self, shop: &domain::ShopDomain, held: &Held<ShopOwner>) -> Step {
        Step(vec![Write::Delete(keys::shop(shop), When::Version(held.version))])
    }

    /// Page by page: what a shop has read or left behind may be hundreds of thousands of items.
    async fn partition_ended(&self, partition: &str) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let page = self.page_of(partition, after).await?;
            self.removed_all(page.items.into_iter().map(|item| item.key).collect()).await?;
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn removed_all(&self, keys: Vec<RawKey>) -> Result<(), StoreError> {
        let removed =
            stream::iter(keys).map(|key| self.table().write(vec![Write::Delete(key, When::Always)]));
        removed.buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await.map(drop)
    }
}
