//! Customers counted by their scores: groups, the matrix and their sums are all read from here.

use super::{Buyer, Cuts, Group, Scores};

/// A fold over all customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    cells: Vec<Cell>,
    prospects: Cell,
}

/// What customers who are alike come to together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    pub customers: u64,
    pub orders: u64,
    /// In minor units.
    pub spent: i64,
}

impl Cells {
    pub fn of(customers: impl IntoIterator<Item = Buyer>, cuts: &Cuts) -> Self {
        let mut told = Self { cells: vec![Cell::default(); 125], prospects: Cell::default() };
        for buyer in customers {
            let cell = match cuts.score(&buyer) {
                Some(scores) => &mut told.cells[place(scores)],
                None => &mut told.prospects,
            };
            cell.add(Cell { customers: 1, orders: buyer.orders.into(), spent: buyer.spent });
        }
        told
    }

    /// All cells, those of nobody as well; whoever has not ordered has no scores.
    pub fn by_scores(&self) -> impl Iterator<Item = (Scores, Cell)> {
        let score = |place: usize| u8::try_from(place % 5 + 1).unwrap_or_default();
        self.cells.iter().enumerate().map(move |(place, cell)| {
            let scores =
                Scores { recency: score(place / 25), frequency: score(place / 5), monetary: score(place) };
            (scores, *cell)
        })
    }

    /// Groups that nobody is in as well.
    pub fn by_group(&self) -> impl Iterator<Item = (Group, Cell)> {
        let mut groups = Group::ALL.map(|group| (group, Cell::default()));
        let with_scores = self.by_scores().map(|(scores, cell)| (scores.group(), cell));
        for (group, cell) in with_scores.chain([(Group::Prospects, self.prospects)]) {
            groups[group.place()].1.add(cell);
        }
        groups.into_iter()
    }
}

impl Cell {
    fn add(&mut self, other: Self) {
        self.customers += other.customers;
        self.orders += other.orders;
        self.spent = self.spent.saturating_add(other.spent);
    }
}

fn place(scores: Scores) -> usize {
    [scores.recency, scores.frequency, scores.monetary]
        .into_iter()
        .fold(0, |place, score| place * 5 + usize::from(score - 1))
}
