//! What a shop works out of somebody at night, for whoever asks for their data: how they stand beside the shop's others, whether they
//! are thought to be lost, and what is expected of them.
//!
//! It is told as the shop itself is shown it: of the last night, and of their own orders since.

use domain::{Currency, Customer, Order, Timestamp, Zone, days::date_of, days::number_of};
use insight::{Churn, Nightly, Order as Bought, rfm::Buyer};
use serde_json::{Value, json};
use std::sync::Arc;

use super::{Desk, telling::amount};
use flows::FlowError;

/// The last night of a shop.
pub(super) struct Night {
    nightly: Arc<Nightly>,
    made_at: Option<Timestamp>,
    zone: Zone,
    currency: Currency,
}

impl Night {
    /// `None`: nothing was worked out yet.
    pub(super) async fn last(
        desk: &Desk<'_>,
        zone: Zone,
        currency: Currency,
    ) -> Result<Option<Self>, FlowError> {
        let Some(held) = desk.store.scores().await? else { return Ok(None) };
        let made_at = held.scoring.made_at;
        Ok(held.nightly.clone().map(|nightly| Self { nightly, made_at, zone, currency }))
    }

    /// `null`: they have ordered nothing by which they could be scored.
    pub(super) fn told<'a>(&self, customer: &Customer, orders: impl Iterator<Item = &'a Order>) -> Value {
        let day = |at: Timestamp| number_of(self.zone.day_of(at));
        let totals = customer.totals;
        let buyer = Buyer {
            last_day: totals.last_order_at.map_or(i32::MIN, day),
            orders: u32::try_from(totals.orders.max(0)).unwrap_or(u32::MAX),
            spent: totals.spent,
        };
        let Some(scores) = self.nightly.cuts.score(&buyer) else { return Value::Null };
        let bought: Vec<_> = orders
            .filter(|order| order.counts())
            .map(|order| Bought { day: day(order.placed_at), net: order.contribution().spent })
            .collect();
        let stand = self.nightly.stand(&bought);
        let expected = stand.as_ref().and_then(|stand| self.nightly.expect(stand).ok());
        let churn = stand.as_ref().map(|stand| {
            let alive = expected.map(|expected| expected.alive);
            Churn::of(stand.history, scores, alive, self.nightly.usual_days)
        });
        json!({
            "worked_out_at": self.made_at, "as_of": stand.and_then(|stand| date_of(stand.day)).map(|day| day.to_string()),
            "rfm": {"recency": scores.recency(), "frequency": scores.frequency(), "monetary": scores.monetary(),
                "group": scores.group().name()},
            "churn": churn.map(|churn| json!({"risk_level": churn.risk.name(),
                "probability": churn.probability.map(|lost| rounded(lost, 3)),
                "days_since_last_order": churn.factors.days_since_last,
                "expected_purchase_interval": rounded(churn.factors.usual_days, 1),
                "recommendation": churn.advice.text()})),
            "within_a_year": expected.map(|expected| json!({"expected_orders": rounded(expected.orders, 2),
                "expected_value": expected.order_value.and_then(|each| self.money(expected.orders * each))})),
        })
    }

    #[expect(clippy::cast_possible_truncation, reason = "what is beyond all bounds is the bound")]
    fn money(&self, minor: f64) -> Option<String> {
        amount(minor.round() as i64, self.currency)
    }
}

fn rounded(number: f64, digits: i32) -> f64 {
    let unit = 10_f64.powi(digits);
    (number * unit).round() / unit
}
