//! What each customer bought, one customer at a time: figures are folds over these.

use crate::{
    batch::Batch,
    block::Family,
    history::{Lines, Orders},
    program::Program,
    run::NotRead,
    sales::{Sale, sale},
    schema::{LineNumber, LineWord, List, Number},
    slot::Slot,
    view::View,
};

/// A customer beside all that they ordered, if anything.
#[derive(Clone, Copy)]
pub struct Buyer<'a> {
    batch: &'a Batch,
    orders: &'a Orders,
    row: usize,
}

/// A line of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoldLine<'a> {
    /// Which of the customer's orders it belongs to.
    pub number: u32,
    pub product: Option<&'a str>,
    pub quantity: i64,
    /// What was asked for all of them.
    pub amount: i64,
}

impl View {
    /// Everybody who passes, each once; without a program also walk-ins, and those who are nobody any more. Orders, and
    /// what else is asked of them, must have been read.
    pub fn buyers<'a>(
        &'a self,
        whose: Option<&Program>,
        families: &[Family],
    ) -> Result<impl Iterator<Item = Buyer<'a>> + 'a, NotRead> {
        let mut parts = Vec::new();
        for (batch, rows) in self.everybody(whose)? {
            if let Some(lacking) = families.iter().find(|family| !batch.has(**family)) {
                return Err(NotRead(*lacking));
            }
            let orders = batch.orders.as_deref().ok_or(NotRead(Family::Orders))?;
            parts.push((batch, orders, rows));
        }
        Ok(parts
            .into_iter()
            .flat_map(|(batch, orders, rows)| rows.into_iter().map(move |row| Buyer { batch, orders, row })))
    }
}

impl<'a> Buyer<'a> {
    pub fn slot(&self) -> Slot {
        self.batch.slot(self.row)
    }

    /// Neither a walk-in nor somebody who is gone.
    pub fn is_somebody(&self) -> bool {
        self.number(Number::Added).is_some()
    }

    pub fn number(&self, number: Number) -> Option<i64> {
        self.batch.core.as_ref()?.numbers[number as usize].get(self.row)
    }

    /// In the order in which they got their numbers.
    pub fn sales(&self) -> impl Iterator<Item = Sale> + 'a {
        let Self { batch, orders, row } = *self;
        orders.of_rows.of(row).map(move |entry| sale(batch, orders, row, entry))
    }

    pub fn words(&self, list: List) -> impl Iterator<Item = &'a str> + 'a {
        let (lists, row) = (self.batch.lists.as_deref(), self.row);
        lists.into_iter().flat_map(move |lists| lists[list as usize].words(row))
    }

    /// In the order of `sales`.
    pub fn lines(&self) -> impl Iterator<Item = SoldLine<'a>> + 'a {
        let (lines, row) = (self.batch.lines.as_deref(), self.row);
        lines.into_iter().flat_map(move |lines| lines.of_rows.of(row).map(|entry| line(lines, entry)))
    }
}

fn line(lines: &Lines, entry: usize) -> SoldLine<'_> {
    let number = |column: LineNumber| lines.numbers[column as usize].get(entry).unwrap_or_default();
    SoldLine {
        number: u32::try_from(lines.order.raw(entry)).unwrap_or(u32::MAX),
        product: lines.words[LineWord::Product as usize].words(entry).next(),
        quantity: number(LineNumber::Quantity),
        amount: number(LineNumber::Amount),
    }
}
