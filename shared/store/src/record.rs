//! How a record becomes an item and an item a record, and how several changes become one.

use domain::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use std::ops::Deref;

use crate::table::{Add, Item, RawKey, StoreError, Table, When, Write};

/// Something read from the table, with the version that a change of it must still find there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<T> {
    value: T,
    pub(crate) version: u64,
}

impl<T> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Held<T> {
    pub(crate) fn new(value: T, version: u64) -> Self {
        Self { value, version }
    }

    /// How often it was written.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What is held once `value` was committed in its place.
    #[must_use]
    pub fn followed_by(&self, value: T) -> Self {
        Self { value, version: self.version + 1 }
    }

    /// As `followed_by`, also of what is the first.
    pub(crate) fn after(held: Option<&Self>, value: T) -> Self {
        Self { value, version: held.map_or(1, |held| held.version + 1) }
    }

    pub fn into_inner(self) -> T {
        self.value
    }
}

/// One change of the business: a few writes that belong together. Steps are committed with others, all or none.
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use = "a step does nothing until it is committed"]
pub struct Step(pub(crate) Vec<Write>);

/// Commits all steps or none. `Conflict` names the step, not the write.
pub(crate) async fn commit(table: &dyn Table, steps: Vec<Step>) -> Result<(), StoreError> {
    let mut step_of_write = Vec::new();
    let mut writes = Vec::new();
    for (place, step) in steps.into_iter().enumerate() {
        for write in step.0 {
            if let Some(write) = moved_with(&mut writes, write) {
                step_of_write.push(place);
                writes.push(write);
            }
        }
    }
    table.write(writes).await.map_err(|error| match error {
        StoreError::Conflict(write) => StoreError::Conflict(step_of_write[write]),
        other => other,
    })
}

/// Counters that several steps move, whatever they are, are moved once: no key is written twice in one commit. What is left is
/// a write of its own.
fn moved_with(writes: &mut [Write], write: Write) -> Option<Write> {
    let is_free =
        |add: &Add| add.expires_at.is_none() && add.counts.iter().all(|count| count.within.is_none());
    let Write::Add(more) = &write else { return Some(write) };
    let before = writes.iter_mut().find_map(|before| match before {
        Write::Add(add) if add.key == more.key && is_free(add) && is_free(more) => Some(add),
        _ => None,
    });
    let Some(before) = before else { return Some(write) };
    for count in &more.counts {
        match before.counts.iter_mut().find(|it| it.counter == count.counter) {
            Some(same) => same.by = same.by.saturating_add(count.by),
            None => before.counts.push(count.clone()),
        }
    }
    None
}

/// A record on its way into the table.
pub(crate) struct Entry<'a, R> {
    pub(crate) key: RawKey,
    pub(crate) record: &'a R,
    pub(crate) due: Option<RawKey>,
    pub(crate) expires_at: Option<Timestamp>,
}

impl<'a, R: Serialize> Entry<'a, R> {
    pub(crate) fn new(key: RawKey, record: &'a R) -> Self {
        Self { key, record, due: None, expires_at: None }
    }

    pub(crate) fn expiring(self, at: Timestamp) -> Self {
        Self { expires_at: Some(at), ..self }
    }

    pub(crate) fn due(self, due: Option<RawKey>) -> Self {
        Self { due, ..self }
    }

    /// As a new item, where none may be.
    pub(crate) fn create(self) -> Write {
        Write::Put(self.item(1), When::Absent)
    }

    /// In the place of what was held, if it is still that.
    pub(crate) fn replace(self, held_version: u64) -> Write {
        Write::Put(self.item(held_version + 1), When::Version(held_version))
    }

    /// In the place of what was held, if it is still that, or where nothing was.
    pub(crate) fn in_place_of<T>(self, held: Option<&Held<T>>) -> Write {
        match held {
            Some(held) => self.replace(held.version),
            None => self.create(),
        }
    }

    /// With a version that somebody else counts.
    pub(crate) fn put(self, version: u64, when: When) -> Write {
        Write::Put(self.item(version), when)
    }

    /// Whatever stands there.
    pub(crate) fn overwrite(self) -> Write {
        Write::Put(self.item(1), When::Always)
    }

    fn item(self, version: u64) -> Item {
        let body = serde_dynamo::to_item(self.record).expect("our records have names and plain values");
        let expires_at = self.expires_at.map(Timestamp::as_second);
        Item { key: self.key, index: self.due, version, expires_at, body }
    }
}

/// What an item says.
pub(crate) fn read<R: DeserializeOwned>(item: Item) -> Result<Held<R>, StoreError> {
    let Item { key, version, body, .. } = item;
    // The key names no person: addresses appear in it only for logins, which hold no more than an id.
    let kind = key.sk.split('#').next().unwrap_or_default().to_owned();
    let value =
        serde_dynamo::from_item(body).map_err(|wrong| StoreError::Broken(format!("{kind}: {wrong}")))?;
    Ok(Held::new(value, version))
}

/// As `read`, then through the record's own way to the thing it stands for.
pub(crate) fn read_as<R, T>(item: Item) -> Result<Held<T>, StoreError>
where
    R: DeserializeOwned + Into<T>,
{
    let held = read::<R>(item)?;
    Ok(Held::new(held.value.into(), held.version))
}
