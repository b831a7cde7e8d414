//! Our groups beside Shopify's own, which are made by a table that is not published.

use super::Group;

const GROUPS: usize = Group::ALL.len();

/// How many customers are in which of our groups and in which of Shopify's. Whoever has none of Shopify's is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agreement {
    cells: [[u64; GROUPS]; GROUPS],
}

/// Customers of whom the two say different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    pub ours: Group,
    pub shopifys: Group,
    pub customers: u64,
}

impl Agreement {
    /// Of pairs: ours, and Shopify's.
    pub fn of(pairs: impl IntoIterator<Item = (Group, Group)>) -> Self {
        let mut told = Self::default();
        for (ours, shopifys) in pairs {
            told.cells[ours.place()][shopifys.place()] += 1;
        }
        told
    }

    pub fn compared(&self) -> u64 {
        self.cells.iter().flatten().sum()
    }

    pub fn agreeing(&self) -> u64 {
        (0..GROUPS).map(|place| self.cells[place][place]).sum()
    }

    /// The most frequent first; of equals in the order of the groups.
    pub fn differences(&self) -> Vec<Difference> {
        let all = Group::ALL.into_iter().flat_map(|ours| Group::ALL.map(|shopifys| (ours, shopifys)));
        let differing = all.filter(|(ours, shopifys)| ours != shopifys).map(|(ours, shopifys)| Difference {
            ours,
            shopifys,
            customers: self.cells[ours.place()][shopifys.place()],
        });
        let mut differences: Vec<_> = differing.filter(|it| it.customers > 0).collect();
        differences.sort_by_key(|it| std::cmp::Reverse(it.customers));
        differences
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Group::{Active, Loyal, New, Prospects};

    #[test]
    fn what_is_said_alike_and_what_is_not_are_told_apart() {
        let pairs = [(New, New), (New, Active), (Loyal, Active), (Loyal, Active), (Prospects, Prospects)];
        let agreement = Agreement::of(pairs);
        assert_eq!((agreement.compared(), agreement.agreeing()), (5, 2));
        let differences: Vec<_> =
            agreement.differences().iter().map(|it| (it.ours, it.shopifys, it.customers)).collect();
        assert_eq!(differences, [(Loyal, Active, 2), (New, Active, 1)]);
        assert_eq!(Agreement::of([]).compared(), 0);
    }
}
