//! The model that finds a shop's own orders the least surprising. All have as many parameters, so the likelihood alone decides.

use serde::{Deserialize, Serialize};

use crate::{
    back_test::BackTest,
    buying::{BgNbd, Buying, MbgNbd, ParetoNbd},
    distinct::Distinct,
    fit::{Fitted, Interval, Silence},
    history::History,
};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Chosen {
    BgNbd(Fitted<BgNbd>),
    MbgNbd(Fitted<MbgNbd>),
    ParetoNbd(Fitted<ParetoNbd>),
}

impl Chosen {
    /// For how much is ordered, all are asked.
    pub(crate) fn for_orders(histories: &Distinct<History>) -> Result<Self, Silence> {
        let with_the_second = Fitted::of(histories).map(Self::BgNbd);
        Self::better(with_the_second, Self::for_who_is_left(histories))
    }

    /// For who is left, only those that let somebody go who has ordered once.
    pub(crate) fn for_who_is_left(histories: &Distinct<History>) -> Result<Self, Silence> {
        let at_any_moment = Fitted::of(histories).map(Self::ParetoNbd);
        Self::better(Fitted::of(histories).map(Self::MbgNbd), at_any_moment)
    }

    fn better(one: Result<Self, Silence>, other: Result<Self, Silence>) -> Result<Self, Silence> {
        match (one, other) {
            (Ok(one), Ok(other)) if other.log_likelihood() > one.log_likelihood() => Ok(other),
            (Err(_), Ok(other)) => Ok(other),
            (one, _) => one,
        }
    }

    pub fn log_likelihood(&self) -> f64 {
        match self {
            Self::BgNbd(fitted) => fitted.log_likelihood,
            Self::MbgNbd(fitted) => fitted.log_likelihood,
            Self::ParetoNbd(fitted) => fitted.log_likelihood,
        }
    }

    /// As `Fitted::interval`.
    pub fn interval(&self, of: impl Fn(&dyn Buying) -> f64) -> Interval {
        match self {
            Self::BgNbd(fitted) => fitted.interval(|model| of(model)),
            Self::MbgNbd(fitted) => fitted.interval(|model| of(model)),
            Self::ParetoNbd(fitted) => fitted.interval(|model| of(model)),
        }
    }

    /// How well a model of this kind would have told so many days.
    pub(crate) fn back_test(&self, then: &[(History, u32)], days: u32) -> Result<BackTest, Silence> {
        match self {
            Self::BgNbd(_) => BackTest::of::<BgNbd>(then, days),
            Self::MbgNbd(_) => BackTest::of::<MbgNbd>(then, days),
            Self::ParetoNbd(_) => BackTest::of::<ParetoNbd>(then, days),
        }
    }

    /// Which of the models it is.
    pub fn name(&self) -> &'static str {
        match self {
            Self::BgNbd(_) => "bg_nbd",
            Self::MbgNbd(_) => "mbg_nbd",
            Self::ParetoNbd(_) => "pareto_nbd",
        }
    }

    /// Of whom it was learned.
    pub fn customers(&self) -> u64 {
        match self {
            Self::BgNbd(fitted) => fitted.customers,
            Self::MbgNbd(fitted) => fitted.customers,
            Self::ParetoNbd(fitted) => fitted.customers,
        }
    }

    fn model(&self) -> &dyn Buying {
        match self {
            Self::BgNbd(fitted) => &fitted.model,
            Self::MbgNbd(fitted) => &fitted.model,
            Self::ParetoNbd(fitted) => &fitted.model,
        }
    }
}

impl Buying for Chosen {
    fn alive(&self, history: &History) -> f64 {
        self.model().alive(history)
    }

    fn orders_within(&self, history: &History, days: f64) -> f64 {
        self.model().orders_within(history, days)
    }

    fn days_to_next(&self, history: &History, chance: f64) -> f64 {
        self.model().days_to_next(history, chance)
    }
}
