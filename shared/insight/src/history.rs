//! When somebody has ordered, as far as a model needs to know.

use crate::distinct::Distinct;

/// Counted in days with an order: several orders of one day are one. A model reads days as sevenths of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct History {
    repeats: u32,
    last: u32,
    age: u32,
}

pub(crate) const DAYS_A_WEEK: f64 = 7.0;

impl History {
    /// `None` if there can be nobody like that: who came back did so after the first day and by today, at most once a day.
    pub fn new(repeats: u32, days_to_last: u32, days_to_today: u32) -> Option<Self> {
        let is_told_once = (repeats == 0) == (days_to_last == 0);
        let can_be = is_told_once && repeats <= days_to_last && days_to_last <= days_to_today;
        can_be.then_some(Self { repeats, last: days_to_last, age: days_to_today })
    }

    /// As it stands at the end of `today`. `None`: nothing was ordered by then.
    pub fn of(days: impl IntoIterator<Item = i32>, today: i32) -> Option<Self> {
        let mut days: Vec<_> = days.into_iter().filter(|day| *day <= today).collect();
        days.sort_unstable();
        days.dedup();
        let (first, last) = (*days.first()?, *days.last()?);
        let repeats = u32::try_from(days.len() - 1).ok()?;
        Self::new(repeats, last.abs_diff(first), today.abs_diff(first))
    }

    /// Days with an order, after the first.
    pub fn repeats(self) -> u32 {
        self.repeats
    }

    pub fn days_since_last(self) -> u32 {
        self.age - self.last
    }

    pub fn days_since_first(self) -> u32 {
        self.age
    }

    /// From one order to the next, on the mean. `None`: there was only one.
    pub fn usual_days(self) -> Option<f64> {
        (self.repeats > 0).then(|| f64::from(self.last) / f64::from(self.repeats))
    }

    pub(crate) fn has_returned(self) -> bool {
        self.repeats > 0
    }

    /// From the first order to the last.
    pub(crate) fn weeks_to_last(self) -> f64 {
        f64::from(self.last) / DAYS_A_WEEK
    }

    /// From the first order to today.
    pub(crate) fn weeks(self) -> f64 {
        f64::from(self.age) / DAYS_A_WEEK
    }
}

impl Distinct<History> {
    /// From one order to the next, on the mean of all who have come back. `None`: nobody has.
    pub fn usual_days(&self) -> Option<f64> {
        let repeats = self.sum(|history| f64::from(history.repeats));
        (repeats > 0.0).then(|| self.sum(|history| f64::from(history.last)) / repeats)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_of_one_day_are_one() {
        assert_eq!(History::of([10, 3, 10, 3], 20), History::new(1, 7, 17));
        assert_eq!(History::of([3, 3], 3), History::new(0, 0, 0));
    }

    #[test]
    fn what_comes_after_today_is_not_known_yet() {
        assert_eq!(History::of([3, 10, 21], 20), History::of([3, 10], 20));
        assert_eq!(History::of([21], 20), None);
    }

    #[test]
    fn the_usual_time_is_of_all_times_between_orders() {
        assert_eq!(History::of([0, 10, 40], 90).and_then(History::usual_days), Some(20.0));
        assert_eq!(History::of([0], 90).and_then(History::usual_days), None);
        let all = [vec![0, 10, 40], vec![5], vec![0, 8]];
        let all: Distinct<_> = all.into_iter().filter_map(|days| History::of(days, 90)).collect();
        assert_eq!(all.usual_days(), Some(16.0));
        assert_eq!(Distinct::<History>::from_iter([]).usual_days(), None);
    }

    #[test]
    fn there_is_nobody_who_came_back_before_they_came() {
        for (repeats, last, age) in [(1, 0, 5), (0, 2, 5), (3, 2, 5), (1, 6, 5)] {
            assert_eq!(History::new(repeats, last, age), None, "{repeats} {last} {age}");
        }
    }
}
