//! The table on DynamoDB: native attributes, one index `gsi1` that carries whole items.
//!
//! What DynamoDB would refuse is refused before it is sent, by the limits that the local table keeps too.

mod attributes;
mod read;
mod terms;
mod trouble;
mod write;

use async_trait::async_trait;
use store::{
    Item, Page, Range, RawKey, StoreError, Table, Write,
    table::{Add, Sort, Within},
};

use crate::Clients;

/// The index's name in the template.
const INDEX: &str = "gsi1";

pub struct DynamoTable {
    clients: Clients,
    name: String,
}

impl DynamoTable {
    pub fn new(clients: Clients, name: impl Into<String>) -> Self {
        Self { clients, name: name.into() }
    }
}

#[async_trait]
impl Table for DynamoTable {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        self.read_keys(keys).await
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        self.read_range(range).await
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        if writes.is_empty() { Ok(()) } else { self.write_all(&writes).await.map(drop) }
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        self.write_all(&[Write::Add(add)]).await
    }
}
