//! Products: one item each, in sixteen partitions, so that a list reads them all side by side.
//!
//! One that is deleted leaves the instant of its end in its place.

use domain::{
    Minor, Product, ProductId, TenantId, Timestamp, VariantId,
    product::{Kept, ProductStatus, Variant},
};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{Range, Sort, Within},
};

/// All products of a shop, as far as they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Products {
    All(Vec<Product>),
    /// There are more than were asked for.
    TooMany,
}

impl TenantStore {
    /// Also one that is gone.
    pub async fn product_kept(&self, id: ProductId) -> Result<Option<Held<Kept>>, StoreError> {
        self.get(keys::product(self.id(), id)).await?.map(read_as::<KeptRecord, _>).transpose()
    }

    pub async fn product(&self, id: ProductId) -> Result<Option<Product>, StoreError> {
        Ok(self.product_kept(id).await?.and_then(|held| match held.into_inner() {
            Kept::Product(product) => Some(*product),
            Kept::Gone(_) => None,
        }))
    }

    /// All of them, in no order, if there are no more than `most`: what is read is about what is there.
    pub async fn products(&self, most: usize) -> Result<Products, StoreError> {
        let partitions =
            stream::iter(0..keys::PRODUCT_PARTITIONS).map(|partition| self.products_in(partition, most));
        let read = partitions.buffer_unordered(keys::PRODUCT_PARTITIONS.into());
        let products: Vec<Product> = read.try_collect::<Vec<_>>().await?.into_iter().flatten().collect();
        Ok(if products.len() > most { Products::TooMany } else { Products::All(products) })
    }

    /// How many there are. Costs as much as a list of all of them, and holds none.
    pub async fn products_counted(&self) -> Result<usize, StoreError> {
        let mut count = 0;
        for partition in 0..keys::PRODUCT_PARTITIONS {
            let mut range = products_range(self.id(), partition, 1_000);
            loop {
                let page = self.table().query(&range).await?;
                for item in page.items {
                    let kept = read_as::<KeptRecord, Kept>(item)?.into_inner();
                    count += usize::from(matches!(kept, Kept::Product(_)));
                }
                match page.next {
                    Some(next) => range.after = Some(next),
                    None => break,
                }
            }
        }
        Ok(count)
    }

    /// A few more than `most`, where there are more.
    async fn products_in(&self, partition: u8, most: usize) -> Result<Vec<Product>, StoreError> {
        let limit = u32::try_from(most).unwrap_or(u32::MAX).saturating_add(1).min(1_000);
        let mut range = products_range(self.id(), partition, limit);
        let mut products = Vec::new();
        loop {
            let page = self.table().query(&range).await?;
            for item in page.items {
                if let Kept::Product(product) = read_as::<KeptRecord, Kept>(item)?.into_inner() {
                    products.push(*product);
                }
            }
            match page.next.filter(|_| products.len() <= most) {
                Some(next) => range.after = Some(next),
                None => return Ok(products),
            }
        }
    }

    /// `Conflict` if another word about it came since `held` was read, or at all.
    pub fn product_told(&self, held: Option<&Held<Kept>>, product: &Product) -> Step {
        let mut step = self.product_put(product.id, held, &KeptRecord::from(product));
        let is_as_before = held.map_or(product.tags.is_empty(), |held| *held.tags() == product.tags);
        if !is_as_before {
            step.0.push(self.tags_counted(product.id));
        }
        step
    }

    /// The product is deleted, or was before it was ever told. `Conflict` as above.
    pub fn product_ended(&self, held: Option<&Held<Kept>>, id: ProductId, at: Timestamp) -> Step {
        let mut step = self.product_put(id, held, &KeptRecord { product: None, updated_at: at });
        if held.is_some_and(|held| !held.tags().is_empty()) {
            step.0.push(self.tags_counted(id));
        }
        step
    }

    fn product_put(&self, id: ProductId, held: Option<&Held<Kept>>, record: &KeptRecord) -> Step {
        let entry = Entry::new(keys::product(self.id(), id), record);
        Step(vec![entry.in_place_of(held)])
    }
}

pub(crate) fn products_range(tenant: TenantId, partition: u8, limit: u32) -> Range {
    Range {
        within: Within::Partition(keys::product_partition(tenant, partition)),
        sort: Sort::All,
        backward: false,
        limit,
        after: None,
        consistent: true,
    }
}

#[derive(Serialize, Deserialize)]
struct KeptRecord {
    /// `None`: it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    product: Option<ProductRecord>,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct ProductRecord {
    id: ProductId,
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handle: Option<String>,
    status: ProductStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vendor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    tags: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    image_url: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    variants: Vec<VariantRecord>,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct VariantRecord {
    id: VariantId,
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sku: Option<String>,
    price: Minor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inventory: Option<i64>,
}

impl From<&Product> for KeptRecord {
    fn from(product: &Product) -> Self {
        let Product {
            id,
            title,
            handle,
            status,
            vendor,
            kind,
            tags,
            image_url,
            variants,
            created_at,
            updated_at,
        } = product.clone();
        let variants = variants.into_iter().map(|variant| {
            let Variant { id, title, sku, price, inventory } = variant;
            VariantRecord { id, title, sku, price, inventory }
        });
        let variants = variants.collect();
        let product =
            ProductRecord { id, title, handle, status, vendor, kind, tags, image_url, variants, created_at };
        Self { product: Some(product), updated_at }
    }
}

impl From<KeptRecord> for Kept {
    fn from(record: KeptRecord) -> Self {
        let KeptRecord { product, updated_at } = record;
        let Some(product) = product else { return Self::Gone(updated_at) };
        let ProductRecord { id, title, handle, status, vendor, kind, tags, image_url, variants, created_at } =
            product;
        let variants = variants.into_iter().map(|variant| {
            let VariantRecord { id, title, sku, price, inventory } = variant;
            Variant { id, title, sku, price, inventory }
        });
        let variants = variants.collect();
        Self::Product(Box::new(Product {
            id,
            title,
            handle,
            status,
            vendor,
            kind,
            tags,
            image_url,
            variants,
            created_at,
            updated_at,
        }))
    }
}
