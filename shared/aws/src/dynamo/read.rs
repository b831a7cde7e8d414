//! Reading keys and ranges. The SDK repeats what failed: a read does nothing twice.

use aws_sdk_dynamodb::types::KeysAndAttributes;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};
use store::local::limits;

use super::{
    DynamoTable, INDEX, Item, Page, Range, RawKey, Sort, StoreError, Within,
    attributes::{Attributes, from_key, from_position, text, to_item, to_position},
    terms::Terms,
    trouble::of_read,
};

const BATCH_KEYS_MAX: usize = 100;
/// How long to wait when DynamoDB did none of the keys: 1.55 s together. Any progress begins them anew.
const WAITS_MS: [u64; 5] = [50, 100, 200, 400, 800];

impl DynamoTable {
    pub(super) async fn read_keys(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        keys.iter().try_for_each(limits::key)?;
        let distinct: Vec<&RawKey> = keys.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut found = BTreeMap::new();
        for chunk in distinct.chunks(BATCH_KEYS_MAX) {
            let items = match chunk {
                [key] => self.read_one(key).await?.into_iter().collect(),
                _ => self.read_batch(chunk).await?,
            };
            for item in items {
                let item = to_item(item)?;
                found.insert(item.key.clone(), item);
            }
        }
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }

    pub(super) async fn read_range(&self, range: &Range) -> Result<Page, StoreError> {
        limits::range(range)?;
        let (index, pk) = match &range.within {
            Within::Partition(pk) => (None, pk),
            Within::Index(pk) => (Some(INDEX), pk),
        };
        if range.after.as_ref().is_some_and(|after| after.index.is_some() != index.is_some()) {
            return Err(StoreError::Refused("a page begins after a place of its own index".to_owned()));
        }
        let (condition, terms) = partition(index.is_some(), pk, &range.sort);
        let client = self.clients.dynamo();
        let asked = client
            .query()
            .table_name(&self.name)
            .set_index_name(index.map(str::to_owned))
            .key_condition_expression(condition)
            .set_expression_attribute_names(terms.names)
            .set_expression_attribute_values(terms.values)
            .scan_index_forward(!range.backward)
            .consistent_read(range.consistent && index.is_none())
            .limit(i32::try_from(range.limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(range.after.as_ref().map(from_position));
        let answer = asked.send().await.map_err(|error| of_read(&error))?;
        let items = answer.items.unwrap_or_default().into_iter().map(to_item).collect::<Result<_, _>>()?;
        Ok(Page { items, next: answer.last_evaluated_key.map(to_position).transpose()? })
    }

    async fn read_one(&self, key: &RawKey) -> Result<Option<Attributes>, StoreError> {
        let client = self.clients.dynamo();
        let asked =
            client.get_item().table_name(&self.name).set_key(Some(from_key(key))).consistent_read(true);
        Ok(asked.send().await.map_err(|error| of_read(&error))?.item)
    }

    /// DynamoDB may leave keys undone when a batch is large or the table busy: they are asked for again.
    async fn read_batch(&self, keys: &[&RawKey]) -> Result<Vec<Attributes>, StoreError> {
        let mut undone: Vec<Attributes> = keys.iter().map(|key| from_key(key)).collect();
        let mut found = Vec::with_capacity(keys.len());
        let mut waits = WAITS_MS.into_iter();
        while !undone.is_empty() {
            let asked = undone.len();
            let (items, left) = self.read_some(undone).await?;
            found.extend(items);
            undone = left;
            if undone.len() < asked {
                waits = WAITS_MS.into_iter();
            } else if let Some(wait) = waits.next() {
                tokio::time::sleep(Duration::from_millis(wait)).await;
            } else {
                return Err(StoreError::Unavailable(std::sync::Arc::new(Undone(asked))));
            }
        }
        Ok(found)
    }

    /// What was found, and the keys that were not done.
    async fn read_some(
        &self,
        keys: Vec<Attributes>,
    ) -> Result<(Vec<Attributes>, Vec<Attributes>), StoreError> {
        let asked = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let asked = asked.map_err(|error| StoreError::Refused(error.to_string()))?;
        let client = self.clients.dynamo();
        let answer = client.batch_get_item().request_items(&self.name, asked).send().await;
        let answer = answer.map_err(|error| of_read(&error))?;
        let mut undone: HashMap<_, _> = answer.unprocessed_keys.unwrap_or_default();
        Ok((
            answer.responses.unwrap_or_default().remove(&self.name).unwrap_or_default(),
            undone.remove(&self.name).map(|left| left.keys).unwrap_or_default(),
        ))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("DynamoDB left {0} keys unread, again and again")]
struct Undone(usize);

fn partition(is_index: bool, pk: &str, sort: &Sort) -> (String, Terms) {
    let mut terms = Terms::default();
    terms.name("#pk", if is_index { "gsi1pk" } else { "pk" });
    terms.value(":pk", text(pk));
    let sorted = match sort {
        Sort::All => return ("#pk = :pk".to_owned(), terms),
        Sort::Prefix(prefix) => {
            terms.value(":prefix", text(prefix));
            "begins_with(#sk, :prefix)"
        }
        Sort::Between(from, to) => {
            terms.value(":from", text(from));
            terms.value(":to", text(to));
            "#sk BETWEEN :from AND :to"
        }
    };
    terms.name("#sk", if is_index { "gsi1sk" } else { "sk" });
    (format!("#pk = :pk AND {sorted}"), terms)
}
