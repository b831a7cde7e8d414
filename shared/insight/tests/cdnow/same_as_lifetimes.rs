//! Predictions beside those of the Python package `lifetimes`, told by the same parameters: `make.py` made them.

use insight::{BgNbd, Buying, GammaGamma, History, MbgNbd, Model, ParetoNbd, Spending};
use serde_json::Value;

const PREDICTIONS: &str = include_str!("predictions.json");

fn told() -> Value {
    serde_json::from_str(PREDICTIONS).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn whole(value: &Value) -> u32 {
    value.as_u64().and_then(|value| value.try_into().ok()).expect("a whole number")
}

fn model<M: Model<N>, const N: usize>(told: &Value) -> M {
    M::of(std::array::from_fn(|place| number(&told["parameters"][place])))
}

fn near(is: f64, should: f64, what: &Value) {
    assert!((is - should).abs() <= 1e-8 * should.abs().max(1.0), "{what}: {is} instead of {should}");
}

fn check<M: Model<4> + Buying>(name: &str) {
    let told = told();
    let days: Vec<_> = told["days_ahead"].as_array().into_iter().flatten().map(number).collect();
    let of = &told["models"][name];
    let model: M = model(of);
    let asked = of["asked"].as_array().expect("rows");
    assert!(asked.len() > 80 && days.len() == 5);
    for row in asked {
        let [repeats, last, age] = [0, 1, 2].map(|place| whole(&row["history"][place]));
        let history = History::new(repeats, last, age).expect("a history");
        near(model.alive(&history), number(&row["alive"]), row);
        for (place, days) in days.iter().enumerate() {
            near(model.orders_within(&history, *days), number(&row["orders"][place]), row);
        }
    }
}

#[test]
fn bg_nbd_foretells_the_same() {
    check::<BgNbd>("bg_nbd");
}

#[test]
fn mbg_nbd_foretells_the_same() {
    check::<MbgNbd>("mbg_nbd");
}

#[test]
fn pareto_nbd_foretells_the_same() {
    check::<ParetoNbd>("pareto_nbd");
}

#[test]
fn gamma_gamma_foretells_the_same() {
    let told = told();
    let of = &told["models"]["gamma_gamma"];
    let GammaGamma { p, q, v } = model(of);
    let in_cents = GammaGamma { p, q, v: v * 100.0 };
    let asked = of["asked"].as_array().expect("rows");
    assert!(asked.len() > 30);
    for row in asked {
        let spent = row["spending"][1].as_i64().expect("cents");
        let spending = Spending { orders: whole(&row["spending"][0]), spent };
        near(in_cents.order_value(&spending) / 100.0, number(&row["dollars"]), row);
    }
}
