//! Facts that are true of many customers, once each: a fit that reads them does not look at every customer.

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distinct<T> {
    /// Rising, each with the number of customers of whom it is true.
    facts: Vec<(T, u64)>,
    customers: u64,
}

impl<T: Ord> FromIterator<T> for Distinct<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        let mut all: Vec<_> = all.into_iter().map(|fact| (fact, 1)).collect();
        all.sort_unstable();
        all.dedup_by(|next, held| {
            let is_same = next.0 == held.0;
            held.1 += u64::from(is_same);
            is_same
        });
        Self { customers: all.iter().map(|(_, count)| count).sum(), facts: all }
    }
}

impl<T: Copy> Distinct<T> {
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Each fact, rising, and of how many customers it is true.
    pub fn iter(&self) -> impl Iterator<Item = (T, u64)> {
        self.facts.iter().copied()
    }

    /// Of how many customers something is true.
    pub(crate) fn count(&self, is: impl Fn(T) -> bool) -> u64 {
        self.iter().filter(|(fact, _)| is(*fact)).map(|(_, count)| count).sum()
    }

    /// The sum of a number over all customers.
    #[expect(clippy::cast_precision_loss, reason = "customers are fewer than 2^52")]
    pub(crate) fn sum(&self, of: impl Fn(T) -> f64) -> f64 {
        self.iter().map(|(fact, count)| of(fact) * count as f64).sum()
    }
}
