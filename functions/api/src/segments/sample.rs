//! Some of those whom a rule means: whoever reads a number of people wants to see that they are the right ones.

use std::collections::{BTreeMap, btree_map::Entry};

use columns::{By, Family, Number, Selected, ShardNumber, Slot};
use flows::{FlowError, identify::Caller};

use crate::customers::list::CustomerBrief;

/// So many, unless more are asked for.
pub(super) const SAMPLE: usize = 5;

/// Who of them spent most, first who spent most.
pub(super) fn top(selected: &Selected<'_>, limit: usize) -> Vec<Slot> {
    let places = selected.sorted(By::Number(Number::Spent.into()), true, limit, None);
    places.into_iter().map(|place| place.slot).collect()
}

/// As they are shown. Names are read where these few are, not everybody's.
pub(super) async fn shown(caller: &Caller, slots: &[Slot]) -> Result<Vec<CustomerBrief>, FlowError> {
    let mut around: BTreeMap<ShardNumber, _> = BTreeMap::new();
    for slot in slots {
        if let Entry::Vacant(unread) = around.entry(slot.shard()) {
            unread.insert(caller.store.audience_around(*slot, &[Family::Name]).await?);
        }
    }
    // Who was erased since is shown no more.
    let rows = slots.iter().filter_map(|slot| around.get(&slot.shard())?.row(*slot));
    Ok(rows.map(|row| CustomerBrief::of(&row, caller.tenant.currency, false)).collect())
}
