//! Models of who still buys, and how often: whoever buys does so by chance at a rate of their own, and one day is gone unseen.

mod beta_geometric;
mod lapse;
mod pareto;

pub use beta_geometric::{BetaGeometric, BgNbd, MbgNbd};
pub use pareto::ParetoNbd;

use crate::{
    distinct::Distinct,
    fit::Silence,
    history::{DAYS_A_WEEK, History},
};

/// What each of the models answers.
pub trait Buying {
    /// The chance that somebody will ever order again.
    fn alive(&self, history: &History) -> f64;

    /// How many orders are to be expected of somebody within this time, on the mean.
    fn orders_within(&self, history: &History, days: f64) -> f64;

    /// Within how many days somebody has ordered with this chance, as long as they stay.
    fn days_to_next(&self, history: &History, chance: f64) -> f64;
}

const CUSTOMERS_MIN: u64 = 100;
const RETURNED_MIN: u64 = 50;
/// A quarter: in less, hardly anybody can be told from somebody who is late.
const DAYS_MIN: u32 = 90;
/// Whoever is told so by a fit is told that all customers are one.
const SHAPE_MAX: f64 = 100.0;

/// A rate to begin with, in orders a week, and the mean weeks since the first order; or what there is too little of.
fn pace(histories: &Distinct<History>) -> Result<(f64, f64), Silence> {
    let has = histories.customers();
    if has < CUSTOMERS_MIN {
        return Err(Silence::FewCustomers { has, needs: CUSTOMERS_MIN });
    }
    let has = histories.iter().map(|(history, _)| history.days_since_first()).max().unwrap_or(0);
    if has < DAYS_MIN {
        return Err(Silence::ShortTime { has, needs: DAYS_MIN });
    }
    let has = histories.count(History::has_returned);
    if has < RETURNED_MIN {
        return Err(Silence::FewReturned { has, needs: RETURNED_MIN });
    }
    let weeks = histories.sum(History::weeks);
    let repeats = histories.sum(|history| f64::from(history.repeats()));
    let customers = histories.sum(|_| 1.0);
    Ok((repeats / weeks, weeks / customers))
}

/// (1 − e^(−rate·by)) / rate, at a rate of nothing as well.
fn growth(rate: f64, by: f64) -> f64 {
    if rate.abs() < 1e-12 { by } else { -(-rate * by).exp_m1() / rate }
}

/// What is known of a customer's rate, which is gamma with this shape, from what is known of all.
fn shape(r: f64, history: &History) -> f64 {
    r + f64::from(history.repeats())
}

/// Of somebody whose rate is gamma with this shape, after so many weeks.
fn days_to_next(shape: f64, weeks: f64, chance: f64) -> f64 {
    weeks * (-(-chance).ln_1p() / shape).exp_m1() * DAYS_A_WEEK
}

/// What follows from the odds that somebody is gone.
struct Odds {
    alive: f64,
    gone: f64,
    /// ln(1 + odds)
    ln_any: f64,
}

impl Odds {
    /// By their logarithm: the odds of nobody's being gone, and of somebody's who came daily and is silent for years, are none.
    fn of(ln: f64) -> Self {
        let alive = 1.0 / (1.0 + ln.exp());
        let ln_any = if ln > 0.0 { ln + (-ln).exp().ln_1p() } else { ln.exp().ln_1p() };
        Self { alive, gone: 1.0 - alive, ln_any }
    }
}
