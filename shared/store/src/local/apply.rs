//! One write, inside a transaction that may still be given up.

use redb::WriteTransaction;
use serde_dynamo::AttributeValue;

use super::{EXPIRIES, INDEX, ITEMS, codec, held, limits, numbers, unavailable, units::Cost};
use crate::table::{Add, Body, Item, RawKey, StoreError, When, Write};

/// A write that was done, and can be taken back.
pub(super) struct Undo {
    key: RawKey,
    before: Option<Item>,
    after: Option<Item>,
}

impl Undo {
    pub(super) fn done(self, transaction: &WriteTransaction) -> Result<(), StoreError> {
        replace(transaction, self.after.as_ref(), &self.key, self.before.as_ref())
    }
}

/// Does it, bills it, and answers whether its condition held.
pub(super) fn write(
    transaction: &WriteTransaction,
    write: &Write,
    cost: &mut Cost,
    undo: &mut Vec<Undo>,
) -> Result<bool, StoreError> {
    let old = there(transaction, write.key())?;
    let (new, when) = match write {
        Write::Put(item, when) => (Some(numbers::with_plain(item)), *when),
        Write::Delete(_, when) => (None, *when),
        Write::Check(_, when) => {
            cost.item(old.as_ref(), old.as_ref());
            return Ok(holds(*when, old.as_ref()));
        }
        Write::Add(added) => return Ok(add(transaction, added, cost, undo)?.is_some()),
    };
    if !holds(when, old.as_ref()) {
        cost.item(old.as_ref(), old.as_ref());
        return Ok(false);
    }
    cost.item(old.as_ref(), new.as_ref());
    replace(transaction, old.as_ref(), write.key(), new.as_ref())?;
    undo.push(Undo { key: write.key().clone(), before: old, after: new });
    Ok(true)
}

/// The new values, or `None` if a counter is not where it must be.
pub(super) fn add(
    transaction: &WriteTransaction,
    add: &Add,
    cost: &mut Cost,
    undo: &mut Vec<Undo>,
) -> Result<Option<Vec<i64>>, StoreError> {
    let old = there(transaction, &add.key)?;
    let fresh =
        || Item { key: add.key.clone(), index: None, version: 0, expires_at: None, body: Body::default() };
    let mut item = old.clone().unwrap_or_else(fresh);
    let mut values = Vec::with_capacity(add.counts.len());
    for count in &add.counts {
        let before = match item.body.get(&count.counter) {
            None => 0,
            Some(AttributeValue::N(number)) => {
                number.parse::<i64>().map_err(|_| no_counter(&count.counter))?
            }
            Some(_) => return Err(no_counter(&count.counter)),
        };
        if count.within.as_ref().is_some_and(|within| !within.contains(&before)) {
            cost.item(old.as_ref(), old.as_ref());
            return Ok(None);
        }
        let after = before.checked_add(count.by).ok_or_else(|| no_counter(&count.counter))?;
        item.body.insert(count.counter.clone(), AttributeValue::N(after.to_string()));
        values.push(after);
    }
    item.expires_at = add.expires_at.or(item.expires_at);
    limits::item(&item)?;
    cost.item(old.as_ref(), Some(&item));
    replace(transaction, old.as_ref(), &add.key, Some(&item))?;
    undo.push(Undo { key: add.key.clone(), before: old, after: Some(item) });
    Ok(Some(values))
}

/// Whether it was still there and expired.
pub(super) fn delete_expired(
    transaction: &WriteTransaction,
    key: &RawKey,
    now_seconds: i64,
) -> Result<bool, StoreError> {
    let old = there(transaction, key)?;
    let is_expired = old.as_ref().and_then(|old| old.expires_at).is_some_and(|at| at < now_seconds);
    if is_expired {
        replace(transaction, old.as_ref(), key, None)?;
    }
    Ok(is_expired)
}

fn there(transaction: &WriteTransaction, key: &RawKey) -> Result<Option<Item>, StoreError> {
    held(&transaction.open_table(ITEMS).map_err(unavailable)?, key)
}

fn holds(when: When, old: Option<&Item>) -> bool {
    match when {
        When::Always => true,
        When::Absent => old.is_none(),
        When::Present => old.is_some(),
        When::Version(version) => old.is_some_and(|old| old.version == version),
    }
}

/// The item, its place in the index and its place among what expires, together.
fn replace(
    transaction: &WriteTransaction,
    old: Option<&Item>,
    key: &RawKey,
    new: Option<&Item>,
) -> Result<(), StoreError> {
    let mut items = transaction.open_table(ITEMS).map_err(unavailable)?;
    let mut index = transaction.open_table(INDEX).map_err(unavailable)?;
    let mut expiries = transaction.open_table(EXPIRIES).map_err(unavailable)?;
    let at = (key.pk.as_str(), key.sk.as_str());
    if let Some(place) = old.and_then(|old| old.index.as_ref()) {
        index.remove((place.pk.as_str(), place.sk.as_str(), at.0, at.1)).map_err(unavailable)?;
    }
    if let Some(expires_at) = old.and_then(|old| old.expires_at) {
        expiries.remove((expires_at, at.0, at.1)).map_err(unavailable)?;
    }
    let Some(new) = new else {
        items.remove(at).map_err(unavailable)?;
        return Ok(());
    };
    if let Some(place) = &new.index {
        index.insert((place.pk.as_str(), place.sk.as_str(), at.0, at.1), ()).map_err(unavailable)?;
    }
    if let Some(expires_at) = new.expires_at {
        expiries.insert((expires_at, at.0, at.1), ()).map_err(unavailable)?;
    }
    items.insert(at, codec::encode(new).as_slice()).map_err(unavailable)?;
    Ok(())
}

fn no_counter(name: &str) -> StoreError {
    StoreError::Refused(format!("`{name}` is no counter, or would pass the range of 64 bits"))
}
