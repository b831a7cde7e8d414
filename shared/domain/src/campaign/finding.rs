//! What a trial shows: which words lead, and whether that could be chance.
//!
//! Each is compared with each, and all of that together may be wrong once in twenty (`chance::together`): so whoever looks which one
//! leads, and only then asks whether it does, is not deceived. The leader has won if it is above every other by more than chance.

use std::collections::BTreeMap;

use super::{
    chance::{Share, chance, together},
    count::ArmCounts,
    trial::{Metric, Trial},
};

/// What is more likely than that may be chance.
pub const CHANCE_MAX: f64 = 0.05;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// The first of those that did best.
    pub leader: u8,
    /// Another did as well.
    pub is_tied: bool,
    /// How likely it is that nothing but chance parts the leader from the one that is hardest to tell from it. `None`: nobody has
    /// got anything yet.
    pub chance: Option<f64>,
}

impl Finding {
    /// The leader has won, and it is hardly chance.
    pub fn is_sure(&self) -> bool {
        !self.is_tied && self.chance.is_some_and(|chance| chance < CHANCE_MAX)
    }
}

impl Trial {
    /// Of an arm, by what doing better is.
    pub fn share(&self, counts: &ArmCounts) -> Share {
        let (did, of) = match self.metric {
            Metric::Opened => (counts.opened, counts.delivered),
            Metric::Clicked => (counts.clicked, counts.delivered),
            Metric::Delivered => (counts.delivered, counts.sent),
        };
        Share { did: did.min(of), of }
    }

    /// Those who wait try nothing, and say nothing of it.
    pub fn finding(&self, arms: &BTreeMap<u8, ArmCounts>) -> Finding {
        let of = |arm: u8| self.share(&arms.get(&arm).copied().unwrap_or_default());
        let shares: Vec<Share> = (0..).zip(&self.shares).map(|(arm, _)| of(arm)).collect();
        let mut leader = 0;
        for place in 1..shares.len() {
            if shares[place].is_above(shares[leader]) {
                leader = place;
            }
        }
        let others = || (0..shares.len()).filter(|place| *place != leader);
        let is_tied = others().any(|place| !shares[leader].is_above(shares[place]));
        let pairs: Vec<(usize, usize)> = (0..shares.len())
            .flat_map(|one| (one + 1..shares.len()).map(move |other| (one, other)))
            .collect();
        let chances: Vec<f64> =
            pairs.iter().map(|(one, other)| chance(shares[*one], shares[*other])).collect();
        let with_leader = pairs.iter().zip(together(&chances));
        let with_leader = with_leader.filter(|((one, other), _)| *one == leader || *other == leader);
        let hardest = with_leader.map(|(_, chance)| chance).fold(0.0, f64::max);
        let has_any = shares.iter().any(|share| share.of > 0);
        Finding {
            leader: u8::try_from(leader).unwrap_or_default(),
            is_tied,
            chance: has_any.then_some(hardest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::trial::REST;

    fn found(clicks: &[(u64, u64)]) -> Finding {
        let trial = Trial { shares: vec![10; clicks.len()], metric: Metric::Clicked, hours: 4 };
        let counts =
            |(clicked, delivered)| ArmCounts { clicked, delivered, sent: delivered, ..ArmCounts::default() };
        let arms = (0..).zip(clicks).map(|(arm, one)| (arm, counts(*one)));
        let rest = (REST, counts((1_000, 1_000)));
        trial.finding(&arms.chain([rest]).collect())
    }

    #[test]
    fn the_best_leads_and_wins_only_if_it_is_hardly_chance() {
        let check = |clicks: &[(u64, u64)], leader: u8, is_tied: bool, is_sure: bool| {
            let finding = found(clicks);
            let seen = (finding.leader, finding.is_tied, finding.is_sure());
            assert_eq!(seen, (leader, is_tied, is_sure), "{clicks:?}: {finding:?}");
        };
        check(&[(10, 100), (30, 100)], 1, false, true);
        check(&[(10, 100), (14, 100)], 1, false, false);
        check(&[(10, 100), (10, 100)], 0, true, false);
        check(&[(0, 0), (0, 0)], 0, true, false);
        check(&[(0, 0), (1, 2)], 1, false, false);
        check(&[(5, 100), (20, 200), (5, 50)], 1, true, false);
        check(&[(30, 100), (29, 100), (2, 100)], 0, false, false);
        check(&[(2, 100), (9, 100), (40, 100), (11, 100)], 2, false, true);
    }

    #[test]
    fn what_two_would_show_is_less_sure_among_four() {
        let (two, four) = (found(&[(8, 100), (20, 100)]), found(&[(8, 100), (20, 100), (8, 100), (8, 100)]));
        assert!(two.is_sure() && !four.is_sure(), "{two:?} {four:?}");
        assert_eq!(found(&[(0, 0), (0, 0)]).chance, None);
        assert_eq!(found(&[(0, 9), (0, 9)]).chance, Some(1.0));
    }

    /// Of a thousand trials of words that are the same, as in a shop of some hundreds.
    #[test]
    fn words_that_are_the_same_win_at_most_once_in_twenty() {
        let mut dice = 7_u64;
        let mut roll = |sides: u64| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (dice >> 33) % sides
        };
        for arms in 2..=4 {
            let sure = (0..1_000).filter(|_| {
                let clicks: Vec<_> =
                    (0..arms).map(|_| ((0..150).filter(|_| roll(100) < 12).count() as u64, 150)).collect();
                found(&clicks).is_sure()
            });
            let sure = sure.count();
            assert!(sure <= 50, "{sure} of 1000 with {arms}");
        }
    }
}
