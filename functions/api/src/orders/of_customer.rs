//! The orders of one customer, newest first, as they stand with the customer.

use axum::{Json, extract::State};
use columns::Slot;
use domain::{Order, Permission, timeline::Event};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    App,
    cursor::{List, Within, limited},
    customers::{list::counted, present, view::OrderBrief},
    error::{Problem, ProblemDocument},
    input::{Asked, Named},
    who::Acting,
};

/// Read at once: most events are orders.
const EVENTS_READ: u32 = 100;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TheirOrdersAsked {
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// For callers who count pages, from 1 on; `cursor` is better, and goes further.
    page: Option<usize>,
}

/// A customer's orders
#[utoipa::path(get, operation_id = "customer_orders", path = "/api/v1/customers/{customer}/orders", tag = "Customers",
    params(("customer" = String, Path, description = "the customer's id"), TheirOrdersAsked),
    responses((status = 200, body = List<OrderBrief>), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
    Asked(asked): Asked<TheirOrdersAsked>,
) -> Result<Json<List<OrderBrief>>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let limit = limited(asked.limit)?;
    let skipped = counted(asked.page, asked.cursor.is_some(), limit)?;
    let customer = present(&caller.store, &id).await?;
    let secrets = deps.open_secrets().await?;
    let list = format!("{}/customers/{}/orders", caller.store.id(), customer.id);
    let within = Within { secrets: &secrets, list };
    let mut after = asked.cursor.as_deref().map(|cursor| within.unsealed(cursor)).transpose()?;

    let mut found: Vec<(Box<Order>, String)> = Vec::new();
    loop {
        let read = caller.store.events(customer.id, EVENTS_READ, after.as_deref()).await?;
        found.extend(read.events.into_iter().zip(read.keys).filter_map(|((_, event), key)| match event {
            Event::Order(order) => Some((order, key)),
            _ => None,
        }));
        after = read.next;
        // One more than is shown tells whether there are more.
        if after.is_none() || found.len() > skipped + limit {
            break;
        }
    }
    // Who has read all of them has counted them; of a long history the columns know how long it is.
    let total = match (&asked.cursor, &after) {
        (None, None) => found.len(),
        _ => caller.store.orders_counted(Slot(customer.slot)).await?,
    };
    let is_more = found.len() > skipped + limit;
    let shown: Vec<_> = found.into_iter().skip(skipped).take(limit).collect();
    let next = match shown.last().filter(|_| is_more) {
        Some((_, key)) => Some(within.sealed(key, &*deps.dice)?),
        None => None,
    };
    let briefs = shown.iter().map(|(order, _)| OrderBrief::of(order, caller.tenant.currency));
    Ok(Json(List::new(briefs.collect(), total as u64, next)))
}
