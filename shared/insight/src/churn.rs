//! Who is about to be lost, why it is thought so, and what to do about it.

use crate::{
    history::History,
    rfm::{Group, Scores},
};

/// How likely somebody is lost: from 0.3, 0.6 and 0.8 on it is the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    Low,
    Medium,
    High,
    Critical,
}

/// Of one customer who has ordered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Churn {
    /// The chance that they will never order again. `None`: the shop's orders tell too little, and the risk is told by how often
    /// their own time between orders has passed.
    pub probability: Option<f64>,
    pub risk: Risk,
    pub factors: Factors,
    pub advice: Advice,
}

/// What stands behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factors {
    pub days_since_last: u32,
    /// Their own, or the shop's of who has ordered once.
    pub usual_days: f64,
    /// From 0 to 1: how overdue they are, half a year being all.
    pub recency: f64,
    /// From 0 to 0.8: who orders often is missed, and who does not is lost more easily.
    pub frequency: f64,
    pub monetary: f64,
    pub group: Group,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Advice {
    KeepAsIs,
    Remind,
    Reward,
    AskBack,
    SecondOrder,
    WinBack,
    LastWord,
}

/// Less is chance.
const USUAL_DAYS_MIN: f64 = 7.0;
/// Where nobody has come back yet.
const USUAL_DAYS: f64 = 90.0;
const OVERDUE_DAYS_MAX: f64 = 180.0;

impl Churn {
    /// By the chance to be alive, where a model tells one, and the days between orders of those in the shop who have come back.
    pub fn of(history: History, scores: Scores, alive: Option<f64>, shops_days: Option<f64>) -> Self {
        let usual_days = history.usual_days().or(shops_days).unwrap_or(USUAL_DAYS).max(USUAL_DAYS_MIN);
        let since = f64::from(history.days_since_last());
        let probability = alive.map(|alive| 1.0 - alive);
        let risk = probability.map_or_else(|| Risk::by_times(since / usual_days), Risk::of);
        let factors = Factors {
            days_since_last: history.days_since_last(),
            usual_days,
            recency: ((since - usual_days) / OVERDUE_DAYS_MAX).clamp(0.0, 1.0),
            frequency: 1.0 - f64::from(scores.frequency()) / 5.0,
            monetary: 1.0 - f64::from(scores.monetary()) / 5.0,
            group: scores.group(),
        };
        Self { probability, risk, factors, advice: Advice::of(risk, history, scores) }
    }

    /// In how many days the next order is due by habit; `None`: it is overdue.
    pub fn due_in_days(&self) -> Option<f64> {
        let days = self.factors.usual_days - f64::from(self.factors.days_since_last);
        (days >= 0.0).then_some(days)
    }
}

impl Risk {
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }

    /// By the chance to be lost.
    pub fn of(probability: f64) -> Self {
        Self::above(probability, [0.3, 0.6, 0.8])
    }

    /// By how often the usual time has passed since the last order.
    fn by_times(times: f64) -> Self {
        Self::above(times, [1.5, 2.5, 4.0])
    }

    fn above(value: f64, bounds: [f64; 3]) -> Self {
        Self::ALL[bounds.iter().filter(|bound| value >= **bound).count()]
    }
}

impl Advice {
    /// The fifth that spends the most is worth more than a reminder; who has ordered once is asked for the second.
    fn of(risk: Risk, history: History, scores: Scores) -> Self {
        let is_worth_it = scores.monetary() == 5;
        match risk {
            Risk::Low => Self::KeepAsIs,
            Risk::Medium if is_worth_it => Self::Reward,
            Risk::Medium => Self::Remind,
            _ if is_worth_it => Self::AskBack,
            _ if !history.has_returned() => Self::SecondOrder,
            _ if scores.frequency_and_monetary() >= 3 => Self::WinBack,
            _ => Self::LastWord,
        }
    }

    pub const fn text(self) -> &'static str {
        match self {
            Self::KeepAsIs => "Orders as usual: nothing to do.",
            Self::Remind => "Remind them of what they bought, and show what goes with it.",
            Self::Reward => {
                "One of your best customers: offer something that others do not get, before they are missed."
            }
            Self::AskBack => {
                "One of your best customers is leaving: write in person, and ask what went wrong."
            }
            Self::SecondOrder => {
                "Has ordered once: an offer for a second order is what brings most of them back."
            }
            Self::WinBack => "Used to come back: an offer that ends soon may bring them back again.",
            Self::LastWord => {
                "Rarely ordered, and is probably lost: one last mail, and then leave them in peace."
            }
        }
    }
}
