//! What was done by a link just now, as far as this process remembers: so that a loop of requests is neither told on and on, nor
//! writes on and on.
//!
//! It forgets with the process, and when too much is remembered. What is kept does not depend on it: of looks the first counts, and
//! of wishes the last.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::Timestamp;

/// The same look is told again after so long: by then it may be somebody else's.
const LOOK: Duration = Duration::from_mins(1);
/// So often one message's reader may change their mind within so long.
const ACTS_MAX: u32 = 20;
const ACTS: Duration = Duration::from_hours(1);
const REMEMBERED_MAX: usize = 20_000;

/// Clones remember together.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<HashMap<u64, Since>>>);

/// How often, since when, and until when that counts.
#[derive(Clone, Copy)]
struct Since {
    times: u32,
    until: Timestamp,
}

impl Memory {
    /// Whether it is to be told.
    pub(crate) fn is_new(&self, look: impl Hash, now: Timestamp) -> bool {
        self.times(("look", look), LOOK, now) == 1
    }

    /// Whether it is not too often.
    pub(crate) fn may_act(&self, whose: impl Hash, now: Timestamp) -> bool {
        self.times(("act", whose), ACTS, now) <= ACTS_MAX
    }

    /// How often it was so by now.
    fn times(&self, what: impl Hash, window: Duration, now: Timestamp) -> u32 {
        let mut name = DefaultHasher::new();
        what.hash(&mut name);
        let name = name.finish();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !held.contains_key(&name) {
            if held.len() >= REMEMBERED_MAX {
                held.retain(|_, since| now < since.until);
            }
            if held.len() >= REMEMBERED_MAX {
                held.clear();
            }
        }
        let since = held.entry(name).or_insert(Since { times: 0, until: now + window });
        if now >= since.until {
            *since = Since { times: 0, until: now + window };
        }
        since.times = since.times.saturating_add(1);
        since.times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    #[test]
    fn the_same_look_is_told_once_a_minute() {
        let memory = Memory::default();
        let check = |look: &str, second: i64, expected: bool| {
            assert_eq!(memory.clone().is_new(look, at(second)), expected, "{look} at {second}");
        };
        check("a", 0, true);
        check("a", 0, false);
        check("b", 1, true);
        check("a", 59, false);
        check("a", 60, true);
        check("a", 119, false);
        check("a", 120, true);
    }

    #[test]
    fn minds_are_changed_so_often_an_hour() {
        let memory = Memory::default();
        let acted = (0..1_000).filter(|second| memory.may_act("ada", at(*second))).count();
        assert_eq!(acted, 20);
        assert!(memory.may_act("bo", at(0)), "others may");
        assert!(memory.may_act("ada", at(3_600)));
    }

    #[test]
    fn it_remembers_so_much_and_forgets_what_is_over_first() {
        let memory = Memory::default();
        for look in 0..100_000_u32 {
            memory.is_new(look, at(i64::from(look) / 1_000));
            assert!(memory.0.lock().unwrap().len() <= REMEMBERED_MAX);
        }
        assert!(!memory.is_new(99_999_u32, at(100)), "the newest is remembered");
    }
}
