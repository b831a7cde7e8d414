//! Where one fifth of a shop's customers ends and the next begins.
//!
//! A score is 1 + ⌊5·(customers strictly worse)/(all)⌋. So equals have equal scores, the lower one of those that they span, and
//! where most have ordered once, most have a frequency of 1. What has a score is a range of values, so cut points say it all.

use serde::{Deserialize, Serialize};

use super::{Buyer, Scores};

/// Made at one time, good for whoever orders until the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cuts {
    pub as_of: i32,
    pub basis: Basis,
    /// Whom the fifths are of: all who have ordered.
    pub customers: u64,
    recency: Marks,
    frequency: Marks,
    monetary: Marks,
}

/// What recency is measured by. Frequency and money are fifths in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Basis {
    Fifths,
    /// Too few have come back for fifths to say anything: 40, 90 and 180 days.
    FixedDays,
}

/// The least values of the scores 2 to 5, rising; `NEVER`: nobody has this score.
type Marks = [i64; 4];
const NEVER: i64 = i64::MAX;

const RETURNED_MIN: u64 = 100;
/// Longer ago is 1; there is no 2.
const DAYS: [i32; 4] = [180, 180, 90, 40];
/// A range of values that are counted one by one, and not sorted: days and orders nearly always are.
const COUNTED_MAX: u64 = 1 << 16;

impl Cuts {
    /// Of all customers; who has not ordered does not count.
    pub fn of(customers: impl IntoIterator<Item = Buyer>, today: i32) -> Self {
        let (mut last, mut orders, mut spent) = (Vec::new(), Vec::new(), Vec::new());
        let mut returned = 0;
        for buyer in customers.into_iter().filter(|buyer| buyer.orders > 0) {
            last.push(i64::from(buyer.last_day));
            orders.push(i64::from(buyer.orders));
            spent.push(buyer.spent);
            returned += u64::from(buyer.orders > 1);
        }
        let basis = if returned < RETURNED_MIN { Basis::FixedDays } else { Basis::Fifths };
        let recency = match basis {
            Basis::Fifths => marks(last),
            Basis::FixedDays => DAYS.map(|days| i64::from(today) - i64::from(days)),
        };
        let customers = orders.len() as u64;
        Self { as_of: today, basis, customers, recency, frequency: marks(orders), monetary: marks(spent) }
    }

    /// `None`: has not ordered.
    #[inline]
    pub fn score(&self, buyer: &Buyer) -> Option<Scores> {
        let of =
            |marks: &Marks, value: i64| 1 + marks.iter().map(|mark| u8::from(value >= *mark)).sum::<u8>();
        (buyer.orders > 0).then(|| Scores {
            recency: of(&self.recency, buyer.last_day.into()),
            frequency: of(&self.frequency, buyer.orders.into()),
            monetary: of(&self.monetary, buyer.spent),
        })
    }

    /// The last days to have ordered on for the scores 2 to 5. `None`: nobody has it.
    pub fn recency(&self) -> [Option<i64>; 4] {
        told(self.recency)
    }

    /// The least orders for the scores 2 to 5.
    pub fn frequency(&self) -> [Option<i64>; 4] {
        told(self.frequency)
    }

    /// The least spent for the scores 2 to 5, in minor units.
    pub fn monetary(&self) -> [Option<i64>; 4] {
        told(self.monetary)
    }
}

fn told(marks: Marks) -> [Option<i64>; 4] {
    marks.map(|mark| (mark != NEVER).then_some(mark))
}

/// For each of the scores, the least value that as many are worse than as it asks for.
fn marks(values: Vec<i64>) -> Marks {
    let (Some(least), Some(most)) = (values.iter().min().copied(), values.iter().max().copied()) else {
        return [NEVER; 4];
    };
    let worse = [1, 2, 3, 4].map(|fifths| (values.len() * fifths).div_ceil(5));
    if most.abs_diff(least) < COUNTED_MAX {
        counted(&values, least, most, worse)
    } else {
        sorted(values, worse)
    }
}

/// How many a customer has to be better than, for the scores 2 to 5.
type Worse = [usize; 4];

fn counted(values: &[i64], least: i64, most: i64, worse: Worse) -> Marks {
    let place = |value: i64| usize::try_from(value.abs_diff(least)).unwrap_or_default();
    let mut counts = vec![0_usize; place(most) + 1];
    for value in values {
        counts[place(*value)] += 1;
    }
    let mut marks = [NEVER; 4];
    let mut before = 0;
    for (value, count) in (least..).zip(counts) {
        if count > 0 {
            let reached =
                marks.iter_mut().zip(worse).filter(|(mark, worse)| **mark == NEVER && before >= *worse);
            reached.for_each(|(mark, _)| *mark = value);
        }
        before += count;
    }
    marks
}

fn sorted(mut values: Vec<i64>, worse: Worse) -> Marks {
    let mut from = 0;
    worse.map(|worse| {
        if worse >= values.len() {
            return NEVER;
        }
        if worse >= from {
            values[from..].select_nth_unstable(worse - from);
            from = worse;
        }
        // All before it are at most as good. Whoever equals it has no more behind them than the first of these.
        let value = values[worse];
        if values[..worse].contains(&value) {
            let better = values[worse + 1..].iter().filter(|other| **other > value);
            return better.min().copied().unwrap_or(NEVER);
        }
        value
    })
}
