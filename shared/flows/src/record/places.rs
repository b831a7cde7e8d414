//! Places on lists, where two customers become one: whoever they become has the places of both.
//!
//! This is done before the one ends. Whoever dies in between is taken up by whoever asks again, and finds what is done.

use columns::Slot;
use domain::Customer;
use store::StoreError;

use super::Record;
use crate::{
    FlowError,
    joining::{Move, Shelf},
};

/// So often a shard's part is tried again where somebody else settles it at the same moment.
const TRIES: usize = 16;

impl Record<'_> {
    /// What rules decide follows by itself.
    pub(super) async fn places_passed_on(&self, from: &Customer, into: &Customer) -> Result<(), FlowError> {
        let (_, theirs) = self.store.segments_of(Slot(from.slot)).await?;
        if theirs.is_empty() || !from.is_audience() || !into.is_audience() {
            return Ok(());
        }
        let list = self.store.segments().await?;
        let slot = Slot(into.slot);
        for segment in list.iter().filter(|segment| segment.rule.is_none() && theirs.contains(&segment.id)) {
            let mut tried = 0;
            loop {
                tried += 1;
                let mut there = Shelf::read(self.store, slot.shard(), self.now()).await?;
                if there.members(segment.id).has(slot) {
                    break;
                }
                let place = Move { slot, customer: Some(into.id), row: None };
                match there.moved(segment, &[place], true).await {
                    Err(StoreError::Conflict(_)) if tried < TRIES => {}
                    moved => break moved?,
                }
            }
        }
        Ok(())
    }
}
