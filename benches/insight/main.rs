//! What orders say: fits and predictions on the CDNOW sample, and folds over a made shop of a million customers.
//!
//! `insight [--customers N] [FOLDER]` prints one JSON line for each figure: medians of the wall clock and of this thread's CPU in
//! seconds, and the answer, so that another engine's can be held against it. Into a folder it first writes the shop as CSV.

#![expect(
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock, and its figures are far from the ends of any type"
)]

#[path = "../audience/clock.rs"]
mod clock;
#[path = "../../shared/insight/tests/cdnow/sample.rs"]
mod sample;
mod shop;

use clock::{Spent, median};
use insight::{
    BackTest, BgNbd, Buying, By, Cohorts, Distinct, Fitted, GammaGamma, History, MbgNbd, Model, Month,
    ParetoNbd, Revenue, ShopDays,
    rfm::{Cells, Cuts},
};
use serde_json::{Value, json};
use std::path::Path;

const REPEATS: usize = 25;
const PREDICTIONS: usize = 1_000_000;
const AHEAD_DAYS: f64 = 273.0;

fn main() {
    let asked = Asked::of(std::env::args().skip(1));
    fits();
    foretold();
    folds(&asked);
}

fn say(asked: &str, spent: Spent, answer: &Value) {
    println!("{{\"asked\":{},{spent},\"answer\":{answer}}}", json!(asked));
}

/// Of histories one by one: to make them distinct is part of it.
fn fits() {
    let one_by_one = |(history, customers): (History, u64)| vec![history; customers as usize];
    let histories: Vec<_> = sample::histories().iter().flat_map(one_by_one).collect();
    fit::<BgNbd>("fit BG/NBD", &histories);
    fit::<MbgNbd>("fit MBG/NBD", &histories);
    fit::<ParetoNbd>("fit Pareto/NBD", &histories);
    let spendings: Vec<_> =
        sample::repeats().iter().flat_map(|(of, count)| vec![of; count as usize]).collect();
    let (spent, fitted) =
        median(REPEATS, || Fitted::<GammaGamma, 3>::of(&spendings.iter().copied().collect()).expect("a fit"));
    say("fit Gamma-Gamma", spent, &json!({ "log_likelihood": fitted.log_likelihood }));

    let many: Vec<_> = histories.iter().cycle().take(PREDICTIONS).copied().collect();
    let bg = fitted_to::<BgNbd>(&histories);
    predict("expected orders, BG/NBD", &many, |history| bg.orders_within(history, AHEAD_DAYS));
    let mbg = fitted_to::<MbgNbd>(&histories);
    predict("expected orders, MBG/NBD", &many, |history| mbg.orders_within(history, AHEAD_DAYS));
    predict("P(alive), MBG/NBD", &many, |history| mbg.alive(history));
    let pareto = fitted_to::<ParetoNbd>(&histories);
    predict("P(alive), Pareto/NBD", &many, |history| pareto.alive(history));
}

fn fitted_to<M: Model<4, Fact = History>>(histories: &[History]) -> M {
    Fitted::<M>::of(&histories.iter().copied().collect()).expect("a fit").model
}

fn fit<M: Model<4, Fact = History>>(asked: &str, histories: &[History]) {
    let (spent, fitted) = median(REPEATS, || {
        let histories: Distinct<_> = histories.iter().copied().collect();
        Fitted::<M>::of(&histories).expect("a fit")
    });
    let answer = json!({ "log_likelihood": fitted.log_likelihood, "parameters": fitted.model.parameters() });
    say(asked, spent, &answer);
}

fn predict(asked: &str, histories: &[History], of: impl Fn(&History) -> f64) {
    let (spent, sum) = median(5, || histories.iter().map(&of).sum::<f64>());
    say(asked, spent, &json!({ "sum": sum, "predictions": histories.len() }));
}

/// The second half of the sample by what is known of the first.
fn foretold() {
    fn of<M: Model<4, Fact = History> + Buying>(name: &str, then: &[(History, u32)]) {
        let (spent, test) = median(3, || {
            BackTest::of::<M>(then, sample::end().abs_diff(sample::calibrated())).expect("a fit")
        });
        let answer = json!({
            "came": test.came, "expected": test.expected, "naive": test.naive,
            "miss": test.miss, "naive_miss": test.naive_miss,
        });
        say(&format!("held out, {name}"), spent, &answer);
    }
    let orders = sample::orders();
    let held_out = orders.iter().filter_map(|orders| {
        let until = |day| History::of(orders.iter().map(|order| order.day), day);
        let before = until(sample::calibrated())?;
        Some((before, until(sample::end())?.repeats() - before.repeats()))
    });
    let then: Vec<_> = held_out.collect();
    of::<BgNbd>("BG/NBD", &then);
    of::<MbgNbd>("MBG/NBD", &then);
    of::<ParetoNbd>("Pareto/NBD", &then);
}

fn folds(asked: &Asked) {
    let shop = shop::Shop::of(asked.customers);
    if let Some(folder) = &asked.folder {
        shop.write_csv(Path::new(folder)).expect("the shop can be written as CSV");
    }
    days(&shop);
    let (spent, cells) = median(REPEATS, || {
        let cuts = Cuts::of(shop.buyers(), shop::TODAY);
        Cells::of(shop.buyers(), &cuts)
    });
    let cells: Vec<_> = cells.by_scores().filter(|(_, cell)| cell.customers > 0).collect();
    let rows = cells.iter().map(|(scores, cell)| {
        json!([
            scores.recency(),
            scores.frequency(),
            scores.monetary(),
            cell.customers,
            cell.orders,
            cell.spent
        ])
    });
    say("RFM", spent, &rows.collect());

    let (spent, cohorts) = median(REPEATS, || {
        let mut cohorts = Cohorts::new(Month::of(shop::BEGUN), Month::of(shop::TODAY));
        for orders in shop.customers() {
            cohorts.add(orders.iter().copied());
        }
        cohorts.finish()
    });
    let rows = cohorts.iter().flat_map(|cohort| {
        let cells = (cohort.month.0..).zip(&cohort.months).filter(|(_, cell)| cell.orders > 0);
        cells.map(|(month, cell)| json!([cohort.month.0, month, cell.customers, cell.orders, cell.revenue]))
    });
    say("cohorts", spent, &rows.collect());

    let (spent, days) = median(REPEATS, || {
        let mut revenue = Revenue::new(shop::TODAY - 89, shop::TODAY + 1, By::Day).expect("ninety days");
        for orders in shop.customers() {
            revenue.add(orders.iter().copied());
        }
        revenue.finish()
    });
    let rows = days.iter().map(|day| json!([day.from, day.customers, day.orders, day.revenue]));
    say("revenue of 90 days", spent, &rows.collect());
}

/// As columns have instants; half of a day later than the day began.
fn days(shop: &shop::Shop) {
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").expect("a zone");
    let instants: Vec<_> =
        shop.customers().flatten().map(|order| i64::from(order.day) * 86_400 + 43_200).collect();
    let (spent, sum) = median(REPEATS, || {
        let days = ShopDays::new(&zone, shop::BEGUN, shop::TODAY + 1).expect("three years");
        instants.iter().filter_map(|at| days.day_of(*at)).map(i64::from).sum::<i64>()
    });
    assert_eq!(sum, shop.customers().flatten().map(|order| i64::from(order.day)).sum::<i64>());
    say("days of all orders", spent, &json!(sum));
}

struct Asked {
    customers: usize,
    folder: Option<String>,
}

impl Asked {
    fn of(arguments: impl Iterator<Item = String>) -> Self {
        let mut asked = Self { customers: 1_000_000, folder: None };
        // `cargo bench` says that it is one.
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(argument) = arguments.next() {
            if argument == "--customers" {
                let told = arguments.next().and_then(|told| told.parse().ok());
                asked.customers = told.expect("--customers wants a number");
            } else {
                asked.folder = Some(argument);
            }
        }
        asked
    }
}
