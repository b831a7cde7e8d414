//! What somebody spends with an order: Gamma-Gamma (Fader, Hardie and Lee 2005), which draws few orders toward the shop's mean.

use serde::{Deserialize, Serialize};
use statrs::function::gamma::{digamma, ln_gamma};

use crate::{
    distinct::Distinct,
    fit::{Model, Silence},
};

/// The orders of a customer that a mean is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spending {
    pub orders: u32,
    /// With all of them, in minor units.
    pub spent: i64,
}

/// A customer's amounts are gamma with shape `p` and a rate of their own; rates are gamma with `q` and `v`, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GammaGamma {
    pub p: f64,
    pub q: f64,
    pub v: f64,
}

const CUSTOMERS_MIN: u64 = 50;
const SHAPE_MAX: f64 = 1_000.0;

impl GammaGamma {
    /// What an order of this customer's is worth on the mean, in minor units. Without orders: of any customer's.
    pub fn order_value(&self, spending: &Spending) -> f64 {
        let (orders, spent) = (f64::from(spending.orders), amount(spending.spent).max(0.0));
        self.p * (self.v + spent) / (self.p * orders + self.q - 1.0)
    }
}

impl Spending {
    /// Whoever has spent nothing, or got back all of it, says nothing of what orders are worth.
    fn counts(self) -> bool {
        self.orders > 0 && self.spent > 0
    }
}

impl Model<3> for GammaGamma {
    type Fact = Spending;

    fn of([p, q, v]: [f64; 3]) -> Self {
        Self { p, q, v }
    }

    fn parameters(&self) -> [f64; 3] {
        [self.p, self.q, self.v]
    }

    fn first_guess(spendings: &Distinct<Spending>) -> Result<Self, Silence> {
        let has = spendings.count(Spending::counts);
        if has < CUSTOMERS_MIN {
            return Err(Silence::FewCustomers { has, needs: CUSTOMERS_MIN });
        }
        let of = |told: fn(Spending) -> f64| {
            spendings.sum(|spending| if spending.counts() { told(spending) } else { 0.0 })
        };
        let mean = of(|spending| amount(spending.spent)) / of(|spending| f64::from(spending.orders));
        // The mean of all is v·p/(q−1).
        Ok(Self { p: 2.0, q: 3.0, v: mean })
    }

    fn log_likelihood(&self, spendings: &Distinct<Spending>) -> (f64, [f64; 3]) {
        let Self { p, q, v } = *self;
        let (mut likelihood, mut slopes) = (0.0, [0.0; 3]);
        let (ln_v, ln_gamma_q, digamma_q) = (v.ln(), ln_gamma(q), digamma(q));
        let (mut orders, mut shapes, mut of_shapes) = (0, [0.0; 2], [0.0; 2]);
        for (spending, customers) in spendings.iter().filter(|(spending, _)| spending.counts()) {
            let x = f64::from(spending.orders);
            // Spendings come sorted by it.
            if orders != spending.orders {
                orders = spending.orders;
                shapes = [p * x + q, p * x].map(ln_gamma);
                of_shapes = [p * x + q, p * x].map(digamma);
            }
            let spent = amount(spending.spent);
            let (ln_spent, ln_all) = (spent.ln(), (spent + v).ln());
            #[expect(clippy::cast_precision_loss, reason = "customers are fewer than 2^52")]
            let weight = customers as f64;
            // Of the mean amount m: spent = x·m, and p·x·ln x − ln m are left of the change of variable.
            let told = shapes[0] - shapes[1] - ln_gamma_q + q * ln_v + p * x * ln_spent
                - (ln_spent - x.ln())
                - (p * x + q) * ln_all;
            likelihood += weight * told;
            slopes[0] += weight * x * (of_shapes[0] - of_shapes[1] + ln_spent - ln_all);
            slopes[1] += weight * (of_shapes[0] - digamma_q + ln_v - ln_all);
            slopes[2] += weight * (q / v - (p * x + q) / (spent + v));
        }
        (likelihood, slopes)
    }

    /// At q ≤ 1 the mean of all customers is without bounds.
    fn is_plausible(&self) -> bool {
        self.q > 1.0 && self.p < SHAPE_MAX && self.q < SHAPE_MAX
    }
}

#[expect(clippy::cast_precision_loss, reason = "an amount of 2^52 minor units is no customer's")]
fn amount(minor: i64) -> f64 {
    minor as f64
}
