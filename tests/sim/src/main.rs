//! The send proof by hand: `sim --seeds 100000`, or one seed again: `sim --seed 7`.

use sim::{Compared, Protocol};
use std::process::ExitCode;

fn main() -> ExitCode {
    let told: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| {
        let place = told.iter().position(|word| word == name)?;
        told.get(place + 1)?.parse::<u64>().ok()
    };
    if let Some(seed) = number("--seed") {
        let outcome = sim::run(seed, Protocol::Ours);
        println!("{}\n{:?}", sim::told(seed), outcome.tally);
        outcome.failures.iter().for_each(|failure| println!("{failure}"));
        return if outcome.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let (from, seeds) = (number("--from").unwrap_or(0), number("--seeds").unwrap_or(2_000));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = number("--threads").and_then(|told| usize::try_from(told).ok()).unwrap_or(threads);
    let compared = Compared::of(&(from..from + seeds), &Protocol::ALL, threads);
    print!("{compared}");
    let ours = compared.row(Protocol::Ours);
    println!("{} steps of functions in ours", ours.steps);
    if ours.failing.is_empty() {
        return ExitCode::SUCCESS;
    }
    print!("{}", ours.told());
    ExitCode::FAILURE
}
