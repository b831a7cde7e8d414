//! Fits by maximum likelihood: the parameters under which what happened is the least surprising, and how sure they are.
//!
//! Parameters are positive, so all is done with their logarithms. L-BFGS finds the peak, Newton's steps end exactly on it, and
//! the curvature there is what the certainty follows from.

use argmin::{
    core::{CostFunction, Error, Executor, Gradient},
    solver::{linesearch::MoreThuenteLineSearch, quasinewton::LBFGS},
};
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};

use crate::{
    distinct::Distinct,
    symmetric::{self, Matrix},
};

/// A model of chance with `N` positive parameters.
pub trait Model<const N: usize>: Copy {
    /// What it knows of a customer.
    type Fact: Copy;

    fn of(parameters: [f64; N]) -> Self;

    fn parameters(&self) -> [f64; N];

    /// Where the search begins, or why there is too little to search in.
    fn first_guess(facts: &Distinct<Self::Fact>) -> Result<Self, Silence>;

    /// The logarithm of the chance of exactly these facts, and how fast it grows with each parameter.
    fn log_likelihood(&self, facts: &Distinct<Self::Fact>) -> (f64, [f64; N]);

    /// Whether anybody can be like that: not, if all customers were the same.
    fn is_plausible(&self) -> bool;
}

/// Why nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Silence {
    #[error("{has} customers have ordered, and fewer than {needs} say too little")]
    FewCustomers { has: u64, needs: u64 },
    #[error("{has} customers have come back, and fewer than {needs} say too little")]
    FewReturned { has: u64, needs: u64 },
    #[error("the first order is {has} days old, and fewer than {needs} show too little")]
    ShortTime { has: u32, needs: u32 },
    #[error("what was ordered so far fits very different customers equally well")]
    Undecided,
}

impl Silence {
    /// For programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::FewCustomers { .. } => "few_customers",
            Self::FewReturned { .. } => "few_returned",
            Self::ShortTime { .. } => "short_time",
            Self::Undecided => "undecided",
        }
    }
}

/// A model, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "M: Serialize, [[f64; N]; N]: Serialize",
    deserialize = "M: Deserialize<'de>, [[f64; N]; N]: Deserialize<'de>"
))]
pub struct Fitted<M, const N: usize = 4> {
    pub model: M,
    pub log_likelihood: f64,
    pub customers: u64,
    /// Of the logarithms of the parameters.
    pub covariance: [[f64; N]; N],
}

/// In nineteen cases of twenty it holds what is true, as far as the model is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// What a normal deviate is within nineteen times of twenty.
const DEVIATIONS: f64 = 1.959_963_984_540_054;
/// Beyond a factor of e^5 = 148 to either side nothing is known of a parameter.
const VARIANCE_MAX: f64 = 25.0;
/// Per customer; at CDNOW's size it moves no parameter in the sixth digit.
const SLOPE_MAX: f64 = 1e-7;
/// CDNOW takes about fifty. A line search knows no end by itself.
const LOOKS_MAX: u32 = 2_000;
const STEPS_MAX: usize = 20;

impl<M: Model<N>, const N: usize> Fitted<M, N> {
    pub fn of(facts: &Distinct<M::Fact>) -> Result<Self, Silence> {
        let guess = M::first_guess(facts)?;
        let search = Search::<M, N> { facts, best: RefCell::new(None), looks: Cell::new(0) };
        search.climb(guess.parameters().map(f64::ln));
        let Some(found) = search.best.take() else { return Err(Silence::Undecided) };
        let (peak, spread) = search.reach(found).ok_or(Silence::Undecided)?;
        let model = M::of(peak.at.map(f64::exp));
        let customers = facts.customers();
        let covariance = spread.map(|row| row.map(|value| value / count(customers)));
        let is_sure = (0..N).all(|place| covariance[place][place] < VARIANCE_MAX);
        if !is_sure || !model.is_plausible() {
            return Err(Silence::Undecided);
        }
        Ok(Self { model, log_likelihood: -peak.cost * count(customers), customers, covariance })
    }

    /// How surely something positive is known that follows from the model. It says how far the mean of all who are alike may be
    /// from what is told, not how far one of them may be from the mean.
    pub fn interval(&self, of: impl Fn(&M) -> f64) -> Interval {
        const STEP: f64 = 1e-4;
        let at = self.model.parameters();
        let slopes = std::array::from_fn(|place| {
            let moved = |by: f64| {
                let mut moved = at;
                moved[place] *= by.exp();
                of(&M::of(moved)).ln()
            };
            (moved(STEP) - moved(-STEP)) / (2.0 * STEP)
        });
        let variance = symmetric::dot(&slopes, &symmetric::times(&self.covariance, &slopes));
        let within = (DEVIATIONS * variance.max(0.0).sqrt()).exp();
        let told = of(&self.model);
        Interval { low: told / within, high: told * within }
    }
}

struct Search<'a, M: Model<N>, const N: usize> {
    facts: &'a Distinct<M::Fact>,
    /// The best of all that was looked at.
    best: RefCell<Option<Looked<N>>>,
    looks: Cell<u32>,
}

#[derive(Clone, Copy)]
struct Looked<const N: usize> {
    /// Logarithms of the parameters.
    at: [f64; N],
    /// How surprising it is, per customer.
    cost: f64,
    slope: [f64; N],
}

impl<M: Model<N>, const N: usize> Search<'_, M, N> {
    fn look(&self, at: [f64; N]) -> Looked<N> {
        let parameters = at.map(f64::exp);
        let (likelihood, slopes) = M::of(parameters).log_likelihood(self.facts);
        let customers = count(self.facts.customers());
        let slope = std::array::from_fn(|place| -slopes[place] * parameters[place] / customers);
        Looked { at, cost: -likelihood / customers, slope }
    }

    /// A line search asks for the cost and then for the slope at the same place. Whoever looks where there is nothing to see, or
    /// looks for ever, is sent back.
    fn looked(&self, at: &[f64]) -> Result<Looked<N>, Error> {
        let at: [f64; N] = at.try_into()?;
        if let Some(best) =
            self.best.borrow().as_ref().filter(|best| best.at.map(f64::to_bits) == at.map(f64::to_bits))
        {
            return Ok(*best);
        }
        self.looks.set(self.looks.get() + 1);
        let looked = self.look(at);
        let is_seen = looked.cost.is_finite() && looked.slope.iter().all(|slope| slope.is_finite());
        if !is_seen || self.looks.get() > LOOKS_MAX {
            return Err(Error::msg("there is no peak"));
        }
        let mut best = self.best.borrow_mut();
        if best.is_none_or(|best| looked.cost < best.cost) {
            *best = Some(looked);
        }
        Ok(looked)
    }

    /// Leaves the best in `best`. However the search ends, what it found is what counts: `reach` judges it.
    fn climb(&self, from: [f64; N]) {
        let line = MoreThuenteLineSearch::new();
        let Ok(solver) = LBFGS::new(line, 7).with_tolerance_grad(SLOPE_MAX) else { return };
        let run = Executor::new(self, solver).configure(|state| state.param(from.to_vec())).timer(false);
        drop(run.run());
    }

    /// The peak itself and the inverse of its curvature. `None`: there is none.
    fn reach(&self, from: Looked<N>) -> Option<(Looked<N>, Matrix<N>)> {
        let mut peak = from;
        for _ in 0..STEPS_MAX {
            let inverse = symmetric::inverse(&self.curvature(&peak))?;
            let step = symmetric::times(&inverse, &peak.slope);
            let next = self.look(std::array::from_fn(|place| peak.at[place] - step[place]));
            // Nor is it where there is no number.
            let is_lower = next.cost < peak.cost;
            if !is_lower {
                let is_flat = peak.slope.iter().all(|slope| slope.abs() < SLOPE_MAX);
                return is_flat.then_some((peak, inverse));
            }
            peak = next;
        }
        None
    }

    /// By differences of the slope, which is exact.
    fn curvature(&self, peak: &Looked<N>) -> Matrix<N> {
        const STEP: f64 = 1e-5;
        let rows: Matrix<N> = std::array::from_fn(|place| {
            let moved = |by: f64| {
                let mut at = peak.at;
                at[place] += by;
                self.look(at).slope
            };
            let (up, down) = (moved(STEP), moved(-STEP));
            std::array::from_fn(|other| (up[other] - down[other]) / (2.0 * STEP))
        });
        std::array::from_fn(|row| {
            std::array::from_fn(|column| f64::midpoint(rows[row][column], rows[column][row]))
        })
    }
}

impl<M: Model<N>, const N: usize> CostFunction for &Search<'_, M, N> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, at: &Self::Param) -> Result<f64, Error> {
        self.looked(at).map(|looked| looked.cost)
    }
}

impl<M: Model<N>, const N: usize> Gradient for &Search<'_, M, N> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, at: &Self::Param) -> Result<Vec<f64>, Error> {
        self.looked(at).map(|looked| looked.slope.to_vec())
    }
}

#[expect(clippy::cast_precision_loss, reason = "customers are fewer than 2^52")]
fn count(customers: u64) -> f64 {
    customers as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One parameter, whose logarithm is best at nothing. The surprise is half the square of it, times `CURVE` millionths for each
    /// customer.
    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Bowl<const CURVE: u32, const WRONG: bool>(f64);

    impl<const CURVE: u32, const WRONG: bool> Model<1> for Bowl<CURVE, WRONG> {
        type Fact = u8;

        fn of([parameter]: [f64; 1]) -> Self {
            Self(parameter)
        }

        fn parameters(&self) -> [f64; 1] {
            [self.0]
        }

        fn first_guess(_: &Distinct<u8>) -> Result<Self, Silence> {
            Ok(Self(3.0))
        }

        /// If it is wrong, it says that it is steep where it is flat.
        fn log_likelihood(&self, facts: &Distinct<u8>) -> (f64, [f64; 1]) {
            let (at, curve) = (self.0.ln(), f64::from(CURVE) / 1e6 * count(facts.customers()));
            let height = if WRONG { 0.0 } else { at * at / 2.0 };
            (-height * curve, [-at * curve / self.0])
        }

        /// Nobody plans for exactly a tenth.
        fn is_plausible(&self) -> bool {
            CURVE != 100_000
        }
    }

    fn fit<const CURVE: u32, const WRONG: bool>() -> Result<Fitted<Bowl<CURVE, WRONG>, 1>, Silence> {
        Fitted::of(&(0..100).map(|_| 7).collect())
    }

    #[test]
    fn a_peak_is_reached_and_as_sure_as_it_is_steep() {
        let fitted = fit::<250_000, false>().unwrap();
        assert!((fitted.model.0 - 1.0).abs() < 1e-9 && fitted.log_likelihood.abs() < 1e-9);
        // 100 customers of a quarter: a deviation of a fifth.
        assert!((fitted.covariance[0][0] - 0.04).abs() < 1e-6, "{fitted:?}");
        let sure = fitted.interval(|model| 5.0 * model.0 * model.0);
        let within = (2.0_f64 * 0.2 * 1.959_964).exp();
        assert!(
            (sure.low - 5.0 / within).abs() < 1e-4 && (sure.high - 5.0 * within).abs() < 1e-4,
            "{sure:?}"
        );
    }

    #[test]
    fn what_is_not_known_is_undecided() {
        assert!(fit::<500, false>().is_ok(), "a deviation of 4.5");
        assert_eq!(fit::<300, false>(), Err(Silence::Undecided), "of 5.8");
        assert_eq!(fit::<0, false>(), Err(Silence::Undecided), "no peak");
        assert_eq!(fit::<100_000, false>(), Err(Silence::Undecided), "not plausible");
    }

    #[test]
    fn a_search_that_is_stuck_on_a_slope_is_undecided() {
        assert_eq!(fit::<250_000, true>(), Err(Silence::Undecided));
    }
}
