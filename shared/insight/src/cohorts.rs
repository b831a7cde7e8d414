//! Customers by the month of their first order, and what became of them: who ordered again, and what it came to.

use crate::{month::Month, order::Order};

/// A fold over customers. The triangle has any number of months.
#[derive(Debug, Clone)]
pub struct Cohorts {
    first: Month,
    rows: Vec<Cohort>,
    /// Customers by now: who was counted in a month remembers it by this.
    customers: u64,
    /// What was ordered by the one who is being added.
    orders: Vec<(i32, i64)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    pub month: Month,
    pub customers: u64,
    /// From the month of the first order, which all of them have, to the last month that is looked at.
    pub months: Vec<CohortMonth>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CohortMonth {
    /// Those who ordered in it.
    pub customers: u64,
    pub orders: u64,
    /// In minor units.
    pub revenue: i64,
    counted: u64,
}

impl Cohorts {
    /// Cohorts of these months, looked at until the last of them.
    pub fn new(first: Month, last: Month) -> Self {
        let cohort = |month: i32| Cohort {
            month: Month(month),
            customers: 0,
            months: (month..=last.0).map(|_| CohortMonth::default()).collect(),
        };
        let rows = (first.0..=last.0).map(cohort).collect();
        Self { first, rows, customers: 0, orders: Vec::new() }
    }

    /// All orders of one customer, in any order, also those of other months: the first of all says the cohort.
    pub fn add(&mut self, orders: impl IntoIterator<Item = Order>) {
        self.orders.clear();
        self.orders.extend(orders.into_iter().map(|order| (Month::of(order.day).0, order.net)));
        let Some(began) = self.orders.iter().map(|(month, _)| *month).min() else { return };
        let Ok(place) = usize::try_from(began - self.first.0) else { return };
        let Some(cohort) = self.rows.get_mut(place) else { return };
        self.customers += 1;
        cohort.customers += 1;
        for (month, net) in &self.orders {
            let place = usize::try_from(month - began).unwrap_or_default();
            let Some(cell) = cohort.months.get_mut(place) else { continue };
            cell.orders += 1;
            cell.revenue = cell.revenue.saturating_add(*net);
            cell.customers += u64::from(cell.counted != self.customers);
            cell.counted = self.customers;
        }
    }

    /// By month, those of nobody as well.
    pub fn finish(mut self) -> Vec<Cohort> {
        let cells = self.rows.iter_mut().flat_map(|cohort| &mut cohort.months);
        cells.for_each(|cell| cell.counted = 0);
        self.rows
    }
}

impl Cohort {
    /// The share that ordered so many months after the first: 1 in the month itself. `None` of nobody.
    pub fn retention(&self, months: usize) -> Option<f64> {
        let cell = self.months.get(months)?;
        #[expect(clippy::cast_precision_loss, reason = "customers are fewer than 2^52")]
        let share = cell.customers as f64 / self.customers as f64;
        (self.customers > 0).then_some(share)
    }
}
