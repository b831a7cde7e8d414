//! What there is of a shop, in numbers.

use axum::{Json, extract::State};
use columns::{Program, Sale, Test, View};
use domain::{Permission, Zone, order::Marks};
use flows::FlowError;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{
    kept::weighs_itself,
    range::{DAYS, Range, today},
    sold::{Calendar, counts},
    told::Figured,
    trend::FAMILIES,
};
use crate::{App, customers::view::amount, error::Problem, who::Acting};

#[derive(Serialize, ToSchema)]
pub(crate) struct ShopStats {
    /// People and guests.
    customers: u64,
    /// Of every kind but tests, cancelled ones included.
    orders: u64,
    products: usize,
    segments: usize,
    /// As `orders`: placed in the last 30 days of the shop, of which today is one.
    orders_last_30_days: u64,
    /// Of orders that count, less what was refunded: a number, as exact as it is kept.
    #[schema(value_type = f64)]
    total_revenue: Box<RawValue>,
}

#[derive(Debug, Default)]
struct Counted {
    customers: u64,
    orders: u64,
    lately: u64,
    revenue: i128,
}

weighs_itself!(Counted);

/// What there is of my tenant
#[utoipa::path(get, operation_id = "tenant_stats", path = "/api/v1/tenants/me/stats", tag = "Tenants",
    responses((status = 200, body = Figured<ShopStats>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn stats(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<Figured<ShopStats>>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    caller.must(Permission::ReadOrders)?;
    let (now, zone) = (deps.now(), &caller.tenant.zone);
    let today = today(zone, now);
    let question = format!("stats {today} {zone}");
    let folded =
        deps.folded(&caller.store, &FAMILIES, question, |view| Counted::of(view, today, zone)).await?;
    let counted = &folded.figures;
    let revenue = amount(counted.revenue, caller.tenant.currency);
    let stats = ShopStats {
        customers: counted.customers,
        orders: counted.orders,
        products: caller.store.products_counted().await?,
        segments: caller.store.segments().await?.len(),
        orders_last_30_days: counted.lately,
        total_revenue: RawValue::from_string(revenue).map_err(FlowError::broken)?,
    };
    Ok(Json(Figured::of(stats, &caller, now)))
}

impl Counted {
    fn of(view: &View, today: i32, zone: &Zone) -> Result<Self, FlowError> {
        let range = Range::of_last(DAYS, today);
        let calendar = Calendar::of(range, zone)?;
        let is_late = |sale: &Sale| calendar.day(sale.at).is_some_and(|day| range.has(day));
        let everybody = Program::new(Test::Everyone);
        let mut counted = Self {
            customers: view.select(&everybody).map_err(FlowError::broken)?.total(),
            ..Self::default()
        };
        for sale in view.sales(None, &[]).map_err(FlowError::broken)? {
            if sale.marks & Marks::TEST == 0 {
                counted.orders += 1;
                counted.lately += u64::from(is_late(&sale));
            }
            if counts(&sale) {
                counted.revenue += i128::from(sale.net);
            }
        }
        Ok(counted)
    }
}
