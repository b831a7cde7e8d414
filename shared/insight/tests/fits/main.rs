//! Fits of shops whose customers are known, because dice made them; and slopes beside differences.

mod made;

use insight::{
    BgNbd, Buying, Chosen, Distinct, Fitted, GammaGamma, History, MbgNbd, Model, Outlook, ParetoNbd, Silence,
    Spending,
};

/// Slopes as they are told, beside how the likelihood moves.
fn check_slopes<M: Model<N>, const N: usize>(parameters: [f64; N], facts: &Distinct<M::Fact>) {
    let told = M::of(parameters).log_likelihood(facts).1;
    for place in 0..N {
        let moved = |by: f64| {
            let mut moved = parameters;
            moved[place] *= 1.0 + by;
            M::of(moved).log_likelihood(facts).0
        };
        let is = (moved(1e-5) - moved(-1e-5)) / (2e-5 * parameters[place]);
        let slope = told[place];
        assert!((slope - is).abs() < 1e-5 * (1.0 + is.abs()), "by {place}: {slope} instead of {is}");
    }
}

#[test]
fn slopes_are_those_of_the_likelihood() {
    let edges =
        [(0, 0, 0), (0, 0, 400), (1, 1, 1), (1, 1, 700), (5, 300, 300), (90, 100, 700), (300, 900, 1_000)];
    let histories: Distinct<_> =
        edges.iter().filter_map(|(repeats, last, age)| History::new(*repeats, *last, *age)).collect();
    assert_eq!(histories.customers(), 7);
    for parameters in [[0.3, 4.0, 0.8, 2.4], [2.5, 0.5, 3.0, 0.2], [0.05, 60.0, 0.01, 9.0]] {
        check_slopes::<BgNbd, 4>(parameters, &histories);
        check_slopes::<MbgNbd, 4>(parameters, &histories);
        check_slopes::<ParetoNbd, 4>(parameters, &histories);
    }
    let spendings = [(1, 500), (1, 90_000), (7, 12_345), (400, 1_000_000), (0, 0), (2, 0), (3, -5)];
    let spendings: Distinct<_> =
        spendings.map(|(orders, spent)| Spending { orders, spent }).into_iter().collect();
    check_slopes::<GammaGamma, 3>([6.0, 3.7, 1_500.0], &spendings);
    check_slopes::<GammaGamma, 3>([0.4, 1.2, 40_000.0], &spendings);
}

/// Within twice the interval: it leaves out one of twenty, and twice as wide one of ten thousand.
fn check<M: Model<N>, const N: usize>(is: [f64; N], facts: &Distinct<M::Fact>) {
    let fitted = Fitted::<M, N>::of(facts).expect("a fit");
    for (place, is) in is.iter().enumerate() {
        let told = fitted.model.parameters()[place];
        let sure = fitted.interval(|model| model.parameters()[place]);
        let within = (sure.high / told).powi(2);
        assert!(told / within < *is && *is < told * within, "{place}: {is} is not near {told}, {sure:?}");
        // And it says something.
        assert!(within < 8.0, "{place}: {sure:?}");
    }
}

#[test]
fn who_is_gone_with_an_order_is_found_in_what_was_ordered() {
    for (seed, is) in [(1, [0.6, 5.0, 1.2, 3.0]), (2, [1.5, 9.0, 0.8, 1.5]), (3, [0.9, 12.0, 2.0, 6.0])] {
        check::<BgNbd, 4>(is, &made::with_an_order(is, false, seed));
        check::<MbgNbd, 4>(is, &made::with_an_order(is, true, seed));
    }
}

#[test]
fn who_is_gone_at_any_moment_is_found_in_what_was_ordered() {
    for (seed, is) in [(4, [0.6, 6.0, 0.7, 12.0]), (5, [1.8, 9.0, 1.2, 30.0])] {
        check::<ParetoNbd, 4>(is, &made::at_any_moment(is, seed));
    }
}

#[test]
fn what_orders_are_worth_is_found_in_what_was_spent() {
    for (seed, is) in [(6, [6.0, 3.7, 1_500.0]), (7, [2.0, 8.0, 30_000.0])] {
        check::<GammaGamma, 3>(is, &made::spendings(is, seed));
    }
}

/// All order alike and nobody is ever gone: then there is no telling when they would be.
#[test]
fn customers_who_are_all_one_are_told_of_as_undecided() {
    let histories: Distinct<_> = (0..500).filter_map(|of| History::new(10, 70, 70 + of % 30)).collect();
    assert_eq!(Fitted::<MbgNbd>::of(&histories), Err(Silence::Undecided));
    assert_eq!(Fitted::<ParetoNbd>::of(&histories), Err(Silence::Undecided));
    let spendings: Distinct<_> = (0..500).map(|_| Spending { orders: 2, spent: 2_000 }).collect();
    assert_eq!(Fitted::<GammaGamma, 3>::of(&spendings).map(|_| ()), Err(Silence::Undecided));
}

/// They order like clockwork, and one of twelve has stopped. A search goes where all are one and few last a moment, and must not
/// look there for minutes.
#[test]
fn regulars_of_whom_a_few_have_stopped_are_undecided_too() {
    let regular = |of: u32| {
        let last = 6 * 29 + of % 5;
        History::new(6, last, last + if of.is_multiple_of(12) { of * 37 % 400 } else { of % 29 })
    };
    let histories: Distinct<_> = (0..130).filter_map(regular).collect();
    assert_eq!(histories.customers(), 130);
    assert_eq!(Fitted::<ParetoNbd>::of(&histories), Err(Silence::Undecided));
}

/// BG/NBD finds no peak here, as many are gone with their first order; others do.
#[test]
fn whoever_finds_a_peak_is_chosen() {
    let customers = made::orders(&made::with_an_order([3.0, 60.0, 0.2, 0.2], true, 8));
    let histories: Distinct<_> = customers
        .iter()
        .filter_map(|orders| History::of(orders.iter().map(|order| order.day), made::TODAY))
        .collect();
    assert_eq!(Fitted::<BgNbd>::of(&histories).map(|_| ()), Err(Silence::Undecided));
    let outlook = Outlook::fit(customers, made::TODAY).unwrap();
    assert!(matches!((outlook.returning, outlook.staying), (Chosen::MbgNbd(_), Chosen::MbgNbd(_))));
    assert!(outlook.spending.is_err(), "all spent the same");

    let customers = made::orders(&made::at_any_moment([1.8, 9.0, 1.2, 30.0], 9));
    let outlook = Outlook::fit(customers, made::TODAY).unwrap();
    assert!(matches!((outlook.returning, outlook.staying), (Chosen::ParetoNbd(_), Chosen::ParetoNbd(_))));
}

#[test]
fn shops_where_all_are_one_or_whose_mean_has_no_bounds_are_not_plausible() {
    let models = [[101.0, 1.0, 1.0, 1.0], [1.0, 1.0, 101.0, 1.0], [1.0, 1.0, 1.0, 101.0]];
    assert!(models.iter().all(|is| !BgNbd::of(*is).is_plausible() && !MbgNbd::of(*is).is_plausible()));
    assert!(BgNbd::of([99.0, 1_000.0, 99.0, 99.0]).is_plausible(), "a rate is no shape");
    assert!(
        [[101.0, 1.0, 1.0, 1.0], [1.0, 1.0, 101.0, 1.0]].iter().all(|is| !ParetoNbd::of(*is).is_plausible())
    );
    assert!(ParetoNbd::of([99.0, 1_000.0, 99.0, 1_000.0]).is_plausible());
    let amounts = [[1_001.0, 2.0, 1.0], [2.0, 1_001.0, 1.0], [2.0, 0.99, 1.0]];
    assert!(amounts.iter().all(|is| !GammaGamma::of(*is).is_plausible()));
    assert!(GammaGamma::of([6.0, 1.01, 90_000.0]).is_plausible());
}

/// A chance of being gone whose `a` is one, or as near to it as a number comes, is no special case.
#[test]
fn orders_to_come_are_told_smoothly_where_the_published_form_is_nothing_over_nothing() {
    let history = History::new(3, 100, 150).unwrap();
    let at = |a: f64| BgNbd { r: 0.5, alpha: 6.0, a, b: 2.0 }.orders_within(&history, 365.0);
    for near in [1.0 - 1e-9, 1.0 - 1e-14, 1.0 + 1e-14, 1.0 + 1e-9] {
        assert!((at(near) - at(1.0)).abs() < 1e-7, "{near}: {} and {}", at(near), at(1.0));
    }
    let at = |s: f64| ParetoNbd { r: 0.5, alpha: 6.0, s, beta: 9.0 }.orders_within(&history, 365.0);
    assert!((at(1.0 + 1e-9) - at(1.0)).abs() < 1e-7 && at(1.0) > 0.1);
}
