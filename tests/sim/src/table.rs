//! Many seeds, by several protocols, beside one another.

use std::{fmt, ops::Range, thread};

use crate::{Outcome, Protocol, Tally, run};

/// Failing seeds that are told in full.
const TOLD: usize = 10;

#[derive(Debug, Default)]
pub struct Compared {
    pub rows: Vec<Row>,
}

/// What came of all seeds by one protocol.
#[derive(Debug)]
pub struct Row {
    pub protocol: Protocol,
    pub seeds: u64,
    pub tally: Tally,
    pub steps: u64,
    pub failing: Vec<(u64, Vec<String>)>,
}

impl Compared {
    pub fn of(seeds: &Range<u64>, protocols: &[Protocol], threads: usize) -> Self {
        let rows = protocols.iter().map(|protocol| Row::of(seeds, *protocol, threads));
        Self { rows: rows.collect() }
    }

    pub fn row(&self, protocol: Protocol) -> &Row {
        self.rows.iter().find(|row| row.protocol == protocol).expect("it was asked for")
    }
}

impl Row {
    /// Each thread takes every n-th seed.
    fn of(seeds: &Range<u64>, protocol: Protocol, threads: usize) -> Self {
        let part = |first: usize| {
            let mut row = Self { protocol, seeds: 0, tally: Tally::default(), steps: 0, failing: Vec::new() };
            for seed in seeds.clone().skip(first).step_by(threads.max(1)) {
                row.add(seed, run(seed, protocol));
            }
            row
        };
        let mut whole = thread::scope(|scope| {
            let parts: Vec<_> = (0..threads.max(1)).map(|first| scope.spawn(move || part(first))).collect();
            let parts = parts.into_iter().map(|part| part.join().expect("a run does not panic"));
            parts.reduce(Self::and).expect("there is at least one thread")
        });
        whole.failing.sort();
        whole
    }

    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.seeds += 1;
        self.tally += outcome.tally;
        self.steps += outcome.steps;
        if !outcome.failures.is_empty() {
            self.failing.push((seed, outcome.failures));
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.seeds += other.seeds;
        self.tally += other.tally;
        self.steps += other.steps;
        self.failing.extend(other.failing);
        self
    }

    /// What went wrong, and how to see it again.
    pub fn told(&self) -> String {
        let told = self.failing.iter().take(TOLD).map(|(seed, failures)| {
            format!("seed {seed}: {}\n  again: cargo run -p sim -- --seed {seed}\n", failures.join("; "))
        });
        format!("{} of {} seeds fail\n{}", self.failing.len(), self.seeds, told.collect::<String>())
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| protocol | seeds | messages | doubles | losses | unaccounted for | sent after withdrawal | honestly unknown |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        for Row { protocol, seeds, tally, .. } in &self.rows {
            let Tally { chosen, doubles, losses, unaccounted, late, unknown } = tally;
            let name = protocol.name();
            writeln!(
                f,
                "| {name} | {seeds} | {chosen} | {doubles} | {losses} | {unaccounted} | {late} | {unknown} |"
            )?;
        }
        Ok(())
    }
}
