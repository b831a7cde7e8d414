//! What the process has taken: time by the wall, of the processor, and memory at its highest.

use std::{fs, time::Instant};

/// The kernel counts a process's time in hundredths of a second.
const TICKS: f64 = 100.0;

#[derive(Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) wall: f64,
    /// Of all threads together.
    pub(crate) cpu: f64,
}

pub(crate) async fn spent<T>(work: impl Future<Output = T>) -> (Spent, T) {
    let (began, before) = (Instant::now(), cpu());
    let done = work.await;
    (Spent { wall: began.elapsed().as_secs_f64(), cpu: cpu() - before }, done)
}

/// The middle one, of each figure by itself.
pub(crate) fn median(all: &[Spent]) -> Spent {
    let middle = |what: fn(&Spent) -> f64| {
        let mut all: Vec<_> = all.iter().map(what).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    Spent { wall: middle(|one| one.wall), cpu: middle(|one| one.cpu) }
}

fn cpu() -> f64 {
    let told = fs::read_to_string("/proc/self/stat").expect("Linux tells of every process");
    // The name in brackets may hold spaces; user and system time are the twelfth and thirteenth after it.
    let after = told.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks = after.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS
}

/// From now on the highest counts anew. Resident now, in MiB.
pub(crate) fn memory_marked() -> f64 {
    fs::write("/proc/self/clear_refs", "5").expect("the kernel lets a process mark its own memory");
    memory("VmRSS:")
}

/// The highest since it was marked, in MiB.
pub(crate) fn memory_peak() -> f64 {
    memory("VmHWM:")
}

fn memory(name: &str) -> f64 {
    let told = fs::read_to_string("/proc/self/status").expect("Linux tells of every process");
    let line = told.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let kibibytes = line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or_default();
    kibibytes / 1024.0
}
