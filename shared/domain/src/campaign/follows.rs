//! When links of a message were followed, as far as it takes to tell people from guards that call themselves browsers.
//!
//! A guard follows all links within seconds; a person follows one, reads, and follows another. So of each link two instants are
//! kept: the first of all, and the first of any later minute. That is little, the same in whatever order it is told, and changes
//! twice for each link however often it is followed.

use std::time::Duration;

use crate::Timestamp;

/// Links share this many places: of so many as make a hurry some are apart.
const PLACES: u8 = 16;
/// So many links within so long are followed by nobody who reads.
const HURRY_LINKS: usize = 3;
const HURRY: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Follows(Vec<Follow>);

/// Of the links of one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Follow {
    pub place: u8,
    pub first: Timestamp,
    /// The first in a later minute.
    pub later: Option<Timestamp>,
}

/// Where what is told of a link is kept.
pub fn place_of(url: &str) -> u8 {
    // FNV-1a: near addresses are apart.
    let mixed =
        url.bytes().fold(0x811c_9dc5_u32, |mixed, byte| (mixed ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    u8::try_from((mixed ^ (mixed >> 16)) % u32::from(PLACES)).unwrap_or(0)
}

impl Follows {
    /// As they were stored.
    pub fn of(mut follows: Vec<Follow>) -> Self {
        follows.sort_unstable();
        Self(follows)
    }

    /// Of which no more is known than when one was followed first: so it was kept before, and of providers that name no link.
    pub fn known(clicked_at: Option<Timestamp>) -> Self {
        Self(clicked_at.into_iter().map(|first| Follow { place: 0, first, later: None }).collect())
    }

    pub fn all(&self) -> &[Follow] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn with(&self, place: u8, at: Timestamp) -> Self {
        let mut follows = self.0.clone();
        match follows.iter_mut().find(|follow| follow.place == place) {
            None => follows.push(Follow { place, first: at, later: None }),
            Some(follow) => {
                let (first, other) = (follow.first.min(at), follow.first.max(at));
                let others = follow.later.into_iter().chain([other]);
                follow.later = others.filter(|it| minute(*it) > minute(first)).min();
                follow.first = first;
            }
        }
        Self::of(follows)
    }

    /// When somebody who was in no hurry first followed one.
    pub fn by_person(&self) -> Option<Timestamp> {
        let mut all: Vec<(Timestamp, u8)> = Vec::new();
        for follow in &self.0 {
            all.extend(follow.later.into_iter().chain([follow.first]).map(|at| (at, follow.place)));
        }
        all.sort_unstable();
        let is_hurried = |at: Timestamp| {
            let begins =
                all.iter().map(|(begin, _)| *begin).filter(|begin| *begin <= at && at <= *begin + HURRY);
            begins.into_iter().any(|begin| {
                let within = all.iter().filter(|(it, _)| (begin..=begin + HURRY).contains(it));
                let mut places: Vec<u8> = within.map(|(_, place)| *place).collect();
                places.sort_unstable();
                places.dedup();
                places.len() >= HURRY_LINKS
            })
        };
        all.iter().map(|(at, _)| *at).find(|at| !is_hurried(*at))
    }
}

fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_040 + second).unwrap()
    }

    fn told(all: &[(u8, i64)]) -> Follows {
        all.iter().fold(Follows::default(), |follows, (place, second)| follows.with(*place, at(*second)))
    }

    #[test]
    fn many_links_within_seconds_are_a_machines() {
        let check = |all: &[(u8, i64)], expected: Option<i64>| {
            assert_eq!(told(all).by_person(), expected.map(at), "{all:?}");
        };
        check(&[], None);
        check(&[(1, 0)], Some(0));
        check(&[(1, 0), (2, 3)], Some(0));
        check(&[(1, 0), (1, 1), (1, 2), (1, 3)], Some(0));
        check(&[(1, 0), (2, 3), (3, 10)], None);
        check(&[(1, 0), (2, 3), (3, 11)], Some(0));
        check(&[(1, 0), (2, 6), (3, 12), (4, 14)], Some(0));
        check(&[(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)], None);
        // Whoever comes afterwards reads, whichever link they follow.
        check(&[(1, 0), (2, 1), (3, 2), (9, 500)], Some(500));
        check(&[(1, 0), (2, 1), (3, 2), (2, 500)], Some(500));
        // Whoever read before the guard came has read.
        check(&[(1, 0), (2, 100), (3, 101), (4, 102)], Some(0));
        // The guard comes twice.
        check(&[(1, 0), (2, 1), (3, 2), (1, 500), (2, 501), (3, 502)], None);
    }

    #[test]
    fn a_link_that_is_followed_for_ever_is_written_down_twice() {
        let mut follows = Follows::default();
        let mut changes = 0;
        for second in 0..10_000 {
            let after = follows.with(3, at(second));
            changes += usize::from(after != follows);
            follows = after;
        }
        assert_eq!((changes, follows.all().len()), (2, 1));
        assert_eq!(follows.all()[0].later, Some(at(60)));
    }

    #[test]
    fn links_of_one_message_are_apart() {
        let links = [
            "https://x.test/",
            "https://x.test/tea",
            "https://x.test/cups",
            "https://x.test/sale",
            "https://y.test/",
        ];
        let mut places: Vec<u8> = links.iter().map(|link| place_of(link)).collect();
        assert!(places.iter().all(|place| *place < PLACES));
        places.sort_unstable();
        places.dedup();
        assert!(places.len() >= HURRY_LINKS, "{places:?}");
    }

    proptest! {
        #[test]
        fn no_order_and_no_repetition_matters(
            mut all in prop::collection::vec((0..5_u8, 0..400_i64), 0..20),
            turn in any::<prop::sample::Index>(),
        ) {
            let once = told(&all);
            if !all.is_empty() {
                let turn = turn.index(all.len());
                all.rotate_left(turn);
            }
            all.reverse();
            all.extend(all.clone());
            prop_assert_eq!(told(&all), once);
        }
    }
}
