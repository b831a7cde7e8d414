//! Revenue by time, and beside the time before.

use insight::{By, Order, Revenue, growth};
use jiff::ToSpan;
use proptest::prelude::*;
use std::collections::BTreeSet;

use crate::{customers, date};

/// The name of the period that a day is in.
fn slow(day: i32, by: By) -> String {
    let date = date(day);
    match by {
        By::Day => date.to_string(),
        By::Week => {
            let since_monday = i32::from(date.weekday().to_monday_zero_offset());
            date.checked_sub(since_monday.days()).expect("a day").to_string()
        }
        By::Month => date.strftime("%Y-%m").to_string(),
        By::Days(_) => unreachable!("is not asked for"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_trend_is_what_sets_say(
        all in customers(),
        walk_ins in customers(),
        from in 9_990_i32..11_250,
        days in 1_i32..500,
        by in prop::sample::select(vec![By::Day, By::Week, By::Month]),
    ) {
        let until = from + days;
        let mut revenue = Revenue::new(from, until, by).unwrap();
        for orders in &all {
            revenue.add(orders.iter().copied());
        }
        for orders in &walk_ins {
            revenue.add_walk_ins(orders.iter().copied());
        }
        let mut next = from;
        for period in revenue.finish() {
            prop_assert_eq!(period.from, next);
            let name = slow(period.from, by);
            prop_assert!((period.from..period.until).all(|day| slow(day, by) == name));
            prop_assert!(period.until == until || slow(period.until, by) != name);
            let is_in = |order: &Order| (from..until).contains(&order.day) && slow(order.day, by) == name;
            let theirs: Vec<_> = (0..).zip(&all).flat_map(|(who, orders): (u32, _)| {
                orders.iter().filter(|order| is_in(order)).map(move |order| (who, order.net))
            }).collect();
            let others: Vec<_> = walk_ins.iter().flatten().filter(|order| is_in(order)).collect();
            let who: BTreeSet<_> = theirs.iter().map(|(who, _)| who).collect();
            let net = theirs.iter().map(|(_, net)| net).sum::<i64>()
                + others.iter().map(|order| order.net).sum::<i64>();
            let should = (who.len() as u64, (theirs.len() + others.len()) as u64, net);
            prop_assert_eq!((period.customers, period.orders, period.revenue), should);
            next = period.until;
        }
        prop_assert_eq!(next, until);
    }

    #[test]
    fn the_time_before_is_as_long(all in customers(), from in 10_000_i32..11_200, days in 1_i32..400) {
        let until = from + days;
        let mut revenue = Revenue::with_the_time_before(from, until).unwrap();
        for orders in &all {
            revenue.add(orders.iter().copied());
        }
        let net = |from: i32, until: i32| {
            let within = all.iter().flatten().filter(|order| (from..until).contains(&order.day));
            within.map(|order| order.net).sum::<i64>()
        };
        let told: Vec<_> = revenue.finish().iter().map(|period| (period.from, period.until, period.revenue)).collect();
        let should = vec![(from - days, from, net(from - days, from)), (from, until, net(from, until))];
        prop_assert_eq!(told, should);
    }
}

#[test]
fn what_is_no_time_has_no_revenue() {
    for (from, until, by) in [
        (5, 5, By::Day),
        (5, 4, By::Day),
        (0, 40_000, By::Day),
        (0, 9, By::Days(0)),
        (i32::MIN, i32::MAX, By::Month),
    ] {
        assert!(Revenue::new(from, until, by).is_none(), "{from} {until} {by:?}");
    }
    assert!(Revenue::with_the_time_before(5, 5).is_none());
    assert!(Revenue::with_the_time_before(i32::MIN, i32::MAX).is_none());
}

#[test]
fn nothing_grows_from_nothing() {
    let told = [growth(200, 300), growth(200, 0), growth(200, -100), growth(0, 50), growth(-10, 50)];
    assert_eq!(told, [Some(0.5), Some(-1.0), Some(-1.5), None, None]);
}
