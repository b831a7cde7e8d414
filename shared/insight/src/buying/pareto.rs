//! Pareto/NBD (Schmittlein, Morrison and Colombo 1987): who is gone went at any moment, whether they had ordered or not.

use serde::{Deserialize, Serialize};
use statrs::function::gamma::{digamma, ln_gamma};

use super::{Buying, Odds, SHAPE_MAX, days_to_next, growth, lapse::Lapse, pace, shape};
use crate::{
    distinct::Distinct,
    fit::{Model, Silence},
    history::{DAYS_A_WEEK, History},
};

/// Rates of orders are gamma with shape `r` and rate `alpha`, rates of leaving with `s` and `beta`, both in weeks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ParetoNbd {
    pub r: f64,
    pub alpha: f64,
    pub s: f64,
    pub beta: f64,
}

impl ParetoNbd {
    fn lapse(&self, history: &History) -> Lapse {
        Lapse { alpha: self.alpha, beta: self.beta, m: shape(self.r, history), n: self.s + 1.0 }
    }

    /// The logarithm of the odds that somebody is gone.
    fn ln_odds_gone(&self, history: &History, ln_lapsed: f64) -> f64 {
        let (alpha, beta) = (self.alpha + history.weeks(), self.beta + history.weeks());
        self.s.ln() + ln_lapsed + shape(self.r, history) * alpha.ln() + self.s * beta.ln()
    }
}

impl Buying for ParetoNbd {
    fn alive(&self, history: &History) -> f64 {
        let lapsed = self.lapse(history).ln_between(history.weeks_to_last(), history.weeks());
        Odds::of(self.ln_odds_gone(history, lapsed)).alive
    }

    fn orders_within(&self, history: &History, days: f64) -> f64 {
        let (alpha, beta) = (self.alpha + history.weeks(), self.beta + history.weeks());
        let stretch = (days / DAYS_A_WEEK / beta).ln_1p();
        let orders = shape(self.r, history) * beta / alpha * growth(self.s - 1.0, stretch);
        self.alive(history) * orders
    }

    fn days_to_next(&self, history: &History, chance: f64) -> f64 {
        days_to_next(shape(self.r, history), self.alpha + history.weeks(), chance)
    }
}

impl Model<4> for ParetoNbd {
    type Fact = History;

    fn of([r, alpha, s, beta]: [f64; 4]) -> Self {
        Self { r, alpha, s, beta }
    }

    fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.s, self.beta]
    }

    fn first_guess(histories: &Distinct<History>) -> Result<Self, Silence> {
        let (rate, weeks) = pace(histories)?;
        Ok(Self { r: 0.5, alpha: 0.5 / rate, s: 0.5, beta: weeks })
    }

    fn log_likelihood(&self, histories: &Distinct<History>) -> (f64, [f64; 4]) {
        let Self { r, alpha, s, beta } = *self;
        let (mut likelihood, mut slopes) = (0.0, [0.0; 4]);
        let (ln_alpha, ln_beta) = (alpha.ln(), beta.ln());
        let (mut repeats, mut ordered, mut of_r) = (None, 0.0, 0.0);
        for (history, customers) in histories.iter() {
            let shape = shape(r, &history);
            // Histories come sorted by it.
            if repeats != Some(history.repeats()) {
                repeats = Some(history.repeats());
                ordered = ln_gamma(shape) - ln_gamma(r) + r * ln_alpha + s * ln_beta;
                of_r = digamma(shape) - digamma(r) + ln_alpha;
            }
            let lapsed = self.lapse(&history).between(history.weeks_to_last(), history.weeks());
            let Odds { alive, gone, ln_any } = Odds::of(self.ln_odds_gone(&history, lapsed.ln));
            let (now_alpha, now_beta) = (alpha + history.weeks(), beta + history.weeks());
            #[expect(clippy::cast_precision_loss, reason = "customers are fewer than 2^52")]
            let weight = customers as f64;
            likelihood += weight * (ordered - shape * now_alpha.ln() - s * now_beta.ln() + ln_any);
            slopes[0] += weight * (of_r - alive * now_alpha.ln() - gone * lapsed.ln_alpha);
            slopes[1] += weight * (r / alpha - shape * (alive / now_alpha + gone * lapsed.per_alpha));
            slopes[2] += weight * (ln_beta - alive * now_beta.ln() + gone * (1.0 / s - lapsed.ln_beta));
            slopes[3] += weight * (s / beta - alive * s / now_beta - gone * (s + 1.0) * lapsed.per_beta);
        }
        (likelihood, slopes)
    }

    fn is_plausible(&self) -> bool {
        self.r < SHAPE_MAX && self.s < SHAPE_MAX
    }
}
