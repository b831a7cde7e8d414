//! What was worked out at night as callers see it: as of when, by which models, how well they would have told, or why nothing.

use domain::{Currency, Timestamp, days::date_of};
use insight::{BackTest, Chosen, Silence};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::standing::Night;

/// Why nothing is told.
#[derive(Serialize, ToSchema)]
pub(crate) struct SilenceView {
    /// `not_worked_out_yet`, `few_customers`, `few_returned`, `short_time` or `undecided`.
    code: &'static str,
    detail: String,
}

/// What stands behind what is foretold.
#[derive(Serialize, ToSchema)]
pub(crate) struct FitView {
    /// `model`: by how the shop's customers have ordered so far. `habit`: by how often each one's usual time has passed.
    basis: &'static str,
    /// The last day whose orders were all known.
    #[schema(value_type = String, format = Date)]
    as_of: Option<Date>,
    /// `null`: it has not been worked out yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    made_at: Option<Timestamp>,
    /// `null`: there are no customers.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Timestamp>,
    /// Why no model tells anything.
    silence: Option<SilenceView>,
    /// The model that tells who is lost.
    staying: Option<ModelView>,
    /// The model that tells how much is ordered.
    returning: Option<ModelView>,
    /// Why nothing is told of what orders are worth.
    value_silence: Option<SilenceView>,
    /// What would have been told some time ago, beside what came.
    back_test: Option<BackTestView>,
    back_test_silence: Option<SilenceView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ModelView {
    /// `bg_nbd`, `mbg_nbd` or `pareto_nbd`.
    model: &'static str,
    /// Of whom it was learned.
    customers: u64,
    log_likelihood: f64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct BackTestView {
    /// How long the time was that was foretold, until the last day that was known.
    days: u32,
    /// Those who had ordered before it.
    customers: u64,
    /// On how many days they ordered in it.
    came: u64,
    /// What would have been expected.
    expected: f64,
    /// What would have come if each had gone on as before.
    naive: f64,
    /// How far a customer was from what was expected of them, on the mean.
    miss: f64,
    naive_miss: f64,
}

/// A number that is estimated. In nineteen cases of twenty what is true lies between `low` and `high`, as far as the model is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Estimate<T> {
    pub(super) value: T,
    pub(super) low: T,
    pub(super) high: T,
}

impl SilenceView {
    pub(super) fn told((code, detail): (&'static str, String)) -> Self {
        Self { code, detail }
    }

    pub(super) fn of(silence: Silence) -> Self {
        Self { code: silence.code(), detail: silence.to_string() }
    }
}

impl FitView {
    pub(super) fn of(night: &Night) -> Self {
        let outlook = night.nightly.outlook.as_ref().ok().filter(|_| night.made_at.is_some());
        let model = |chosen: &Chosen| ModelView {
            model: chosen.name(),
            customers: chosen.customers(),
            log_likelihood: rounded(chosen.log_likelihood(), 4),
        };
        Self {
            basis: if outlook.is_some() { "model" } else { "habit" },
            as_of: date_of(night.nightly.as_of),
            made_at: night.made_at,
            next_at: night.next_at,
            silence: night.silence().map(SilenceView::told),
            staying: outlook.map(|outlook| model(&outlook.staying)),
            returning: outlook.map(|outlook| model(&outlook.returning)),
            value_silence: outlook.and_then(|outlook| outlook.spending.err()).map(SilenceView::of),
            back_test: outlook.and_then(|outlook| outlook.back_test.as_ref().ok()).map(BackTestView::of),
            back_test_silence: outlook.and_then(|outlook| outlook.back_test.err()).map(SilenceView::of),
        }
    }
}

impl BackTestView {
    fn of(test: &BackTest) -> Self {
        Self {
            days: test.days,
            customers: test.customers,
            came: test.came,
            expected: rounded(test.expected, 2),
            naive: rounded(test.naive, 2),
            miss: rounded(test.miss, 4),
            naive_miss: rounded(test.naive_miss, 4),
        }
    }
}

pub(super) fn rounded(number: f64, digits: i32) -> f64 {
    let unit = 10_f64.powi(digits);
    (number * unit).round() / unit
}

/// An amount that is estimated, to the minor unit.
#[expect(clippy::cast_possible_truncation, reason = "what is beyond all bounds is the bound")]
pub(super) fn money(minor: f64, currency: Currency) -> String {
    crate::customers::view::amount((minor.round() as i64).into(), currency)
}
