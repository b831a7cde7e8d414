//! What is told of customers: who they are, what they agreed to, how they are tagged, and that two are one.
//!
//! A word about a part of somebody who was never told whole makes them, and leaves all else open; a merge says who became
//! part of whom, and not who they are now. Both have the shop asked.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::{Beside, Customer, CustomerId, Thing, event::Because};
use flows::{
    FlowError,
    record::{Plan, Record, Word},
    telling::customer_heard,
};
use shopify::{
    payload::{ConsentChanged, Merged, TagsMoved},
    told::CustomerTold,
};

use crate::{
    Hands,
    apply::{self, Done},
};

pub(crate) async fn told(record: &Record<'_>, told: &CustomerTold) -> Result<Done, FlowError> {
    let (kept, is_open) = customer_heard(record, told).await?;
    let is_asked_for = kept.outcome.is_some() && (is_open || told.must_be_read_again());
    Ok(Done::of(&kept).lacking(is_asked_for.then_some(Thing::Customer(told.id))))
}

/// A word about one part of them, which knows its own time.
pub(crate) async fn consented(hands: &Hands<'_>, told: ConsentChanged) -> Result<Done, FlowError> {
    let (told, _) = match told.told(&hands.reading) {
        Ok(told) => told,
        Err(unkept) => return Ok(apply::refused(&unkept)),
    };
    // Of when it is, or whether there is any, only the shop knows.
    let Some(consent) = told.consent else { return Ok(Done::only_named(Thing::Customer(told.customer))) };
    let (is_late, is_undecided) = (AtomicBool::new(false), AtomicBool::new(false));
    let tell = |customer: &mut Customer| {
        let beside = customer.consent_told(told.channel, &consent);
        is_late.store(beside == Beside::Late, Ordering::Relaxed);
        is_undecided.store(beside == Beside::Undecided(()), Ordering::Relaxed);
        Ok(())
    };
    let kept = hands.record.customer_told(&Word::of_part(told.customer, &tell)).await?;
    Ok(part_told(&kept, told.customer, is_late.into_inner(), is_undecided.into_inner()))
}

/// Each tag by itself: the newest word about it counts.
pub(crate) async fn tagged(hands: &Hands<'_>, moved: &TagsMoved, is_added: bool) -> Result<Done, FlowError> {
    let (is_late, is_undecided) = (AtomicBool::new(false), AtomicBool::new(false));
    let tell = |customer: &mut Customer| {
        let told = moved.tags().iter().filter_map(|tag| domain::fields::tag(tag).ok());
        let beside: Vec<_> = told.map(|tag| customer.tag_moved(&tag, is_added, moved.at())).collect();
        is_late.store(beside.contains(&Beside::Late), Ordering::Relaxed);
        is_undecided.store(beside.contains(&Beside::Undecided(())), Ordering::Relaxed);
        Ok(())
    };
    let kept = hands.record.customer_told(&Word::of_part(moved.customer(), &tell)).await?;
    Ok(part_told(&kept, moved.customer(), is_late.into_inner(), is_undecided.into_inner()))
}

/// What a word about a part of them came to: the shop is asked for the rest of them, and for what it left open.
fn part_told(kept: &Plan<Option<Customer>>, id: CustomerId, is_late: bool, is_undecided: bool) -> Done {
    let done = Done::of(kept);
    if is_undecided {
        return done.unless_changed(Some(Because::Undecided)).lacking(Some(Thing::Customer(id)));
    }
    done.unless_changed(is_late.then_some(Because::Late))
}

/// Shopify tells of merges that are still to come, too, and of those that failed.
pub(crate) async fn merged(hands: &Hands<'_>, merged: &Merged) -> Result<Done, FlowError> {
    if !merged.is_done() {
        return Ok(Done::default());
    }
    let merging = hands.record.customers_merged_in_shop(merged.deleted(), merged.kept(), hands.event.at());
    let kept = Box::pin(merging).await?;
    let lacking = kept.outcome.then_some(Thing::Customer(merged.kept()));
    Ok(Done::of(&kept).lacking(lacking))
}
