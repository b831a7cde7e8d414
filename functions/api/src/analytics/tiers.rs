//! What a time brought, by how much those who ordered have spent in all.

use columns::{Buyer, Number, View};
use domain::{Currency, Zone};
use flows::FlowError;
use insight::Tier;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    customers::{TIERS, tier_name},
    kept::weighs_itself,
    range::Range,
    sold::{Calendar, Sums},
    trend::FAMILIES,
};
use crate::customers::view::amount;

/// All together are the revenue of the time.
#[derive(Serialize, ToSchema)]
pub(crate) struct TierRevenue {
    /// `vip`, `premium`, `regular` or `new`, as by `GET /api/v1/analytics/customers`; or `nobody`: walk-ins, and those who are gone.
    segment: &'static str,
    /// Those who ordered, each once.
    customers: u64,
    orders: u64,
    /// Less what was refunded.
    revenue: String,
}

/// In the order of `TIERS`, and nobody's behind them.
#[derive(Debug, Default)]
pub(super) struct ByTier([(u64, Sums); TIERS.len() + 1]);

weighs_itself!(ByTier);

impl ByTier {
    pub(super) fn of(view: &View, range: Range, zone: &Zone, decimals: u32) -> Result<Self, FlowError> {
        let calendar = Calendar::of(range, zone)?;
        let mut by_tier = Self::default();
        for buyer in view.buyers(None, &FAMILIES).map_err(FlowError::broken)? {
            let (customers, sums) = &mut by_tier.0[place(&buyer, decimals)];
            let before = sums.orders;
            calendar
                .orders(&buyer)
                .filter(|order| range.has(order.day))
                .for_each(|order| sums.add(order.net));
            *customers += u64::from(buyer.is_somebody() && sums.orders > before);
        }
        Ok(by_tier)
    }

    pub(super) fn view(&self, currency: Currency) -> Vec<TierRevenue> {
        let names = TIERS.into_iter().map(tier_name).chain(["nobody"]);
        let shown = |(segment, (customers, sums)): (&'static str, &(u64, Sums))| TierRevenue {
            segment,
            customers: *customers,
            orders: sums.orders,
            revenue: amount(sums.revenue, currency),
        };
        names.zip(&self.0).map(shown).collect()
    }
}

fn place(buyer: &Buyer<'_>, decimals: u32) -> usize {
    let nobody = TIERS.len();
    if !buyer.is_somebody() {
        return nobody;
    }
    let tier = Tier::of(buyer.number(Number::Spent).unwrap_or_default(), decimals);
    TIERS.iter().position(|known| *known == tier).unwrap_or(nobody)
}
