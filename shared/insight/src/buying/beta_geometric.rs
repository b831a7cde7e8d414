//! BG/NBD (Fader, Hardie and Lee 2005) and MBG/NBD (Batislam, Denizel and Filiztekin 2007): who is gone went with an order.
//!
//! The two differ in one thing: whether somebody can be gone with their very first order. In BG/NBD nobody can, so everybody who
//! has bought once is alive for ever; its counts of orders are good, and its word on who is lost is not.

use serde::{Deserialize, Serialize};
use statrs::function::gamma::{digamma, ln_gamma};

use super::{Buying, Odds, SHAPE_MAX, days_to_next, growth, pace, shape};
use crate::{
    distinct::Distinct,
    fit::{Model, Silence},
    history::{DAYS_A_WEEK, History},
};

/// Rates are gamma with shape `r` and rate `alpha`, in weeks; the chance to be gone with an order is beta with `a` and `b`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BetaGeometric<const WITH_THE_FIRST: bool> {
    pub r: f64,
    pub alpha: f64,
    pub a: f64,
    pub b: f64,
}

pub type BgNbd = BetaGeometric<false>;
pub type MbgNbd = BetaGeometric<true>;

impl<const WITH_THE_FIRST: bool> BetaGeometric<WITH_THE_FIRST> {
    /// With how many orders somebody could have been gone.
    fn chances(history: &History) -> f64 {
        f64::from(history.repeats()) + f64::from(u8::from(WITH_THE_FIRST))
    }

    /// ln(a/(b+k−1)), of going with the last order after having stayed with the others; of whom nothing ends, ln 0.
    fn ln_chance(&self, history: &History) -> f64 {
        let chances = Self::chances(history);
        if chances == 0.0 { f64::NEG_INFINITY } else { (self.a / (self.b + chances - 1.0)).ln() }
    }

    /// Orders within `weeks` of somebody who is alive.
    ///
    /// The published form, (c/(a−1))·(1 − (1−z)^(r+x)·₂F₁(r+x, b+k; c; z)), is nothing over nothing where a = 1. Euler's transform
    /// takes (1−z)^(a−1) out of it and leaves a series whose every term but the first has the factor a−1, which then cancels.
    fn orders_of_the_living(&self, history: &History, weeks: f64) -> f64 {
        let known = self.alpha + history.weeks();
        let z = weeks / (known + weeks);
        // ln 1/(1−z)
        let stretch = (weeks / known).ln_1p();
        let c = self.a + self.b + Self::chances(history) - 1.0;
        let p = c - shape(self.r, history);
        let rest = 1.0 - z;
        let mut term = p / c * z;
        let mut sum = term;
        let mut n = 1.0;
        while term.abs() > ENOUGH * rest * sum.abs() && n < TERMS_MAX {
            term *= (p + n) * (self.a + n - 1.0) / ((c + n) * (n + 1.0)) * z;
            sum += term;
            n += 1.0;
        }
        let faded = growth(self.a - 1.0, stretch);
        c * (faded - sum * (-(self.a - 1.0) * stretch).exp())
    }
}

/// The terms that are left out come to no more than this of the sum, as each is at most z times the one before.
const ENOUGH: f64 = 1e-13;
const TERMS_MAX: f64 = 1e5;

impl<const WITH_THE_FIRST: bool> Buying for BetaGeometric<WITH_THE_FIRST> {
    fn alive(&self, history: &History) -> f64 {
        let chances = Self::chances(history);
        if chances == 0.0 {
            return 1.0;
        }
        let silent = ((self.alpha + history.weeks()) / (self.alpha + history.weeks_to_last())).ln();
        let odds = self.a / (self.b + chances - 1.0) * (shape(self.r, history) * silent).exp();
        1.0 / (1.0 + odds)
    }

    fn orders_within(&self, history: &History, days: f64) -> f64 {
        self.alive(history) * self.orders_of_the_living(history, days / DAYS_A_WEEK)
    }

    fn days_to_next(&self, history: &History, chance: f64) -> f64 {
        days_to_next(shape(self.r, history), self.alpha + history.weeks(), chance)
    }
}

impl<const WITH_THE_FIRST: bool> Model<4> for BetaGeometric<WITH_THE_FIRST> {
    type Fact = History;

    fn of([r, alpha, a, b]: [f64; 4]) -> Self {
        Self { r, alpha, a, b }
    }

    fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.a, self.b]
    }

    fn first_guess(histories: &Distinct<History>) -> Result<Self, Silence> {
        let (rate, _) = pace(histories)?;
        Ok(Self { r: 0.5, alpha: 0.5 / rate, a: 1.0, b: 2.0 })
    }

    fn log_likelihood(&self, histories: &Distinct<History>) -> (f64, [f64; 4]) {
        let Self { r, alpha, a, .. } = *self;
        let (mut likelihood, mut slopes) = (0.0, [0.0; 4]);
        let mut counted = Counted::default();
        for (history, customers) in histories.iter() {
            if counted.repeats != Some(history.repeats()) {
                counted = Counted::of(self, &history);
            }
            let Counted { shape, .. } = counted;
            let (now, then) = (alpha + history.weeks(), alpha + history.weeks_to_last());
            let (ln_now, ln_then) = (now.ln(), then.ln());
            let Odds { alive, gone, ln_any } = Odds::of(counted.ln_chance + shape * (ln_now - ln_then));
            #[expect(clippy::cast_precision_loss, reason = "customers are fewer than 2^52")]
            let weight = customers as f64;
            likelihood += weight * (counted.likelihood - shape * ln_now + ln_any);
            let [of_r, of_a, of_b] = counted.slopes;
            slopes[0] += weight * (of_r - alive * ln_now - gone * ln_then);
            slopes[1] += weight * (r / alpha - shape * (alive / now + gone / then));
            slopes[2] += weight * (of_a + gone / a);
            slopes[3] += weight * (of_b - gone / counted.others);
        }
        (likelihood, slopes)
    }

    fn is_plausible(&self) -> bool {
        [self.r, self.a, self.b].iter().all(|shape| *shape < SHAPE_MAX)
    }
}

/// What is the same for all who ordered equally often. Histories come sorted by that.
#[derive(Clone, Copy, Default)]
struct Counted {
    repeats: Option<u32>,
    shape: f64,
    likelihood: f64,
    ln_chance: f64,
    /// b+k−1, at least b: of those who cannot be gone it does not matter.
    others: f64,
    /// By `r`, `a` and `b`.
    slopes: [f64; 3],
}

impl Counted {
    fn of<const WITH_THE_FIRST: bool>(model: &BetaGeometric<WITH_THE_FIRST>, history: &History) -> Self {
        let BetaGeometric { r, alpha, a, b } = *model;
        let chances = BetaGeometric::<WITH_THE_FIRST>::chances(history);
        let shape = shape(r, history);
        let orders = ln_gamma(shape) - ln_gamma(r) + r * alpha.ln();
        let stayed = ln_gamma(a + b) - ln_gamma(b) + ln_gamma(b + chances) - ln_gamma(a + b + chances);
        let of_both = digamma(a + b) - digamma(a + b + chances);
        Self {
            repeats: Some(history.repeats()),
            shape,
            likelihood: orders + stayed,
            ln_chance: model.ln_chance(history),
            others: b + (chances - 1.0).max(0.0),
            slopes: [
                digamma(shape) - digamma(r) + alpha.ln(),
                of_both,
                of_both + digamma(b + chances) - digamma(b),
            ],
        }
    }
}
