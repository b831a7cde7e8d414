//! What one customer is to the shop.

use axum::{Json, extract::State};
use domain::{Permission, Timestamp};
use insight::{Loyalty, Tier, loyalty_score};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    customers::{level_name, tier_name},
    range::today,
    shown::rounded,
    told::Figured,
};
use crate::{
    App,
    campaigns::written_to::WrittenTo,
    customers::{
        present,
        view::{amount, average},
    },
    error::{Problem, ProblemDocument},
    input::Named,
    who::Acting,
};

/// By the totals, which count what was bought before there were orders here.
#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerAnalytics {
    total_orders: i64,
    /// Less what was refunded.
    total_spent: String,
    /// `null` without orders.
    average_order_value: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    first_order_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_order_at: Option<Timestamp>,
    /// Days of the shop.
    days_since_last_order: Option<i32>,
    /// 0 to 100: at most 40 for what was spent, one for each hundred of the currency; 30 for orders, two for each; 30 for
    /// having ordered lately, one less for each ten days.
    loyalty_score: f64,
    /// By orders: `bronze`, `silver` (5), `gold` (10) or `platinum` (20).
    loyalty: &'static str,
    /// By what was spent: `new`, `regular` (1,000), `premium` (5,000) or `vip` (10,000).
    tier: &'static str,
    campaign_stats: WrittenTo,
}

/// What a customer is to the shop
#[utoipa::path(get, operation_id = "customer_analytics", path = "/api/v1/customers/{customer}/analytics", tag = "Customers",
    params(("customer" = String, Path, description = "the customer's id")),
    responses((status = 200, body = Figured<CustomerAnalytics>), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<Figured<CustomerAnalytics>>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let customer = present(&caller.store, &id).await?;
    let (now, zone, currency) = (deps.now(), &caller.tenant.zone, caller.tenant.currency);
    let totals = customer.totals;
    let orders = u32::try_from(totals.orders.max(0)).unwrap_or(u32::MAX);
    let days = totals.last_order_at.map(|at| (today(zone, now) - today(zone, at)).max(0));
    let since = days.map_or(u32::MAX, i32::unsigned_abs);
    let score = loyalty_score(totals.spent, currency.digits(), orders, since);
    let figures = CustomerAnalytics {
        total_orders: totals.orders,
        total_spent: amount(totals.spent.into(), currency),
        average_order_value: average(totals.spent.into(), totals.orders.into(), currency),
        first_order_at: totals.first_order_at,
        last_order_at: totals.last_order_at,
        days_since_last_order: days,
        loyalty_score: rounded(score, 2),
        loyalty: level_name(Loyalty::of(orders)),
        tier: tier_name(Tier::of(totals.spent, currency.digits())),
        campaign_stats: WrittenTo::of(&caller.store, customer.id).await?,
    };
    Ok(Json(Figured::of(figures, &caller, now)))
}
