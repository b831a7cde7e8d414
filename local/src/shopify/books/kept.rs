//! Records of one kind: those that were thought up, known by when they last changed, and over them what was written since.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use super::records::{Customer, Order};

/// When something last changed, in seconds, and its id: the order of `UPDATED_AT`.
pub(crate) type Row = (i64, u64);

pub(crate) trait Record {
    fn row(&self) -> Row;
    fn created(&self) -> i64;
}

pub(crate) struct Kept<T> {
    /// Of the model, in order.
    base: Vec<Row>,
    /// What was written since; `None`: it is gone.
    changed: BTreeMap<u64, Option<T>>,
    /// Of what was written since and is there.
    rows: BTreeSet<Row>,
}

/// What is known of an id without the model.
pub(crate) enum Found<'a, T> {
    Changed(&'a T),
    Gone,
    AsThoughtUp,
}

impl<T: Record> Kept<T> {
    pub(crate) fn new(base: impl Iterator<Item = Row>) -> Self {
        let mut base: Vec<_> = base.collect();
        base.sort_unstable();
        Self { base, changed: BTreeMap::new(), rows: BTreeSet::new() }
    }

    pub(crate) fn find(&self, id: u64) -> Found<'_, T> {
        match self.changed.get(&id) {
            Some(Some(record)) => Found::Changed(record),
            Some(None) => Found::Gone,
            None => Found::AsThoughtUp,
        }
    }

    pub(crate) fn put(&mut self, record: T) {
        let row = record.row();
        if let Some(Some(before)) = self.changed.insert(row.1, Some(record)) {
            self.rows.remove(&before.row());
        }
        // A change within the same second has the same row.
        self.rows.insert(row);
    }

    pub(crate) fn remove(&mut self, id: u64) {
        if let Some(Some(before)) = self.changed.insert(id, None) {
            self.rows.remove(&before.row());
        }
    }

    /// What was written since and is there, by id.
    pub(crate) fn changed(&self) -> impl Iterator<Item = &T> {
        self.changed.values().flatten()
    }

    /// All that come after that row, in order.
    pub(crate) fn after(&self, row: Option<Row>) -> impl Iterator<Item = Row> {
        let first = row.map_or(0, |row| self.base.partition_point(|other| *other <= row));
        let base = self.base[first..].iter().copied();
        let mut base = base.filter(|(_, id)| !self.changed.contains_key(id)).peekable();
        let from = row.map_or(Bound::Unbounded, Bound::Excluded);
        let mut later = self.rows.range((from, Bound::Unbounded)).copied().peekable();
        std::iter::from_fn(move || match (base.peek(), later.peek()) {
            (Some(one), Some(other)) if one <= other => base.next(),
            (Some(_), None) => base.next(),
            _ => later.next(),
        })
    }
}

impl Record for Customer {
    fn row(&self) -> Row {
        (self.updated_at.as_second(), self.id)
    }

    fn created(&self) -> i64 {
        self.created_at.as_second()
    }
}

impl Record for Order {
    fn row(&self) -> Row {
        (self.updated_at.as_second(), self.id)
    }

    fn created(&self) -> i64 {
        self.created_at.as_second()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Record for Row {
        fn row(&self) -> Row {
            *self
        }

        fn created(&self) -> i64 {
            self.0
        }
    }

    #[test]
    fn what_changed_stands_where_its_new_instant_puts_it_and_once() {
        let mut kept = Kept::<Row>::new([(30, 3), (10, 1), (20, 2)].into_iter());
        let all = |kept: &Kept<Row>, after| kept.after(after).collect::<Vec<_>>();
        assert_eq!(all(&kept, None), [(10, 1), (20, 2), (30, 3)]);
        kept.put((25, 1));
        assert_eq!(all(&kept, None), [(20, 2), (25, 1), (30, 3)]);
        kept.put((40, 1));
        kept.put((40, 4));
        assert_eq!(all(&kept, Some((20, 2))), [(30, 3), (40, 1), (40, 4)]);
        kept.remove(3);
        kept.remove(4);
        assert_eq!(all(&kept, None), [(20, 2), (40, 1)]);
        assert!(matches!(kept.find(3), Found::Gone) && matches!(kept.find(2), Found::AsThoughtUp));
    }
}
