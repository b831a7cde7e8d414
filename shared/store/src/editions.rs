//! What was read last, of what is told by its edition.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// Of each place the last edition that was read of it, with what it says.
pub(crate) struct Editions<P, T> {
    held: Mutex<BTreeMap<P, (u64, T)>>,
    weighed: fn(&T) -> usize,
    most: usize,
}

impl<P: Ord + Copy, T: Clone> Editions<P, T> {
    /// Of all shops together, at most so much, weighed so.
    pub(crate) fn within(most: usize, weighed: fn(&T) -> usize) -> Self {
        Self { held: Mutex::default(), weighed, most }
    }

    pub(crate) fn of(&self, place: P, edition: u64) -> Option<T> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&place).filter(|(of, _)| *of == edition).map(|(_, told)| told.clone())
    }

    /// Where it is too much with all others, it alone is held.
    pub(crate) fn hold(&self, place: P, edition: u64, told: T) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(place, (edition, told));
        if held.values().map(|(_, told)| (self.weighed)(told)).sum::<usize>() > self.most {
            held.retain(|other, _| *other == place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_of_the_edition_that_it_holds_and_of_no_other() {
        let editions = Editions::within(10, |told: &usize| *told);
        editions.hold('a', 1, 4);
        assert_eq!((editions.of('a', 1), editions.of('a', 2), editions.of('b', 1)), (Some(4), None, None));
        editions.hold('a', 2, 5);
        assert_eq!((editions.of('a', 1), editions.of('a', 2)), (None, Some(5)));
    }

    #[test]
    fn what_is_too_much_with_all_others_is_held_alone() {
        let editions = Editions::within(10, |told: &usize| *told);
        editions.hold('a', 1, 4);
        editions.hold('b', 1, 6);
        assert_eq!((editions.of('a', 1), editions.of('b', 1)), (Some(4), Some(6)));
        editions.hold('c', 1, 1);
        assert_eq!((editions.of('a', 1), editions.of('b', 1), editions.of('c', 1)), (None, None, Some(1)));
    }
}
