//! What one event costs the processor, beside a handler that knows nothing of Shopify's but JSON.
//!
//! `webhook [ROUNDS]` prints one JSON line for each size of an order: bytes, and medians in microseconds of this thread's CPU
//! of checking its signature, of reading it as typed values of ours, of both, and of both by `serde_json::Value`.

#![expect(
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock, and its figures are far from the ends of any type"
)]

#[path = "../audience/clock.rs"]
#[expect(dead_code, reason = "the wall is not asked for")]
mod clock;
mod event;

use std::hint::black_box;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use shopify::{
    App, Reading, Secret, Topic,
    payload::{self, Change},
    webhook,
};

/// Of one measurement: long enough for the clock.
const EVENTS: u32 = 200;
const SECRET: &str = "shpss_a secret that nobody else knows";

fn main() {
    let rounds = std::env::args().skip(1).find_map(|told| told.parse().ok()).unwrap_or(51);
    let whole = event::sample();
    for order in [event::small(whole.clone()), whole] {
        let body = order.to_string().into_bytes();
        measure(rounds, &body, &event::signature(SECRET, &body));
    }
}

fn measure(rounds: usize, body: &[u8], signature: &str) {
    let app = App { client_id: "client".to_owned(), secret: Secret::new(SECRET), old_secret: None };
    let headers = event::ORDER.headers(signature);
    let header = |name: &str| headers.iter().find(|(told, _)| *told == name).map(|(_, value)| *value);
    let verify = || webhook::verified("POST", header, body, &app).expect("it is signed").topic;
    let reading = Reading { currency: "USD".parse().expect("a currency"), country: Some("US") };
    let read = |topic: &Topic| {
        let Ok(Change::Order(order)) = payload::read(topic, body) else { panic!("an order") };
        order.told(&reading).expect("it can be kept").order.total.get()
    };
    let often = |run: &dyn Fn() -> i64| (0..EVENTS).map(|_| black_box(run())).sum::<i64>();
    let [verified, parsed, both, by_value] = clock::alternately(
        rounds,
        [
            &mut || often(&|| i64::from(verify() == Topic::OrdersCreate)),
            &mut || often(&|| read(&Topic::OrdersCreate)),
            &mut || often(&|| read(&verify())),
            &mut || often(&|| by_value(body, signature)),
        ],
    );
    let micros = |spent: &clock::Spent| spent.cpu / f64::from(EVENTS) * 1e6;
    println!(
        r#"{{"bytes":{},"verify_us":{:.1},"read_us":{:.1},"both_us":{:.1},"value_us":{:.1}}}"#,
        body.len(),
        micros(&verified.0),
        micros(&parsed.0),
        micros(&both.0),
        micros(&by_value.0)
    );
}

/// The same signature, the same few fields, by a tree of everything that is told.
fn by_value(body: &[u8], signature: &str) -> i64 {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = STANDARD.decode(signature).expect("base64");
    hmac::verify(&key, body, &tag).expect("it is signed");
    let order: Value = serde_json::from_slice(body).expect("JSON");
    let total = order["current_total_price"].as_str().expect("a total").replace('.', "");
    let lines = order["line_items"].as_array().expect("lines");
    let titles: usize = lines.iter().filter_map(|line| line["title"].as_str()).map(str::len).sum();
    black_box(titles);
    total.parse().expect("a number")
}
