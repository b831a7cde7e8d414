//! What would have been told some time ago, beside what came: a model is worth what it says of orders that it has not seen.

use serde::{Deserialize, Serialize};

use crate::{
    buying::Buying,
    distinct::Distinct,
    fit::{Fitted, Model, Silence},
    history::History,
};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BackTest {
    /// How long the time was that was foretold.
    pub days: u32,
    /// Those who had ordered before it.
    pub customers: u64,
    /// What they ordered in it, in days with an order.
    pub came: u64,
    /// What the model expected by what was known before.
    pub expected: f64,
    /// What would have come if each had gone on as before: repeats by days since the first order.
    pub naive: f64,
    /// How far the model was from what came, of a customer, on the mean.
    pub miss: f64,
    pub naive_miss: f64,
}

impl BackTest {
    /// Of customers as they stood `days` ago, and on how many days each has ordered since.
    pub fn of<M>(then: &[(History, u32)], days: u32) -> Result<Self, Silence>
    where
        M: Model<4, Fact = History> + Buying,
    {
        let known: Distinct<_> = then.iter().map(|(history, _)| *history).collect();
        let fitted = Fitted::<M>::of(&known)?;
        let ahead = f64::from(days);
        let mut test =
            Self { days, customers: 0, came: 0, expected: 0.0, naive: 0.0, miss: 0.0, naive_miss: 0.0 };
        for (history, came) in then {
            let expected = fitted.model.orders_within(history, ahead);
            let naive = f64::from(history.repeats()) / f64::from(history.days_since_first().max(1)) * ahead;
            test.customers += 1;
            test.came += u64::from(*came);
            test.expected += expected;
            test.naive += naive;
            test.miss += (expected - f64::from(*came)).abs();
            test.naive_miss += (naive - f64::from(*came)).abs();
        }
        #[expect(clippy::cast_precision_loss, reason = "customers are fewer than 2^52")]
        let customers = test.customers as f64;
        test.miss /= customers;
        test.naive_miss /= customers;
        Ok(test)
    }
}
