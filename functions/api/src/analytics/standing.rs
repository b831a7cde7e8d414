//! How a shop's customers stand: as the last night has them, or, where no night has come yet, by their orders alone.

use std::{collections::HashMap, sync::Arc};

use columns::{Code, Family, Program, Slot, Test, View};
use domain::{RfmGroup, Timestamp, Zone};
use flows::{FlowError, identify::Caller};
use insight::{
    Churn, Expected, Nightly, Order, Silence, Stand,
    rfm::{Agreement, Buyer, Cuts},
};
use segments::{Bought, buyers};
use store::Scores;

use super::{kept::Folded, range::today};
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

/// What is worked out of them, and stays so until somebody changes, or another night comes.
pub(super) struct Crowd {
    pub(super) nightly: Arc<Nightly>,
    pub(super) buyers: Vec<(Slot, Buyer)>,
    /// Our groups beside Shopify's own.
    pub(super) agreement: Agreement,
    /// Everybody who has ordered here, if `Orders` was read.
    pub(super) told: Vec<Told>,
}

/// Somebody who has ordered.
pub(super) struct Told {
    pub(super) slot: Slot,
    pub(super) stand: Stand,
    pub(super) churn: Churn,
    pub(super) expected: Option<Expected>,
    pub(super) first_day: i32,
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
}

impl Crowd {
    pub(super) fn of(
        view: &View,
        kept: Option<&Arc<Nightly>>,
        zone: &Zone,
        today: i32,
        with_orders: bool,
    ) -> Result<Self, FlowError> {
        let buyers = buyers(view, zone).map_err(FlowError::broken)?;
        let nightly = kept.cloned().unwrap_or_else(|| Arc::new(of_this_moment(&buyers, today)));
        let mut told = Vec::new();
        if with_orders {
            let by_slot: HashMap<Slot, Buyer> = buyers.iter().copied().collect();
            let bought = Bought::of(view, zone).map_err(FlowError::broken)?;
            told.extend(
                bought.iter().filter_map(|(slot, orders)| one(&nightly, slot, by_slot.get(&slot)?, orders)),
            );
        }
        let agreement = agreement(view, &buyers, &nightly.cuts)?;
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
    let stand = nightly.stand(orders)?;
    let expected = nightly.expect(&stand).ok();
    let scores = nightly.cuts.score(buyer)?;
    let alive = expected.map(|expected| expected.alive);
    let churn = Churn::of(stand.history, scores, alive, nightly.usual_days);
    let first_day = orders.iter().map(|order| order.day).min()?;
    Some(Told { slot, stand, churn, expected, first_day })
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
    /// How likely they are lost; where no model tells it, how often their usual time has passed. The larger, the sooner.
    pub(super) fn rank(&self) -> f64 {
        let factors = self.churn.factors;
        self.churn.probability.unwrap_or_else(|| f64::from(factors.days_since_last) / factors.usual_days)
    }

    /// What they are expected to bring, in minor units.
    pub(super) fn value(&self) -> Option<f64> {
        let expected = self.expected?;
        Some(expected.orders * expected.order_value?)
    }
}
