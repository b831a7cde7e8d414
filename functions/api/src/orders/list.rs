//! Lists of orders: found in the columns, shown from the record.

use std::collections::BinaryHeap;

use axum::{Json, extract::State};
use columns::{Row, Sale, Text};
use domain::{Currency, CustomerId, Order, Permission};
use flows::{
    FlowError,
    identify::Caller,
    taking::{Sales, Standing},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::filter::OrdersAsked;
use crate::{
    App,
    cursor::{List, Within, limited},
    customers::{
        list::counted,
        told::Scene,
        view::{OrderBrief, whole_name},
    },
    error::Problem,
    input::Asked,
    who::Acting,
};

/// An order in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderListed {
    #[serde(flatten)]
    order: OrderBrief,
    #[schema(value_type = String)]
    currency: Currency,
    customer: BuyerBrief,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct BuyerBrief {
    #[schema(value_type = String)]
    id: CustomerId,
    name: Option<String>,
    email: Option<String>,
}

/// Orders
///
/// What was stored before the call is in the list. Dates are those of the orders.
#[utoipa::path(get, operation_id = "list_orders", path = "/api/v1/orders", tag = "Orders", params(OrdersAsked),
    responses((status = 200, body = List<OrderListed>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<OrdersAsked>,
) -> Result<Json<List<OrderListed>>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let limit = limited(asked.limit)?;
    let question = asked.understood(Scene::of(&caller, deps.now()))?;
    let secrets = deps.open_secrets().await?;
    let order = format!("{:?} {}", question.by, question.backward);
    let within = Within { secrets: &secrets, list: format!("{}/orders by {order}", caller.store.id()) };
    let after = match &asked.cursor {
        Some(cursor) => Some(Standing::read(&within.unsealed(cursor)?).ok_or_else(not_a_cursor)?),
        None => None,
    };
    let skipped = counted(asked.page, asked.cursor.is_some(), limit)?;
    let Some(question) = of_whom(&caller, asked.customer_id.as_deref(), question).await? else {
        return Ok(Json(List::new(Vec::new(), 0, None)));
    };

    let view = deps.audience(&caller.store, &question.families()).await?;
    let sales = question.all(&view)?;
    // One more than is shown tells whether there are more.
    let (total, standings) = first(sales, &question, skipped + limit + 1, after);
    let is_more = standings.len() > skipped + limit;
    let shown: Vec<_> = standings.into_iter().skip(skipped).take(limit).collect();
    let next = match shown.last().filter(|_| is_more) {
        Some(last) => Some(within.sealed(&last.text(), &*deps.dice)?),
        None => None,
    };
    let mut places = Vec::new();
    let mut rows = Vec::new();
    for standing in shown {
        let (slot, number) = standing.place(question.backward);
        let Some(row) = view.row(slot) else { continue };
        let at = row.orders.get(&number).and_then(|order| order[columns::OrderNumber::At]);
        let id = row[Text::Id].as_deref().and_then(|id| id.parse::<CustomerId>().ok());
        if let Some((id, at)) = id.zip(at) {
            places.push((id, at, number));
            rows.push(row);
        }
    }
    let orders = caller.store.orders_at(&places).await?;
    let currency = caller.tenant.currency;
    // What has moved or gone since the columns were read is in the list no longer.
    let items = orders.into_iter().zip(&rows).filter_map(|(order, row)| Some(listed(&order?, row, currency)));
    Ok(Json(List::new(items.collect(), total, next)))
}

/// As asked, of that customer alone. `None`: of nobody.
pub(crate) async fn of_whom(
    caller: &Caller,
    named: Option<&str>,
    asked: Sales,
) -> Result<Option<Sales>, FlowError> {
    let Some(named) = named.map(str::trim).filter(|named| !named.is_empty()) else { return Ok(Some(asked)) };
    let Ok(id) = named.parse() else { return Ok(None) };
    let customer = caller.store.customer(id).await?;
    Ok(customer.map(|customer| Sales { slot: Some(customer.slot), ..asked }))
}

/// How many there are, and the first of them after a place.
fn first(
    sales: impl Iterator<Item = Sale>,
    question: &Sales,
    limit: usize,
    after: Option<Standing>,
) -> (u64, Vec<Standing>) {
    let mut total = 0;
    // The last of those kept is on top.
    let mut kept = BinaryHeap::with_capacity(limit + 1);
    for sale in sales {
        total += 1;
        let standing = Standing::of(&sale, question.by, question.backward);
        let fits = kept.len() < limit || kept.peek().is_some_and(|last| standing < *last);
        if fits && standing.is_after(after.as_ref()) {
            kept.push(standing);
            if kept.len() > limit {
                kept.pop();
            }
        }
    }
    (total, kept.into_sorted_vec())
}

pub(crate) fn listed(order: &Order, row: &Row, currency: Currency) -> OrderListed {
    OrderListed {
        order: OrderBrief::of(order, currency),
        currency,
        customer: BuyerBrief {
            id: order.customer,
            name: whole_name(row[Text::FirstName].as_deref(), row[Text::LastName].as_deref()),
            email: row[Text::Email].as_deref().map(str::to_owned),
        },
    }
}

fn not_a_cursor() -> FlowError {
    FlowError::invalid("?cursor", "not_a_cursor", "is not a cursor of this list")
}
