//! How messages are kept: JSON under `(queue, number)`, in the order in which they were left.

use domain::Queue;
use flows::FlowError;
use redb::{ReadableTable, Table, TableDefinition};

use super::message::Message;

pub(super) const MESSAGES: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("messages");

pub(super) type Messages<'t> = Table<'t, (&'static str, u64), &'static [u8]>;
pub(super) type Entry = (u64, Message);

pub(super) fn all_of(
    table: &impl ReadableTable<(&'static str, u64), &'static [u8]>,
    queue: Queue,
) -> Result<Vec<Entry>, FlowError> {
    each_of(table, queue)?.collect()
}

/// One after the other: of a long queue, whoever needs a few reads a few.
pub(super) fn each_of(
    table: &impl ReadableTable<(&'static str, u64), &'static [u8]>,
    queue: Queue,
) -> Result<impl Iterator<Item = Result<Entry, FlowError>>, FlowError> {
    let found = table.range((queue.name(), 0)..=(queue.name(), u64::MAX)).map_err(FlowError::unavailable)?;
    Ok(found.map(|entry| {
        let (key, bytes) = entry.map_err(FlowError::unavailable)?;
        Ok((key.value().1, read(bytes.value())?))
    }))
}

/// Whether the same is asked for already and nobody has begun with it: whoever does looks at what is so by then.
pub(super) fn waits(table: &Messages<'_>, queue: Queue, group: &str, body: &str) -> Result<bool, FlowError> {
    for entry in each_of(table, queue)? {
        let (_, message) = entry?;
        let is_untouched = message.attempts == 0 && !message.is_dead;
        if is_untouched && message.group == group && message.body == body {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) fn one_of(table: &Messages<'_>, queue: Queue, id: u64) -> Result<Option<Message>, FlowError> {
    let found = table.get((queue.name(), id)).map_err(FlowError::unavailable)?;
    found.map(|bytes| read(bytes.value())).transpose()
}

pub(super) fn keep(table: &mut Messages<'_>, queue: Queue, entry: &Entry) -> Result<(), FlowError> {
    let bytes = serde_json::to_vec(&entry.1).map_err(FlowError::broken)?;
    table.insert((queue.name(), entry.0), bytes.as_slice()).map_err(FlowError::unavailable)?;
    Ok(())
}

pub(super) fn drop_one(table: &mut Messages<'_>, queue: Queue, id: u64) -> Result<(), FlowError> {
    table.remove((queue.name(), id)).map_err(FlowError::unavailable)?;
    Ok(())
}

fn read(bytes: &[u8]) -> Result<Message, FlowError> {
    serde_json::from_slice(bytes).map_err(FlowError::broken)
}
