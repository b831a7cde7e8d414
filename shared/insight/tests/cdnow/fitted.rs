//! The parameters and likelihoods that the literature tells.

use insight::{BgNbd, Distinct, Fitted, GammaGamma, History, MbgNbd, Model, Outlook, ParetoNbd, Silence};
use statrs::function::{beta::ln_beta, gamma::ln_gamma};

use crate::sample;

/// Equal to as many digits as were told.
fn check(told: &[(f64, f64)]) {
    for (is, should) in told {
        assert!((is - should).abs() <= 0.000_5, "{is} instead of {should}");
    }
}

#[test]
fn the_sample_is_whole() {
    assert_eq!(sample::histories().customers(), 2_357);
    assert_eq!(sample::repeats().customers(), 946);
}

#[test]
fn bg_nbd_finds_what_fader_hardie_and_lee_found() {
    let fitted = Fitted::<BgNbd>::of(&sample::histories()).unwrap();
    let BgNbd { r, alpha, a, b } = fitted.model;
    check(&[(r, 0.243), (alpha, 4.414), (a, 0.793), (b, 2.426)]);
    // The sample has been published with weeks of two decimals, and its likelihood is told of these.
    let published = slow(&fitted.model, |weeks| (weeks * 100.0).round() / 100.0);
    assert!(published >= -9_582.425_6, "{published}");
    let exact = slow(&fitted.model, |weeks| weeks);
    assert!((fitted.log_likelihood - exact).abs() < 1e-8, "{} instead of {exact}", fitted.log_likelihood);
}

/// As equation (6) of the paper has it, customer by customer.
fn slow(model: &BgNbd, rounded: impl Fn(f64) -> f64) -> f64 {
    let BgNbd { r, alpha, a, b } = *model;
    let of = |(history, customers): (History, u64)| {
        let x = f64::from(history.repeats());
        let now = rounded(f64::from(history.days_since_first()) / 7.0);
        let last = rounded(f64::from(history.days_since_first() - history.days_since_last()) / 7.0);
        let orders = ln_gamma(r + x) - ln_gamma(r) + r * alpha.ln();
        let stayed = (ln_beta(a, b + x) - ln_beta(a, b)).exp() * (alpha + now).powf(-(r + x));
        let went = (ln_beta(a + 1.0, b + x - 1.0) - ln_beta(a, b)).exp() * (alpha + last).powf(-(r + x));
        let chance = if history.repeats() > 0 { stayed + went } else { stayed };
        (orders + chance.ln()) * f64::from(u32::try_from(customers).expect("a sample"))
    };
    sample::histories().iter().map(of).sum()
}

#[test]
fn pareto_nbd_finds_what_is_told_of_it() {
    let fitted = Fitted::<ParetoNbd>::of(&sample::histories()).unwrap();
    let ParetoNbd { r, alpha, s, beta } = fitted.model;
    check(&[(r, 0.553), (alpha, 10.578), (s, 0.606), (beta, 11.669)]);
    assert!((fitted.log_likelihood + 9_594.98).abs() < 0.01, "{}", fitted.log_likelihood);
}

#[test]
fn gamma_gamma_finds_what_is_told_of_it() {
    let fitted = Fitted::<GammaGamma, 3>::of(&sample::repeats()).unwrap();
    let GammaGamma { p, q, v } = fitted.model;
    assert!(
        (p - 6.25).abs() < 0.005 && (q - 3.74).abs() < 0.005 && (v / 100.0 - 15.45).abs() < 0.01,
        "{fitted:?}"
    );
}

/// Near its peak, where it is a parabola: a quarter of the way to the end of the interval it has fallen by 1.96²/2/16.
#[test]
fn an_interval_is_as_wide_as_the_profile_of_the_likelihood_says() {
    let histories = sample::histories();
    let fitted = Fitted::<MbgNbd>::of(&histories).unwrap();
    let sure = fitted.interval(|model| model.r);
    assert!(sure.low < fitted.model.r && fitted.model.r < sure.high);
    for end in [sure.low, sure.high] {
        let at = fitted.model.r * (end / fitted.model.r).powf(0.25);
        let fallen = fitted.log_likelihood - best_with_r(&fitted, at, &histories);
        assert!((fallen - 0.120).abs() < 0.015, "{at}: {fallen}");
    }
}

/// The likelihood at a given `r`, climbed in the others step by step.
fn best_with_r(fitted: &Fitted<MbgNbd>, r: f64, histories: &Distinct<History>) -> f64 {
    let mut at = [r, fitted.model.alpha, fitted.model.a, fitted.model.b];
    let likelihood = |at: [f64; 4]| MbgNbd::of(at).log_likelihood(histories).0;
    let mut best = likelihood(at);
    let mut step = 0.1_f64;
    while step > 1e-4 {
        let mut has_risen = false;
        for place in 1..4 {
            for factor in [step.exp(), (-step).exp()] {
                let mut tried = at;
                tried[place] *= factor;
                let found = likelihood(tried);
                if found > best {
                    (best, at, has_risen) = (found, tried, true);
                }
            }
        }
        if !has_risen {
            step /= 2.0;
        }
    }
    best
}

#[test]
fn too_little_is_told_as_too_little() {
    let some = |count: usize| sample::orders().into_iter().take(count);
    let fit = |count, today| Outlook::fit(some(count), today).map(|_| ());
    let today = sample::calibrated();
    assert_eq!(fit(40, today), Err(Silence::FewCustomers { has: 40, needs: 100 }));
    assert_eq!(fit(110, today), Err(Silence::FewReturned { has: 40, needs: 50 }));
    assert!(matches!(fit(2_357, sample::end() - 480), Err(Silence::ShortTime { needs: 90, .. })));
}
