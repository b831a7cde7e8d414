//! Customers who behave exactly as a model says.

use insight::{Distinct, History, Order, Spending};
use rand::{Rng, RngExt, SeedableRng, rngs::ChaCha12Rng};

const CUSTOMERS: u32 = 4_000;

/// `gone` with an order, the first one too or not.
pub(crate) fn with_an_order(
    [r, alpha, a, b]: [f64; 4],
    with_the_first: bool,
    seed: u64,
) -> Distinct<History> {
    made(seed, |dice, weeks| {
        let rate = gamma(r, dice) / alpha;
        let (stays, goes) = (gamma(b, dice), gamma(a, dice));
        let leaves = goes / (goes + stays);
        let mut orders = Vec::new();
        let (mut at, mut is_gone) = (0.0, with_the_first && chance(dice) < leaves);
        while !is_gone {
            at += wait(rate, dice);
            if at > weeks {
                break;
            }
            orders.push(at);
            is_gone = chance(dice) < leaves;
        }
        orders
    })
}

pub(crate) fn at_any_moment([r, alpha, s, beta]: [f64; 4], seed: u64) -> Distinct<History> {
    made(seed, |dice, weeks| {
        let rate = gamma(r, dice) / alpha;
        let gone = wait(gamma(s, dice) / beta, dice);
        let mut orders = Vec::new();
        let mut at = wait(rate, dice);
        while at < gone.min(weeks) {
            orders.push(at);
            at += wait(rate, dice);
        }
        orders
    })
}

/// A day of the future, from which all of them are looked at.
pub(crate) const TODAY: i32 = 30_000;

/// Orders of one price that make just these histories: all repeats but the last follow the first order day by day.
pub(crate) fn orders(histories: &Distinct<History>) -> Vec<Vec<Order>> {
    let of = |history: History| {
        let days = |days: u32| TODAY.checked_sub_unsigned(days).expect("a day");
        let first = days(history.days_since_first());
        let early = (0..history.repeats().cast_signed()).map(|later| first + later);
        let all = early.chain([days(history.days_since_last())]);
        all.map(|day| Order { day, net: 1_000 }).collect()
    };
    histories.iter().flat_map(|(history, customers)| (0..customers).map(move |_| of(history))).collect()
}

pub(crate) fn spendings([p, q, v]: [f64; 3], seed: u64) -> Distinct<Spending> {
    let mut dice = ChaCha12Rng::seed_from_u64(seed);
    let mut one = || {
        let rate = gamma(q, &mut dice) / v;
        let orders = dice.random_range(1..8);
        let spent: f64 = (0..orders).map(|_| gamma(p, &mut dice) / rate).sum();
        #[expect(clippy::cast_possible_truncation, reason = "an amount in cents")]
        Spending { orders, spent: spent.round() as i64 }
    };
    (0..CUSTOMERS).map(|_| one()).collect()
}

/// Customers of half a year to two years, whose orders after the first come in weeks.
fn made(seed: u64, orders: impl Fn(&mut ChaCha12Rng, f64) -> Vec<f64>) -> Distinct<History> {
    let mut dice = ChaCha12Rng::seed_from_u64(seed);
    let mut one = || {
        let age = dice.random_range(182..730);
        #[expect(clippy::cast_possible_truncation, reason = "two years")]
        let day = |weeks: f64| (weeks * 7.0).ceil() as i32;
        let later = orders(&mut dice, f64::from(age) / 7.0);
        History::of(later.into_iter().map(day).chain([0]), age).expect("a first order")
    };
    (0..CUSTOMERS).map(|_| one()).collect()
}

/// Above nothing, up to one.
fn chance(dice: &mut impl Rng) -> f64 {
    1.0 - dice.random::<f64>()
}

fn wait(rate: f64, dice: &mut impl Rng) -> f64 {
    -chance(dice).ln() / rate
}

/// Marsaglia and Tsang 2000.
fn gamma(shape: f64, dice: &mut impl Rng) -> f64 {
    if shape < 1.0 {
        return gamma(shape + 1.0, dice) * chance(dice).powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    loop {
        let normal = (-2.0 * chance(dice).ln()).sqrt() * (std::f64::consts::TAU * chance(dice)).cos();
        let cube = (1.0 + normal / (9.0 * d).sqrt()).powi(3);
        if cube > 0.0 && chance(dice).ln() < normal * normal / 2.0 + d - d * cube + d * cube.ln() {
            return d * cube;
        }
    }
}
