//! A table before whose accesses something happens.

use async_trait::async_trait;
use futures::future::BoxFuture;
use std::sync::Arc;
use store::{Item, Page, Range, RawKey, Store, StoreError, Table, Write, table::Add};

use crate::shop::Shop;

/// Is told which items are asked for, if single ones are, and may refuse.
type Happens = Box<dyn Fn(&[RawKey]) -> BoxFuture<'static, Result<(), StoreError>> + Send + Sync>;

struct Meanwhile {
    table: Arc<dyn Table>,
    happens: Happens,
}

#[async_trait]
impl Table for Meanwhile {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        (self.happens)(keys).await?;
        self.table.get(keys).await
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        (self.happens)(&[]).await?;
        self.table.query(range).await
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        (self.happens)(&[]).await?;
        self.table.write(writes).await
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        (self.happens)(&[]).await?;
        self.table.add(add).await
    }
}

impl Shop {
    pub(crate) fn meanwhile(
        &mut self,
        happens: impl Fn(&[RawKey]) -> BoxFuture<'static, Result<(), StoreError>> + Send + Sync + 'static,
    ) {
        let table = self.outside.clone();
        self.deps.store = Store::new(Arc::new(Meanwhile { table, happens: Box::new(happens) }));
    }
}
