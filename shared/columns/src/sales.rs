//! The orders of a view, one by one, whoever they belong to: lists of orders and revenue by day read these.

use crate::{
    batch::Batch,
    block::Family,
    history::Orders,
    program::{Clause, Program},
    run::{NotRead, fits},
    schema::{OrderCode, OrderNumber},
    slot::Slot,
    view::View,
};

/// One order, as the columns know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sale {
    pub slot: Slot,
    /// Which of the customer's it is.
    pub number: u32,
    /// Seconds.
    pub at: i64,
    pub amount: i64,
    /// What it adds to the customer's totals.
    pub net: i64,
    /// Things, of all lines.
    pub quantity: i64,
    pub state: u8,
    pub marks: u8,
    pub called: Option<i64>,
}

impl View {
    /// The orders for which all clauses hold, of the customers who pass; without a program, of everybody, also of
    /// those who are nobody any more. In no order.
    pub fn sales<'a>(
        &'a self,
        whose: Option<&Program>,
        each: &'a [Clause],
    ) -> Result<impl Iterator<Item = Sale> + 'a, NotRead> {
        let mut parts = Vec::new();
        for (batch, rows) in self.everybody(whose)? {
            let orders = batch.orders.as_deref().ok_or(NotRead(Family::Orders))?;
            parts.push((batch, orders, rows));
        }
        Ok(parts.into_iter().flat_map(move |(batch, orders, rows)| {
            let entries =
                rows.into_iter().flat_map(|row| orders.of_rows.of(row).map(move |entry| (row, entry)));
            entries
                .filter(move |(_, entry)| each.iter().all(|clause| fits(orders, *entry, clause)))
                .map(move |(row, entry)| sale(batch, orders, row, entry))
        }))
    }
}

pub(crate) fn sale(batch: &Batch, orders: &Orders, row: usize, entry: usize) -> Sale {
    let number = |column: OrderNumber| orders.numbers[column as usize].get(entry);
    let code = |column: OrderCode| orders.codes[column as usize][entry];
    Sale {
        slot: batch.slot(row),
        number: u32::try_from(orders.order.raw(entry)).unwrap_or(u32::MAX),
        at: number(OrderNumber::At).unwrap_or_default(),
        amount: number(OrderNumber::Amount).unwrap_or_default(),
        net: number(OrderNumber::Net).unwrap_or_default(),
        quantity: number(OrderNumber::Quantity).unwrap_or_default(),
        state: code(OrderCode::State),
        marks: code(OrderCode::Marks),
        called: number(OrderNumber::Called),
    }
}
