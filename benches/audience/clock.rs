//! How long something took: by the wall, and of this thread's CPU, which a busy machine does not stretch.

use std::{fmt, time::Instant};

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

fn cpu() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}
