//! What changed of one customer since their block was written.
//!
//! Everything but the history is the newest row whole, so that newest wins; the row's version says which is newer. Of
//! the history it holds only the orders that changed, so that the thousandth order costs no more than the first.
//! Folding a delta twice, or an older one after a newer that grew from it, changes nothing.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::{
    row::{Order, Row},
    schema::{Number, SCHEMA},
};

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Delta {
    /// Without its orders.
    row: Row,
    /// `None`: the order is no longer the customer's.
    orders: BTreeMap<u32, Option<Order>>,
}

/// Bytes that are not a delta, or one of another schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a delta cannot be read: {0}")]
pub struct BadDelta(String);

impl Delta {
    pub fn of(row: Row, orders: BTreeMap<u32, Option<Order>>) -> Self {
        Self { row: Row { orders: BTreeMap::new(), ..row }, orders }
    }

    fn version(&self) -> Option<i64> {
        self.row[Number::Version]
    }

    /// Both, whichever is older: what the older one said of orders that the newer does not name stays.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let (mut newer, older) = if other.version() > self.version() { (other, self) } else { (self, other) };
        for (number, order) in older.orders {
            newer.orders.entry(number).or_insert(order);
        }
        newer
    }

    /// The row as it is now: the given one where that is as new.
    pub fn fold_into(&self, row: Option<Row>) -> Row {
        let mut row = row.unwrap_or_default();
        if row[Number::Version].is_some() && row[Number::Version] >= self.version() {
            return row;
        }
        for (number, order) in &self.orders {
            match order {
                Some(order) => row.orders.insert(*number, order.clone()),
                None => row.orders.remove(number),
            };
        }
        Row { orders: row.orders, ..self.row.clone() }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        // Writing to memory cannot fail: there is no map of unknown length and no type without a form.
        postcard::to_stdvec(&(SCHEMA, self)).unwrap_or_default()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadDelta> {
        let (schema, rest) =
            postcard::take_from_bytes::<u32>(bytes).map_err(|error| BadDelta(error.to_string()))?;
        if schema != SCHEMA {
            return Err(BadDelta(format!("it is of schema {schema}, and this is {SCHEMA}")));
        }
        postcard::from_bytes(rest).map_err(|error| BadDelta(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Number, OrderNumber};

    fn row(version: i64, spent: i64) -> Row {
        let mut row = Row::default();
        row[Number::Added] = Some(1);
        row[Number::Version] = Some(version);
        row[Number::Spent] = Some(spent);
        row
    }

    fn order(net: i64) -> Order {
        let mut order = Order::default();
        order[OrderNumber::Net] = Some(net);
        order
    }

    #[test]
    fn a_delta_has_a_form_in_bytes() {
        let delta = Delta::of(row(1, 5), BTreeMap::from([(1, Some(order(5))), (2, None)]));
        let bytes = delta.to_bytes();
        assert_eq!(Delta::from_bytes(&bytes), Ok(delta));
        assert!(Delta::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(Delta::from_bytes(&[]).is_err());
        let other_schema = [&[9], &bytes[1..]].concat();
        assert_eq!(
            Delta::from_bytes(&other_schema).unwrap_err().to_string(),
            "a delta cannot be read: it is of schema 9, and this is 6"
        );
    }

    #[test]
    fn the_newest_row_wins_and_no_changed_order_is_forgotten() {
        let first = Delta::of(row(1, 5), BTreeMap::from([(1, Some(order(5)))]));
        let second = Delta::of(row(2, 8), BTreeMap::from([(2, Some(order(3)))])).with(first.clone());
        let third = Delta::of(row(3, 3), BTreeMap::from([(1, None)])).with(second.clone());
        let folded = third.fold_into(None);
        assert_eq!(folded[Number::Spent], Some(3));
        assert_eq!(folded.orders, BTreeMap::from([(2, order(3))]));

        let mut row = None;
        for delta in [&first, &second, &third, &third, &first, &second] {
            row = Some(delta.fold_into(row));
        }
        assert_eq!(row.unwrap(), folded);
        assert_eq!(first.with(third.clone()), third);
    }
}
