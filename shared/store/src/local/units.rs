//! What DynamoDB bills on demand: reads by 4 KB, writes by 1 KB, transactions twice.

use crate::table::Item;

use super::{item_bytes, ledger::Units};

/// A read of so many bytes. An eventually consistent one costs half; nothing found costs as much as a little.
pub(super) fn read(bytes: usize, is_strong: bool) -> Units {
    let whole = bytes.div_ceil(4_096).max(1) as u64;
    Units::halves(if is_strong { whole * 2 } else { whole })
}

/// The cost of one write list.
pub(super) struct Cost {
    is_transaction: bool,
    table: u64,
    index: u64,
}

impl Cost {
    pub(super) fn new(is_transaction: bool) -> Self {
        Self { is_transaction, table: 0, index: 0 }
    }

    /// The larger of what was there and what comes, and the index's part.
    pub(super) fn item(&mut self, old: Option<&Item>, new: Option<&Item>) {
        let (before, after) = (old.map_or(0, item_bytes), new.map_or(0, item_bytes));
        self.table += write_units(before.max(after));
        let place = |item: Option<&Item>| item.and_then(|item| item.index.clone());
        self.index += match (place(old), place(new)) {
            (None, None) => 0,
            (None, Some(_)) => write_units(after),
            (Some(_), None) => write_units(before),
            (Some(there), Some(here)) if there != here => write_units(before) + write_units(after),
            // The index holds whole items: any change is one write there, none is none.
            (Some(_), Some(_)) if old == new => 0,
            (Some(_), Some(_)) => write_units(before.max(after)),
        };
    }

    /// A refused write is billed like a write of what was there; the index hears nothing of it. Index writes
    /// happen after the transaction and are not billed twice.
    pub(super) fn total(&self, is_refused: bool) -> Units {
        let table = if self.is_transaction { self.table * 2 } else { self.table };
        Units::whole(table + if is_refused { 0 } else { self.index })
    }
}

fn write_units(bytes: usize) -> u64 {
    bytes.div_ceil(1_024).max(1) as u64
}
