//! How a shop's customers stand: as the last night has them, or, where no night has come yet, by their orders alone.

use std::sync::Arc;

use columns::{Batch, Code, Family, Program, Slot, Test, View};
use domain::{RfmGroup, Timestamp, Zone};
use flows::{FlowError, identify::Caller};
use insight::{
    Churn, History, Nightly, Order, Silence, Spending, Stand,
    rfm::{Agreement, Buyer, Cuts, Scores as Ranks},
};
use segments::{Bought, buyers};
use store::Scores;

use super::{
    kept::{Folded, Weighs, weighs_itself},
    range::today,
};
use crate::Deps;

/// What was worked out, and when.
pub(super) struct Night {
    pub(super) nightly: Arc<Nightly>,
    /// `None`: it has not been worked out yet. What stands here are fifths of this very moment.
    pub(super) made_at: Option<Timestamp>,
    /// When it is worked out next.
    pub(super) next_at: Option<Timestamp>,
}

/// The customers, and what is told of them.
pub(super) struct Standing {
    pub(super) view: View,
    pub(super) night: Night,
    pub(super) crowd: Arc<Crowd>,
}

/// What is worked out of them, and stays so until somebody changes, or another night comes. It is kept, so it holds no more of a
/// customer than takes long to work out.
pub(super) struct Crowd {
    pub(super) nightly: Arc<Nightly>,
    /// Everybody, unless `Orders` was read.
    pub(super) buyers: Vec<(Slot, Buyer)>,
    /// Our groups beside Shopify's own.
    pub(super) agreement: Agreement,
    /// Everybody who has ordered here, if `Orders` was read.
    pub(super) told: Vec<Told>,
}

/// Somebody who has ordered.
pub(super) struct Told {
    pub(super) slot: Slot,
    /// The day at whose end they stand so.
    day: i32,
    history: History,
    spent: i64,
    ranks: Ranks,
    /// The chance that they will order again, and how many orders: nothing where the night was silent.
    expected: [f64; 2],
}

weighs_itself!(Told, (Slot, Buyer));

impl Weighs for Crowd {
    fn bytes_beyond(&self) -> usize {
        self.buyers.bytes_beyond() + self.told.bytes_beyond()
    }
}

impl Standing {
    /// Of families without `Orders` nothing is told of what customers will do.
    pub(super) async fn read(deps: &Deps, caller: &Caller, families: &[Family]) -> Result<Self, FlowError> {
        let (zone, now) = (&caller.tenant.zone, deps.now());
        let scores = caller.store.scores().await?;
        let scores = scores.as_deref();
        let (today, with_orders) = (today(zone, now), families.contains(&Family::Orders));
        let kept = scores.and_then(|scores| scores.nightly.clone());
        let edition = kept.as_ref().and(scores).map(|scores| scores.scoring.edition);
        let asked = format!("by scores {edition:?}, on {today} in {zone}, with orders: {with_orders}");
        let fold = |view: &View| Crowd::of(view, kept.as_ref(), zone, today, with_orders);
        let Folded { view, figures: crowd } = deps.folded(&caller.store, families, asked, fold).await?;
        Ok(Self { view, night: Night::of(scores, &crowd), crowd })
    }

    /// Of one customer, as of all: once there was a night, nothing is read beyond their shard.
    pub(super) async fn of_one(deps: &Deps, caller: &Caller, slot: Slot) -> Result<Self, FlowError> {
        let scores = caller.store.scores().await?;
        let scores = scores.as_deref();
        let families = [Family::Orders, Family::Name];
        let Some(nightly) = scores.and_then(|scores| scores.nightly.as_ref()) else {
            return Self::read(deps, caller, &families).await;
        };
        let all = caller.store.audience_around(slot, &families).await?;
        let rows: Vec<_> = all.row(slot).map(|row| (slot, row)).into_iter().collect();
        let view = View::of([Batch::of(&rows).map_err(FlowError::broken)?]);
        let zone = &caller.tenant.zone;
        let crowd = Arc::new(Crowd::of(&view, Some(nightly), zone, today(zone, deps.now()), true)?);
        Ok(Self { view, night: Night::of(scores, &crowd), crowd })
    }
}

impl Crowd {
    pub(super) fn of(
        view: &View,
        kept: Option<&Arc<Nightly>>,
        zone: &Zone,
        today: i32,
        with_orders: bool,
    ) -> Result<Self, FlowError> {
        let mut buyers = buyers(view, zone).map_err(FlowError::broken)?;
        let nightly = kept.cloned().unwrap_or_else(|| Arc::new(of_this_moment(&buyers, today)));
        let agreement = agreement(view, &buyers, &nightly.cuts)?;
        let mut told = Vec::new();
        if with_orders {
            buyers.sort_unstable_by_key(|(slot, _)| *slot);
            let bought = Bought::of(view, zone).map_err(FlowError::broken)?;
            told.reserve_exact(bought.iter().count());
            told.extend(bought.iter().filter_map(|(slot, orders)| {
                let place = buyers.binary_search_by_key(&slot, |(slot, _)| *slot).ok()?;
                one(&nightly, slot, &buyers[place].1, orders)
            }));
            buyers.clear();
        }
        buyers.shrink_to_fit();
        Ok(Self { nightly, buyers, agreement, told })
    }
}

/// Of those of whom Shopify says a group.
fn agreement(view: &View, buyers: &[(Slot, Buyer)], cuts: &Cuts) -> Result<Agreement, FlowError> {
    let everyone = view.select(&Program::new(Test::Everyone)).map_err(FlowError::broken)?;
    // Both are read of everybody, in one order.
    let both = buyers.iter().zip(everyone.codes(Code::ShopGroup));
    Ok(Agreement::of(both.filter_map(|((slot, buyer), (same, code))| {
        debug_assert_eq!(*slot, same, "another order of customers");
        let ours = cuts.score(buyer).map_or(RfmGroup::Prospects, insight::rfm::Scores::group);
        Some((ours, RfmGroup::of_code(code)?))
    })))
}

/// Fifths, and nothing of what is to come.
fn of_this_moment(buyers: &[(Slot, Buyer)], today: i32) -> Nightly {
    let cuts = Cuts::of(buyers.iter().map(|(_, buyer)| *buyer), today);
    let outlook = Err(Silence::Undecided);
    Nightly { as_of: today.saturating_sub(1), cuts, outlook, usual_days: None }
}

/// `None`: has not ordered.
fn one(nightly: &Nightly, slot: Slot, buyer: &Buyer, orders: &[Order]) -> Option<Told> {
    let Stand { day, history, spending } = nightly.stand(orders)?;
    let expected = nightly.expect(&Stand { day, history, spending });
    let expected = expected.map_or([0.0; 2], |expected| [expected.alive, expected.orders]);
    Some(Told { slot, day, history, spent: spending.spent, ranks: nightly.cuts.score(buyer)?, expected })
}

impl Night {
    pub(super) fn of(scores: Option<&Scores>, crowd: &Crowd) -> Self {
        let made = scores.filter(|scores| scores.nightly.is_some());
        Self {
            nightly: crowd.nightly.clone(),
            made_at: made.and_then(|scores| scores.scoring.made_at),
            next_at: scores.map(|scores| scores.scoring.wanted_at),
        }
    }

    /// Why nothing is told of what is to come: for programs, and as a sentence.
    pub(super) fn silence(&self) -> Option<(&'static str, String)> {
        if self.made_at.is_none() {
            let sentence = "it has not been worked out yet: that is done when the shop's next day begins";
            return Some(("not_worked_out_yet", sentence.to_owned()));
        }
        self.nightly.outlook.as_ref().err().map(|silence| (silence.code(), silence.to_string()))
    }
}

impl Told {
    pub(super) fn stand(&self) -> Stand {
        let spending = Spending { orders: self.history.repeats() + 1, spent: self.spent };
        Stand { day: self.day, history: self.history, spending }
    }

    pub(super) fn churn(&self, nightly: &Nightly) -> Churn {
        let alive = nightly.outlook.is_ok().then_some(self.expected[0]);
        Churn::of(self.history, self.ranks, alive, nightly.usual_days)
    }

    /// How many orders, within a year.
    pub(super) fn orders(&self, nightly: &Nightly) -> Option<f64> {
        nightly.outlook.is_ok().then_some(self.expected[1])
    }

    /// What these are expected to bring, in minor units.
    pub(super) fn value(&self, nightly: &Nightly) -> Option<f64> {
        let spending = nightly.outlook.ok()?.spending.ok()?;
        Some(self.expected[1] * spending.model.order_value(&self.stand().spending))
    }

    pub(super) fn first_day(&self) -> i32 {
        self.day.saturating_sub_unsigned(self.history.days_since_first())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `kept.rs` says of a million.
    #[test]
    fn little_is_kept_of_each_customer() {
        assert!(size_of::<Told>() <= 48 && size_of::<(Slot, Buyer)>() <= 24);
    }
}
