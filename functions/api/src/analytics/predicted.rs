//! What is told of one customer: who is likely lost, why it is thought so, what to do, and what is to come.

use columns::{Number, Row, Text};
use domain::{Currency, days::date_of};
use insight::{AHEAD_DAYS, Buying, Interval, Nightly, Outlook};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    shown::{Estimate, money, rounded},
    standing::Told,
};
use crate::customers::view::{amount, whole_name};

#[derive(Serialize, ToSchema)]
pub(crate) struct PredictionView {
    customer_id: String,
    name: Option<String>,
    email: Option<String>,
    /// As of the end of this day: the last that was known, or that of the last order if that came later.
    #[schema(value_type = Option<String>, format = Date)]
    as_of: Option<Date>,
    /// The chance that they will never order again. `null`: the shop's orders tell too little, and the risk is by habit.
    churn_probability: Option<f64>,
    /// The chance that they are a customer still.
    alive: Option<Estimate<f64>>,
    /// `LOW`, `MEDIUM` (from 0.3 on), `HIGH` (0.6), `CRITICAL` (0.8). By habit: 1.5, 2.5 and 4 times the usual time.
    risk_level: &'static str,
    days_since_last_order: u32,
    /// From one order to the next: their own, or the shop's where there is none yet.
    expected_purchase_interval: f64,
    /// Beyond it.
    days_overdue: f64,
    factors: FactorsView,
    recommendation: &'static str,
    /// Within a year.
    expected_orders: Option<Estimate<f64>>,
    /// What these bring.
    expected_value: Option<Estimate<String>>,
    /// `null`: they are more likely lost than not, or nothing is told.
    next_order: Option<NextOrder>,
    /// What they have brought so far.
    total_spent: String,
    #[schema(value_type = String)]
    currency: Currency,
}

/// What stands behind the risk.
#[derive(Serialize, ToSchema)]
pub(crate) struct FactorsView {
    /// From 0 to 1: how overdue they are, half a year being all.
    recency_impact: f64,
    /// From 0 to 0.8: the less often they order.
    frequency_impact: f64,
    /// From 0 to 0.8: the less they spend.
    monetary_impact: f64,
    rfm_group: &'static str,
}

/// By when one in four of their like has ordered, half have, and three in four have.
#[derive(Serialize, ToSchema)]
pub(crate) struct NextOrder {
    #[schema(value_type = Option<String>, format = Date)]
    earliest: Option<Date>,
    #[schema(value_type = Option<String>, format = Date)]
    likely: Option<Date>,
    #[schema(value_type = Option<String>, format = Date)]
    latest: Option<Date>,
}

impl PredictionView {
    pub(super) fn of(told: &Told, nightly: &Nightly, row: &Row, currency: Currency) -> Self {
        let (stand, churn, outlook) = (told.stand(), told.churn(nightly), nightly.outlook.as_ref().ok());
        let factors = &churn.factors;
        let overdue = f64::from(factors.days_since_last) - factors.usual_days;
        let text = |text: Text| row[text].as_deref().map(str::to_owned);
        Self {
            customer_id: text(Text::Id).unwrap_or_default(),
            name: whole_name(row[Text::FirstName].as_deref(), row[Text::LastName].as_deref()),
            email: text(Text::Email),
            as_of: date_of(stand.day),
            churn_probability: churn.probability.map(|lost| rounded(lost, 3)),
            alive: outlook.map(|outlook| alive(told, outlook)),
            risk_level: churn.risk.name(),
            days_since_last_order: factors.days_since_last,
            expected_purchase_interval: rounded(factors.usual_days, 1),
            days_overdue: rounded(overdue.max(0.0), 1),
            factors: FactorsView {
                recency_impact: rounded(factors.recency, 3),
                frequency_impact: rounded(factors.frequency, 3),
                monetary_impact: rounded(factors.monetary, 3),
                rfm_group: factors.group.name(),
            },
            recommendation: churn.advice.text(),
            expected_orders: outlook.map(|outlook| orders(told, outlook)),
            expected_value: outlook.and_then(|outlook| value(told, outlook, currency)),
            next_order: nightly.expect(&stand).ok().and_then(|expected| expected.days_to_next).map(|days| {
                let [earliest, likely, latest] = days.map(|days| after(stand.day, days));
                NextOrder { earliest, likely, latest }
            }),
            total_spent: amount(row[Number::Spent].unwrap_or_default().into(), currency),
            currency,
        }
    }
}

fn alive(told: &Told, outlook: &Outlook) -> Estimate<f64> {
    let history = &told.stand().history;
    let Interval { low, high } = outlook.staying.interval(|model| model.alive(history));
    let value = outlook.staying.alive(history);
    let [value, low, high] = [value, low, high.min(1.0)].map(|share| rounded(share, 3));
    Estimate { value, low, high }
}

fn orders(told: &Told, outlook: &Outlook) -> Estimate<f64> {
    let history = &told.stand().history;
    let Interval { low, high } = outlook.returning.interval(|model| model.orders_within(history, AHEAD_DAYS));
    let value = outlook.returning.orders_within(history, AHEAD_DAYS);
    let [value, low, high] = [value, low, high].map(|orders| rounded(orders, 2));
    Estimate { value, low, high }
}

/// Orders and what one is worth are fitted apart: neither knows how far the other is from what is true.
fn value(told: &Told, outlook: &Outlook, currency: Currency) -> Option<Estimate<String>> {
    let (fitted, stand) = (outlook.spending.ok()?, told.stand());
    let orders = outlook.returning.orders_within(&stand.history, AHEAD_DAYS);
    let each = fitted.model.order_value(&stand.spending);
    let of_orders = outlook.returning.interval(|model| model.orders_within(&stand.history, AHEAD_DAYS));
    let of_each = fitted.interval(|model| model.order_value(&stand.spending));
    let far = (of_orders.high / orders).ln().hypot((of_each.high / each).ln()).exp();
    let told = orders * each;
    let [value, low, high] = [told, told / far, told * far].map(|minor| money(minor, currency));
    Some(Estimate { value, low, high })
}

#[expect(clippy::cast_possible_truncation, reason = "what is beyond the calendar is told as nothing")]
fn after(day: i32, days: f64) -> Option<Date> {
    date_of(day.checked_add(days.ceil() as i32)?)
}
