//! The sample as it was shipped, and days of 1997 and 1998 in it.

use insight::{Distinct, History, Order, Spending};
use std::collections::BTreeMap;

const SAMPLE: &str = include_str!("CDNOW_sample.txt");

/// The end of what the models are told, and of what they are asked for.
pub(crate) fn calibrated() -> i32 {
    day("19970930")
}

pub(crate) fn end() -> i32 {
    day("19980630")
}

/// Of each customer.
pub(crate) fn orders() -> Vec<Vec<Order>> {
    let mut orders: BTreeMap<&str, Vec<Order>> = BTreeMap::new();
    for line in SAMPLE.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        let [_, customer, on, _, dollars] = words[..] else { panic!("no row: {line}") };
        let cents = dollars.replace('.', "").parse().expect("an amount");
        orders.entry(customer).or_default().push(Order { day: day(on), net: cents });
    }
    orders.into_values().collect()
}

/// As they stood at the end of the calibration.
pub(crate) fn histories() -> Distinct<History> {
    let of = |orders: Vec<Order>| History::of(orders.iter().map(|order| order.day), calibrated());
    orders().into_iter().filter_map(of).collect()
}

/// Of whoever came back by then, what they spent after their first day.
pub(crate) fn repeats() -> Distinct<Spending> {
    let of = |orders: Vec<Order>| {
        let first = orders.iter().map(|order| order.day).min()?;
        let repeats = History::of(orders.iter().map(|order| order.day), calibrated())?.repeats();
        let later = orders.iter().filter(|order| order.day > first && order.day <= calibrated());
        (repeats > 0).then(|| Spending { orders: repeats, spent: later.map(|order| order.net).sum() })
    };
    orders().into_iter().filter_map(of).collect()
}

fn day(told: &str) -> i32 {
    let date: jiff::civil::Date = told.parse().expect("a day");
    (date - jiff::civil::date(1970, 1, 1)).get_days()
}
