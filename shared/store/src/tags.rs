//! Which products bear which tags, as of a count of all changes of them.
//!
//! The count moves in the commit that changes a product's tags, and is read before the products are: what is held under it is
//! never older than it says. So whoever asks again reads one small query, as long as no tag has changed.

use std::{collections::BTreeSet, sync::Arc};

use columns::Tagged;
use domain::{
    ProductId, TenantId,
    product::{TAGGED_MAX, TAGS_MAX},
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;

use crate::{
    StoreError, TenantStore,
    editions::Editions,
    keys,
    products::products_range,
    record::read,
    table::{Add, Count, Write},
};

/// Of all shops together, so many tags of products are held: about 60 bytes each.
const HELD_MAX: usize = 2 * TAGS_MAX;

/// As of so many changes. `None`: there is too much of it.
pub type TagsKnown = (u64, Option<Arc<Tagged>>);

pub(crate) type TagsHeld = Editions<TenantId, Option<Arc<Tagged>>>;

pub(crate) fn tags_held() -> TagsHeld {
    Editions::within(HELD_MAX, |tagged| tagged.as_ref().map_or(0, |tagged| tagged.weight()) + 1)
}

impl TenantStore {
    /// How often the tags of any product have changed.
    pub async fn tag_changes(&self) -> Result<u64, StoreError> {
        let mut changes = 0;
        for item in self.all(keys::tenant_partition(self.id()), keys::TAG_CHANGES).await? {
            changes += read::<ChangesRecord>(item)?.changes;
        }
        Ok(changes)
    }

    /// With the count of changes as of which it is so, at least. `None`: there are more products than `TAGGED_MAX`, or more
    /// tags on them than `TAGS_MAX`.
    pub async fn tagged(&self) -> Result<TagsKnown, StoreError> {
        let changes = self.tag_changes().await?;
        if let Some(held) = self.store.tags_held.of(self.id(), changes) {
            return Ok((changes, held));
        }
        let tagged = self.tagged_now().await?.map(Arc::new);
        self.store.tags_held.hold(self.id(), changes, tagged.clone());
        Ok((changes, tagged))
    }

    async fn tagged_now(&self) -> Result<Option<Tagged>, StoreError> {
        let partitions = stream::iter(0..keys::PRODUCT_PARTITIONS).map(|partition| self.tagged_in(partition));
        let read = partitions.buffer_unordered(keys::PRODUCT_PARTITIONS.into());
        let parts: Vec<Option<Vec<TaggedRecord>>> = read.try_collect().await?;
        let Some(parts) = parts.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
        let all: Vec<TaggedRecord> = parts.into_iter().flatten().collect();
        let tags: usize = all.iter().map(|product| product.tags.len()).sum();
        let fits = all.len() <= TAGGED_MAX && tags <= TAGS_MAX;
        Ok(fits.then(|| Tagged::of(all.into_iter().map(|it| (it.id.to_string().into(), it.tags)))))
    }

    /// `None`: here alone there are too many.
    async fn tagged_in(&self, partition: u8) -> Result<Option<Vec<TaggedRecord>>, StoreError> {
        let mut range = products_range(self.id(), partition, 1_000);
        let (mut products, mut tags) = (Vec::new(), 0);
        loop {
            let page = self.table().query(&range).await?;
            for item in page.items {
                if let Some(product) = read::<KeptTags>(item)?.into_inner().product {
                    tags += product.tags.len();
                    products.push(product);
                }
            }
            if products.len() > TAGGED_MAX || tags > TAGS_MAX {
                return Ok(None);
            }
            match page.next {
                Some(next) => range.after = Some(next),
                None => return Ok(Some(products)),
            }
        }
    }

    /// Goes with every write that changes what a product is tagged with.
    pub(crate) fn tags_counted(&self, product: ProductId) -> Write {
        let counts = vec![Count { counter: "changes".to_owned(), by: 1, within: None }];
        Write::Add(Add { key: keys::tag_changes(self.id(), product), counts, expires_at: None })
    }
}

#[derive(Deserialize)]
struct ChangesRecord {
    changes: u64,
}

/// Of what is kept under a product's id, no more than is asked here.
#[derive(Deserialize)]
struct KeptTags {
    #[serde(default)]
    product: Option<TaggedRecord>,
}

#[derive(Deserialize)]
struct TaggedRecord {
    id: ProductId,
    #[serde(default)]
    tags: BTreeSet<String>,
}
