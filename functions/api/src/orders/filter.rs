//! Which orders a list is of, and in which order.

use columns::{Clause, OrderCode, OrderNumber, Span, Test};
use domain::{
    Minor, Timestamp, Zone,
    bill::StatusWord,
    fields,
    order::{Marks, OrderStatus},
};
use flows::taking::{Sales, SalesBy, SalesSearch};
use jiff::ToSpan;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    customers::{
        filter::{one_of, searched, told, whole},
        told::Scene,
    },
    error::Problem,
    input::Faults,
};

/// What a list may be asked. What is told empty is not told.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrdersAsked {
    /// How many at most: 1 to 100, 20 unless told.
    pub(super) limit: Option<usize>,
    /// The `next` of the page before.
    pub(super) cursor: Option<String>,
    /// For callers who count pages, from 1 on; `cursor` is better, and goes further.
    pub(super) page: Option<usize>,
    #[serde(alias = "customerId")]
    pub(super) customer_id: Option<String>,
    /// `#1001`, or parts of the customer's name, addresses and numbers.
    #[serde(alias = "q")]
    search: Option<String>,
    /// As an order's `status`, of those that are not cancelled; `cancelled`, or `any`.
    status: Option<String>,
    /// `placed_at` unless told, `total` or `number`.
    #[serde(alias = "sortBy")]
    sort: Option<String>,
    /// `desc` unless told, or `asc`.
    #[serde(alias = "sortOrder")]
    order: Option<String>,
    /// Placed then or later: an instant, or a day of the shop's.
    #[serde(alias = "startDate")]
    since: Option<String>,
    /// Not itself.
    before: Option<String>,
    /// As `before`, but the whole day belongs to it.
    #[serde(rename = "endDate")]
    end_date: Option<String>,
    /// In the tenant's currency: `12.30`.
    #[serde(alias = "minAmount")]
    min_amount: Option<String>,
    #[serde(alias = "maxAmount")]
    max_amount: Option<String>,
}

const SORTS: [(&str, &[&str], SalesBy); 3] = [
    ("placed_at", &["createdAt", "created_at", "orderDate", "order_date", "placedAt"], SalesBy::Placed),
    ("total", &["totalPrice", "amount", "total_price"], SalesBy::Total),
    ("number", &["orderNumber", "name", "order_number"], SalesBy::Number),
];

impl OrdersAsked {
    pub(super) fn understood(&self, scene: Scene<'_>) -> Result<Sales, Problem> {
        let mut faults = Faults::default();
        let it = &mut faults;
        let mut clauses = Vec::new();
        let parse = |amount: &str| Minor::parse(amount, scene.currency).map(Minor::get);
        let least = it.maybe("?min_amount", told(self.min_amount.as_ref()), parse);
        let most = it.maybe("?max_amount", told(self.max_amount.as_ref()), parse);
        if least.is_some() || most.is_some() {
            let span = Span::new(least.unwrap_or(i64::MIN), most.unwrap_or(i64::MAX));
            clauses.push(Clause::Number(OrderNumber::Amount, span));
        }
        let since = it.maybe("?since", told(self.since.as_ref()), |at| fields::instant(at, scene.zone));
        let before = it.maybe("?before", told(self.before.as_ref()), |at| fields::instant(at, scene.zone));
        let end = it.maybe("?endDate", told(self.end_date.as_ref()), |at| end_of(at, scene.zone));
        clauses.extend(placed_between(since, before.into_iter().chain(end).min()));
        let status = told(self.status.as_ref()).filter(|word| !word.eq_ignore_ascii_case("any"));
        match it.maybe("?status", status, StatusWord::parse) {
            Some(StatusWord::Cancelled) => {
                clauses.push(Clause::Bits(OrderCode::Marks, Marks::CANCELLED, 0));
            }
            Some(StatusWord::Is(status)) => {
                clauses.push(Clause::Code(OrderCode::State, 1 << status as u8));
                clauses.push(Clause::Bits(OrderCode::Marks, 0, Marks::CANCELLED));
            }
            None => {}
        }
        let by = it.take("?sort", sorted(told(self.sort.as_ref())));
        let order = told(self.order.as_ref()).unwrap_or("desc").to_ascii_lowercase();
        let backward = it.take("?order", one_of(&order, &["asc", "desc"])).map(|order| order == "desc");
        let search = it.maybe("?search", told(self.search.as_ref()), of);
        let (by, backward) = faults.none(by.zip(backward))?;
        Ok(Sales { slot: None, each: clauses, search, by, backward })
    }

    /// As a file holds them: all. And whose, if only one customer's.
    pub(crate) fn taken(&self, scene: Scene<'_>) -> Result<(Sales, Option<&str>), Problem> {
        whole(self.limit.is_some() || self.cursor.is_some() || self.page.is_some())?;
        Ok((self.understood(scene)?, self.customer_id.as_deref()))
    }
}

/// The first instant after that day, or after that instant.
pub(super) fn end_of(told: &str, zone: &Zone) -> Result<Timestamp, fields::BadField> {
    match fields::day(told) {
        Ok(day) => fields::instant(&day.saturating_add(1.day()).to_string(), zone),
        Err(_) => {
            fields::instant(told, zone).map(|at| Timestamp::from_second(at.as_second() + 1).unwrap_or(at))
        }
    }
}

/// Orders stand to the second.
pub(super) fn placed_between(since: Option<Timestamp>, before: Option<Timestamp>) -> Option<Clause> {
    let up = |at: Timestamp| at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    let span = Span::new(since.map_or(i64::MIN, up), before.map_or(i64::MAX, |at| up(at) - 1));
    (since.is_some() || before.is_some()).then_some(Clause::Number(OrderNumber::At, span))
}

fn sorted(told: Option<&str>) -> Result<SalesBy, String> {
    let told = told.unwrap_or("placed_at");
    let found = SORTS.iter().find(|(name, others, _)| *name == told || others.contains(&told));
    let names = || SORTS.map(|(name, ..)| name).join(", ");
    found.map(|(.., by)| *by).ok_or_else(|| format!("is not one of {}", names()))
}

fn of(search: &str) -> Result<SalesSearch, String> {
    let called = search.strip_prefix('#').unwrap_or(search).parse().ok().filter(|number| *number >= 0);
    Ok(SalesSearch { called, people: Test::All(searched(search)?) })
}

/// Every word under which orders are counted.
pub(super) const STATES: [(OrderStatus, &str); 7] = [
    (OrderStatus::Pending, "pending"),
    (OrderStatus::Authorized, "authorized"),
    (OrderStatus::PartiallyPaid, "partially_paid"),
    (OrderStatus::Paid, "paid"),
    (OrderStatus::PartiallyRefunded, "partially_refunded"),
    (OrderStatus::Refunded, "refunded"),
    (OrderStatus::Voided, "voided"),
];

pub(crate) fn name_of(state: OrderStatus) -> &'static str {
    STATES.iter().find(|(known, _)| *known == state).map_or("", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_the_whole_day_of_the_shop() {
        let berlin = "Europe/Berlin".parse().unwrap();
        let end = |told: &str| end_of(told, &berlin).unwrap().to_string();
        assert_eq!(end("2026-03-28"), "2026-03-28T23:00:00Z");
        assert_eq!(end("2026-03-29"), "2026-03-29T22:00:00Z");
        assert_eq!(end("2026-03-29T10:00:00Z"), "2026-03-29T10:00:01Z");
    }
}
