//! What a shop's orders tell about those to come: fitted at night, asked by day.

use serde::{Deserialize, Serialize};

use crate::{
    back_test::BackTest,
    buying::Buying,
    chosen::Chosen,
    distinct::Distinct,
    fit::{Fitted, Silence},
    history::History,
    order::Order,
    spending::{GammaGamma, Spending},
};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// The day whose orders were the last to be known.
    pub as_of: i32,
    /// How much is ordered.
    pub returning: Chosen,
    /// Who still is a customer.
    pub staying: Chosen,
    pub spending: Result<Fitted<GammaGamma, 3>, Silence>,
    /// How well `returning` would have told the last ninety days.
    pub back_test: Result<BackTest, Silence>,
}

/// Of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// The chance that they will ever order again.
    pub alive: f64,
    pub orders: f64,
    /// What one of these is worth, in minor units; `None` where the shop's amounts tell too little.
    pub order_value: Option<f64>,
    /// Within so many days of today one in four of their like has ordered, half have, three in four have. `None`: whoever is
    /// more likely lost than not is not waited for.
    pub days_to_next: Option<[f64; 3]>,
}

const TESTED_DAYS: u32 = 90;

impl Outlook {
    /// Of all customers' orders, in any order.
    pub fn fit<C>(customers: impl IntoIterator<Item = C>, today: i32) -> Result<Self, Silence>
    where
        C: IntoIterator<Item = Order>,
    {
        let (mut histories, mut spendings, mut then) = (Vec::new(), Vec::new(), Vec::new());
        for orders in customers {
            let orders: Vec<_> = orders.into_iter().filter(|order| order.day <= today).collect();
            let until = |day| History::of(orders.iter().map(|order| order.day), day);
            let Some(history) = until(today) else { continue };
            histories.push(history);
            let spent = orders.iter().map(|order| order.net).sum();
            spendings.push(Spending { orders: history.repeats() + 1, spent });
            if let Some(before) = until(today.saturating_sub_unsigned(TESTED_DAYS)) {
                then.push((before, history.repeats() - before.repeats()));
            }
        }
        let histories: Distinct<_> = histories.into_iter().collect();
        let returning = Chosen::for_orders(&histories)?;
        Ok(Self {
            as_of: today,
            returning,
            staying: Chosen::for_who_is_left(&histories)?,
            spending: Fitted::of(&spendings.into_iter().collect()),
            back_test: returning.back_test(&then, TESTED_DAYS),
        })
    }

    pub fn expect(&self, history: &History, spending: &Spending, days: f64) -> Expected {
        let alive = self.staying.alive(history);
        let next = |chance| self.staying.days_to_next(history, chance);
        Expected {
            alive,
            orders: self.returning.orders_within(history, days),
            order_value: self.spending.ok().map(|fitted| fitted.model.order_value(spending)),
            days_to_next: (alive >= 0.5).then(|| [0.25, 0.5, 0.75].map(next)),
        }
    }
}
