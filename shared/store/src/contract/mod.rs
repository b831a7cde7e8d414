//! The contract of `Table`, sentence by sentence. Every implementation runs all of it; each case keeps to a partition
//! of its own, so that they can share a table. Page sizes differ between engines and are never asserted.

mod cases;
mod counters;
mod limits;
mod queries;

use serde_dynamo::AttributeValue;
use std::{collections::HashMap, sync::Arc};

use crate::table::{Body, Item, Page, Range, RawKey, Sort, StoreError, Table, When, Within, Write};

/// A table and a partition of one's own.
pub(crate) struct Bench {
    table: Arc<dyn Table>,
    pk: String,
}

/// Runs every case on the table. `run` keeps the partitions of several runs apart.
///
/// # Panics
/// With the case's name, if the table breaks the contract.
pub async fn check(table: Arc<dyn Table>, run: &str) {
    let bench = |case: &str| Bench { table: table.clone(), pk: format!("{run}#{case}") };
    cases::what_is_put_can_be_got(&bench("got")).await;
    cases::every_kind_of_value_comes_back(&bench("values")).await;
    cases::a_number_comes_back_in_plain_digits(&bench("digits")).await;
    cases::many_keys_are_answered_in_their_order(&bench("many")).await;
    cases::each_condition_holds_or_refuses(&bench("conditions")).await;
    cases::a_list_of_writes_is_done_whole_or_not_at_all(&bench("whole")).await;
    cases::of_many_who_write_at_once_one_wins(&bench("race")).await;
    queries::a_partition_is_read_in_order(&bench("order")).await;
    queries::pages_follow_one_another_without_loss(&bench("pages")).await;
    queries::the_index_is_sparse_and_follows_its_items(&bench("index")).await;
    counters::counters_move_together_or_not_at_all(&bench("counters")).await;
    counters::additions_at_once_all_count(&bench("sum")).await;
    counters::of_many_at_once_as_many_are_let_in_as_there_is_room(&bench("room")).await;
    limits::what_is_too_large_or_malformed_is_refused(&bench("limits")).await;
}

impl Bench {
    fn key(&self, sk: &str) -> RawKey {
        RawKey::new(self.pk.as_str(), sk)
    }

    /// An item with one text.
    fn item(&self, sk: &str, version: u64, text: &str) -> Item {
        let body = [("text".to_owned(), AttributeValue::S(text.to_owned()))];
        Item {
            key: self.key(sk),
            index: None,
            version,
            expires_at: None,
            body: Body::from(HashMap::from(body)),
        }
    }

    async fn put(&self, item: Item) {
        self.table.write(vec![Write::Put(item, When::Always)]).await.expect("a put without a condition");
    }

    async fn get(&self, sk: &str) -> Option<Item> {
        self.table.get(&[self.key(sk)]).await.expect("a key can be read").pop().flatten()
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.table.write(writes).await
    }

    fn range(&self, sort: Sort) -> Range {
        let within = Within::Partition(self.pk.clone());
        Range { within, sort, backward: false, limit: 100, after: None, consistent: true }
    }

    async fn page(&self, range: &Range) -> Page {
        self.table.query(range).await.expect("a range can be read")
    }

    /// All pages, put together.
    async fn all(&self, mut range: Range) -> Vec<Item> {
        let mut items = Vec::new();
        for _ in 0..1_000 {
            let page = self.page(&range).await;
            items.extend(page.items);
            match page.next {
                Some(next) => range.after = Some(next),
                None => return items,
            }
        }
        panic!("pages without end");
    }
}

fn sort_keys(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.key.sk.as_str()).collect()
}

fn is_refused<T>(done: &Result<T, StoreError>) -> bool {
    matches!(done, Err(StoreError::Refused(_)))
}

fn conflict_at<T>(done: &Result<T, StoreError>) -> Option<usize> {
    match done {
        Err(StoreError::Conflict(place)) => Some(*place),
        _ => None,
    }
}
