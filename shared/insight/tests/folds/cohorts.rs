//! Triangles of retention and revenue.

use insight::{Cohorts, Month, Order};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

use crate::{customers, month};

type Number = (i16, i8);

/// By cohort and month: who ordered, how many orders, what they came to.
fn slow(customers: &[Vec<Order>]) -> BTreeMap<(Number, Number), (BTreeSet<usize>, u64, i64)> {
    let mut cells: BTreeMap<_, (BTreeSet<usize>, u64, i64)> = BTreeMap::new();
    for (who, orders) in customers.iter().enumerate() {
        let Some(first) = orders.iter().map(|order| order.day).min() else { continue };
        for order in orders {
            let cell = cells.entry((month(first), month(order.day))).or_default();
            cell.0.insert(who);
            cell.1 += 1;
            cell.2 += order.net;
        }
    }
    cells
}

fn number(month: Month) -> Number {
    (month.year().try_into().expect("a year"), month.number().try_into().expect("a month"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_triangle_is_what_sets_say(all in customers(), from in 325_i32..360, months in 1_i32..40) {
        let (first, last) = (Month(from), Month(from + months - 1));
        let mut cohorts = Cohorts::new(first, last);
        for orders in &all {
            cohorts.add(orders.iter().copied());
        }
        let slow = slow(&all);
        let told = cohorts.finish();
        prop_assert_eq!(told.len(), usize::try_from(months).unwrap());
        for cohort in told {
            prop_assert_eq!(cohort.months.len(), usize::try_from(last.0 - cohort.month.0 + 1).unwrap());
            let size = slow.get(&(number(cohort.month), number(cohort.month))).map_or(0, |cell| cell.0.len());
            prop_assert_eq!(cohort.customers, size as u64);
            prop_assert_eq!(cohort.retention(0), (size > 0).then_some(1.0));
            prop_assert_eq!(cohort.retention(cohort.months.len()), None);
            for (later, cell) in (0..).zip(&cohort.months) {
                let should = slow.get(&(number(cohort.month), number(Month(cohort.month.0 + later))));
                let should = should.map_or((0, 0, 0), |(who, orders, net)| (who.len() as u64, *orders, *net));
                prop_assert_eq!((cell.customers, cell.orders, cell.revenue), should);
            }
        }
    }
}

/// More than a year on, where other systems begin at nothing again.
#[test]
fn the_thirteenth_month_is_the_thirteenth() {
    let mut cohorts = Cohorts::new(Month(0), Month(29));
    let day = |month: i32| Month(month).first_day();
    for later in [1, 13, 25] {
        cohorts.add([Order { day: day(later), net: 700 }, Order { day: day(0), net: 1_000 }]);
    }
    let told = &cohorts.finish()[0];
    assert_eq!(told.customers, 3);
    for (months, share) in [(0, 1.0), (1, 1.0 / 3.0), (12, 0.0), (13, 1.0 / 3.0), (24, 0.0), (25, 1.0 / 3.0)]
    {
        assert_eq!(told.retention(months), Some(share), "{months}");
    }
    assert_eq!((told.months[0].revenue, told.months[13].revenue), (3_000, 700));
}
