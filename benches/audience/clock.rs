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
    let [answer] = alternately(runs, [&mut run]);
    answer
}

/// In turn, so that each finds the caches as the others left them.
pub(crate) fn alternately<T, const N: usize>(
    runs: usize,
    mut all: [&mut dyn FnMut() -> T; N],
) -> [(Spent, T); N] {
    let mut spent = [const { Vec::new() }; N];
    let mut answers = all.each_mut().map(|run| run());
    for _ in 0..runs {
        for ((run, spent), answer) in all.iter_mut().zip(&mut spent).zip(&mut answers) {
            let (took, again) = once(run);
            *answer = again;
            spent.push(took);
        }
    }
    let mut spent =
        spent.iter().map(|of| Spent { wall: middle(of, |one| one.wall), cpu: middle(of, |one| one.cpu) });
    answers.map(|answer| (spent.next().expect("each has run"), answer))
}

fn middle(of: &[Spent], what: impl Fn(&Spent) -> f64) -> f64 {
    let mut of: Vec<_> = of.iter().map(what).collect();
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

fn cpu() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}
