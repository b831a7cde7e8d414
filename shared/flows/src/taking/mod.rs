//! What merchants take away: from what is asked for to the rows of a file, a page at a time.
//!
//! What is asked for can be written down and walked through later, by whoever has the time.

mod standing;

use std::{collections::BTreeMap, sync::Arc};

use columns::{By, Clause, Family, Members, Program, Sale, Slot, Test, Text, View};
use domain::{Currency, CustomerId, SegmentId};
use serde::{Deserialize, Serialize};
use store::TenantStore;

use crate::FlowError;

pub use standing::{SalesBy, Standing};

/// What whoever asks for a segment that is not there, or no more, is told.
pub const NO_SEGMENT: FlowError = FlowError::NotFound("segment");

/// Customers or orders whose rows are written together.
pub const TAKEN_TOGETHER: usize = 500;

/// Which customers, and in which order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct People {
    pub which: Test,
    pub by: By,
    pub backward: bool,
    /// Those alone who are in all of these, as it is kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<SegmentId>,
}

/// Which orders, and in which order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sales {
    /// Whose; everybody's, also of those who are nobody any more.
    pub slot: Option<u32>,
    pub each: Vec<Clause>,
    pub search: Option<SalesSearch>,
    pub by: SalesBy,
    pub backward: bool,
}

/// The number of the order, or somebody's name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SalesSearch {
    pub called: Option<i64>,
    pub people: Test,
}

/// Where an order is: with whom, in which second, and which of theirs it is.
pub type SalePlace = (CustomerId, i64, u32);

impl People {
    /// Who is in the segments is read now. `NotFound`: one of them is not there.
    pub async fn program(&self, store: &TenantStore) -> Result<Program, FlowError> {
        let mut tests = vec![self.which.clone()];
        for id in &self.segments {
            store.segment(*id).await?.ok_or(NO_SEGMENT)?;
            tests.push(Test::Members(Arc::new(store.members_of(*id).await?)));
        }
        Ok(Program::new(Test::All(tests)))
    }

    pub fn families(&self) -> Vec<Family> {
        Program::new(self.which.clone()).families().chain([Family::Name]).collect()
    }

    /// All of them.
    pub fn ids(&self, program: &Program, view: &View) -> Result<Vec<CustomerId>, FlowError> {
        let selected = view.select(program).map_err(FlowError::broken)?;
        let places = selected.sorted(self.by.clone(), self.backward, usize::MAX, None);
        Ok(places.iter().filter_map(|place| id_at(view, place.slot)).collect())
    }
}

impl Sales {
    pub fn families(&self) -> Vec<Family> {
        vec![Family::Name, Family::Orders]
    }

    /// In no order.
    pub fn all<'a>(&'a self, view: &'a View) -> Result<impl Iterator<Item = Sale> + 'a, FlowError> {
        let search = match &self.search {
            Some(search) => Some((search.called, search.members(view)?)),
            None => None,
        };
        let found = move |sale: &Sale| {
            let is_theirs = self.slot.is_none_or(|slot| sale.slot.0 == slot);
            let is_called = |called: &Option<i64>| called.is_some() && sale.called == *called;
            is_theirs
                && search.as_ref().is_none_or(|(called, people)| is_called(called) || people.has(sale.slot))
        };
        Ok(view.sales(None, &self.each).map_err(FlowError::broken)?.filter(found))
    }

    /// All of them, in their order.
    pub fn places(&self, view: &View) -> Result<Vec<SalePlace>, FlowError> {
        let standing = |sale: Sale| (Standing::of(&sale, self.by, self.backward), sale.at);
        let mut standings: Vec<_> = self.all(view)?.map(standing).collect();
        standings.sort_unstable();
        let mut ids = BTreeMap::new();
        let places = standings.into_iter().filter_map(|(standing, at)| {
            let (slot, number) = standing.place(self.backward);
            let id = *ids.entry(slot).or_insert_with(|| id_at(view, slot));
            Some((id?, at, number))
        });
        Ok(places.collect())
    }
}

impl SalesSearch {
    fn members(&self, view: &View) -> Result<Members, FlowError> {
        let program = Program::new(self.people.clone());
        Ok(view.select(&program).map_err(FlowError::broken)?.members())
    }
}

fn id_at(view: &View, slot: Slot) -> Option<CustomerId> {
    view.row(slot)?[Text::Id].as_deref()?.parse().ok()
}

/// The rows of these customers, in their order. Whoever is gone meanwhile has none.
pub async fn rows_of_customers(
    store: &TenantStore,
    currency: Currency,
    ids: &[CustomerId],
) -> Result<String, FlowError> {
    let people = store.customers(ids).await?;
    let people: BTreeMap<CustomerId, _> = people.iter().map(|customer| (customer.id, customer)).collect();
    let mut rows = String::new();
    for id in ids {
        if let Some(customer) = people.get(id).filter(|customer| customer.is_audience()) {
            tables::customers::write(customer, currency, &mut rows);
        }
    }
    Ok(rows)
}

/// The rows of these orders, in their order. What has moved or gone meanwhile has none.
pub async fn rows_of_orders(
    store: &TenantStore,
    currency: Currency,
    places: &[SalePlace],
) -> Result<String, FlowError> {
    let mut ids: Vec<_> = places.iter().map(|(customer, ..)| *customer).collect();
    ids.sort_unstable();
    ids.dedup();
    let people = store.customers(&ids).await?;
    let people: BTreeMap<CustomerId, _> = people.iter().map(|customer| (customer.id, customer)).collect();
    let mut rows = String::new();
    for order in store.orders_at(places).await?.into_iter().flatten() {
        if let Some(customer) = people.get(&order.customer) {
            tables::orders::write(&order, customer, currency, &mut rows);
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use columns::{Among, Code, Number, OrderCode, OrderNumber, Span};

    #[test]
    fn what_is_asked_for_can_be_written_down_and_asked_later() {
        let tags = Among::Uncased(["vip".into()].into());
        let tests = vec![
            Test::Search("ada".to_owned()),
            Test::Number(Number::Spent.into(), Span::AT_LEAST_ONE),
            Test::Bits(Code::Reach, 1, 2),
            Test::List(columns::List::Tags.into(), tags),
        ];
        let people = People {
            which: Test::All(tests),
            by: By::Number(Number::Added.into()),
            backward: true,
            segments: vec![],
        };
        let each = vec![
            Clause::Number(OrderNumber::At, Span::to(9)),
            Clause::Not(Box::new(Clause::Bits(OrderCode::Marks, 1, 0))),
        ];
        let search = Some(SalesSearch { called: Some(7), people: people.which.clone() });
        let sales = Sales { slot: Some(3), each, search, by: SalesBy::Placed, backward: false };
        let written = serde_json::to_string(&(&people, &sales)).unwrap();
        let read: (People, Sales) = serde_json::from_str(&written).unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", (people, sales)));
    }
}
