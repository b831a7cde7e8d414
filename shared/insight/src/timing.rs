//! When people read what they were written: how often in each hour of a week, and whether one of them stands out.

use statrs::function::gamma::gamma_lr;

/// Below, nothing is said: a few early risers are no habit.
pub const READ_MIN: u64 = 50;
/// If nobody had a favourite hour, one would stand out so much once in so many times at most.
const CHANCE: f64 = 0.05;
const HOURS: usize = 7 * 24;

/// How often something happened, by hour of the week; Monday's first hour comes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week([u64; HOURS]);

/// An hour of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// 0 is Monday.
    pub weekday: u8,
    pub hour: u8,
    pub count: u64,
}

/// Why no hour is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    #[error("{0} messages were read; from {READ_MIN} on it can be told when")]
    TooFew(u64),
    #[error("{0} messages were read, and no hour stands out: it may as well be chance")]
    NoPeak(u64),
}

impl Default for Week {
    fn default() -> Self {
        Self([0; HOURS])
    }
}

impl Week {
    /// What is no hour of a week is not counted.
    pub fn add(&mut self, weekday: u8, hour: u8) {
        if hour < 24
            && let Some(count) = self.0.get_mut(usize::from(weekday) * 24 + usize::from(hour))
        {
            *count += 1;
        }
    }

    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The hours with the most first; of equals the earlier in the week. The first of them stands out.
    pub fn best(&self, at_most: usize) -> Result<Vec<Hour>, Unclear> {
        let total = self.total();
        if total < READ_MIN {
            return Err(Unclear::TooFew(total));
        }
        let hour = |(place, count): (usize, &u64)| Hour {
            weekday: u8::try_from(place / 24).unwrap_or_default(),
            hour: u8::try_from(place % 24).unwrap_or_default(),
            count: *count,
        };
        let mut hours: Vec<_> = self.0.iter().enumerate().map(hour).filter(|hour| hour.count > 0).collect();
        hours.sort_by_key(|hour| std::cmp::Reverse(hour.count));
        if hours.first().is_none_or(|first| !stands_out(first.count, total)) {
            return Err(Unclear::NoPeak(total));
        }
        hours.truncate(at_most);
        Ok(hours)
    }
}

/// The chance that any of the hours has so many, if all are alike (Poisson, Bonferroni), is small.
fn stands_out(count: u64, total: u64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "messages are below 2^52")]
    let (count, each) = (count as f64, total as f64 / HOURS as f64);
    gamma_lr(count, each) * (HOURS as f64) < CHANCE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(each: u64) -> Week {
        Week([each; HOURS])
    }

    #[test]
    fn a_habit_is_found_among_others() {
        let mut week = flat(1);
        for _ in 0..12 {
            week.add(1, 15);
        }
        for _ in 0..6 {
            week.add(3, 9);
        }
        let best = week.best(2).unwrap();
        assert_eq!(best[0], Hour { weekday: 1, hour: 15, count: 13 });
        assert_eq!(best[1], Hour { weekday: 3, hour: 9, count: 7 });
    }

    #[test]
    fn little_is_too_little_and_chance_is_no_habit() {
        let mut week = Week::default();
        for _ in 0..READ_MIN - 1 {
            week.add(1, 15);
        }
        assert_eq!(week.best(3), Err(Unclear::TooFew(49)));
        week.add(1, 15);
        assert_eq!(week.best(3).unwrap().len(), 1);
        assert_eq!(flat(3).best(3), Err(Unclear::NoPeak(3 * 168)));
        // Of 168 hours with two each, one with seven comes by chance often enough.
        let mut chance = flat(2);
        for _ in 0..5 {
            chance.add(0, 0);
        }
        assert!(matches!(chance.best(3), Err(Unclear::NoPeak(_))));
    }

    #[test]
    fn what_is_no_hour_is_not_counted() {
        let mut week = Week::default();
        for (weekday, hour) in [(7, 0), (0, 24), (6, 24)] {
            week.add(weekday, hour);
        }
        assert_eq!(week.total(), 0);
        week.add(6, 23);
        assert_eq!(week.total(), 1);
    }
}
