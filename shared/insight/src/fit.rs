//! Fits by maximum likelihood: the parameters under which what happened is the least surprising, and how sure they are.
//!
//! Parameters are positive, so all is done with their logarithms. L-BFGS finds the peak, Newton's steps end exactly on it, and
//! the curvature there is what the certainty follows from.

use argmin::{
    core::{CostFunction, Error, Executor, Gradient},
    solver::{linesearch::MoreThuenteLineSearch, quasinewton::LBFGS},
};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
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

/// A model, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
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
