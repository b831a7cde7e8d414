//! How a shop's customers stand: as the last night has them, or, where no night has come yet, by their orders alone.

use std::{collections::HashMap, sync::Arc};

use columns::{Family, Slot, View};
use domain::{Timestamp, Zone};
use flows::{FlowError, identify::Caller};
use insight::{Churn, Expected, Nightly, Order, Silence, Stand, rfm::Buyer, rfm::Cuts};
use segments::{Bought, buyers, day};
use store::Scores;

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
    pub(super) buyers: Vec<(Slot, Buyer)>,
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
    pub(super) async fn read(deps: &Deps, caller: &Caller, families: &[Family]) -> Result<Self, FlowError> {
        let zone = &caller.tenant.zone;
        let scores = caller.store.scores().await?;
        let view = deps.audience(&caller.store, families).await?;
        let buyers = buyers(&view, zone).map_err(FlowError::broken)?;
        let night = Night::of(scores.as_deref(), &buyers, zone, deps.now());
        Ok(Self { view, night, buyers })
    }

    /// Everybody who has ordered here. `Orders` must have been read.
    pub(super) fn told(&self, zone: &Zone) -> Result<Vec<Told>, FlowError> {
        let buyers: HashMap<Slot, Buyer> = self.buyers.iter().copied().collect();
        let bought = Bought::of(&self.view, zone).map_err(FlowError::broken)?;
        let told =
            bought.iter().filter_map(|(slot, orders)| self.night.told(slot, buyers.get(&slot)?, orders));
        Ok(told.collect())
    }
}

impl Night {
    pub(super) fn of(scores: Option<&Scores>, buyers: &[(Slot, Buyer)], zone: &Zone, now: Timestamp) -> Self {
        let next_at = scores.map(|scores| scores.scoring.wanted_at);
        let kept = scores.and_then(|scores| Some((scores.nightly.clone()?, scores.scoring.made_at?)));
        if let Some((nightly, made_at)) = kept {
            return Self { nightly, made_at: Some(made_at), next_at };
        }
        let today = day(zone, now.as_second());
        let cuts = Cuts::of(buyers.iter().map(|(_, buyer)| *buyer), today);
        let nightly = Nightly {
            as_of: today.saturating_sub(1),
            cuts,
            outlook: Err(Silence::Undecided),
            usual_days: None,
        };
        Self { nightly: Arc::new(nightly), made_at: None, next_at }
    }

    /// Why nothing is told of what is to come: for programs, and as a sentence.
    pub(super) fn silence(&self) -> Option<(&'static str, String)> {
        if self.made_at.is_none() {
            let sentence = "it has not been worked out yet: that is done when the shop's next day begins";
            return Some(("not_worked_out_yet", sentence.to_owned()));
        }
        self.nightly.outlook.as_ref().err().map(|silence| (silence.code(), silence.to_string()))
    }

    /// `None`: has not ordered.
    fn told(&self, slot: Slot, buyer: &Buyer, orders: &[Order]) -> Option<Told> {
        let stand = self.nightly.stand(orders)?;
        let expected = self.nightly.expect(&stand).ok();
        let scores = self.nightly.cuts.score(buyer)?;
        let alive = expected.map(|expected| expected.alive);
        let churn = Churn::of(stand.history, scores, alive, self.nightly.usual_days);
        let first_day = orders.iter().map(|order| order.day).min()?;
        Some(Told { slot, stand, churn, expected, first_day })
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
