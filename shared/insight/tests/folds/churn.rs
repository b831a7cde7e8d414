//! Golden cases of churn, computed by hand.

use insight::{
    Advice, Churn, Factors, History, Risk,
    rfm::{Group, Scores},
};

struct Case {
    /// Repeats, days to the last, days to today.
    history: (u32, u32, u32),
    scores: (u8, u8, u8),
    alive: Option<f64>,
    shops_days: Option<f64>,
}

fn churn(case: &Case) -> Churn {
    let history = History::new(case.history.0, case.history.1, case.history.2).expect("a history");
    let scores = Scores::new(case.scores.0, case.scores.1, case.scores.2).expect("scores");
    Churn::of(history, scores, case.alive, case.shops_days)
}

/// Every 30 days for a year, and then nothing for 75 days: 45 days overdue, a quarter of half a year.
#[test]
fn a_regular_who_is_late_is_told_with_what_stands_behind_it() {
    let told = churn(&Case {
        history: (12, 360, 435),
        scores: (2, 5, 4),
        alive: Some(0.25),
        shops_days: Some(50.0),
    });
    let factors = Factors {
        days_since_last: 75,
        usual_days: 30.0,
        recency: 0.25,
        frequency: 0.0,
        monetary: 1.0 - 0.8,
        group: Group::PreviouslyLoyal,
    };
    assert_eq!((told.probability, told.risk, told.factors), (Some(0.75), Risk::High, factors));
    assert_eq!((told.advice, told.due_in_days()), (Advice::WinBack, None));
}

#[test]
fn a_chance_has_four_levels() {
    for (lost, risk) in [
        (0.0, "LOW"),
        (0.299, "LOW"),
        (0.3, "MEDIUM"),
        (0.6, "HIGH"),
        (0.799, "HIGH"),
        (0.8, "CRITICAL"),
        (1.0, "CRITICAL"),
    ] {
        assert_eq!(Risk::of(lost).name(), risk, "{lost}");
    }
}

/// Without a model: by how often the usual time has passed, which is the shop's for who has ordered once.
#[test]
fn without_a_model_habit_tells() {
    let of = |history, shops_days| {
        let told = churn(&Case { history, scores: (3, 2, 2), alive: None, shops_days });
        (told.probability, told.risk, told.factors.usual_days, told.due_in_days())
    };
    assert_eq!(of((2, 40, 60), None), (None, Risk::Low, 20.0, Some(0.0)));
    assert_eq!(of((2, 40, 70), None), (None, Risk::Medium, 20.0, None));
    assert_eq!(of((2, 40, 90), None), (None, Risk::High, 20.0, None));
    assert_eq!(of((2, 40, 120), None), (None, Risk::Critical, 20.0, None));
    assert_eq!(of((0, 0, 30), Some(40.0)), (None, Risk::Low, 40.0, Some(10.0)));
    assert_eq!(of((0, 0, 30), None), (None, Risk::Low, 90.0, Some(60.0)));
    // Who came three days in a row is not lost on the fourth.
    assert_eq!(of((2, 2, 8), None), (None, Risk::Low, 7.0, Some(1.0)));
}

#[test]
fn advice_follows_risk_worth_and_habit() {
    let of = |alive, history, scores| {
        churn(&Case { history, scores, alive: Some(alive), shops_days: None }).advice
    };
    let (often, once) = ((5, 200, 300), (0, 0, 100));
    assert_eq!(of(0.9, often, (5, 5, 5)), Advice::KeepAsIs);
    assert_eq!(of(0.5, often, (3, 4, 5)), Advice::Reward);
    assert_eq!(of(0.5, often, (3, 4, 4)), Advice::Remind);
    assert_eq!(of(0.1, often, (1, 4, 5)), Advice::AskBack);
    assert_eq!(of(0.1, once, (1, 1, 3)), Advice::SecondOrder);
    assert_eq!(of(0.3, often, (2, 3, 2)), Advice::WinBack);
    assert_eq!(of(0.1, often, (1, 2, 2)), Advice::LastWord);
}
