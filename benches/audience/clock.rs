//! How long something took: by the wall, and of this thread's CPU, which a busy machine does not stretch.

use std::{fmt, fs, thread, time::Instant};

#[derive(Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) wall: f64,
    pub(crate) cpu: f64,
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#""seconds":{:.9},"cpu":{:.9}"#, self.wall, self.cpu)
    }
}

pub(crate) fn once<T>(run: impl FnOnce() -> T) -> (Spent, T) {
    let (cpu, wall) = (cpu(), Instant::now());
    let answer = run();
    let wall = wall.elapsed().as_secs_f64();
    (Spent { wall, cpu: self::cpu() - cpu }, answer)
}

/// The medians of so many runs, after one that warms up.
pub(crate) fn median<T>(runs: usize, mut run: impl FnMut() -> T) -> (Spent, T) {
    let mut answer = run();
    let (mut wall, mut cpu) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let (spent, again) = once(&mut run);
        answer = again;
        wall.push(spent.wall);
        cpu.push(spent.cpu);
    }
    let middle = |mut of: Vec<f64>| {
        of.sort_by(f64::total_cmp);
        of[of.len() / 2]
    };
    (Spent { wall: middle(wall), cpu: middle(cpu) }, answer)
}

/// Linux adds what a thread ran to its account when the thread yields, so it is asked to.
fn cpu() -> f64 {
    thread::yield_now();
    let account = fs::read_to_string("/proc/thread-self/schedstat").expect("this is Linux");
    let nanoseconds = account.split(' ').next().and_then(|told| told.parse::<f64>().ok());
    nanoseconds.expect("the account begins with a number") / 1e9
}
