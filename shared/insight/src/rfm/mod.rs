//! Recency, frequency and money: customers beside each other, in fifths, and the eleven groups that follow.
//!
//! The groups' names are Shopify's, whose own table is unpublished; this one is ours. Every customer is in one group.

mod agreement;
mod cells;
mod cuts;

pub use agreement::{Agreement, Difference};
pub use cells::{Cell, Cells};
pub use cuts::{Basis, Cuts};
pub use domain::RfmGroup as Group;

/// A customer as the scores see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buyer {
    /// Of no account if nothing was ordered.
    pub last_day: i32,
    pub orders: u32,
    /// In minor units.
    pub spent: i64,
}

/// From 1 to 5, 5 being the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scores {
    recency: u8,
    frequency: u8,
    monetary: u8,
}

use Group::{
    Active, AlmostLost, AtRisk, Champions, Dormant, Loyal, NeedsAttention, New, PreviouslyLoyal, Promising,
};

/// By recency, from 1 up, and by frequency and money together, from 1 up.
const TABLE: [[Group; 5]; 5] = [
    [Dormant, Dormant, AtRisk, AtRisk, PreviouslyLoyal],
    [Dormant, Dormant, AtRisk, AtRisk, PreviouslyLoyal],
    [AlmostLost, AlmostLost, NeedsAttention, Loyal, Loyal],
    [Promising, Active, Active, Loyal, Loyal],
    [New, Active, Active, Champions, Champions],
];

impl Scores {
    /// `None` if one is none.
    pub fn new(recency: u8, frequency: u8, monetary: u8) -> Option<Self> {
        let are_scores = [recency, frequency, monetary].iter().all(|score| (1..=5).contains(score));
        are_scores.then_some(Self { recency, frequency, monetary })
    }

    pub fn recency(self) -> u8 {
        self.recency
    }

    pub fn frequency(self) -> u8 {
        self.frequency
    }

    pub fn monetary(self) -> u8 {
        self.monetary
    }

    /// Frequency and money as one, half a point rounded up.
    pub fn frequency_and_monetary(self) -> u8 {
        (self.frequency + self.monetary).div_ceil(2)
    }

    pub fn group(self) -> Group {
        let place = |score: u8| usize::from(score - 1);
        TABLE[place(self.recency)][place(self.frequency_and_monetary())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published table, best recency first.
    const PUBLISHED: &str = "
        5 NEW         ACTIVE      ACTIVE          CHAMPIONS CHAMPIONS
        4 PROMISING   ACTIVE      ACTIVE          LOYAL     LOYAL
        3 ALMOST_LOST ALMOST_LOST NEEDS_ATTENTION LOYAL     LOYAL
        2 DORMANT     DORMANT     AT_RISK         AT_RISK   PREVIOUSLY_LOYAL
        1 DORMANT     DORMANT     AT_RISK         AT_RISK   PREVIOUSLY_LOYAL";

    #[test]
    fn all_cells_are_as_published() {
        let mut seen = 0;
        for line in PUBLISHED.trim().lines() {
            let words: Vec<_> = line.split_whitespace().collect();
            let recency = words[0].parse().unwrap();
            for (score, name) in (1..=5).zip(&words[1..]) {
                let group = Scores::new(recency, score, score).unwrap().group();
                assert_eq!(group.name(), *name, "R{recency} FM{score}");
                seen += 1;
            }
        }
        assert_eq!(seen, 25);
    }

    #[test]
    fn half_a_point_of_frequency_and_money_counts() {
        for (frequency, monetary, is) in [(1, 2, 2), (2, 1, 2), (1, 5, 3), (4, 5, 5), (3, 3, 3)] {
            assert_eq!(Scores::new(1, frequency, monetary).unwrap().frequency_and_monetary(), is);
        }
    }

    #[test]
    fn what_is_no_score_is_none() {
        assert_eq!((Scores::new(0, 3, 3), Scores::new(3, 6, 3), Scores::new(3, 3, 0)), (None, None, None));
    }

    /// Whoever ordered lately is not given up, however little it was.
    #[test]
    fn nobody_who_came_lately_is_lost() {
        let scores = (4..=5).flat_map(|r| (1..=5).flat_map(move |f| (1..=5).map(move |m| (r, f, m))));
        for (r, f, m) in scores {
            let group = Scores::new(r, f, m).unwrap().group();
            assert!(![Dormant, AlmostLost, AtRisk, PreviouslyLoyal].contains(&group), "{r}{f}{m}: {group:?}");
        }
    }
}
