//! What DynamoDB refuses, refused in the same way here and by `aws`, before anything is sent.

use serde_dynamo::AttributeValue;
use std::collections::BTreeSet;

use super::{
    item_bytes,
    numbers::{is_number, plain},
};
use crate::table::{Add, Item, Position, RESERVED, Range, RawKey, Sort, StoreError, Within, Write};

pub const PK_BYTES_MAX: usize = 2_048;
pub const SK_BYTES_MAX: usize = 1_024;
/// 400 KB.
pub const ITEM_BYTES_MAX: usize = 400 * 1_024;
pub const WRITES_MAX: usize = 100;
/// 4 MB.
pub const TRANSACTION_BYTES_MAX: usize = 4 * 1_024 * 1_024;
pub const DEPTH_MAX: usize = 32;

pub fn key(key: &RawKey) -> Result<(), StoreError> {
    let fits = |part: &str, bytes_max: usize| (1..=bytes_max).contains(&part.len());
    if fits(&key.pk, PK_BYTES_MAX) && fits(&key.sk, SK_BYTES_MAX) {
        return Ok(());
    }
    refuse(format!("a key has 1 to {PK_BYTES_MAX} bytes and 1 to {SK_BYTES_MAX} bytes"))
}

pub fn item(item: &Item) -> Result<(), StoreError> {
    key(&item.key)?;
    item.index.as_ref().map_or(Ok(()), key)?;
    for (name, value) in item.body.iter() {
        if name.is_empty() || RESERVED.contains(&name.as_str()) {
            return refuse(format!("the attribute name `{name}` is empty or kept for the table itself"));
        }
        attribute(name, value, 1)?;
    }
    if item_bytes(item) > ITEM_BYTES_MAX {
        return refuse(format!("an item has at most {ITEM_BYTES_MAX} bytes"));
    }
    Ok(())
}

pub fn writes(writes: &[Write]) -> Result<(), StoreError> {
    if writes.len() > WRITES_MAX {
        return refuse(format!("at most {WRITES_MAX} writes go together"));
    }
    let mut keys = BTreeSet::new();
    let mut bytes = 0;
    for write in writes {
        match write {
            Write::Put(put, _) => {
                item(put)?;
                bytes += item_bytes(put);
            }
            Write::Delete(at, _) | Write::Check(at, _) => key(at)?,
            Write::Add(counters) => add(counters)?,
        }
        if !keys.insert(write.key()) {
            return refuse("one item is written twice in one list");
        }
    }
    if writes.len() > 1 && bytes > TRANSACTION_BYTES_MAX {
        return refuse(format!("a list of writes has at most {TRANSACTION_BYTES_MAX} bytes"));
    }
    Ok(())
}

pub fn add(add: &Add) -> Result<(), StoreError> {
    key(&add.key)?;
    let names: BTreeSet<_> = add.counts.iter().map(|count| &count.counter).collect();
    if add.counts.is_empty() || names.len() < add.counts.len() {
        return refuse("an addition names at least one counter, and none twice");
    }
    if names.iter().any(|name| name.is_empty() || RESERVED.contains(&name.as_str())) {
        return refuse("a counter's name is empty or kept for the table itself");
    }
    if add.counts.iter().any(|count| count.within.as_ref().is_some_and(std::ops::RangeInclusive::is_empty)) {
        return refuse("a counter cannot be within an empty range");
    }
    Ok(())
}

pub fn range(range: &Range) -> Result<(), StoreError> {
    let (Within::Partition(pk) | Within::Index(pk)) = &range.within;
    key(&RawKey::new(pk.as_str(), "-"))?;
    let is_sound = match &range.sort {
        Sort::All => true,
        Sort::Prefix(prefix) => !prefix.is_empty(),
        Sort::Between(from, to) => !from.is_empty() && from <= to,
    };
    if !is_sound {
        return refuse("a range of sort keys is empty or runs backwards");
    }
    if range.limit == 0 {
        return refuse("a page has room for at least one item");
    }
    range.after.as_ref().map_or(Ok(()), |after| position(range, after))
}

/// A page begins within what is asked for: a cursor of another range must not show that one's items.
fn position(range: &Range, after: &Position) -> Result<(), StoreError> {
    key(&after.key)?;
    let (pk, place) = match (&range.within, &after.index) {
        (Within::Partition(pk), None) => (pk, &after.key),
        (Within::Index(pk), Some(place)) => (pk, place),
        _ => return refuse("a cursor of the index is for the index, and one of the table for the table"),
    };
    let is_in_sort = match &range.sort {
        Sort::All => true,
        Sort::Prefix(prefix) => place.sk.starts_with(prefix.as_str()),
        Sort::Between(from, to) => (from.as_str()..=to.as_str()).contains(&place.sk.as_str()),
    };
    if place.pk == *pk && is_in_sort { Ok(()) } else { refuse("a cursor stands outside its range") }
}

fn attribute(name: &str, value: &AttributeValue, depth: usize) -> Result<(), StoreError> {
    if depth > DEPTH_MAX {
        return refuse(format!("`{name}` is nested deeper than {DEPTH_MAX}"));
    }
    let is_set_sound = |count: usize, distinct: usize| count > 0 && count == distinct;
    let is_sound = match value {
        AttributeValue::N(number) => is_number(number),
        AttributeValue::Null(is_null) => *is_null,
        AttributeValue::L(list) => {
            return list.iter().try_for_each(|value| attribute(name, value, depth + 1));
        }
        AttributeValue::M(map) => {
            return map.values().try_for_each(|value| attribute(name, value, depth + 1));
        }
        AttributeValue::Ss(texts) => is_set_sound(texts.len(), texts.iter().collect::<BTreeSet<_>>().len()),
        AttributeValue::Ns(numbers) => {
            let distinct = numbers.iter().map(|number| plain(number)).collect::<BTreeSet<_>>().len();
            is_set_sound(numbers.len(), distinct) && numbers.iter().all(|number| is_number(number))
        }
        AttributeValue::Bs(values) => {
            is_set_sound(values.len(), values.iter().collect::<BTreeSet<_>>().len())
        }
        AttributeValue::S(_) | AttributeValue::B(_) | AttributeValue::Bool(_) => true,
    };
    if is_sound {
        Ok(())
    } else {
        refuse(format!(
            "`{name}` holds an empty set, a repeated element, a false null or a number out of range"
        ))
    }
}

fn refuse(why: impl Into<String>) -> Result<(), StoreError> {
    Err(StoreError::Refused(why.into()))
}
