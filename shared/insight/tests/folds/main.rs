//! Folds over orders beside slow computations that share nothing with them: a calendar of another make, and sets.

mod churn;
mod cohorts;
mod revenue;

use insight::Order;
use jiff::{ToSpan, civil::Date};
use proptest::{collection::vec, prelude::*};

/// A shop's customers, whose orders stand in no order.
fn customers() -> impl Strategy<Value = Vec<Vec<Order>>> {
    let order = (10_000_i32..11_200, -500_i64..100_000).prop_map(|(day, net)| Order { day, net });
    vec(vec(order, 0..12), 0..60)
}

fn date(day: i32) -> Date {
    jiff::civil::date(1970, 1, 1).checked_add(day.days()).expect("a day of the calendar")
}

fn month(day: i32) -> (i16, i8) {
    (date(day).year(), date(day).month())
}
