//! A table of a few microseconds a call: `tests/table.rs` holds it to what the local table answers.
//!
//! It minds neither sizes nor bills. Nothing waits in it: a future of its is ready when it is polled first.

use async_trait::async_trait;
use serde_dynamo::AttributeValue;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
};
use store::{
    Item, Page, Range, RawKey, StoreError, Table, When, Write,
    table::{Add, Body, Position, Sort, Within},
};

#[derive(Default)]
pub struct Memory(Mutex<Items>);

/// Partitions are one map each: most ranges are of a few items among thousands.
#[derive(Default)]
struct Items {
    partitions: BTreeMap<String, BTreeMap<String, Item>>,
    /// By partition of the index and place in it; then by the item's own key.
    index: BTreeMap<String, BTreeSet<(String, RawKey)>>,
}

impl Memory {
    fn items(&self) -> MutexGuard<'_, Items> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Items {
    fn held(&self, key: &RawKey) -> Option<&Item> {
        self.partitions.get(&key.pk)?.get(&key.sk)
    }

    fn replace(&mut self, key: &RawKey, new: Option<Item>) {
        let old = match new {
            Some(new) => {
                if let Some(place) = &new.index {
                    self.index.entry(place.pk.clone()).or_default().insert((place.sk.clone(), key.clone()));
                }
                let (kept, place) = (new.index.clone(), self.partitions.entry(key.pk.clone()).or_default());
                place.insert(key.sk.clone(), new).filter(|old| old.index != kept)
            }
            None => self.partitions.get_mut(&key.pk).and_then(|partition| partition.remove(&key.sk)),
        };
        if let Some(place) = old.and_then(|old| old.index)
            && let Some(partition) = self.index.get_mut(&place.pk)
        {
            partition.remove(&(place.sk, key.clone()));
        }
    }

    fn written(&mut self, write: Write) -> Result<bool, StoreError> {
        let (key, new, when) = match write {
            Write::Put(item, when) => (item.key.clone(), Some(item), when),
            Write::Delete(key, when) => (key, None, when),
            Write::Check(key, when) => return Ok(holds(when, self.held(&key))),
            Write::Add(add) => return Ok(self.added(&add)?.is_some()),
        };
        let is_done = holds(when, self.held(&key));
        if is_done {
            self.replace(&key, new);
        }
        Ok(is_done)
    }

    /// `None`: a counter is not where it must be.
    fn added(&mut self, add: &Add) -> Result<Option<Vec<i64>>, StoreError> {
        let fresh = || Item {
            key: add.key.clone(),
            index: None,
            version: 0,
            expires_at: None,
            body: Body::default(),
        };
        let mut item = self.held(&add.key).cloned().unwrap_or_else(fresh);
        let mut values = Vec::with_capacity(add.counts.len());
        for count in &add.counts {
            let no_counter = || StoreError::Refused(format!("`{}` is no counter", count.counter));
            let before = match item.body.get(&count.counter) {
                None => 0,
                Some(AttributeValue::N(number)) => number.parse().map_err(|_| no_counter())?,
                Some(_) => return Err(no_counter()),
            };
            if count.within.as_ref().is_some_and(|within| !within.contains(&before)) {
                return Ok(None);
            }
            let after = before.checked_add(count.by).ok_or_else(no_counter)?;
            item.body.insert(count.counter.clone(), AttributeValue::N(after.to_string()));
            values.push(after);
        }
        item.expires_at = add.expires_at.or(item.expires_at);
        self.replace(&add.key, Some(item));
        Ok(Some(values))
    }
}

fn holds(when: When, old: Option<&Item>) -> bool {
    match when {
        When::Always => true,
        When::Absent => old.is_none(),
        When::Present => old.is_some(),
        When::Version(version) => old.is_some_and(|old| old.version == version),
    }
}

#[async_trait]
impl Table for Memory {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        let items = self.items();
        Ok(keys.iter().map(|key| items.held(key).cloned()).collect())
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        let items = self.items();
        let mut found: Vec<&Item> = match &range.within {
            Within::Partition(pk) => {
                let Some(partition) = items.partitions.get(pk) else { return Ok(Page::default()) };
                let from = Bound::Included(first_of(&range.sort));
                let from = partition.range::<str, _>((from, Bound::Unbounded));
                from.take_while(|(sk, _)| is_before_the_end(&range.sort, sk)).map(|(_, item)| item).collect()
            }
            Within::Index(pk) => {
                let Some(partition) = items.index.get(pk) else { return Ok(Page::default()) };
                let in_it = partition.iter().skip_while(|(sk, _)| sk.as_str() < first_of(&range.sort));
                let in_it = in_it.take_while(|(sk, _)| is_before_the_end(&range.sort, sk));
                in_it.filter_map(|(_, key)| items.held(key)).collect()
            }
        };
        if range.backward {
            found.reverse();
        }
        if let Some(after) = &range.after {
            let place = |item: &Item| Position::after(item, &range.within);
            let at = |position: &Position| {
                (position.index.as_ref().map(|index| index.sk.clone()), position.key.clone())
            };
            let is_passed = |item: &&Item| {
                let order = at(&place(item)).cmp(&at(after));
                if range.backward { order.is_ge() } else { order.is_le() }
            };
            let passed = found.iter().take_while(|item| is_passed(item)).count();
            found.drain(..passed);
        }
        let is_more = found.len() > range.limit as usize;
        found.truncate(range.limit as usize);
        let next = found.last().filter(|_| is_more).map(|last| Position::after(last, &range.within));
        Ok(Page { items: found.into_iter().cloned().collect(), next })
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let mut items = self.items();
        // One is done or not; of several the first that cannot be must undo those before it.
        let before: Vec<_> = match &writes[..] {
            [_] => Vec::new(),
            all => all.iter().map(|write| (write.key().clone(), items.held(write.key()).cloned())).collect(),
        };
        for (place, write) in writes.into_iter().enumerate() {
            let done = items.written(write);
            if !matches!(done, Ok(true)) {
                for (key, old) in before.into_iter().take(place) {
                    items.replace(&key, old);
                }
                return done.and(Err(StoreError::Conflict(place)));
            }
        }
        Ok(())
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        self.items().added(&add)?.ok_or(StoreError::Conflict(0))
    }
}

fn first_of(sort: &Sort) -> &str {
    match sort {
        Sort::All => "",
        Sort::Prefix(prefix) => prefix,
        Sort::Between(from, _) => from,
    }
}

fn is_before_the_end(sort: &Sort, sk: &str) -> bool {
    match sort {
        Sort::All => true,
        Sort::Prefix(prefix) => sk.starts_with(prefix.as_str()),
        Sort::Between(_, to) => sk <= to.as_str(),
    }
}
