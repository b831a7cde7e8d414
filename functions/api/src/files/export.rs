//! Customers and orders taken away in a file, small enough to be answered at once.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::Permission;
use flows::{
    FlowError,
    taking::{TAKEN_TOGETHER, rows_of_customers, rows_of_orders},
};
use tables::{customers, orders};

use super::samples::csv;
use crate::{
    App,
    customers::{filter::CustomersAsked, told::Scene},
    error::{Problem, ProblemDocument},
    input::Asked,
    orders::{filter::OrdersAsked, list::of_whom},
    who::Acting,
};

/// So many are read within the time of a request.
const ROWS_MAX: usize = 10_000;
/// An answer holds 6 MB.
const BYTES_MAX: usize = 5 * 1024 * 1024;

/// Customers in a file
///
/// CSV of those that the list would show, each with all that is known of them, as it can be imported again.
#[utoipa::path(get, operation_id = "export_customers", path = "/api/v1/data/export/customers", tag = "Files", params(CustomersAsked),
    responses((status = 200, content_type = "text/csv", body = String),
    (status = 404, description = "no such segment", body = ProblemDocument),
    (status = 413, description = "too many for one answer", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_customers(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<CustomersAsked>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let people = asked.taken(Scene::of(&caller, deps.now()))?;
    let program = people.program(&caller.store).await?;
    let ids = people.ids(&program, &deps.audience(&caller.store, &people.families()).await?)?;
    let mut file = customers::header();
    fits(ids.len(), file.len())?;
    for some in ids.chunks(TAKEN_TOGETHER) {
        file += &rows_of_customers(&caller.store, caller.tenant.currency, some).await?;
        fits(ids.len(), file.len())?;
    }
    Ok(csv("customers.csv", file))
}

/// Orders in a file
///
/// CSV of those that the list would show, one row for each of their lines, as they can be imported again.
#[utoipa::path(get, operation_id = "export_orders", path = "/api/v1/data/export/orders", tag = "Files", params(OrdersAsked),
    responses((status = 200, content_type = "text/csv", body = String),
    (status = 404, description = "no such customer", body = ProblemDocument),
    (status = 413, description = "too many for one answer", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_orders(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<OrdersAsked>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadOrders)?;
    let (sales, whose) = asked.taken(Scene::of(&caller, deps.now()))?;
    let sales = of_whom(&caller, whose, sales).await?.ok_or(FlowError::NotFound("customer"))?;
    let places = sales.places(&deps.audience(&caller.store, &sales.families()).await?)?;
    let mut file = orders::header();
    fits(places.len(), file.len())?;
    for some in places.chunks(TAKEN_TOGETHER) {
        file += &rows_of_orders(&caller.store, caller.tenant.currency, some).await?;
        fits(places.len(), file.len())?;
    }
    Ok(csv("orders.csv", file))
}

fn fits(rows: usize, bytes: usize) -> Result<(), Problem> {
    if rows <= ROWS_MAX && bytes <= BYTES_MAX {
        return Ok(());
    }
    let sentence = format!(
        "one answer holds at most {ROWS_MAX} of them and {} MB: ask for fewer, or `POST /api/v1/exports/…` with the same \
         filters for a file of any size",
        BYTES_MAX / 1024 / 1024
    );
    Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_many_rows", sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_bounded_by_rows_and_by_bytes() {
        assert!(fits(ROWS_MAX, BYTES_MAX).is_ok());
        assert!(fits(ROWS_MAX + 1, 0).is_err());
        assert!(fits(0, BYTES_MAX + 1).is_err());
    }
}
