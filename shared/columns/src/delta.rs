//! What changed of one customer since their block was written.
//!
//! Everything but the history is the newest row whole, so that newest wins. Of the history it holds only the orders
//! that changed, so that the thousandth order costs no more than the first. Folding a delta into a row twice, or
//! once more after a newer one that grew from it, changes nothing.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::{
    row::{Order, Row},
    schema::SCHEMA,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Delta {
    Known(Box<Known>),
    /// Nobody has this slot any more.
    Gone,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Known {
    /// Without its orders.
    pub row: Row,
    /// `None`: the order is no longer the customer's.
    pub orders: BTreeMap<u32, Option<Order>>,
    /// The slot was nobody's meanwhile: what the block says of orders is over.
    afresh: bool,
}

/// Bytes that are not a delta, or one of another schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a delta cannot be read: {0}")]
pub struct BadDelta(String);

impl Delta {
    pub fn of(row: Row, orders: BTreeMap<u32, Option<Order>>) -> Self {
        let row = Row { orders: BTreeMap::new(), ..row };
        Self::Known(Box::new(Known { row, orders, afresh: false }))
    }

    /// The same customer after another change: what the older delta said of orders that this one does not name stays.
    #[must_use]
    pub fn after(self, older: Option<Self>) -> Self {
        match (self, older) {
            (Self::Known(mut newer), Some(Self::Known(older))) => {
                for (number, order) in older.orders {
                    newer.orders.entry(number).or_insert(order);
                }
                newer.afresh |= older.afresh;
                Self::Known(newer)
            }
            (Self::Known(mut newer), Some(Self::Gone)) => {
                newer.afresh = true;
                Self::Known(newer)
            }
            (newer, _) => newer,
        }
    }

    /// The row as it is now; `None` where nobody is left.
    pub fn fold_into(&self, row: Option<Row>) -> Option<Row> {
        let Self::Known(known) = self else { return None };
        let mut orders = row.filter(|_| !known.afresh).unwrap_or_default().orders;
        for (number, order) in &known.orders {
            match order {
                Some(order) => orders.insert(*number, order.clone()),
                None => orders.remove(number),
            };
        }
        Some(Row { orders, ..known.row.clone() })
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

    fn row(spent: i64) -> Row {
        let mut row = Row::default();
        row[Number::Added] = Some(1);
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
        let delta = Delta::of(row(5), BTreeMap::from([(1, Some(order(5))), (2, None)]));
        let bytes = delta.to_bytes();
        assert_eq!(Delta::from_bytes(&bytes), Ok(delta));
        assert!(Delta::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(Delta::from_bytes(&[]).is_err());
        let other_schema = [&[9], &bytes[1..]].concat();
        assert_eq!(
            Delta::from_bytes(&other_schema).unwrap_err().to_string(),
            "a delta cannot be read: it is of schema 9, and this is 1"
        );
    }

    #[test]
    fn the_newest_row_wins_and_no_changed_order_is_forgotten() {
        let first = Delta::of(row(5), BTreeMap::from([(1, Some(order(5)))]));
        let second = Delta::of(row(8), BTreeMap::from([(2, Some(order(3)))])).after(Some(first.clone()));
        let third = Delta::of(row(3), BTreeMap::from([(1, None)])).after(Some(second.clone()));
        let folded = third.fold_into(None).unwrap();
        assert_eq!(folded[Number::Spent], Some(3));
        assert_eq!(folded.orders, BTreeMap::from([(2, order(3))]));

        let in_steps = [&first, &second, &third, &third].iter().fold(None, |row, delta| delta.fold_into(row));
        assert_eq!(in_steps, Some(folded));
        assert_eq!(Delta::Gone.after(Some(third)).fold_into(in_steps.clone()), None);

        let anew = Delta::of(row(0), BTreeMap::new()).after(Some(Delta::Gone));
        let anew = Delta::of(row(0), BTreeMap::new()).after(Some(anew));
        assert_eq!(anew.fold_into(in_steps), Some(row(0)));
    }
}
