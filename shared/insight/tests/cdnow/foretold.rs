//! What comes after, beside what was expected.

use insight::{BackTest, BgNbd, Buying, Chosen, History, MbgNbd, Model, Order, Outlook, ParetoNbd, Spending};

use crate::sample::{self, calibrated, end, orders};

fn held_out<M: Model<4, Fact = History> + Buying>() -> BackTest {
    let then: Vec<_> = orders()
        .iter()
        .filter_map(|orders| {
            let until = |day| History::of(orders.iter().map(|order| order.day), day);
            let before = until(calibrated())?;
            Some((before, until(end())?.repeats() - before.repeats()))
        })
        .collect();
    BackTest::of::<M>(&then, end().abs_diff(calibrated())).expect("a fit")
}

#[test]
fn models_are_nearer_to_what_came_than_a_rate_is() {
    for test in [held_out::<BgNbd>(), held_out::<MbgNbd>(), held_out::<ParetoNbd>()] {
        println!("{test:?}");
        #[expect(clippy::cast_precision_loss, reason = "2,000 orders")]
        let came = test.came as f64;
        assert_eq!((test.customers, test.days), (2_357, 273));
        assert!((test.expected - came).abs() / came < 0.18, "{test:?}");
        assert!((test.naive - came).abs() / came > 0.3, "{test:?}");
        assert!(test.miss < test.naive_miss, "{test:?}");
    }
}

#[test]
fn an_outlook_is_all_of_it() {
    let outlook = Outlook::fit(orders(), calibrated()).unwrap();
    assert_eq!(outlook.as_of, calibrated());
    // Of the three, MBG/NBD finds the sample the least surprising.
    assert!(matches!((outlook.returning, outlook.staying), (Chosen::MbgNbd(_), Chosen::MbgNbd(_))));
    let histories = sample::histories();
    let all = |model: &dyn Buying| -> f64 {
        let of = |(history, customers)| {
            model.orders_within(&history, 90.0) * f64::from(u32::try_from(customers).unwrap())
        };
        histories.iter().map(of).sum()
    };
    let sure = outlook.returning.interval(all);
    let told = all(&outlook.returning);
    assert!(sure.low < told && told < sure.high && sure.high < 1.2 * sure.low, "{told} {sure:?}");
    let tested = outlook.back_test.unwrap();
    assert!(tested.days == 90 && tested.miss < tested.naive_miss, "{tested:?}");

    // Ordered nine times in nine months, last a week ago; and once, nine months ago.
    let regular =
        outlook.expect(&History::new(8, 260, 267).unwrap(), &Spending { orders: 9, spent: 45_000 }, 90.0);
    let once = outlook.expect(&History::new(0, 0, 267).unwrap(), &Spending { orders: 1, spent: 5_000 }, 90.0);
    assert!(regular.alive > 0.85 && once.alive < 0.5, "{regular:?} {once:?}");
    assert!(regular.orders > 10.0 * once.orders);
    // Half of their like order again within that time, as long as they stay.
    let likely = outlook.staying.days_to_next(&History::new(8, 260, 267).unwrap(), 0.5);
    let Chosen::MbgNbd(fitted) = outlook.staying else { unreachable!("is told above") };
    let known = fitted.model.alpha + 267.0 / 7.0;
    assert!(((known / (known + likely / 7.0)).powf(fitted.model.r + 8.0) - 0.5).abs() < 1e-9);
    let [soon, likely, late] = regular.days_to_next.unwrap();
    assert!(0.0 < soon && soon < likely && likely < late && late < 120.0);
    assert_eq!(once.days_to_next, None);
    let worth = once.order_value.unwrap();
    assert!(3_000.0 < worth && worth < 5_000.0, "drawn toward the shop's mean: {worth}");
}

#[test]
fn what_is_not_known_yet_changes_nothing() {
    let known = |orders: Vec<Order>| -> Vec<Order> {
        orders.into_iter().filter(|order| order.day <= calibrated()).collect()
    };
    let before = Outlook::fit(orders().into_iter().map(known), calibrated());
    assert_eq!(Outlook::fit(orders(), calibrated()), before);
}
