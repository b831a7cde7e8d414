//! What a report comes to: a fold over the audience, whatever it is parted by.

use std::collections::{HashMap, HashSet};

use columns::{Buyer, Family, Program, Sale, View};
use domain::{
    Currency, Zone,
    report::{Dimension, Measure, Question},
};
use flows::FlowError;

use super::group::{Placed, Value};
use crate::{
    analytics::{
        range::Range,
        sold::{Calendar, counts},
    },
    customers::view::{amount, average},
    error::Problem,
};

/// A page of a file holds fifty: nobody reads more.
pub(super) const ROWS_MAX: usize = 10_000;

/// What is counted of a group.
#[derive(Debug, Clone, Default)]
pub(super) struct Counted {
    orders: u64,
    customers: u64,
    revenue: i128,
    gross: i128,
    units: i128,
}

/// A group's values, and what was counted of it.
pub(super) type Row = (Vec<Value>, Counted);

#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    /// Of all orders, each once.
    pub(super) totals: Counted,
}

pub(super) fn families(question: &Question) -> Vec<Family> {
    let is_of_lists =
        |dimension: &Dimension| matches!(dimension, Dimension::Country | Dimension::City | Dimension::Tag);
    let lists = question.dimensions.iter().any(is_of_lists).then_some(Family::Tags);
    let lines = question.dimensions.contains(&Dimension::Product).then_some(Family::Lines);
    [Family::Orders].into_iter().chain(lists).chain(lines).collect()
}

/// Time rises; of all else the most comes first.
pub(super) fn fold(
    view: &View,
    question: &Question,
    whose: Option<&Program>,
    range: Range,
    (zone, currency): (&Zone, Currency),
) -> Result<Answer, Problem> {
    let calendar = Calendar::of(range, zone)?;
    let by_product = question.dimensions.iter().position(|dimension| *dimension == Dimension::Product);
    let mut groups: HashMap<Vec<Value>, Counted> = HashMap::new();
    let mut totals = Counted::default();
    for buyer in view.buyers(whose, &families(question)).map_err(FlowError::broken)? {
        let first = buyer.sales().filter(counts).min_by_key(|sale| (sale.at, sale.number));
        let (mut seen, mut is_here) = (HashSet::new(), false);
        let lines = by_product.map(|_| parts_of(&buyer)).unwrap_or_default();
        for sale in buyer.sales().filter(counts) {
            let Some(day) = calendar.day(sale.at).filter(|day| range.has(*day)) else { continue };
            let is_first = first.is_some_and(|first| first.number == sale.number);
            let parts = lines.get(&sale.number).map_or(&[][..], Vec::as_slice);
            let placed = Placed { buyer: &buyer, day, is_first, currency, products: parts };
            let all = match by_product {
                None => Part::of(&sale),
                Some(_) => parts.iter().fold(Part::default(), |sum, (_, part)| sum.and(*part)),
            };
            totals.add(all);
            is_here = true;
            for group in placed_in(&placed, &question.dimensions) {
                let of =
                    by_product.and_then(|place| parts.iter().find(|(product, _)| *product == group[place]));
                let counted = groups.entry(group.clone()).or_default();
                counted.add(match by_product {
                    None => all,
                    Some(_) => of.map_or(Part::default(), |(_, part)| *part),
                });
                if buyer.is_somebody() && seen.insert(group) {
                    counted.customers += 1;
                }
            }
        }
        totals.customers += u64::from(is_here && buyer.is_somebody());
        if groups.len() > ROWS_MAX {
            let sentence =
                format!("this has more than {ROWS_MAX} rows: ask about fewer days, or by something else");
            return Err(Problem::conflict("too_many_rows", sentence));
        }
    }
    let mut rows: Vec<Row> = groups.into_iter().collect();
    let by = question.measures.first().copied().unwrap_or(Measure::Orders);
    let is_time = question.dimensions.first().is_none_or(|dimension| dimension.is_time());
    rows.sort_unstable_by(|(one, first), (other, second)| {
        let most =
            if is_time { std::cmp::Ordering::Equal } else { second.share(by).total_cmp(&first.share(by)) };
        most.then_with(|| one.cmp(other))
    });
    Ok(Answer { rows, totals })
}

/// What is counted of an order, or of its lines of one product.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Part {
    net: i64,
    amount: i64,
    quantity: i64,
}

impl Part {
    fn of(sale: &Sale) -> Self {
        Self { net: sale.net, amount: sale.amount, quantity: sale.quantity }
    }

    fn and(self, other: Self) -> Self {
        Self {
            net: self.net.saturating_add(other.net),
            amount: self.amount.saturating_add(other.amount),
            quantity: self.quantity.saturating_add(other.quantity),
        }
    }
}

/// By the order's number: each of its products, once. Of a line refunds are not told, so nothing is said of its net.
fn parts_of(buyer: &Buyer<'_>) -> HashMap<u32, Vec<(Value, Part)>> {
    let mut orders: HashMap<u32, Vec<(Value, Part)>> = HashMap::new();
    for line in buyer.lines() {
        let product = line.product.map_or(Value::Unknown, |product| Value::Word(product.into()));
        let part = Part { net: 0, amount: line.amount, quantity: line.quantity };
        let parts = orders.entry(line.number).or_default();
        match parts.iter_mut().find(|(known, _)| *known == product) {
            Some((_, held)) => *held = held.and(part),
            None => parts.push((product, part)),
        }
    }
    orders
}

/// Every group that an order belongs to: one, but for what a customer may have several of.
fn placed_in(placed: &Placed<'_>, dimensions: &[Dimension]) -> Vec<Vec<Value>> {
    let mut groups = vec![Vec::new()];
    for dimension in dimensions {
        let values = placed.values(*dimension);
        groups = groups
            .iter()
            .flat_map(|group| {
                values.iter().map(|value| [group.as_slice(), std::slice::from_ref(value)].concat())
            })
            .collect();
    }
    groups
}

impl Counted {
    fn add(&mut self, part: Part) {
        self.orders += 1;
        self.revenue += i128::from(part.net);
        self.gross += i128::from(part.amount);
        self.units += i128::from(part.quantity);
    }

    /// As it is told: an amount, a number, or nothing where there is none.
    pub(super) fn shown(&self, measure: Measure, currency: Currency) -> Option<String> {
        Some(match measure {
            Measure::Orders => self.orders.to_string(),
            Measure::Customers => self.customers.to_string(),
            Measure::Units => self.units.to_string(),
            Measure::Revenue => amount(self.revenue, currency),
            Measure::Gross => amount(self.gross, currency),
            Measure::Refunded => amount(self.gross - self.revenue, currency),
            Measure::AverageOrderValue => average(self.revenue, self.orders.into(), currency)?,
        })
    }

    /// By which it is drawn and sorted.
    #[expect(clippy::cast_precision_loss, reason = "a height in a chart")]
    pub(super) fn share(&self, measure: Measure) -> f64 {
        match measure {
            Measure::Orders => self.orders as f64,
            Measure::Customers => self.customers as f64,
            Measure::Units => self.units as f64,
            Measure::Revenue => self.revenue as f64,
            Measure::Gross => self.gross as f64,
            Measure::Refunded => (self.gross - self.revenue) as f64,
            Measure::AverageOrderValue => self.revenue as f64 / self.orders.max(1) as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use columns::{Code, Delta, List, Number, OrderCode, OrderNumber, Slot};
    use domain::{
        order::Marks,
        report::{Chart, Days},
    };
    use std::collections::BTreeMap;

    fn question() -> Question {
        let (measures, dimensions) = (vec![Measure::Orders], vec![Dimension::Tag]);
        Question { measures, dimensions, filter: None, days: Days::Last(30), chart: Chart::None }
    }

    /// Somebody with so many tags, and one order.
    fn view(tags: usize) -> View {
        let mut row = columns::Row::default();
        row[Number::Added] = Some(0);
        row[Number::Version] = Some(1);
        row[Code::Reach] = 0;
        row.set_list(List::Tags, (0..tags).map(|tag| tag.to_string().into()));
        let mut order = columns::Order::default();
        (order[OrderNumber::At], order[OrderNumber::Net]) = (Some(86_400), Some(100));
        order[OrderCode::Marks] = Marks::COUNTS;
        let delta = Delta::of(row, BTreeMap::from([(1, Some(order))]));
        View::default().with(&BTreeMap::from([(Slot(0), delta)])).unwrap()
    }

    #[test]
    fn nobody_reads_more_rows_than_that() {
        let range = Range { from: 0, until: 30 };
        let rows = |tags: usize| {
            let answer = fold(&view(tags), &question(), None, range, (&Zone::UTC, Currency::USD));
            answer.map(|answer| answer.rows.len()).map_err(|problem| problem.code)
        };
        assert_eq!(rows(ROWS_MAX), Ok(ROWS_MAX));
        assert_eq!(rows(ROWS_MAX + 1), Err("too_many_rows"));
    }
}
