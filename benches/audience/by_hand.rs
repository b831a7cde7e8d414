//! What one would write for the six predicates alone, knowing every type: plain vectors, in blocks as ours are, absent
//! as 0.

use crate::shop::{DAY, NOW};
use columns::{Code, Number, Row};

pub(crate) struct Columns {
    first: u32,
    spent: Vec<i32>,
    orders: Vec<u16>,
    last: Vec<u32>,
    added: Vec<u32>,
    email: Vec<u8>,
    account: Vec<u8>,
}

const SINCE: u32 = (NOW - 365 * DAY) as u32;
const BEFORE: u32 = (NOW - 180 * DAY) as u32;

impl Columns {
    pub(crate) fn blocks_of(rows: &[Option<Row>]) -> Vec<Self> {
        (0..).step_by(4_096).zip(rows.chunks(4_096)).map(|(first, rows)| Self::of(first, rows)).collect()
    }

    fn of(first: u32, rows: &[Option<Row>]) -> Self {
        let all = || rows.iter().flatten();
        let number = |row: &Row, column: Number| row[column].unwrap_or(0);
        Self {
            first,
            spent: all().map(|row| number(row, Number::Spent) as i32).collect(),
            orders: all().map(|row| number(row, Number::Orders) as u16).collect(),
            last: all().map(|row| number(row, Number::LastOrder) as u32).collect(),
            added: all().map(|row| number(row, Number::Added) as u32).collect(),
            email: all().map(|row| row[Code::EmailState]).collect(),
            account: all().map(|row| row[Code::AccountState]).collect(),
        }
    }

    /// As it comes to mind: a row is left at its first no.
    pub(crate) fn plainly(&self, ids: &mut Vec<u32>) {
        let rows = 0..self.spent.len();
        let passing = rows.filter(|row| {
            let row = *row;
            self.spent[row] >= 10_000
                && self.orders[row] >= 3
                && self.last[row] >= SINCE
                && self.added[row] <= BEFORE
                && self.email[row] == 1
                && self.account[row] != 2
        });
        ids.extend(passing.map(|row| self.first + row as u32));
    }

    /// As one writes it who has looked at what the compiler makes of it: 64 rows without a branch, then the few that
    /// passed.
    pub(crate) fn branchless(&self, ids: &mut Vec<u32>) {
        let mut from = 0;
        while from < self.spent.len() {
            let rows = from..self.spent.len().min(from + 64);
            let mut answers = [0_u8; 64];
            let columns = self.spent[rows.clone()].iter().zip(&self.orders[rows.clone()]);
            let columns = columns.zip(&self.last[rows.clone()]).zip(&self.added[rows.clone()]);
            let columns = columns.zip(&self.email[rows.clone()]).zip(&self.account[rows]);
            for (answer, (((((spent, orders), last), added), email), account)) in
                answers.iter_mut().zip(columns)
            {
                *answer = u8::from(
                    (*spent >= 10_000)
                        & (*orders >= 3)
                        & (*last >= SINCE)
                        & (*added <= BEFORE)
                        & (*email == 1)
                        & (*account != 2),
                );
            }
            for (eight, answers) in answers.as_chunks::<8>().0.iter().enumerate() {
                let mut left = u64::from_le_bytes(*answers);
                while left != 0 {
                    ids.push(self.first + (from + eight * 8) as u32 + left.trailing_zeros() / 8);
                    left &= left - 1;
                }
            }
            from += 64;
        }
    }
}
