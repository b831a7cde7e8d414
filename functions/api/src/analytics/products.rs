//! What sells best, from the lines of orders.

use std::{cmp::Ordering, collections::HashMap};

use axum::{Json, extract::State};
use columns::{Family, OrderNumber, Slot, Text, View};
use domain::{CustomerId, Permission, Zone};
use flows::{FlowError, identify::Caller};
use futures::future::try_join_all;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    kept::Weighs,
    range::{Range, today},
    sold::{Calendar, counts},
    told::{Figured, RangeView},
    top::{First, TopAsked},
};
use crate::{App, cursor::limited, customers::view::amount, error::Problem, input::Asked, who::Acting};

#[derive(Debug, Clone, Copy)]
pub(crate) enum ProductMetric {
    Revenue,
    Units,
}

impl ProductMetric {
    fn read(told: &str) -> Result<Self, String> {
        match told {
            "revenue" => Ok(Self::Revenue),
            "units" | "quantity" => Ok(Self::Units),
            _ => Err("is not one of revenue, units".to_owned()),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::Units => "units",
        }
    }

    fn order(self, one: &Line, other: &Line) -> Ordering {
        let by = match self {
            Self::Revenue => other.revenue.cmp(&one.revenue).then(other.units.cmp(&one.units)),
            Self::Units => other.units.cmp(&one.units).then(other.revenue.cmp(&one.revenue)),
        };
        by.then_with(|| one.product.cmp(&other.product))
    }
}

/// What was sold of one product.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    product: Box<str>,
    units: i64,
    revenue: i128,
    /// Each once.
    orders: u64,
    /// The newest order that has it: when, whose and which.
    last: Option<(i64, Slot, u32)>,
    counted: Option<(Slot, u32)>,
}

#[derive(Debug, Default)]
pub(crate) struct ProductsSold {
    top: Vec<Line>,
    /// Lines that name no product of the shop's.
    unnamed: Line,
    total: Line,
}

impl Weighs for Line {
    fn bytes_beyond(&self) -> usize {
        self.product.len()
    }
}

impl Weighs for ProductsSold {
    fn bytes_beyond(&self) -> usize {
        self.top.bytes_beyond() + self.unnamed.bytes_beyond() + self.total.bytes_beyond()
    }
}

/// A product beside what was sold of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct SoldProduct {
    product: String,
    /// As the product is called now; of one that is gone, as the newest order calls it.
    title: Option<String>,
    orders: u64,
    units: i64,
    /// Price times number: before discounts, taxes and refunds, which orders do not tell line by line.
    revenue: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SoldOf {
    orders: u64,
    units: i64,
    revenue: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TopProducts {
    metric: &'static str,
    /// `null`: all time.
    range: Option<RangeView>,
    items: Vec<SoldProduct>,
    /// Of lines that name no product.
    without_product: SoldOf,
    /// Of all lines.
    total: SoldOf,
}

/// What sells best
///
/// From the lines of orders that count.
#[utoipa::path(get, operation_id = "top_products", path = "/api/v1/analytics/products/top", tag = "Analytics",
    params(TopAsked), responses((status = 200, body = Figured<TopProducts>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn products(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<TopAsked>,
) -> Result<Json<Figured<TopProducts>>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let (now, zone, currency) = (deps.now(), &caller.tenant.zone, caller.tenant.currency);
    let (limit, metric) = (limited(asked.limit)?, asked.metric(ProductMetric::read)?);
    let range = asked.range(today(zone, now))?;
    let question = format!("products {metric:?} {range:?} {limit} {zone}");
    let folded = deps
        .folded(&caller.store, &PRODUCT_FAMILIES, question, |view| {
            products_sold(view, range, zone, metric, limit)
        })
        .await?;
    let of = |line: &Line| SoldOf {
        orders: line.orders,
        units: line.units,
        revenue: amount(line.revenue, currency),
    };
    let top = TopProducts {
        metric: metric.name(),
        range: range.map(RangeView::of),
        items: products_view(&caller, &folded.view, &folded.figures).await?,
        without_product: of(&folded.figures.unnamed),
        total: of(&folded.figures.total),
    };
    Ok(Json(Figured::of(top, &caller, now)))
}

/// Whose an order is stands among the names.
pub(crate) const PRODUCT_FAMILIES: [Family; 3] = [Family::Orders, Family::Lines, Family::Name];

pub(crate) fn products_sold(
    view: &View,
    range: Option<Range>,
    zone: &Zone,
    metric: ProductMetric,
    limit: usize,
) -> Result<ProductsSold, FlowError> {
    let calendar = range.map(|range| Ok::<_, FlowError>((Calendar::of(range, zone)?, range))).transpose()?;
    let is_meant = |at: i64| match &calendar {
        Some((calendar, range)) => calendar.day(at).is_some_and(|day| range.has(day)),
        None => true,
    };
    let mut products: HashMap<&str, Line> = HashMap::new();
    let mut sold = ProductsSold::default();
    for buyer in view.buyers(None, &PRODUCT_FAMILIES).map_err(FlowError::broken)? {
        let mut sales = buyer.sales().peekable();
        for line in buyer.lines() {
            while sales.next_if(|sale| sale.number < line.number).is_some() {}
            let Some(sale) = sales.peek().filter(|sale| sale.number == line.number) else { continue };
            if !counts(sale) || !is_meant(sale.at) {
                continue;
            }
            let order = (sale.at, buyer.slot(), sale.number);
            let of = match line.product {
                Some(product) => products.entry(product).or_default(),
                None => &mut sold.unnamed,
            };
            of.add(line.quantity, line.amount, order);
            sold.total.add(line.quantity, line.amount, order);
        }
    }
    let mut top = First::new(limit, move |one: &Line, other: &Line| metric.order(one, other));
    for (product, line) in products {
        top.add(Line { product: product.into(), ..line });
    }
    sold.top = top.finish();
    Ok(sold)
}

impl Line {
    /// The lines of one order come one after the other.
    fn add(&mut self, quantity: i64, amount: i64, order: (i64, Slot, u32)) {
        self.units += quantity;
        self.revenue += i128::from(amount);
        self.orders += u64::from(self.counted != Some((order.1, order.2)));
        self.counted = Some((order.1, order.2));
        self.last = self.last.max(Some(order));
    }
}

pub(crate) async fn products_view(
    caller: &Caller,
    view: &View,
    sold: &ProductsSold,
) -> Result<Vec<SoldProduct>, FlowError> {
    let known = try_join_all(sold.top.iter().map(|line| async {
        match line.product.parse() {
            Ok(id) => Ok::<_, FlowError>(caller.store.product(id).await?.map(|product| product.title)),
            Err(_) => Ok(None),
        }
    }));
    let known = known.await?;
    let lost = sold.top.iter().zip(&known).filter(|(_, title)| title.is_none()).map(|(line, _)| line);
    let by_orders = titles_in_orders(caller, view, lost).await?;
    let shown = sold.top.iter().zip(known).map(|(line, title)| SoldProduct {
        title: title.or_else(|| by_orders.get(&*line.product).cloned()),
        product: line.product.to_string(),
        orders: line.orders,
        units: line.units,
        revenue: amount(line.revenue, caller.tenant.currency),
    });
    Ok(shown.collect())
}

/// What the newest order that has it calls a product that is not kept.
async fn titles_in_orders<'a>(
    caller: &Caller,
    view: &View,
    lines: impl Iterator<Item = &'a Line>,
) -> Result<HashMap<String, String>, FlowError> {
    let (mut products, mut places) = (Vec::new(), Vec::new());
    for line in lines {
        let Some((_, slot, number)) = line.last else { continue };
        let Some(row) = view.row(slot) else { continue };
        let at = row.orders.get(&number).and_then(|order| order[OrderNumber::At]);
        let id = row[Text::Id].as_deref().and_then(|id| id.parse::<CustomerId>().ok());
        if let Some((id, at)) = id.zip(at) {
            places.push((id, at, number));
            products.push(&*line.product);
        }
    }
    let orders = caller.store.orders_at(&places).await?;
    let titles = products.into_iter().zip(orders).filter_map(|(product, order)| {
        let line = order?.lines.into_iter().find(|line| line.product.as_deref() == Some(product))?;
        Some((product.to_owned(), line.title))
    });
    Ok(titles.collect())
}
