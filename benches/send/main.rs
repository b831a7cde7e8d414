//! Campaigns as the product plans, sends and hears of them, with a provider that takes everything at once.
//!
//! `sending plan CUSTOMERS FOLDER` plans campaigns to a shop in memory, and writes the shop as CSV into the folder, so that another
//! engine can choose the same people. `sending through CUSTOMERS WORDS PLACE` sends one to everybody, `WORDS` being `short` or
//! `newsletter`, and then hears what became of the messages; `PLACE` is `memory`, or a file that `sending make CUSTOMERS PLACE`
//! made. Each prints JSON lines.

#![expect(clippy::disallowed_methods, reason = "a measurement asks the machine for the time")]

mod around;
mod newsletter;
mod people;
mod plan;
mod shop;
mod spent;
mod through;

use std::process::ExitCode;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let count = words.get(1).and_then(|count| count.parse().ok()).filter(|count| *count > 0);
    match (&words[..], count) {
        (["plan", _, folder], Some(count)) => Box::pin(plan::measured(count, folder.as_ref())).await,
        (["make", _, place], Some(count)) => Box::pin(through::made(count, place)).await,
        (["through", _, words @ ("short" | "newsletter"), place], Some(count)) => {
            Box::pin(through::measured(count, words, place)).await;
        }
        _ => {
            eprintln!(
                "usage: sending plan CUSTOMERS FOLDER | make CUSTOMERS FILE | through CUSTOMERS short|newsletter memory|FILE"
            );
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
