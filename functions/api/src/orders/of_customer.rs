//! The orders of one customer, newest first, as they stand with the customer.

use axum::{Json, extract::State};
use domain::{Order, Permission, timeline::Event};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    App,
    cursor::{Within, limited},
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

#[derive(Serialize, ToSchema)]
pub(crate) struct TheirOrders {
    items: Vec<OrderBrief>,
    /// The cursor of the next page; `null` at the end.
    next: Option<String>,
}

/// A customer's orders
#[utoipa::path(get, operation_id = "customer_orders", path = "/api/v1/customers/{customer}/orders", tag = "Customers",
    params(("customer" = String, Path, description = "the customer's id"), TheirOrdersAsked),
    responses((status = 200, body = TheirOrders), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
    Asked(asked): Asked<TheirOrdersAsked>,
) -> Result<Json<TheirOrders>, Problem> {
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
    let is_more = found.len() > skipped + limit;
    let shown: Vec<_> = found.into_iter().skip(skipped).take(limit).collect();
    let next = match shown.last().filter(|_| is_more) {
        Some((_, key)) => Some(within.sealed(key, &*deps.dice)?),
        None => None,
    };
    let currency = caller.tenant.currency;
    Ok(Json(TheirOrders {
        items: shown.iter().map(|(order, _)| OrderBrief::of(order, currency)).collect(),
        next,
    }))
}
