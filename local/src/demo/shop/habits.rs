//! How somebody buys: a rate that is theirs until they stop, without telling anybody (Pareto/NBD). Rates and hazards
//! differ from one to the next as Gamma has it; what they spend, as a lognormal.

use domain::Timestamp;

use super::{
    calendar::{Calendar, DAYS},
    dice::{Dice, Throw},
};

/// Of a hundred, so many left their address and never bought.
const READERS: f64 = 0.07;
/// A few buy all the time, many hardly: a shape far below 1.
const RATE_SHAPE: f64 = 0.42;
const ORDERS_A_DAY: f64 = 2.6 / 365.0;
const HAZARD_SHAPE: f64 = 0.7;
const ENDS_A_DAY: f64 = 1.1 / 365.0;
const SPREAD: f64 = 0.55;
/// Nobody drinks more.
const ORDERS_MAX: usize = 250;

#[derive(Debug, Clone)]
pub(super) struct Habits {
    /// When we first heard of them.
    pub(super) since: Timestamp,
    /// What they spend, compared to the others.
    pub(super) level: f64,
    /// Oldest first, each of a second of its own.
    pub(super) orders: Vec<Timestamp>,
}

impl Habits {
    pub(super) fn of(seed: u64, number: u32, calendar: &Calendar) -> Self {
        let mut dice = Dice::new(seed, Throw::Habits, number.into());
        let dice = &mut dice;
        let level = (dice.normal() * SPREAD - SPREAD * SPREAD / 2.0).exp();
        let rate = dice.gamma(RATE_SHAPE, ORDERS_A_DAY);
        let hazard = dice.gamma(HAZARD_SHAPE, ENDS_A_DAY);
        let is_reader = dice.chance(READERS);
        let (first, since) = loop {
            let day = calendar.first_day(dice);
            if let Some(since) = calendar.moment(dice, day) {
                break (day, since);
            }
        };
        let mut orders = Vec::new();
        if !is_reader {
            orders.push(since);
            let end = (first + dice.exponential(1.0 / hazard.max(1e-9))).min(f64::from(DAYS) + 1.0);
            let mut day = first;
            while orders.len() < ORDERS_MAX {
                day += dice.exponential(1.0 / (rate * Calendar::asked()).max(1e-9));
                if day >= end {
                    break;
                }
                if calendar.is_taken(dice, day) {
                    orders.extend(calendar.moment(dice, day));
                }
            }
            orders.sort_unstable();
            orders.dedup();
        }
        let since = orders.first().copied().unwrap_or(since);
        Self { since, level, orders }
    }
}
